//! Faults that are drawn by lot.

use embedded_io::ErrorKind;

use crate::client::Random;
use crate::transports::faulty::{End, Faults, FaultyError};

/// How often something goes wrong, in thousandths of the reads and writes. The default is never; 1000 and more is always.
///
/// What is drawn depends on the seed of the [stream](super::Faulty::seeded) and on the calls on it, and on nothing else: so
/// whatever a program does with it can be done once more.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Odds {
    /// A read or write moves a part of what it could.
    pub short: u16,
    /// It is interrupted before it moves anything.
    pub interrupt: u16,
    /// From now on each read gives one byte.
    pub trickle: u16,
    /// From now on this direction is at its [end](End), in any of the three ways; the other one goes on.
    pub half_close: u16,
    /// From now on both directions are at their end: the stream was reset.
    pub reset: u16,
}

/// Odds and what they are drawn with.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Lots {
    odds: Odds,
    random: Random,
}

impl Lots {
    pub(super) const fn new(odds: Odds, seed: u64) -> Self {
        Lots { odds, random: Random::new(seed) }
    }

    /// Draws what happens to a read behind so many bytes.
    pub(super) fn before_read<E>(&mut self, faults: &mut Faults, at: [u64; 2]) -> Result<(), FaultyError<E>> {
        if self.hits(self.odds.trickle) {
            faults.read_at_most = Some(1);
        }
        if self.hits(self.odds.half_close) {
            let end = self.end();
            faults.end_reading_after.get_or_insert((at[0], end));
        }
        self.before(faults, at)
    }

    /// The same of a write.
    pub(super) fn before_write<E>(
        &mut self,
        faults: &mut Faults,
        at: [u64; 2],
    ) -> Result<(), FaultyError<E>> {
        if self.hits(self.odds.half_close) {
            let end = self.end();
            faults.end_writing_after.get_or_insert((at[1], end));
        }
        self.before(faults, at)
    }

    /// How many bytes of those that were asked for may be moved.
    pub(super) fn shortened(&mut self, asked: usize) -> usize {
        if !self.hits(self.odds.short) {
            return asked;
        }
        let most = u32::try_from(asked).unwrap_or(u32::MAX).saturating_sub(1);
        usize::try_from(self.random.up_to(most)).unwrap_or(asked).max(1)
    }

    fn before<E>(&mut self, faults: &mut Faults, [read, written]: [u64; 2]) -> Result<(), FaultyError<E>> {
        if self.hits(self.odds.reset) {
            faults.end_reading_after.get_or_insert((read, End::Reset));
            faults.end_writing_after.get_or_insert((written, End::Reset));
        }
        if self.hits(self.odds.interrupt) {
            return Err(FaultyError::Injected(ErrorKind::Interrupted));
        }
        Ok(())
    }

    fn end(&mut self) -> End {
        match self.random.up_to(2) {
            0 => End::Close,
            1 => End::Reset,
            _ => End::Silence,
        }
    }

    fn hits(&mut self, odds: u16) -> bool {
        odds > 0 && self.random.up_to(999) < u32::from(odds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::vec::Vec;

    use embedded_io::{Read, Write};

    use crate::transports::duplex::{Duplex, Step};
    use crate::transports::faulty::Faulty;

    type Results = Vec<Result<usize, ErrorKind>>;

    /// What so many reads of a stream of 200 bytes, and as many writes, come to.
    fn results(odds: Odds, seed: u64, count: usize) -> (Results, Results) {
        let (heard, said) = ([7; 200], [9; 200]);
        let steps = [Step::Expect(&heard), Step::Say(&said)];
        let mut writing = Faulty::seeded(Duplex::new(&steps), odds, seed);
        let mut reading = Faulty::seeded(Duplex::new(&steps[1..]), odds, seed);
        let kind = |error: FaultyError<_>| embedded_io::Error::kind(&error);
        let reads = (0..count).map(|_| reading.read(&mut [0; 10]).map_err(kind)).collect();
        let writes = (0..count).map(|_| writing.write(&[7; 10]).map_err(kind)).collect();
        (reads, writes)
    }

    #[test]
    fn without_odds_nothing_goes_wrong() {
        assert_eq!(results(Odds::default(), 1, 20), (std::vec![Ok(10); 20], std::vec![Ok(10); 20]));
    }

    #[test]
    fn a_seed_draws_the_same_and_others_something_else() {
        let odds = Odds { short: 500, interrupt: 200, trickle: 50, half_close: 50, reset: 20 };
        let all: Vec<_> = (0..50).map(|seed| results(odds, seed, 20)).collect();
        assert!((0..50).all(|seed| all[seed as usize] == results(odds, seed, 20)));
        assert!(all.windows(2).filter(|two| two[0] != two[1]).count() > 40);
    }

    #[test]
    fn what_is_short_moves_a_part_and_never_nothing() {
        for seed in 0..20 {
            let (reads, writes) = results(Odds { short: 1000, ..Odds::default() }, seed, 20);
            assert!(
                reads.iter().chain(&writes).all(|moved| matches!(moved, Ok(1..10))),
                "{reads:?} {writes:?}"
            );
        }
    }

    #[test]
    fn a_trickle_gives_one_byte_at_a_time_and_takes_all() {
        let (reads, writes) = results(Odds { trickle: 1000, ..Odds::default() }, 1, 20);
        assert_eq!((reads, writes), (std::vec![Ok(1); 20], std::vec![Ok(10); 20]));
    }

    #[test]
    fn an_end_is_for_good_and_comes_in_three_ways() {
        let mut seen = [false; 3];
        for seed in 0..50 {
            let (reads, _) = results(Odds { half_close: 300, ..Odds::default() }, seed, 20);
            let end = *reads.last().unwrap();
            let way = match end {
                Ok(0) => 0,
                Err(ErrorKind::ConnectionReset) => 1,
                Err(ErrorKind::TimedOut) => 2,
                _ => continue,
            };
            seen[way] = true;
            let first = reads.iter().position(|read| *read == end).unwrap();
            assert!(reads[first..].iter().all(|read| *read == end), "{reads:?}");
        }
        assert_eq!(seen, [true; 3]);
    }

    #[test]
    fn a_reset_is_one_of_both_directions() {
        let steps = [Step::Say(&[9; 9])];
        let odds = Odds { reset: 1000, ..Odds::default() };
        let mut stream = Faulty::seeded(Duplex::new(&steps), odds, 1);
        let reset = FaultyError::Injected(ErrorKind::ConnectionReset);
        assert_eq!((stream.read(&mut [0; 9]), stream.write(&[7])), (Err(reset), Err(reset)));
    }
}
