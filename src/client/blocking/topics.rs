//! The topics that a connection is subscribed to.

use crate::client::blocking::Connection;
use crate::client::drive::{Op, steps};
use crate::client::topics::Topic;
use crate::client::transport::Transport;
use crate::codec::{Symbol, literal};
use crate::error::Error;

impl<'b, T: Transport> Connection<'b, T> {
    /// Lends slots for topics, which [`subscribe`](Connection::subscribe) fills: one for each. Topics in slots that were
    /// lent before are forgotten.
    pub const fn lend_topics(&mut self, slots: &'b mut [Topic<'b>]) {
        self.drive.lend_topics(slots);
    }

    /// Subscribes to a topic of the server, of which [`next_push`](Connection::next_push) then gives the publications.
    /// More than once is harmless. A new connection [by this one](Connection::reopen) subscribes to it again. What comes
    /// while the answer is awaited is skipped, and reported as a gap.
    ///
    /// Only 2.4.0 has topics: others answer by the error `name`.
    ///
    /// # Errors
    /// [`Error::Capacity`] where no [slot](Connection::lend_topics) is free, or the receive buffer has less than
    /// 108 bytes and twice the name; [`Error::Request`] on wire 1, which has no topics. Else as
    /// [`execute`](Connection::execute). It is not subscribed then, unless it was before.
    pub fn subscribe(&mut self, topic: &'b str) -> Result<(), Error<T::Error>> {
        let is_new = self.begin(|drive| drive.subscribe(topic))?;
        let subscribed = self.until(&mut steps(Op::Call, &()));
        if is_new && subscribed.is_err() {
            self.drive.remove_topic(topic);
        }
        subscribed
    }

    /// Ends a subscription. Of a topic that the connection is not subscribed to, it does nothing.
    ///
    /// # Errors
    /// As [`execute`](Connection::execute). It is not subscribed after them either: what still comes of the topic is an
    /// [`Async`](crate::client::Push::Async) push.
    pub fn unsubscribe(&mut self, topic: &str) -> Result<(), Error<T::Error>> {
        if !self.drive.remove_topic(topic) {
            return Ok(());
        }
        self.exchange(&literal::Call(".mc.unsub", &[&Symbol::quoted(topic)]))
    }

    pub(crate) fn topic(&self, index: usize) -> &'b str {
        self.drive.topics.name(index).unwrap_or_default()
    }
}
