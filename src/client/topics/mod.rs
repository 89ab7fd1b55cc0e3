//! The topics that a connection is subscribed to, in slots that the caller lends.

pub(crate) mod envelope;
pub(crate) mod numbering;

use core::convert::Infallible;

use crate::client::topics::numbering::{Notice, Numbering};
use crate::error::{Error, Storage};

/// A slot for one topic: free until a subscription takes it. It holds a reference to the topic's name and where in
/// its numbers the subscriber stands: 32 bytes on a 32-bit microcontroller, 40 on a 64-bit host.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Topic<'t> {
    /// None in a free slot.
    name: Option<&'t str>,
    /// None until the server has told a number.
    numbering: Option<Numbering>,
}

impl Topic<'_> {
    /// A free slot.
    pub const fn new() -> Self {
        Topic { name: None, numbering: None }
    }
}

/// The slots. A topic keeps its index for as long as it is subscribed to; what is said of an index that no topic has is
/// ignored, and nothing is to be reported of it.
#[derive(Debug)]
pub(crate) struct Topics<'t> {
    slots: &'t mut [Topic<'t>],
}

impl<'t> Topics<'t> {
    pub(crate) const fn new(slots: &'t mut [Topic<'t>]) -> Topics<'t> {
        Topics { slots }
    }

    /// Gives the topic a slot; one that it has already stays as it is.
    ///
    /// # Errors
    /// [`Error::Capacity`] where no slot is free.
    pub(crate) fn add(&mut self, name: &'t str) -> Result<usize, Error<Infallible>> {
        if let Some(index) = self.find(name.as_bytes()) {
            return Ok(index);
        }
        let available = self.slots.len() as u64;
        let free = self.slots.iter_mut().enumerate().find(|(_, slot)| slot.name.is_none());
        let Some((index, slot)) = free else {
            return Err(Error::Capacity { what: Storage::Topics, needed: available + 1, available });
        };
        *slot = Topic { name: Some(name), numbering: None };
        Ok(index)
    }

    /// Frees the topic's slot, and forgets its numbers and what was to be reported; whether it had one.
    pub(crate) fn remove(&mut self, name: &str) -> bool {
        let index = self.find(name.as_bytes());
        let slot = index.and_then(|index| self.slots.get_mut(index));
        slot.map(|slot| *slot = Topic::new()).is_some()
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.next_used(0).is_none()
    }

    /// The index of a topic by its name, as it came.
    pub(crate) fn find(&self, name: &[u8]) -> Option<usize> {
        self.slots.iter().position(|slot| slot.name.is_some_and(|own| own.as_bytes() == name))
    }

    /// The name of a topic.
    pub(crate) fn name(&self, index: usize) -> Option<&'t str> {
        self.slots.get(index)?.name
    }

    /// Bytes of the longest name; 0 where there is none.
    pub(crate) fn longest_name_len(&self) -> usize {
        self.slots.iter().filter_map(|slot| slot.name).map(str::len).max().unwrap_or(0)
    }

    /// The first topic at this index or behind it: with `index + 1` of each, all of them.
    pub(crate) fn next_used(&self, from: usize) -> Option<usize> {
        (from..self.slots.len()).find(|index| self.name(*index).is_some())
    }

    /// The server has answered a subscription by the number that the next publication will have. After a first one,
    /// delivery begins there. After a repeated one, as it is after a reconnect, what was published in between is to be
    /// [reported](Topics::next_notice).
    pub(crate) fn subscribed(&mut self, index: usize, next: i64) {
        if let Some(numbering) = self.numbering(index, next) {
            numbering.announced(next);
        }
    }

    /// A message came that nobody wants: it is missed.
    pub(crate) fn skipped(&mut self, index: usize, sequence: i64) {
        if let Some(numbering) = self.numbering(index, sequence) {
            numbering.arrived(sequence);
        }
    }

    /// A message came that somebody may want: what is to be reported in front of it. It is missed unless it is
    /// [`delivered`](Topics::delivered).
    pub(crate) fn message(&mut self, index: usize, sequence: i64) -> Option<Notice> {
        let numbering = self.numbering(index, sequence)?;
        numbering.arrived(sequence);
        numbering.notice_before(sequence)
    }

    /// The caller got a message of which [`message`](Topics::message) was told.
    pub(crate) fn delivered(&mut self, index: usize, sequence: i64) {
        if let Some(numbering) = self.slots.get_mut(index).and_then(|slot| slot.numbering.as_mut()) {
            numbering.delivered(sequence);
        }
    }

    /// What is to be reported of one of the topics, without waiting for its next message: to be asked until there is
    /// nothing. It counts as reported from here on.
    pub(crate) fn next_notice(&mut self) -> Option<(usize, Notice)> {
        let mut slots = self.slots.iter_mut().enumerate();
        slots.find_map(|(index, slot)| Some((index, slot.numbering.as_mut()?.notice()?)))
    }

    /// The place in a topic's numbers, which begin with this one if none was told.
    fn numbering(&mut self, index: usize, first: i64) -> Option<&mut Numbering> {
        let slot = self.slots.get_mut(index).filter(|slot| slot.name.is_some())?;
        Some(slot.numbering.get_or_insert(Numbering::new(first)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::string::ToString;
    use std::vec::Vec;

    use crate::client::topics::numbering::{Gap, Restarted};

    fn used(topics: &Topics<'_>) -> Vec<usize> {
        let mut used = Vec::new();
        while let Some(index) = topics.next_used(used.last().map_or(0, |last| last + 1)) {
            used.push(index);
        }
        used
    }

    #[test]
    fn a_topic_keeps_its_slot_and_leaves_it_free() {
        let mut slots = [const { Topic::new() }; 3];
        let mut topics = Topics::new(&mut slots);
        assert_eq!(used(&topics), []);
        assert_eq!(topics.add("trades"), Ok(0));
        assert_eq!(topics.add("quotes"), Ok(1));
        assert_eq!(topics.add("trades"), Ok(0));
        assert_eq!(topics.add("t"), Ok(2));
        assert!(topics.remove("quotes"));
        assert!(!topics.remove("quotes"));
        assert_eq!(used(&topics), [0, 2]);
        assert_eq!(topics.add("news"), Ok(1));
        assert_eq!(
            [0, 1, 2, 3].map(|index| topics.name(index)),
            [Some("trades"), Some("news"), Some("t"), None]
        );
    }

    #[test]
    fn a_topic_is_found_by_its_whole_name() {
        let mut slots = [const { Topic::new() }; 3];
        let mut topics = Topics::new(&mut slots);
        assert_eq!((topics.find(b""), topics.longest_name_len()), (None, 0));
        topics.add("trades").expect("room");
        topics.add("").expect("room");
        let names = [&b"trades"[..], b"", b"trade", b"tradess", b"\xff"];
        assert_eq!(names.map(|name| topics.find(name)), [Some(0), Some(1), None, None, None]);
        assert_eq!(topics.longest_name_len(), 6);
    }

    #[test]
    fn a_topic_too_many_says_how_many_there_may_be() {
        for available in 0..3 {
            let mut slots = std::vec![Topic::new(); available];
            let mut topics = Topics::new(&mut slots);
            for name in ["a", "b"].iter().take(available) {
                topics.add(name).expect("room");
            }
            let available = available as u64;
            let error = topics.add("c").expect_err("full");
            assert_eq!(error, Error::Capacity { what: Storage::Topics, needed: available + 1, available });
        }
    }

    #[test]
    fn a_full_storage_is_told_in_words() {
        let error = Topics::new(&mut []).add("a").expect_err("full");
        assert_eq!(error.to_string(), "storage of 0 topics is too small: 1 needed");
    }

    #[test]
    fn what_was_missed_is_told_of_each_topic_once() {
        let mut slots = [const { Topic::new() }; 3];
        let mut topics = Topics::new(&mut slots);
        for (name, next) in [("a", 1), ("b", 7), ("c", 7)] {
            let index = topics.add(name).expect("room");
            topics.subscribed(index, next);
        }
        assert_eq!(topics.next_notice(), None);
        // A reconnect.
        for (index, next) in [(0, 1), (1, 9), (2, 1)] {
            topics.subscribed(index, next);
        }
        let gap = Notice::Gap(Gap { last_seen: 6, next_seen: 9, missed: 2 });
        let restarted = Notice::Restarted(Restarted { last_seen: 6, next_seen: 1 });
        assert_eq!(topics.next_notice(), Some((1, gap)));
        assert_eq!(topics.next_notice(), Some((2, restarted)));
        assert_eq!(topics.next_notice(), None);
    }

    #[test]
    fn a_message_is_missed_unless_it_is_delivered() {
        let mut slots = [Topic::new()];
        let mut topics = Topics::new(&mut slots);
        topics.add("a").expect("room");
        topics.subscribed(0, 1);
        assert_eq!(topics.message(0, 1), None);
        topics.delivered(0, 1);
        topics.skipped(0, 2);
        let gap = |last_seen, next_seen| Notice::Gap(Gap { last_seen, next_seen, missed: 1 });
        assert_eq!(topics.message(0, 3), Some(gap(1, 3)));
        assert_eq!(topics.next_notice(), Some((0, gap(2, 4))));
        assert_eq!(topics.message(0, 4), None);
        topics.delivered(0, 4);
        assert_eq!(topics.next_notice(), None);
    }

    #[test]
    fn a_message_before_the_answer_begins_the_numbers() {
        let mut slots = [Topic::new()];
        let mut topics = Topics::new(&mut slots);
        topics.add("a").expect("room");
        assert_eq!(topics.message(0, 5), None);
        topics.delivered(0, 5);
        topics.subscribed(0, 6);
        assert_eq!(topics.next_notice(), None);
    }

    #[test]
    fn a_topic_that_is_subscribed_to_anew_has_no_past() {
        let mut slots = [Topic::new()];
        let mut topics = Topics::new(&mut slots);
        topics.add("a").expect("room");
        topics.subscribed(0, 1);
        topics.skipped(0, 8);
        topics.remove("a");
        assert_eq!(topics.next_notice(), None);
        topics.add("a").expect("room");
        topics.subscribed(0, 4);
        assert_eq!(topics.message(0, 4), None);
    }

    #[test]
    fn an_index_without_a_topic_has_no_numbers() {
        let mut slots = [Topic::new()];
        let mut topics = Topics::new(&mut slots);
        for index in [0, 1, usize::MAX] {
            topics.subscribed(index, 1);
            topics.skipped(index, 5);
            topics.delivered(index, 5);
            assert_eq!(topics.message(index, 9), None);
            assert_eq!((topics.next_notice(), topics.name(index)), (None, None));
        }
        assert_eq!(topics.next_used(usize::MAX), None);
    }

    #[test]
    fn a_slot_stays_small() {
        #[cfg(target_pointer_width = "64")]
        assert_eq!(size_of::<Topic<'_>>(), 40);
    }
}
