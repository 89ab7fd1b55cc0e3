//! Where a subscriber stands in the numbers of a topic's publications, and what of them passed it by.
//!
//! ```text
//!  … 4 5 6 │ 7 8 9 │ 10 …
//!          │       └ next: follows what the server has told of last
//!          └ expected: follows what was delivered, or reported as missed, last
//! ```
//!
//! What lies between the two is still to be reported. 2.4.0 counts the publications of each topic from 1 while it has
//! subscribers, and from 1 again when the last one has left, or the server was started anew; what is published while
//! there are none is not counted. So:
//!
//! - Within one numbering each publication is either delivered or reported as missed, once.
//! - A number lower than one before shows that the numbering began anew. How much was missed is not known then.
//! - A numbering that began anew while the connection was away and has come as far as the one before, or further, does
//!   not differ from it: the difference of the numbers is reported as missed, which may be too few.

/// Publications that were not delivered: lost while the connection was away, or skipped because nobody asked for
/// them. The numbering went on.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Gap {
    /// The number before the first that was missed: that of the publication that was delivered last, if any was since
    /// the subscription. Numbers count from 1, so 0 stands before the first.
    pub last_seen: i64,
    /// The number behind the last that was missed. Its publication is the next to be delivered, or was not made yet.
    pub next_seen: i64,
    /// How many publications were missed: at least 1, those between the two.
    pub missed: u64,
}

/// The topic's numbering began anew: the server was started again, or the last subscriber had left. How many
/// publications were missed is not known; of the new numbering it is those from 1 up to `next_seen`, if any.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Restarted {
    /// The number in the old numbering up to which each publication was delivered or reported.
    pub last_seen: i64,
    /// The number in the new numbering. Its publication is the next to be delivered, or was not made yet.
    pub next_seen: i64,
}

/// What is to be reported of a topic.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Notice {
    Gap(Gap),
    Restarted(Restarted),
}

/// A subscriber's place. A peer may send any number: none does harm, though from `i64::MAX` on nothing is told apart.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct Numbering {
    /// Not above `next`, unless the numbering began anew.
    expected: i64,
    next: i64,
    /// The numbering began anew between `expected` and `next`.
    restarted: bool,
}

impl Numbering {
    /// In front of the publication with the number `next`. Nothing was missed.
    pub(crate) const fn new(next: i64) -> Numbering {
        Numbering { expected: next, next, restarted: false }
    }

    /// The server says which number the next publication will have.
    pub(crate) fn announced(&mut self, next: i64) {
        self.restarted |= next < self.next;
        self.next = next;
    }

    /// A publication came, and is missed unless it is [`delivered`](Numbering::delivered).
    pub(crate) fn arrived(&mut self, sequence: i64) {
        self.announced(sequence);
        self.next = sequence.saturating_add(1);
    }

    /// A publication that came was delivered.
    pub(crate) fn delivered(&mut self, sequence: i64) {
        self.expected = sequence.saturating_add(1);
    }

    /// What was missed up to now. It counts as reported from here on.
    pub(crate) fn notice(&mut self) -> Option<Notice> {
        self.notice_before(self.next)
    }

    /// What was missed in front of a publication that has just [arrived](Numbering::arrived). It counts as reported
    /// from here on.
    #[inline(never)] // called twice, which takes 100 bytes less on thumbv6m
    pub(crate) fn notice_before(&mut self, next_seen: i64) -> Option<Notice> {
        let expected = core::mem::replace(&mut self.expected, next_seen);
        let last_seen = expected.saturating_sub(1);
        if core::mem::take(&mut self.restarted) {
            return Some(Notice::Restarted(Restarted { last_seen, next_seen }));
        }
        let missed = next_seen.abs_diff(expected);
        (next_seen > expected).then_some(Notice::Gap(Gap { last_seen, next_seen, missed }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::vec::Vec;

    use proptest::prelude::*;

    fn gap(last_seen: i64, next_seen: i64) -> Option<Notice> {
        Some(Notice::Gap(Gap { last_seen, next_seen, missed: next_seen.abs_diff(last_seen) - 1 }))
    }

    fn restarted(last_seen: i64, next_seen: i64) -> Option<Notice> {
        Some(Notice::Restarted(Restarted { last_seen, next_seen }))
    }

    /// A publication that the caller gets, and what was said before it.
    fn deliver(numbering: &mut Numbering, sequence: i64) -> Option<Notice> {
        numbering.arrived(sequence);
        let notice = numbering.notice_before(sequence);
        numbering.delivered(sequence);
        notice
    }

    /// A place behind so many publications, all of them delivered.
    fn behind(last: i64) -> Numbering {
        let mut numbering = Numbering::new(1);
        for sequence in 1..=last {
            assert_eq!(deliver(&mut numbering, sequence), None);
        }
        numbering
    }

    #[test]
    fn publications_one_after_the_other_are_no_news() {
        let mut numbering = behind(3);
        assert_eq!(numbering.notice(), None);
        assert_eq!(deliver(&mut numbering, 4), None);
    }

    #[test]
    fn the_first_subscription_may_begin_anywhere() {
        let mut numbering = Numbering::new(1_000);
        assert_eq!(numbering.notice(), None);
        assert_eq!(deliver(&mut numbering, 1_000), None);
    }

    #[test]
    fn a_higher_number_is_a_gap() {
        let mut numbering = behind(3);
        assert_eq!(deliver(&mut numbering, 7), gap(3, 7));
        assert_eq!(deliver(&mut numbering, 8), None);
    }

    #[test]
    fn a_lower_number_is_a_restart() {
        let mut numbering = behind(3);
        assert_eq!(deliver(&mut numbering, 1), restarted(3, 1));
        assert_eq!(deliver(&mut numbering, 2), None);
        assert_eq!(deliver(&mut numbering, 2), restarted(2, 2));
    }

    #[test]
    fn skipped_publications_are_a_gap_before_the_next_that_is_delivered() {
        let mut numbering = behind(3);
        numbering.arrived(4);
        numbering.arrived(5);
        assert_eq!(deliver(&mut numbering, 6), gap(3, 6));
    }

    #[test]
    fn skipped_publications_can_be_reported_before_another_comes() {
        let mut numbering = behind(3);
        numbering.arrived(4);
        assert_eq!(numbering.notice(), gap(3, 5));
        assert_eq!(numbering.notice(), None);
        assert_eq!(deliver(&mut numbering, 5), None);
    }

    #[test]
    fn a_publication_that_arrived_and_was_not_delivered_is_missed() {
        let mut numbering = behind(3);
        numbering.arrived(6);
        assert_eq!(numbering.notice_before(6), gap(3, 6));
        assert_eq!(numbering.notice(), gap(5, 7));
    }

    #[test]
    fn a_restart_among_skipped_publications_is_not_forgotten() {
        let mut numbering = behind(3);
        for sequence in [4, 1, 2] {
            numbering.arrived(sequence);
        }
        assert_eq!(deliver(&mut numbering, 3), restarted(3, 3));
        assert_eq!(deliver(&mut numbering, 4), None);
    }

    #[test]
    fn a_restart_among_skipped_publications_shows_also_when_they_overtake() {
        let mut numbering = behind(3);
        (1..=9).for_each(|sequence| numbering.arrived(sequence));
        assert_eq!(deliver(&mut numbering, 10), restarted(3, 10));
    }

    #[test]
    fn a_restart_that_was_not_reported_takes_up_the_next() {
        let mut numbering = behind(3);
        numbering.announced(1);
        numbering.arrived(1);
        numbering.announced(1);
        assert_eq!(numbering.notice(), restarted(3, 1));
        assert_eq!(numbering.notice(), None);
    }

    #[test]
    fn numbering_that_others_kept_going_is_a_gap_after_a_loss() {
        let mut numbering = behind(3);
        numbering.announced(9);
        assert_eq!(numbering.notice(), gap(3, 9));
        assert_eq!(deliver(&mut numbering, 9), None);
    }

    #[test]
    fn losses_that_were_not_reported_add_up() {
        let mut numbering = behind(3);
        numbering.announced(5);
        numbering.arrived(5);
        numbering.announced(9);
        assert_eq!(numbering.notice(), gap(3, 9));
    }

    #[test]
    fn nothing_published_in_the_meantime_is_no_news() {
        let mut numbering = behind(3);
        numbering.announced(4);
        assert_eq!(numbering.notice(), None);
    }

    #[test]
    fn a_server_that_began_anew_is_a_restart() {
        let mut numbering = behind(9);
        numbering.announced(4);
        assert_eq!(numbering.notice(), restarted(9, 4));
        assert_eq!(deliver(&mut numbering, 4), None);
    }

    #[test]
    fn a_server_that_began_anew_and_has_overtaken_is_taken_for_a_gap() {
        let mut numbering = behind(3);
        numbering.announced(5);
        assert_eq!(numbering.notice(), gap(3, 5));
    }

    #[test]
    fn the_widest_gap_is_counted() {
        let mut numbering = Numbering::new(i64::MIN);
        numbering.arrived(i64::MAX);
        let widest = Gap { last_seen: i64::MIN, next_seen: i64::MAX, missed: u64::MAX };
        assert_eq!(numbering.notice_before(i64::MAX), Some(Notice::Gap(widest)));
        numbering.delivered(i64::MAX);
        assert_eq!(deliver(&mut numbering, i64::MAX), None);
        assert_eq!(deliver(&mut numbering, i64::MIN), restarted(i64::MAX - 1, i64::MIN));
    }

    /// What happens to a publication, or between two.
    #[derive(Clone, Copy, Debug, Eq, PartialEq)]
    enum Event {
        Delivered,
        Skipped,
        Lost,
        Resubscribed,
        Reported,
        BeganAnew,
    }

    fn events() -> impl Strategy<Value = Vec<Event>> {
        let event = prop_oneof![
            8 => Just(Event::Delivered),
            4 => Just(Event::Skipped),
            4 => Just(Event::Lost),
            2 => Just(Event::Resubscribed),
            2 => Just(Event::Reported),
            1 => Just(Event::BeganAnew),
        ];
        proptest::collection::vec(event, 0..60)
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

        #[test]
        fn within_a_numbering_each_publication_is_delivered_or_reported_once(
            mut first in 1..1_000i64,
            events in events(),
        ) {
            let mut numbering = Numbering::new(first);
            let (mut next, mut delivered, mut missed, mut anew) = (first, 0, 0, false);
            for event in events.into_iter().chain([Event::Resubscribed, Event::Reported]) {
                let mut notice = None;
                match event {
                    Event::Delivered => notice = deliver(&mut numbering, next),
                    Event::Reported => notice = numbering.notice(),
                    Event::Skipped => numbering.arrived(next),
                    Event::Resubscribed => numbering.announced(next),
                    Event::Lost => {}
                    Event::BeganAnew => {
                        (first, next, anew) = (1, 1, true);
                        numbering.announced(1);
                    }
                }
                match notice {
                    Some(Notice::Gap(gap)) => missed += gap.missed,
                    Some(Notice::Restarted(restarted)) => {
                        prop_assert!(core::mem::take(&mut anew));
                        (delivered, missed) = (0, restarted.next_seen.abs_diff(1));
                    }
                    None => {}
                }
                delivered += u64::from(event == Event::Delivered);
                next += i64::from(matches!(event, Event::Delivered | Event::Skipped | Event::Lost));
            }
            prop_assert_eq!(delivered + missed, next.abs_diff(first));
        }

        #[test]
        fn any_numbers_are_reported_once_and_in_order(
            first: i64,
            numbers in proptest::collection::vec((any::<i64>(), 0..4), 0..60),
        ) {
            let mut numbering = Numbering::new(first);
            for (number, what) in numbers {
                let notice = match what {
                    0 => deliver(&mut numbering, number),
                    1 => numbering.notice(),
                    2 => { numbering.arrived(number); None }
                    _ => { numbering.announced(number); None }
                };
                if let Some(Notice::Gap(Gap { last_seen, next_seen, missed })) = notice {
                    prop_assert!(last_seen < next_seen && missed > 0);
                }
            }
            numbering.notice();
            prop_assert_eq!(numbering.notice(), None);
        }
    }
}
