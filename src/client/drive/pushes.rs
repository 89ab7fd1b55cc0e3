//! What comes unasked, and the topics that a connection is subscribed to.

use crate::client::drive::{Drive, Event, Op};
use crate::client::envelope::{Recognised, envelope_len};
use crate::client::failure::Failed;
use crate::client::incoming::Attempt;
use crate::client::session::Progress;
use crate::client::topics::{Topic, Topics};
use crate::error::{Error, RequestError, Storage};
use crate::wire::Generation;

/// A publication of one of the topics.
#[derive(Clone, Copy, Debug)]
pub(super) struct Message {
    pub(super) index: usize,
    pub(super) sequence: i64,
    /// Whether what it makes known was said.
    pub(super) told: bool,
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
    }

    /// Goes on to the next frame; what is not the answer is told where the call is watched.
    pub(super) fn before_answer(&mut self, op: Op<'_>) -> Result<Result<Progress, Event>, Failed> {
        let watches = matches!(op, Op::Watch);
        if watches && let Some(event) = self.noticed() {
            return Ok(Err(event));
        }
        Ok(match self.next_frame()? {
            Progress::Push if watches => Err(self.pushed()),
            Progress::Question if watches => Err(Event::Question),
            progress => Ok(progress),
        })
    }

    /// What is to be said before the next frame: the message that has begun, once what it made known was said, or
    /// what was missed.
    pub(super) fn noticed(&mut self) -> Option<Event> {
        if self.message.is_some() {
            return Some(self.pushed());
        }
        let (index, notice) = self.topics.next_notice()?;
        Some(Event::Notice { index, notice })
    }

    /// What a push is that has begun, and goes to the caller.
    pub(super) fn pushed(&mut self) -> Event {
        let Some(message) = &mut self.message else { return Event::Push };
        let Message { index, sequence, told } = *message;
        message.told = true;
        if !told && let Some(notice) = self.topics.message(index, sequence) {
            return Event::Notice { index, notice };
        }
        self.message = None;
        self.topics.delivered(index, sequence);
        Event::Message { index, sequence }
    }

    /// Goes on to the next frame, and into none; of a push it looks whether it is a message.
    pub(super) fn next_frame(&mut self) -> Result<Progress, Failed> {
        if !self.unrecognised {
            // The message before was not delivered.
            if let Some(Message { index, sequence, told: false }) = self.message.take() {
                self.topics.skipped(index, sequence);
            }
            let begun = self.session.is_answering();
            let progress = self.session.next_frame()?;
            match progress {
                Progress::Question => self.asked = true,
                Progress::Answer if !begun => {
                    self.handed = self.unwanted & 1 != 0;
                    self.unwanted >>= 1;
                }
                Progress::Push => self.unrecognised = !self.topics.is_empty(),
                _ => {}
            }
            if !self.unrecognised {
                return Ok(progress);
            }
        }
        let most = envelope_len(self.topics.longest_name_len());
        match self.session.recognise(most) {
            Attempt::NeedInput => return Ok(Progress::NeedInput),
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
        Ok(Progress::Push)
    }
}
