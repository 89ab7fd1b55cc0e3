//! What comes unasked.

use crate::client::asynch::{Connection, Reply, Transport};
use crate::client::debug::{debug, debug_push};
use crate::client::drive::{Event, Refusal};
use crate::client::topics::numbering::{Gap, Notice, Restarted};
use crate::codec::encode::{Request, Requested};
use crate::error::Error;

/// What a server sends without being asked. It is data, and never carried out.
///
/// Dropping it half-read loses nothing else: the next call on the connection reads the rest away.
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Push<'c, 'b, T: Transport> {
    /// A publication of a topic that the connection is [subscribed](Connection::subscribe) to.
    Message {
        /// The topic's name.
        topic: &'b str,
        /// The number of the publication: 2.4.0 counts them from 1 for each topic.
        sequence: i64,
        /// What was published.
        payload: Reply<'c, 'b, T>,
    },
    /// Publications of a topic passed the caller by. Said once, before the next one.
    Gap {
        /// The topic's name.
        topic: &'b str,
        /// Which, and how many.
        gap: Gap,
    },
    /// The numbers of a topic's publications began anew.
    Restarted {
        /// The topic's name.
        topic: &'b str,
        /// Where they were, and where they are now.
        restarted: Restarted,
    },
    /// A value that wants no answer: `(.ipc.post h …)` of 2.4.0, `(write (neg h) …)` of wire 1.
    Async(Reply<'c, 'b, T>),
    /// A question, for whose answer the server waits: `(.ipc.send h …)` of 2.4.0, which serves nobody else meanwhile;
    /// `(write h …)` of wire 1, which waits for three seconds.
    Question(Question<'c, 'b, T>),
}

impl<'c, 'b, T: Transport> Push<'c, 'b, T> {
    pub(crate) fn new(connection: &'c mut Connection<'b, T>, event: Event) -> Option<Self> {
        match event {
            Event::Push => Some(Push::Async(Reply::new(connection))),
            Event::Message { index, sequence } => {
                let topic = connection.topic(index);
                Some(Push::Message { topic, sequence, payload: Reply::new(connection) })
            }
            Event::Notice { index, notice: Notice::Gap(gap) } => {
                Some(Push::Gap { topic: connection.topic(index), gap })
            }
            Event::Notice { index, notice: Notice::Restarted(restarted) } => {
                Some(Push::Restarted { topic: connection.topic(index), restarted })
            }
            Event::Question => Some(Push::Question(Question { asked: Reply::new(connection) })),
            Event::Nothing | Event::Answer => None,
        }
    }
}

/// A question of the server. Dropped without an answer, it is refused by the next call on the connection.
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Question<'c, 'b, T: Transport> {
    asked: Reply<'c, 'b, T>,
}

debug_push!();

impl<'b, T: Transport> Question<'_, 'b, T> {
    /// What is asked: most often program text. To carry it out, or not, is up to the caller.
    pub const fn asked(&mut self) -> Reply<'_, 'b, T> {
        self.asked.reborrow()
    }

    /// Answers; what was not read of the question is read away first.
    ///
    /// # Errors
    /// [`Error::Request`] where the answer cannot be sent: nothing was, and the question is refused by the next call.
    /// Else as [`execute`](Connection::execute).
    pub async fn answer(self, answer: impl Request) -> Result<(), Error<T::Error>> {
        self.asked.into_connection().respond(&Requested(answer)).await
    }

    /// Refuses at once: on wire 3 with the error `nyi`, on wire 1 with null.
    ///
    /// # Errors
    /// As [`answer`](Question::answer).
    pub async fn refuse(self) -> Result<(), Error<T::Error>> {
        self.asked.into_connection().respond(&Refusal).await
    }
}

debug!(Question<'_, '_>: asked);
