//! The steps of a call, one after the other. Each goes as far as it gets with what came in.

use crate::client::drive::{Call, Drive, Event, Op, Own, Step, Turn};
use crate::client::incoming::Attempt;
use crate::client::options::Options;
use crate::client::session::failure::Failed;
use crate::client::session::{Session, Stop};
use crate::codec::encode::Encode;
use crate::codec::token::Token;
use crate::codec::value::Value;
use crate::codec::writer::Writer;
use crate::error::{CloseReason, Error, RequestError};
use crate::wire::MessageType;

impl Drive<'_> {
    /// One step; what the front is to do, unless the next step can be taken at once.
    pub(super) fn step(&mut self, op: Op<'_>, value: &dyn Encode) -> Result<Option<Turn>, Failed> {
        match self.step {
            Step::Idle | Step::Expired => Ok(Some(self.done(Event::Nothing))),
            Step::Open => self.shake_hands(op),
            Step::Drain { call, probed } => self.drain(op, Step::Begin { call, probed }),
            Step::Begin { call, probed } => self.begin(call, probed, value),
            Step::Probe(call) => self.probe(op, call),
            Step::Send(call) if call.waits() => {
                self.step = Step::Await { own: true };
                Ok(None)
            }
            Step::Send(_) => Ok(Some(self.done(Event::Nothing))),
            Step::Await { .. } => self.wait(op),
            Step::Listen(hear) => hear(self),
            Step::Subscribe { .. } | Step::Subscribed { .. } => match self.subscribing {
                Some(subscribing) => (subscribing.step)(self, op),
                None => Ok(Some(self.done(Event::Nothing))),
            },
        }
    }

    fn shake_hands(&mut self, op: Op<'_>) -> Result<Option<Turn>, Failed> {
        match self.session.go_on()? {
            Stop::NeedInput => Ok(Some(Turn::Read)),
            Stop::Credentials => {
                let credentials = if let Op::Open(credentials) = op { credentials } else { None };
                self.session.begin_credentials(credentials)?;
                self.own = Some(Own::Credentials);
                Ok(None)
            }
            _ => {
                // What the stream before was subscribed to, this one is.
                self.step = Step::Subscribe { from: 0, to: usize::MAX };
                Ok(None)
            }
        }
    }

    /// Reads away the answer before and those that nobody wants. With nothing under way it looks for an answer among what
    /// came, which would be taken for that of the next request.
    pub(super) fn drain(&mut self, op: Op<'_>, next: Step) -> Result<Option<Turn>, Failed> {
        if !self.read_away()? {
            return Ok(Some(Turn::Read));
        }
        let (waits, is_answered) = match next {
            Step::Begin { call, .. } => (call.waits(), call.is_answered()),
            _ => (true, true),
        };
        // Behind an answer that has begun and is wanted, nothing can be read.
        let free = !self.session.is_answering();
        let unwanted = free && self.unwanted & 1 != 0;
        let idle = free && self.session.awaited() == 0;
        if unwanted || idle && waits {
            match self.before_answer(op)? {
                Stop::NeedInput if unwanted || self.unrecognised => return Ok(Some(Turn::Read)),
                Stop::NeedInput => {}
                Stop::Told => return Ok(Some(Turn::Done)),
                _ => return Ok(None),
            }
        } else if idle && is_answered && !self.unrecognised && self.message.is_none() {
            // Pushes are left to who waits for them.
            self.session.refuse_unasked()?;
        }
        self.step = next;
        Ok(None)
    }

    fn begin(&mut self, call: Call, probed: bool, value: &dyn Encode) -> Result<Option<Turn>, Failed> {
        if call.is_answered() && self.session.awaited() >= Options::MOST_DEPTH {
            let limit = self.depth();
            return Err(self.session.failed(Error::Request(RequestError::TooManyPending { limit })));
        }
        let begun = match call {
            Call::Verbose => self.session.begin_verbose_message(value),
            Call::Execute | Call::Send => self.session.begin_message(MessageType::Sync, value),
            Call::Async => self.session.begin_message(MessageType::Async, value),
        };
        if let Err(failed) = begun {
            let depends =
                matches!(self.session.incoming.failure, Error::Request(RequestError::DialectUnknown));
            if probed || !depends {
                return Err(failed);
            }
            // The next answer would be taken for that to the probe.
            if self.pending() > 0 {
                return Err(self.session.failed(Error::Request(RequestError::Pending)));
            }
            self.session.begin_message(MessageType::Sync, &Session::probe())?;
            (self.step, self.own) = (Step::Probe(call), Some(Own::Probe));
        } else {
            self.step = Step::Send(call);
        }
        Ok(None)
    }

    /// Waits for the answer to a request of the connection's own to begin; `first` becomes its value, if that is a scalar.
    pub(super) fn answer(&mut self, op: Op<'_>, first: &mut Value<'static>) -> Result<Answer, Failed> {
        if !self.session.is_answering() {
            return self.before_answer(op).map(|stop| Answer::Not(waited(stop)));
        }
        let answer = self.begun(first);
        if !matches!(answer, Ok(Answer::Not(_))) {
            self.handed = true;
        }
        answer
    }

    /// What an answer is that has begun. One that cannot be decoded is no scalar.
    fn begun(&mut self, first: &mut Value<'static>) -> Result<Answer, Failed> {
        let answer = match self.session.go_on() {
            Ok(Stop::Answer) => self.session.token().map(|token| match token {
                Attempt::NeedInput => Answer::Not(Some(Turn::Read)),
                Attempt::Done(token) => {
                    if let Some(Token::Atom(value)) = token.map(|token| token.token()) {
                        *first = value;
                    }
                    Answer::Begun
                }
            }),
            Ok(Stop::Failed(failed)) => Ok(Answer::Failed(failed)),
            answer => answer.map(|_| Answer::Not(Some(Turn::Read))),
        };
        match (answer, &self.session.incoming.failure) {
            (Err(_), Error::Peer(error)) if !error.closes() => Ok(Answer::Begun),
            (answer, _) => answer,
        }
    }

    fn probe(&mut self, op: Op<'_>, call: Call) -> Result<Option<Turn>, Failed> {
        let mut sum = Value::Null;
        let answer = self.answer(op, &mut sum)?;
        if let Answer::Not(turn) = answer {
            return Ok(turn);
        }
        self.session.learn_from(matches!(answer, Answer::Failed(_)), sum);
        self.step = Step::Drain { call, probed: true };
        Ok(None)
    }

    fn wait(&mut self, op: Op<'_>) -> Result<Option<Turn>, Failed> {
        if !self.read_away()? {
            return Ok(Some(Turn::Read));
        }
        if !self.session.is_answering() {
            return self.before_answer(op).map(waited);
        }
        let answer = self.session.go_on();
        if !matches!(answer, Ok(Stop::NeedInput)) {
            self.handed = true;
        }
        match answer? {
            Stop::NeedInput => Ok(Some(Turn::Read)),
            Stop::Failed(failed) => Err(failed),
            _ => Ok(Some(self.done(Event::Answer))),
        }
    }

    pub(super) fn hear(&mut self) -> Result<Option<Turn>, Failed> {
        if !self.read_away()? {
            return Ok(Some(Turn::Read));
        }
        if self.noticed() {
            return Ok(Some(Turn::Done));
        }
        Ok(match self.next_frame()? {
            Stop::NeedInput => Some(Turn::Read),
            Stop::Push => {
                self.pushed();
                Some(Turn::Done)
            }
            Stop::Question => Some(self.done(Event::Question)),
            _ if self.handed => None,
            _ => Some(self.done(Event::Nothing)),
        })
    }

    /// Reads away the answer that was handed out; whether it is at its end.
    fn read_away(&mut self) -> Result<bool, Failed> {
        if self.handed {
            // What is in the receive buffer already costs nothing.
            if !self.session.drain() {
                if self.session.left() <= self.drain_limit {
                    return Ok(false);
                }
                return Err(self.session.fail_closed(CloseReason::Undrained));
            }
            self.handed = false;
        }
        Ok(true)
    }
}

/// The answer to a request of the connection's own.
pub(super) enum Answer {
    /// It has not begun: the turn to take, unless the next frame can be looked at at once.
    Not(Option<Turn>),
    /// It is a value.
    Begun,
    /// It is an error.
    Failed(Failed),
}

/// What a call does that waits for the next frame.
const fn waited(stop: Stop) -> Option<Turn> {
    match stop {
        Stop::NeedInput => Some(Turn::Read),
        Stop::Told => Some(Turn::Done),
        _ => None,
    }
}

/// The answer to a question that nobody answers: not implemented. On wire 1, whose dialects write errors differently,
/// it is null.
pub(crate) struct Refusal;

impl Encode for Refusal {
    fn encode(&self, writer: &mut Writer<'_>) {
        writer.payload(writer.generation().refusal());
    }
}
