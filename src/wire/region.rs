//! A stretch of a buffer that holds bytes which were not consumed yet.

/// From `start` up to `end`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Region {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Region {
    pub(crate) const fn at(start: usize) -> Region {
        Region { start, end: start }
    }

    pub(crate) const fn len(self) -> usize {
        self.end.saturating_sub(self.start)
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// Its bytes; none where it is not inside the buffer.
    pub(crate) fn of(self, buffer: &[u8]) -> &[u8] {
        buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// Moves its bytes to another place of the buffer.
    pub(crate) fn move_to(&mut self, buffer: &mut [u8], start: usize) {
        let len = self.len();
        if start != self.start && !self.is_empty() && self.end <= buffer.len() && start + len <= buffer.len()
        {
            buffer.copy_within(self.start..self.end, start);
        }
        *self = Region { start, end: start + len };
    }
}
