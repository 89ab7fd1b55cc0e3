//! Where a call on a connection stands, for both fronts.
//!
//! ```text
//!  send     Drain ─▶ Begin ─▶ (Probe ─▶ Drain ─▶ Begin) ─▶ Send ─▶ Await ─▶ the answer has begun
//!  receive                                                        Await ─▶ the answer has begun
//!  listen                                                        Listen ─▶ a push or a question has begun
//! ```
//!
//! A front asks [`advance`](Drive::advance) what to do next, and does it: one read, write or flush at a time. All
//! that is known of the stream is in here before and after each of them. So a call that is given up anywhere, as a
//! future is by dropping it, loses nothing: the next call finds out how far it came.

mod given_up;
mod phases;
mod pushes;
mod steps;
mod subscribing;

pub(crate) use phases::{failed, widen};
pub(crate) use steps::Refusal;

use core::time::Duration;

use crate::client::drive::subscribing::{Message, Subscribing};
use crate::client::memory::Memory;
use crate::client::options::{Options, Timeouts};
use crate::client::outgoing::RawCredentials;
use crate::client::session::Session;
use crate::client::session::failure::Failed;
use crate::client::topics::Topics;
use crate::client::topics::numbering::Notice;
use crate::codec::encode::Encode;
use crate::error::{CloseReason, Error, Phase, RequestError};
use crate::wire::{Credentials, Generation, MessageType};

/// The protocol's part of a connection.
#[derive(Debug)]
pub(crate) struct Drive<'b> {
    pub(crate) session: Session<'b>,
    timeouts: Timeouts,
    drain_limit: u64,
    depth: u8,
    /// The phase whose deadline the transport keeps.
    armed: Option<Phase>,
    step: Step,
    /// What the call came to.
    event: Event,
    /// What the connection itself sends; none while it sends what the caller does.
    own: Option<Own<'b>>,
    /// Whether the caller's answer to a question is being sent.
    responding: bool,
    /// Whether what was written waits to be flushed.
    unflushed: bool,
    /// Whether the answer that has begun was handed out, or is not wanted: the next call reads it away.
    handed: bool,
    /// Whether the server has asked a question that nobody answered.
    asked: bool,
    /// A bit for each awaited answer, the oldest first: whether its caller has given up.
    unwanted: u64,
    /// What the connection is subscribed to.
    pub(crate) topics: Topics<'b>,
    /// What is done for them; none until slots are lent.
    subscribing: Option<&'static Subscribing>,
    /// Whether the push that has begun is yet to be looked at.
    unrecognised: bool,
    /// The message that has begun, and was not delivered.
    message: Option<Message>,
}

/// What a front does next.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Turn {
    Read,
    Write,
    Flush,
    /// The call is done: [`Drive::event`] says what it came to.
    Done,
}

/// What a call came to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Event {
    /// What was to be sent was; or nothing came of what was waited for.
    Nothing,
    /// A frame that nobody asked for has begun.
    Push,
    /// A publication of a topic has begun.
    Message { index: usize, sequence: i64 },
    /// Something is to be said of a topic.
    Notice { index: usize, notice: Notice },
    /// A question has begun.
    Question,
    /// An answer has begun that is no error.
    Answer,
}

/// What a call does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Op<'c> {
    /// Shakes hands.
    Open(Option<Credentials<'c>>),
    /// Goes on with a request, which is the value to send, or waits for an answer or a push.
    Call,
    /// The same; what comes before the answer is wanted, too.
    Watch,
    /// Answers the server's question; the answer is the value to send.
    Respond,
}

/// What is sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Call {
    /// A request whose answer is waited for.
    Execute,
    /// The same, and what is printed on the way.
    Verbose,
    /// A request whose answer is received later.
    Send,
    /// What is not answered.
    Async,
}

impl Call {
    pub(super) const fn waits(self) -> bool {
        matches!(self, Call::Execute | Call::Verbose)
    }

    pub(super) const fn is_answered(self) -> bool {
        !matches!(self, Call::Async)
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// No call is under way.
    Idle,
    /// Shaking hands.
    Open,
    /// Reading away what nobody wants.
    Drain { call: Call, probed: bool },
    /// All that came was looked at, so that a request can be sent.
    Begin { call: Call, probed: bool },
    /// Asking a server of wire 1 which dialect it speaks.
    Probe(Call),
    /// Sending what the caller does.
    Send(Call),
    /// Waiting for an answer: that of the call's own request, or the oldest.
    Await { own: bool },
    /// Waiting for what comes unasked, by a step that is referred to: the program of who never does has no code for it.
    Listen(fn(&mut Drive<'_>) -> Result<Option<Turn>, Failed>),
    /// The time for that is over.
    Expired,
    /// Subscribing to the topics in a range of slots: `to` the last one only to restore them all.
    Subscribe { from: usize, to: usize },
    /// Waiting for the server's answer to one.
    Subscribed { index: usize, to: usize },
}

/// What a connection sends by itself.
#[derive(Clone, Copy, Debug)]
enum Own<'b> {
    Opening,
    Credentials,
    Probe,
    Refusal,
    /// By the topic's name: what is half-sent stays the same, whatever becomes of its slot.
    Subscription(&'b str),
}

impl<'b> Drive<'b> {
    #[inline(never)] // both fronts make one, by many stores
    pub(crate) const fn new(memory: Memory<'b>) -> Self {
        Drive {
            session: Session::new(memory),
            // The options say, when it is opened.
            timeouts: Timeouts::all(Duration::ZERO),
            drain_limit: 0,
            depth: 1,
            armed: None,
            step: Step::Idle,
            event: Event::Nothing,
            own: None,
            responding: false,
            unflushed: false,
            handed: false,
            asked: false,
            unwanted: 0,
            topics: Topics::new(&mut []),
            subscribing: None,
            unrecognised: false,
            message: None,
        }
    }

    /// Begins a handshake on a new stream.
    pub(crate) fn open(&mut self, options: &Options<'_>) -> Result<(), Failed> {
        (self.timeouts, self.drain_limit) = (options.timeouts, options.drain_limit);
        self.depth = options.depth.clamp(1, Options::MOST_DEPTH);
        (self.armed, self.unwanted) = (None, 0);
        (self.responding, self.unflushed, self.handed, self.asked) = (false, false, false, false);
        (self.step, self.own) = (Step::Idle, None);
        (self.unrecognised, self.message) = (false, None);
        self.session.set_packing(options.packing);
        self.session.set_unpack_limit(options.unpack_limit);
        self.session.begin_opening(options.generation)?;
        (self.step, self.own) = (Step::Open, Some(Own::Opening));
        Ok(())
    }

    /// The handshake that has begun takes no longer than so long.
    pub(crate) fn limit_handshake(&mut self, limit: Duration) {
        let handshake = &mut self.timeouts.handshake;
        *handshake = limit.min(*handshake);
    }

    /// Begins to send.
    pub(crate) fn send(&mut self, call: Call) -> Result<(), Failed> {
        self.enter()?;
        if call.is_answered() {
            self.check_pending(call.waits())?;
        }
        self.step = Step::Drain { call, probed: false };
        Ok(())
    }

    /// Begins to subscribe to the topic in a slot.
    fn begin_subscription(&mut self, index: usize) -> Result<(), Failed> {
        self.enter()?;
        self.check_pending(true)?;
        self.step = Step::Subscribe { from: index, to: index + 1 };
        Ok(())
    }

    /// Begins to wait for the oldest answer.
    pub(crate) fn receive(&mut self) -> Result<(), Failed> {
        self.enter()?;
        if self.pending() == 0 {
            return Err(self.session.failed(Error::Request(RequestError::NothingPending)));
        }
        self.step = Step::Await { own: false };
        Ok(())
    }

    /// Begins to read what is left of an answer that has begun as an answer by itself.
    pub(crate) fn begin_again(&mut self) {
        self.session.incoming.begin_again();
        (self.handed, self.step) = (false, Step::Await { own: true });
    }

    /// Begins to wait for what comes unasked.
    pub(crate) fn listen(&mut self) -> Result<(), Failed> {
        self.enter()?;
        self.step = Step::Listen(|drive| drive.hear());
        Ok(())
    }

    /// Begins to answer a question. Where that is a call of its own, it has its own time.
    pub(crate) const fn respond(&mut self) {
        if matches!(self.step, Step::Idle) {
            self.armed = None;
        }
    }

    /// The most requests that are under way at once.
    pub(crate) const fn depth(&self) -> u8 {
        match self.session.generation() {
            // Its servers lose answers when they cannot send them at once (seen on 0.1.5 and 1.0.0).
            Generation::V1 => 1,
            Generation::V3 => self.depth,
        }
    }

    /// Answers that are still to be received.
    pub(crate) const fn pending(&self) -> u8 {
        let begun = self.session.is_answering() && !self.handed;
        let wanted = self.session.awaited().saturating_sub(self.unwanted.count_ones() as u8);
        // The call of a step that goes on was given up, and its request is not wanted.
        let given_up = match self.step {
            Step::Send(call) => call.is_answered(),
            Step::Probe(_) | Step::Await { own: true } | Step::Subscribed { .. } => true,
            _ => false,
        };
        wanted.saturating_add(begun as u8).saturating_sub(given_up as u8)
    }

    /// Why no request can be sent, if none can: the connection is closed, or will be by the next call, because one was given
    /// up half-sent, or while subscriptions were restored.
    pub(crate) const fn close_reason(&self) -> Option<CloseReason> {
        let half_sent = self.session.is_half_sent() && self.own.is_none();
        match self.session.closed() {
            None if self.is_restoring() => Some(CloseReason::NotRestored),
            None if half_sent || matches!(self.step, Step::Open) => Some(CloseReason::HalfSent),
            reason => reason,
        }
    }

    /// Whether nothing is under way, nothing came that was not looked at, and nothing is subscribed to: so that the next
    /// caller finds the connection as a new one would be. What it has of the last answer is forgotten.
    pub(crate) fn is_ready(&mut self) -> bool {
        let idle = matches!(self.step, Step::Idle | Step::Expired) && self.own.is_none();
        let sent = !self.session.is_sending() && !self.unflushed;
        let ready = idle
            && sent
            && self.close_reason().is_none()
            && !self.asked
            && self.topics.is_empty()
            && self.session.awaited() == 0
            && (self.session.is_answering() <= self.handed)
            && self.session.drain()
            && !self.session.is_within_frame();
        self.session.incoming.forget_kept();
        ready
    }

    /// What to do next; `value` is what is sent, the same at each turn.
    pub(crate) fn advance(&mut self, op: Op<'_>, value: &dyn Encode) -> Result<Turn, Failed> {
        let turn = self.next_turn(op, value);
        // The call within which a question is answered goes on all the same.
        if turn.is_err() && !matches!(op, Op::Respond) {
            if self.is_restoring() {
                self.session.close(CloseReason::NotRestored);
            }
            self.step = Step::Idle;
        }
        turn
    }

    fn next_turn(&mut self, op: Op<'_>, value: &dyn Encode) -> Result<Turn, Failed> {
        if !matches!(op, Op::Respond) {
            // An answer that was left half-sent closes the session.
            let _ = self.give_up_response();
        }
        if let Some(reason) = self.session.closed() {
            let error = self.cut_off(op, reason);
            return Err(self.session.failed(error));
        }
        loop {
            if self.session.is_sending() {
                self.fill(op, value)?;
                self.unflushed = true;
                return Ok(Turn::Write);
            }
            if self.unflushed {
                return Ok(Turn::Flush);
            }
            self.own = None;
            if self.asked {
                if !self.session.drain() {
                    return Ok(Turn::Read);
                }
                if matches!(op, Op::Respond) {
                    self.session.begin_message(MessageType::Response, value)?;
                    self.responding = true;
                } else {
                    self.session.begin_message(MessageType::Response, &Refusal)?;
                    self.own = Some(Own::Refusal);
                }
                self.asked = false;
                continue;
            }
            if let Op::Respond = op {
                self.responding = false;
                return Ok(self.done(Event::Nothing));
            }
            let turn = self.step(op, value)?;
            if let Some(turn) = turn {
                // A call that is watched goes on after what came before the answer.
                let watched = matches!(self.step, Step::Drain { .. } | Step::Probe(_) | Step::Await { .. });
                let goes_on = watched && !matches!(self.event, Event::Answer);
                if matches!(turn, Turn::Done) && !goes_on {
                    self.step = Step::Idle;
                }
                return Ok(turn);
            }
        }
    }

    /// Makes the bytes to write next.
    fn fill(&mut self, op: Op<'_>, value: &dyn Encode) -> Result<(), Failed> {
        match self.own {
            Some(Own::Credentials) => match op {
                Op::Open(credentials) => self.session.fill(&RawCredentials(credentials)),
                _ => Ok(()),
            },
            None => self.session.fill(value),
            Some(Own::Opening) => {
                let opening = self.session.opening();
                self.session.fill(&opening)
            }
            Some(Own::Probe) => self.session.fill(&Session::probe()),
            Some(Own::Refusal) => self.session.fill(&Refusal),
            Some(Own::Subscription(topic)) => match self.subscribing {
                Some(subscribing) => (subscribing.fill)(self, topic),
                None => Ok(()),
            },
        }
    }

    /// The bytes to write next.
    pub(crate) fn window(&self) -> &[u8] {
        self.session.outgoing.window()
    }

    /// What the call came to that is done.
    pub(crate) const fn event(&self) -> Event {
        self.event
    }

    const fn done(&mut self, event: Event) -> Turn {
        self.event = event;
        Turn::Done
    }

    pub(crate) const fn timeouts(&self) -> &Timeouts {
        &self.timeouts
    }
}

/// The steps of a call, to be done one after the other.
pub(crate) fn steps<'b>(
    op: Op<'_>,
    value: &dyn Encode,
) -> impl FnMut(&mut Drive<'b>) -> Result<Turn, Failed> + Send {
    move |drive| drive.advance(op, value)
}
