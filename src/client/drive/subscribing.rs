//! What a connection does for the topics that it is subscribed to.
//!
//! All of it is reached through [`Subscribing`], which comes into a connection with the slots for topics: the program of
//! who lends none has no code for them, which is 3 KB less on a microcontroller.

use crate::client::drive::steps::Answer;
use crate::client::drive::{Drive, Event, Op, Own, Step, Turn};
use crate::client::incoming::Attempt;
use crate::client::session::Stop;
use crate::client::session::failure::Failed;
use crate::client::topics::envelope::{Recognised, envelope_len};
use crate::client::topics::numbering::Notice;
use crate::client::topics::{Topic, Topics};
use crate::codec::encode::Encode;
use crate::codec::literal;
use crate::codec::text::Symbol;
use crate::codec::value::Value;
use crate::codec::writer::Writer;
use crate::error::{Error, RequestError, Storage};
use crate::events;
use crate::wire::{Generation, MessageType};

/// What is done for topics.
#[derive(Debug)]
pub(super) struct Subscribing {
    pub(super) noticed: fn(&mut Drive<'_>) -> bool,
    pub(super) pushed: fn(&mut Drive<'_>),
    pub(super) next_frame: fn(&mut Drive<'_>) -> Result<Stop, Failed>,
    pub(super) step: fn(&mut Drive<'_>, Op<'_>) -> Result<Option<Turn>, Failed>,
    pub(super) fill: fn(&mut Drive<'_>, &str) -> Result<(), Failed>,
}

impl Subscribing {
    pub(super) const ALL: Subscribing = Subscribing {
        noticed: |drive| drive.noticed_of_topics(),
        pushed: |drive| drive.pushed_to_topic(),
        next_frame: |drive| drive.next_recognised_frame(),
        step: |drive, op| drive.subscribe_step(op),
        fill: |drive, topic| drive.session.fill(&Subscription(topic)),
    };
}

/// A publication of one of the topics.
#[derive(Clone, Copy, Debug)]
pub(super) struct Message {
    index: usize,
    sequence: i64,
    /// Whether what it makes known was said.
    told: bool,
}

impl<'b> Drive<'b> {
    /// Gives a topic a slot; its index, and whether it is new.
    fn add_topic(&mut self, name: &'b str) -> Result<(usize, bool), Failed> {
        if self.session.generation() == Generation::V1 {
            let lack = RequestError::Lacks { what: ".mc.sub", generation: Generation::V1, dialect: None };
            return Err(self.session.failed(Error::Request(lack)));
        }
        let (needed, available) = (2 * envelope_len(name.len()) as u64, self.session.capacity() as u64);
        if available < needed {
            return Err(self.session.failed(Error::Capacity { what: Storage::Receive, needed, available }));
        }
        let is_new = self.topics.find(name.as_bytes()).is_none();
        match self.topics.add(name) {
            Ok(index) => Ok((index, is_new)),
            Err(error) => Err(self.session.failed(error)),
        }
    }

    /// Begins to subscribe to a topic, whose slot is free again where that fails.
    pub(crate) fn subscribe(&mut self, name: &'b str) -> Result<bool, Failed> {
        let (index, is_new) = self.add_topic(name)?;
        // What is packed behind it must not keep an envelope from being unpacked.
        self.session.incoming.reserve(envelope_len(self.topics.longest_name_len()));
        let begun = self.begin_subscription(index);
        if is_new && begun.is_err() {
            self.remove_topic(name);
        }
        begun.map(|()| is_new)
    }

    /// Frees a topic's slot; whether it had one. A message of it that has begun is read away.
    pub(crate) fn remove_topic(&mut self, name: &str) -> bool {
        if self.message.is_some_and(|message| self.topics.find(name.as_bytes()) == Some(message.index)) {
            self.message = None;
        }
        self.topics.remove(name)
    }

    /// Other slots; the topics in those before are forgotten.
    pub(crate) const fn lend_topics(&mut self, slots: &'b mut [Topic<'b>]) {
        (self.topics, self.message) = (Topics::new(slots), None);
        self.subscribing = Some(&Subscribing::ALL);
    }

    /// Tells the message that has begun, once what it made known was said, or what was missed; whether there is any.
    fn noticed_of_topics(&mut self) -> bool {
        if self.message.is_some() {
            self.pushed_to_topic();
            return true;
        }
        let notice = self.topics.next_notice();
        if let Some((index, notice)) = notice {
            self.event = noticed(index, notice);
        }
        notice.is_some()
    }

    /// Tells what a push is that has begun.
    fn pushed_to_topic(&mut self) {
        self.event = match &mut self.message {
            None => Event::Push,
            Some(message) => {
                let Message { index, sequence, told } = *message;
                message.told = true;
                let notice = if told { None } else { self.topics.message(index, sequence) };
                match notice {
                    Some(notice) => noticed(index, notice),
                    None => {
                        self.message = None;
                        self.topics.delivered(index, sequence);
                        Event::Message { index, sequence }
                    }
                }
            }
        };
    }

    /// Goes on to the next frame; of a push it looks whether it is a message.
    fn next_recognised_frame(&mut self) -> Result<Stop, Failed> {
        if !self.unrecognised {
            // The message before was not delivered.
            if let Some(Message { index, sequence, told: false }) = self.message.take() {
                self.topics.skipped(index, sequence);
            }
            let progress = self.next_plain_frame()?;
            self.unrecognised = matches!(progress, Stop::Push) && !self.topics.is_empty();
            if !self.unrecognised {
                return Ok(progress);
            }
        }
        let most = envelope_len(self.topics.longest_name_len());
        match self.session.recognise(most) {
            Attempt::NeedInput => return Ok(Stop::NeedInput),
            Attempt::Done(Recognised::Message(envelope, decoder)) => {
                if let Some(index) = self.topics.find(envelope.topic) {
                    self.message = Some(Message { index, sequence: envelope.sequence, told: false });
                    let len = envelope.len;
                    self.session.incoming.open_envelope(len, &decoder);
                }
            }
            Attempt::Done(_) => {}
        }
        self.unrecognised = false;
        Ok(Stop::Push)
    }

    fn subscribe_step(&mut self, op: Op<'_>) -> Result<Option<Turn>, Failed> {
        match self.step {
            Step::Subscribe { from, to } => self.subscribe_next(op, from, to),
            Step::Subscribed { index, to } => self.subscribed(op, index, to),
            _ => Ok(None),
        }
    }

    /// Subscribes to the next of a range of topics.
    fn subscribe_next(&mut self, op: Op<'_>, from: usize, to: usize) -> Result<Option<Turn>, Failed> {
        let Some(index) = self.topics.next_used(from).filter(|index| *index < to) else {
            return Ok(Some(self.done(Event::Nothing)));
        };
        self.step = Step::Subscribe { from: index, to };
        let turn = self.drain(op, Step::Subscribed { index, to })?;
        if let Step::Subscribed { .. } = self.step {
            let topic = self.topics.name(index).unwrap_or_default();
            self.session.begin_message(MessageType::Sync, &Subscription(topic))?;
            self.own = Some(Own::Subscription(topic));
        }
        Ok(turn)
    }

    /// The server's answer to a subscription is the number of the next publication.
    fn subscribed(&mut self, op: Op<'_>, index: usize, to: usize) -> Result<Option<Turn>, Failed> {
        let mut next = Value::Null;
        match self.answer(op, &mut next)? {
            Answer::Begun => {}
            Answer::Failed(failed) => return Err(failed),
            Answer::Not(turn) => return Ok(turn),
        }
        let next = next.as_i64().map_err(|error| self.session.failed(Error::Mismatch(error)))?;
        self.topics.subscribed(index, next);
        self.step = Step::Subscribe { from: index + 1, to };
        Ok(None)
    }
}

/// What is said of a topic.
fn noticed(index: usize, notice: Notice) -> Event {
    match notice {
        Notice::Gap(gap) => events::missed(gap.missed, gap.last_seen),
        Notice::Restarted(anew) => events::renumbered(anew.last_seen, anew.next_seen),
    }
    Event::Notice { index, notice }
}

/// A subscription to a topic.
struct Subscription<'t>(&'t str);

impl Encode for Subscription<'_> {
    fn encode(&self, writer: &mut Writer<'_>) {
        literal::Call(".mc.sub", &[&Symbol::quoted(self.0)]).encode(writer);
    }
}
