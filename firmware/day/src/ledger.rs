//! Which batches the server has acknowledged and which are in doubt, and whether its table agrees.

use core::fmt;
use core::ops::Range;

use crate::readings::value;

/// Batches by their numbers, which count from 0 and are sent in that order. Every one that was sent is acknowledged but
/// for those in doubt, of which nobody knows whether the server has carried them out, and which are not sent again.
#[derive(Clone, Debug)]
pub struct Ledger {
    /// Readings of a batch.
    batch_len: u32,
    /// The first batch that the server's table can have.
    first: u32,
    /// The batch to be sent next.
    next: u32,
    /// Those in doubt, in their order.
    doubtful: [u32; DOUBT_LIMIT],
    doubtful_len: usize,
    /// How many of them lie before `first`.
    doubtful_first: usize,
}

/// The most batches that can be in doubt: one for each loss of a connection.
pub const DOUBT_LIMIT: usize = 1_024;

impl Ledger {
    /// Nothing was sent, and no batch has any readings.
    pub const fn new() -> Self {
        Ledger {
            batch_len: 0,
            first: 0,
            next: 0,
            doubtful: [0; DOUBT_LIMIT],
            doubtful_len: 0,
            doubtful_first: 0,
        }
    }

    /// How many readings a batch has. To be said before the first one is sent.
    pub const fn begin(&mut self, batch_len: u32) {
        self.batch_len = batch_len;
    }

    /// The batch to be sent next.
    pub const fn next(&self) -> u32 {
        self.next
    }

    /// The numbers of its readings.
    pub const fn next_ids(&self) -> Range<i64> {
        let first = self.next as i64 * self.batch_len as i64;
        first..first + self.batch_len as i64
    }

    /// The server has acknowledged it.
    pub const fn acknowledge(&mut self) {
        self.next += 1;
    }

    /// Whether the server has carried it out cannot be known. Whether there was room to note that.
    #[must_use]
    pub fn doubt(&mut self) -> bool {
        let Some(slot) = self.doubtful.get_mut(self.doubtful_len) else { return false };
        *slot = self.next;
        self.doubtful_len += 1;
        self.next += 1;
        true
    }

    /// The server's table begins anew, without what was sent until now.
    pub const fn begin_anew(&mut self) {
        self.first = self.next;
        self.doubtful_first = self.doubtful_len;
    }

    /// Those in doubt, in their order.
    pub fn doubtful(&self) -> &[u32] {
        self.doubtful.get(..self.doubtful_len).unwrap_or_default()
    }

    /// How many readings were acknowledged.
    pub const fn acknowledged(&self) -> u32 {
        (self.next - self.doubtful_len as u32) * self.batch_len
    }

    /// Compares the table with this, reading by reading.
    pub fn audit(&self) -> Audit<'_> {
        let doubtful = self.doubtful().get(self.doubtful_first..).unwrap_or_default();
        let (batch_len, next, batch) = (i64::from(self.batch_len), self.next, self.first);
        Audit { batch_len, next, doubtful, batch, row: 0, held: Held::default() }
    }
}

impl Default for Ledger {
    fn default() -> Self {
        Self::new()
    }
}

/// A comparison that goes on: takes the numbers of the readings in the order of the table.
#[derive(Clone, Debug)]
pub struct Audit<'l> {
    batch_len: i64,
    next: u32,
    /// Those that are still to come.
    doubtful: &'l [u32],
    /// Where the next number belongs.
    batch: u32,
    row: i64,
    held: Held,
}

/// What a table holds that agrees.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Held {
    /// Readings.
    pub readings: i64,
    /// The sum of their values.
    pub total: f64,
    /// The number of the last one.
    pub last: i64,
    /// Batches in doubt that the server has carried out.
    pub doubtful: u32,
}

impl Audit<'_> {
    /// The next reading of the table.
    ///
    /// # Errors
    /// It is not the one that has to stand there: one is missing, is there twice, or was never sent.
    pub fn take(&mut self, id: i64) -> Result<(), Disagreement> {
        if self.row == 0 {
            let is_doubtful = self.pass(Some(id));
            if self.batch >= self.next {
                return Err(Disagreement::Surplus(id));
            }
            self.held.doubtful += u32::from(is_doubtful);
        }
        let expected = self.first_id() + self.row;
        if id != expected {
            return Err(Disagreement::Different { expected, found: id });
        }
        self.held.readings += 1;
        self.held.total += value(id);
        self.held.last = id;
        self.row += 1;
        if self.row == self.batch_len {
            (self.batch, self.row) = (self.batch + 1, 0);
        }
        Ok(())
    }

    /// The table is at its end.
    ///
    /// # Errors
    /// There are readings that it should have.
    pub fn finish(mut self) -> Result<Held, Disagreement> {
        if self.row == 0 {
            self.pass(None);
        }
        if self.row > 0 || self.batch < self.next {
            return Err(Disagreement::Missing(self.first_id() + self.row));
        }
        Ok(self.held)
    }

    /// Passes over batches in doubt that are not there, up to the one that begins with that number. Whether it
    /// is itself in doubt.
    fn pass(&mut self, id: Option<i64>) -> bool {
        while let Some((&doubtful, others)) = self.doubtful.split_first()
            && doubtful == self.batch
        {
            self.doubtful = others;
            if id == Some(self.first_id()) {
                return true;
            }
            self.batch += 1;
        }
        false
    }

    fn first_id(&self) -> i64 {
        i64::from(self.batch) * self.batch_len
    }
}

/// Where a table and the ledger disagree.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Disagreement {
    /// Another reading has to stand there.
    Different {
        /// Its number.
        expected: i64,
        /// That of the one that is there.
        found: i64,
    },
    /// One that was acknowledged is not there, nor is any behind it.
    Missing(i64),
    /// One that was not sent.
    Surplus(i64),
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Disagreement::Different { expected, found } => {
                write!(f, "reading {found} stands where {expected} belongs")
            }
            Disagreement::Missing(id) => write!(f, "reading {id} was acknowledged and is missing"),
            Disagreement::Surplus(id) => write!(f, "reading {id} is one too many"),
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::vec::Vec;

    use super::*;

    const BATCH_LEN: usize = 7;

    fn first_id(batch: u32) -> i64 {
        i64::from(batch) * BATCH_LEN as i64
    }

    /// Batches are acknowledged (`a`) or in doubt (`d`), or the table begins anew (`|`).
    fn ledger(story: &str) -> Ledger {
        let mut ledger = Ledger::new();
        ledger.begin(BATCH_LEN as u32);
        for event in story.chars() {
            match event {
                'a' => ledger.acknowledge(),
                'd' => assert!(ledger.doubt()),
                _ => ledger.begin_anew(),
            }
        }
        ledger
    }

    fn rows(batches: &[u32]) -> Vec<i64> {
        batches.iter().flat_map(|batch| (first_id(*batch)..).take(BATCH_LEN)).collect()
    }

    fn audit(story: &str, rows: &[i64]) -> Result<Held, Disagreement> {
        let ledger = ledger(story);
        let mut audit = ledger.audit();
        rows.iter().try_for_each(|id| audit.take(*id))?;
        audit.finish()
    }

    fn counts(story: &str, batches: &[u32]) -> Result<(i64, u32), Disagreement> {
        audit(story, &rows(batches)).map(|held| (held.readings / BATCH_LEN as i64, held.doubtful))
    }

    #[test]
    fn what_was_acknowledged_has_to_be_there() {
        assert_eq!(counts("aaa", &[0, 1, 2]), Ok((3, 0)));
        assert_eq!(counts("aaa", &[0, 1]), Err(Disagreement::Missing(first_id(2))));
        let (expected, found) = (first_id(1), first_id(2));
        assert_eq!(counts("aaa", &[0, 2]), Err(Disagreement::Different { expected, found }));
        assert!(audit("a", &rows(&[0])[..BATCH_LEN - 1]).is_err());
        assert_eq!(counts("", &[]), Ok((0, 0)));
    }

    #[test]
    fn what_is_in_doubt_may_be_there_as_a_whole() {
        assert_eq!(counts("ada", &[0, 1, 2]), Ok((3, 1)));
        assert_eq!(counts("ada", &[0, 2]), Ok((2, 0)));
        assert_eq!(counts("adda", &[0, 2, 3]), Ok((3, 1)));
        assert_eq!(counts("add", &[0]), Ok((1, 0)));
        assert_eq!(counts("add", &[0, 1, 2]), Ok((3, 2)));
        let half = &rows(&[0, 1])[..BATCH_LEN + 1];
        assert_eq!(audit("ad", half), Err(Disagreement::Missing(first_id(1) + 1)));
    }

    #[test]
    fn nothing_is_there_twice_or_unsent() {
        for (story, batches) in [
            ("aa", &[0, 0, 1][..]),
            ("aa", &[0, 1, 1]),
            ("ada", &[0, 1, 1, 2]),
            ("ad", &[0, 1, 1]),
            ("aa", &[0, 1, 2]),
            ("", &[0]),
        ] {
            assert!(counts(story, batches).is_err(), "{story} {batches:?}");
        }
    }

    #[test]
    fn a_new_table_has_nothing_of_before() {
        assert_eq!(counts("ada|aa", &[3, 4]), Ok((2, 0)));
        assert!(counts("ada|aa", &[2, 3, 4]).is_err());
        assert_eq!(counts("ad|da", &[3]), Ok((1, 0)));
        assert_eq!(counts("ad|da", &[2, 3]), Ok((2, 1)));
        assert!(counts("ad|da", &[1, 2, 3]).is_err());
        let ledger = ledger("ad|da");
        assert_eq!((ledger.acknowledged(), ledger.doubtful()), (2 * BATCH_LEN as u32, &[1, 2][..]));
    }

    #[test]
    fn numbers_count_on() {
        let mut ledger = ledger("ad");
        assert_eq!((ledger.next(), ledger.next_ids()), (2, first_id(2)..first_id(3)));
        ledger.begin_anew();
        assert_eq!(ledger.next_ids(), first_id(2)..first_id(3));
    }

    #[test]
    fn doubts_have_their_limit() {
        let mut ledger = Ledger::new();
        assert!((0..DOUBT_LIMIT).all(|_| ledger.doubt()));
        assert!(!ledger.doubt());
    }
}
