//! What does not lie in one buffer as a whole: windows of an encoding, and the end of a window.

use crate::wire::region;

/// What becomes of bytes for which there is no room: the next window, or the stream.
pub(crate) trait Windows {
    /// Counts a leaf: the element and its byte to begin at, unless it is passed over.
    fn enter(&mut self) -> Option<(usize, usize)>;

    /// Writes pieces of an element, one behind the other, from a byte on. Whether it is at its end.
    fn write(&mut self, out: &mut Output<'_>, index: usize, offset: usize, pieces: &Pieces<'_>) -> bool;

    /// The window that passes over sequences, if it is one.
    fn window(&mut self) -> Option<&mut Window> {
        None
    }
}

/// Bytes that belong together, in up to three pieces.
pub(crate) type Pieces<'p> = [&'p [u8]; 3];

/// A buffer that is being filled.
pub(crate) struct Output<'w> {
    pub(crate) buffer: &'w mut [u8],
    pub(crate) filled: usize,
}

impl Output<'_> {
    /// Takes room for so many bytes, if all of it is there.
    #[inline]
    pub(crate) fn take(&mut self, len: usize) -> Option<&mut [u8]> {
        let end = self.filled.checked_add(len)?;
        let target = self.buffer.get_mut(self.filled..end)?;
        self.filled = end;
        Some(target)
    }

    /// Whether so many bytes have room.
    #[inline]
    pub(crate) fn has_room(&self, len: usize) -> bool {
        len <= self.buffer.len().saturating_sub(self.filled)
    }

    /// Fills all that is left, or as much of it as there are bytes: the bytes that are left.
    pub(crate) fn fill<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        let room = self.buffer.get_mut(self.filled..).unwrap_or_default();
        let (now, later) = bytes.split_at_checked(room.len()).unwrap_or((bytes, &[]));
        self.filled += now.len();
        if let Some(target) = room.get_mut(..now.len()) {
            copy(target, now);
        }
        later
    }
}

/// Where a window begins or ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Checkpoint {
    outer: Outer,
    at: Position,
}

/// The element of the outermost sequence of values that a place is in: the sequence counts as one leaf.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Outer {
    /// The ordinal of the sequence; none for a place outside of all sequences.
    leaf: u32,
    element: u32,
}

/// A byte of an element of a leaf; within the element of a sequence, leaves are counted anew.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
struct Position {
    leaf: u32,
    element: u32,
    offset: usize,
}

/// One window of an encoding: everything before its checkpoint is passed over, everything behind its end too.
pub(crate) struct Window {
    /// Where it ended, once it has: then leaves are passed over.
    end: Option<Checkpoint>,
    /// Where it begins, among the leaves that are counted now.
    from: Position,
    /// Where it begins within the element of the outermost sequence that it begins in.
    inner: Position,
    /// The next leaf.
    leaf: u32,
    outer: Outer,
}

impl Checkpoint {
    /// The first byte.
    pub(crate) const START: Checkpoint =
        Checkpoint { outer: Outer::NONE, at: Position { leaf: 0, element: 0, offset: 0 } };
}

impl Default for Checkpoint {
    fn default() -> Self {
        Checkpoint::START
    }
}

impl Outer {
    const NONE: Outer = Outer { leaf: u32::MAX, element: 0 };
}

impl Window {
    pub(crate) fn new(from: Checkpoint) -> Window {
        let (from, inner) = match from.outer {
            Outer::NONE => (from.at, Position::default()),
            Outer { leaf, element } => (Position { leaf, element, offset: 0 }, from.at),
        };
        Window { end: None, from, inner, leaf: 0, outer: Outer::NONE }
    }

    /// Where the next one begins.
    pub(crate) fn end(self) -> Option<Checkpoint> {
        self.end
    }

    /// A sequence of values, of which a window may begin in any; none where it is passed over.
    /// Only the outermost one is passed over as a whole; a short one, such as the arguments of a call, leaves that to
    /// those that it holds.
    pub(super) fn begin_sequence(&mut self, count: usize) -> Option<Sequence> {
        if self.outer != Outer::NONE || count <= SHORT_SEQUENCE {
            return Some(Sequence { leaf: None, start: 0, resumed: false, from: self.from });
        }
        let leaf = self.leaf;
        let (start, _) = self.enter()?;
        let resumed = leaf == self.from.leaf;
        Some(Sequence { leaf: Some(leaf), start, resumed, from: self.from })
    }

    /// The next element of a sequence; false where the window is at its end.
    pub(super) fn begin_element(&mut self, sequence: &Sequence, index: usize) -> bool {
        if let Some(leaf) = sequence.leaf {
            self.outer = Outer { leaf, element: index as u32 };
            self.leaf = 0;
            let inside = sequence.resumed && index == sequence.start;
            self.from = if inside { self.inner } else { Position::default() };
        }
        self.end.is_none()
    }

    pub(super) fn end_sequence(&mut self, sequence: &Sequence) {
        if let Some(leaf) = sequence.leaf {
            self.outer = Outer::NONE;
            self.leaf = leaf + 1;
            self.from = sequence.from;
        }
    }
}

impl Windows for Window {
    #[inline]
    fn enter(&mut self) -> Option<(usize, usize)> {
        let leaf = self.leaf;
        self.leaf = self.leaf.saturating_add(1);
        if self.end.is_some() || leaf < self.from.leaf {
            None
        } else if leaf == self.from.leaf {
            Some((self.from.element as usize, self.from.offset))
        } else {
            Some((0, 0))
        }
    }

    fn write(&mut self, out: &mut Output<'_>, index: usize, offset: usize, pieces: &Pieces<'_>) -> bool {
        let mut skip = offset;
        let mut done = offset;
        for &piece in pieces {
            let rest = piece.get(skip..).unwrap_or_default();
            skip = skip.saturating_sub(piece.len());
            let later = out.fill(rest);
            done += rest.len() - later.len();
            if !later.is_empty() {
                // Counts are held to 10^9 when a value is measured.
                let at = Position { leaf: self.leaf - 1, element: index as u32, offset: done };
                self.end = Some(Checkpoint { outer: self.outer, at });
                return false;
            }
        }
        true
    }

    fn window(&mut self) -> Option<&mut Window> {
        Some(self)
    }
}

/// The most values of a sequence that is written like a list: each window passes over them one by one.
const SHORT_SEQUENCE: usize = 16;

/// A sequence that is being written.
pub(crate) struct Sequence {
    /// Its ordinal, if it is the outermost one.
    leaf: Option<u32>,
    /// Its first element in this window.
    pub(crate) start: usize,
    resumed: bool,
    from: Position,
}

/// Copies between slices of one length. Most texts are so short that a call would cost more than the copy: two words
/// that overlap take any of 8 to 16 bytes, two half words any of 4 to 8.
#[inline]
pub(super) fn copy(target: &mut [u8], source: &[u8]) {
    match source.len() {
        8..=16 if WORDS_LIE_ANYWHERE => ends::<8>(target, source),
        4..8 if WORDS_LIE_ANYWHERE => ends::<4>(target, source),
        _ => region::copy(target, source),
    }
}

/// Copies a few bytes, as many as there is room for.
#[inline]
pub(super) fn copy_short(target: &mut [u8], source: &[u8]) {
    for (to, from) in target.iter_mut().zip(source) {
        *to = *from;
    }
}

#[inline]
fn ends<const N: usize>(target: &mut [u8], source: &[u8]) {
    if let (Some(target), Some(source)) = (target.first_chunk_mut::<N>(), source.first_chunk::<N>()) {
        *target = *source;
    }
    if let (Some(target), Some(source)) = (target.last_chunk_mut::<N>(), source.last_chunk::<N>()) {
        *target = *source;
    }
}

/// Whether a word can be read from any address; where it cannot, it is read by its bytes, and saves nothing.
const WORDS_LIE_ANYWHERE: bool = cfg!(target_pointer_width = "64");
