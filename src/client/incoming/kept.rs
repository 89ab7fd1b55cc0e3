//! What stays in front of the receive buffer: the text of an error, or the names of a table's columns.

use crate::client::incoming::{Incoming, LONGEST_PIECE, Unpacking};
use crate::codec::token::Detached;
use crate::wire::Header;
use crate::wire::region::Region;

impl Incoming<'_> {
    /// Keeps bytes that a token has brought, in front of the buffer, as long as there is room to go on reading.
    pub(crate) fn keep(&mut self, token: Detached) {
        let bytes = token.bytes;
        let most = self.most_kept().saturating_sub(self.kept);
        let len = bytes.len().min(most);
        if len > 0 && self.kept <= bytes.start {
            Region { start: bytes.start, end: bytes.start + len }.copy_to(self.buffer, self.kept);
            self.kept += len;
        }
    }

    /// Bytes that leave room for a header, and for what is read next or is reserved.
    pub(super) fn most_kept(&self) -> usize {
        self.buffer.len().saturating_sub(Header::LEN + self.reserved.max(LONGEST_PIECE))
    }

    /// The text of an error, so far as it was kept.
    pub(crate) fn kept(&self) -> &[u8] {
        let end = if self.keeps_names { 0 } else { self.kept };
        Region { start: 0, end }.of(self.buffer)
    }

    pub(crate) fn forget_kept(&mut self) {
        (self.kept, self.keeps_names) = (0, false);
    }

    /// Keeps names that a token has brought, or a piece of one, which ends where `ends` says so; all names until now have
    /// `names_len` bytes. Says how many bytes of buffer it takes to keep them and to go on reading. Where there are not
    /// so many, all of them are forgotten.
    pub(crate) fn keep_names(&mut self, token: Detached, ends: bool, names_len: u64) -> u64 {
        let capacity = self.buffer.len() as u64;
        if !self.keeps_names {
            // The text of an error goes.
            self.forget_kept();
        }
        let mut needed = names_len + Self::NAMES_EXTRA as u64;
        let waiting = if let Unpacking::Packed { .. } = self.unpacking { self.raw.len() } else { 0 };
        let kept = self.kept + token.bytes.len() + usize::from(ends);
        // Runs unpack to more than they leave room for: what waits behind them must not shut the names in.
        if (kept + LONGEST_PIECE + waiting) as u64 > capacity {
            needed += waiting as u64;
        }
        if needed > capacity {
            self.forget_kept();
            return needed;
        }
        self.keeps_names = true;
        self.keep(token);
        // Its NUL was taken with it, so that nothing else is there.
        if ends && let Some(end) = self.buffer.get_mut(self.kept) {
            *end = 0;
            self.kept += 1;
        }
        if waiting > 0 && self.raw.start < self.kept + LONGEST_PIECE {
            self.raw.move_to(self.buffer, self.buffer.len() - waiting);
        }
        needed
    }

    /// The names of a table's columns, each with its NUL, if they are kept.
    pub(crate) fn names(&self) -> &[u8] {
        let end = if self.keeps_names { self.kept } else { 0 };
        Region { start: 0, end }.of(self.buffer)
    }

    /// What names take beside their bytes, to be kept while the columns come through.
    pub(crate) const NAMES_EXTRA: usize = 2 * LONGEST_PIECE;
}
