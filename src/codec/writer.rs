//! From values to payload bytes: into one buffer, or in windows of any size.
//!
//! One [`Encode`] is run as often as it takes. Into a buffer that has room for all of it, once: what cannot be sent
//! is found out on the way. Where there is too little room, or none, that run goes on to measure, which gives the length
//! for the frame header. Then the encoding is run once more with windows, to which goes whatever has no room: the
//! stream itself, or the windows of a transmit buffer, of which each takes a run that passes over everything but the
//! window's own bytes. So a request may be larger than any memory here.
//!
//! A window ends at a checkpoint: the ordinal of a leaf (a head, a text, a column), the element in it, the byte of
//! that element. Leaves before it cost a comparison each, the leaf itself goes on at its element, and so a request
//! costs the same for any window. Elements are had by index for that reason: an iterator would have to be run from
//! its start.

use zerocopy::IntoBytes;

use crate::codec::encode::Encode;
use crate::codec::place::Recipient;
use crate::codec::scan::nul_in;
use crate::codec::window::{Checkpoint, Output, Pieces, Window, Windows, copy, copy_short};
use crate::error::RequestError;
use crate::wire::mark::Mark;
use crate::wire::tag::{COUNTED_HEAD_LEN, FLAG_NULL, FLAG_QUOTED, LARGEST_COUNT};
use crate::wire::{Arity, Date, Dialect, Element, Generation, Guid, Tag, Time, Timespan, Timestamp, Type};

/// Takes one value, by calls that never fail; the first thing that cannot be sent is reported when all is measured.
///
/// A container is begun by its call, and its values are written behind it: after `list(2)` two values, after
/// `dict()` keys and values, after `table(…)` the columns.
// In this order: thumbv6m reaches the bytes of the first 32 by one instruction, others by two.
#[repr(C)]
pub struct Writer<'w> {
    pub(super) generation: Generation,
    pub(super) recipient: Recipient,
    /// Whether a value was begun.
    pub(super) begun: bool,
    /// Whether the next value is a literal, which no server may evaluate.
    pub(super) literal: bool,
    /// Whether the next value is what a column gets; what is inside of it is not.
    pub(super) assigns: bool,
    /// Lists and dicts that the next value may be inside of.
    pub(super) depth: usize,
    /// Values that are still to come.
    owed: usize,
    pub(super) out: Output<'w>,
    /// Bytes for which there was no room; from the first of them on, there is none.
    beyond: u64,
    pub(super) windows: Option<&'w mut dyn Windows>,
    error: &'w mut Option<RequestError>,
}

impl<'w> Writer<'w> {
    /// Encodes a value into a buffer, as the payload of a frame, and returns its bytes. What depends on the
    /// [`Dialect`] is encoded by [`encode_for`](Writer::encode_for).
    ///
    /// # Errors
    /// Whatever the value cannot be sent for; [`RequestError::TooLarge`] where it is longer than the buffer.
    pub fn encode<'b>(
        generation: Generation,
        value: &dyn Encode,
        buffer: &'b mut [u8],
    ) -> Result<&'b [u8], RequestError> {
        Writer::encode_in(generation.into(), value, buffer)
    }

    /// The same for a server whose dialect is known.
    ///
    /// # Errors
    /// As [`encode`](Writer::encode).
    pub fn encode_for<'b>(
        dialect: Dialect,
        value: &dyn Encode,
        buffer: &'b mut [u8],
    ) -> Result<&'b [u8], RequestError> {
        Writer::encode_in(Recipient::Known(dialect), value, buffer)
    }

    fn encode_in<'b>(
        recipient: Recipient,
        value: &dyn Encode,
        buffer: &'b mut [u8],
    ) -> Result<&'b [u8], RequestError> {
        let size = Writer::write_in(recipient, value, buffer)?;
        let too_large = RequestError::TooLarge { size, limit: buffer.len() as u64 };
        usize::try_from(size).ok().and_then(|size| buffer.get(..size)).ok_or(too_large)
    }

    /// The bytes that a value takes as a payload. A frame has [`Header::LEN`](crate::wire::Header::LEN) more.
    ///
    /// # Errors
    /// Whatever the value cannot be sent for.
    pub fn measure(generation: Generation, value: &dyn Encode) -> Result<u64, RequestError> {
        Writer::measure_in(generation.into(), value)
    }

    pub(crate) fn measure_in(recipient: Recipient, value: &dyn Encode) -> Result<u64, RequestError> {
        Writer::write_in(recipient, value, &mut [])
    }

    /// Writes a value to the front of a buffer. The bytes that it takes: where they are more than fit, what is in the
    /// buffer is of no use.
    pub(crate) fn write_in(
        recipient: Recipient,
        value: &dyn Encode,
        buffer: &mut [u8],
    ) -> Result<u64, RequestError> {
        let mut error = None;
        let size = Writer::run(recipient, &[], value, buffer, None, &mut error);
        match (error, recipient.generation().largest_request()) {
            (Some(error), _) => Err(error),
            (None, Some(limit)) if size > limit => Err(RequestError::TooLarge { size, limit }),
            _ => Ok(size),
        }
    }

    /// The same, without a reason where the value cannot be sent.
    pub(crate) fn try_write_in(recipient: Recipient, value: &dyn Encode, buffer: &mut [u8]) -> Option<u64> {
        let mut error = None;
        let size = Writer::run(recipient, &[], value, buffer, None, &mut error);
        let limit = recipient.generation().largest_request().unwrap_or(u64::MAX);
        (error.is_none() && size <= limit).then_some(size)
    }

    /// Fills a window with `head` and the value behind it, from a checkpoint on: how many bytes it got, and where
    /// the next window begins, if there is one.
    pub(crate) fn fill(
        recipient: Recipient,
        head: &[u8],
        value: &dyn Encode,
        out: &mut [u8],
        from: Checkpoint,
    ) -> (usize, Option<Checkpoint>) {
        let mut window = Window::new(from);
        let filled = Writer::write_with(recipient, head, value, out, &mut window);
        (filled, window.end())
    }

    /// Writes `head` and the value behind it; what has no room goes to the windows. The bytes that are in the buffer then.
    pub(crate) fn write_with(
        recipient: Recipient,
        head: &[u8],
        value: &dyn Encode,
        out: &mut [u8],
        windows: &mut dyn Windows,
    ) -> usize {
        Writer::run(recipient, head, value, out, Some(windows), &mut None) as usize
    }

    /// Runs the encoding: the bytes that were written, and for which there was no room.
    #[inline(never)]
    fn run(
        recipient: Recipient,
        head: &[u8],
        value: &dyn Encode,
        buffer: &'w mut [u8],
        windows: Option<&'w mut dyn Windows>,
        error: &'w mut Option<RequestError>,
    ) -> u64 {
        let mut writer = Writer {
            generation: recipient.generation(),
            recipient,
            begun: false,
            literal: false,
            assigns: false,
            depth: 0,
            owed: 1,
            out: Output { buffer, filled: 0 },
            beyond: 0,
            windows,
            error,
        };
        if !head.is_empty() {
            writer.raw(head);
        }
        value.encode(&mut writer);
        if writer.owed != 0 {
            writer.fail(RequestError::Malformed);
        }
        writer.beyond.saturating_add(writer.out.filled as u64)
    }

    /// The generation that is written.
    pub const fn generation(&self) -> Generation {
        self.generation
    }

    /// One name of a symbol vector.
    pub(crate) fn name(&mut self, name: &str) {
        self.check_name(name.as_bytes());
        self.named([0, 0], 0, name.as_bytes());
    }

    /// Nothing.
    pub fn null(&mut self) {
        self.begin(const { Mark::new(Tag::Null) }, 0);
    }

    /// A scalar of fixed width. Where it is the sentinel, it is sent as the null of its type.
    pub fn scalar<T: Element>(&mut self, value: T) {
        let null = T::NULL.is_some_and(|null| null.as_bytes() == value.as_bytes());
        let flag = if null { FLAG_NULL } else { 0 };
        self.atom(const { Mark::new(Tag::Atom(T::TYPE)) }, flag, value.to_wire().as_bytes());
    }

    /// The null of a type. What has none on the wire is sent as zero or empty, on wire 3 with the null flag.
    pub fn typed_null(&mut self, ty: Type) {
        match ty {
            Type::Bool | Type::U8 => self.atom(Mark::new(Tag::Atom(ty)), FLAG_NULL, &[0]),
            Type::I16 => self.null_of::<i16>(),
            Type::I32 => self.null_of::<i32>(),
            Type::I64 => self.null_of::<i64>(),
            Type::F32 => self.null_of::<f32>(),
            Type::F64 => self.null_of::<f64>(),
            Type::Date => self.null_of::<Date>(),
            Type::Time => self.null_of::<Time>(),
            Type::Timestamp => self.null_of::<Timestamp>(),
            Type::Timespan => self.null_of::<Timespan>(),
            Type::Guid => self.null_of::<Guid>(),
            Type::Symbol => self.symbol(&[], true),
            Type::Char => self.char(0),
            Type::String => self.counted_with(Mark::new(Tag::Atom(ty)), 0, 0, 0, &mut || FLAG_NULL),
        }
    }

    /// A symbol: quoted a literal, else a name to be looked up. (Wire 1 has only names; a literal inside a request
    /// is wrapped in a call of `quote` there.) A NUL inside cannot be sent.
    pub fn symbol(&mut self, name: &[u8], quoted: bool) {
        self.check_name(name);
        let mut quoted = quoted;
        if self.literal && self.generation == Generation::V3 {
            (self.literal, quoted) = (false, true);
        }
        let byte = self.value(const { Mark::new(Tag::Atom(Type::Symbol)) }, 0);
        let flag = if quoted { FLAG_QUOTED } else { 0 };
        self.named([byte, flag], 1 + self.generation.atom_flag_len(), name);
    }

    /// One byte of text; on wire 3, which has no chars, a string of one byte.
    pub fn char(&mut self, char: u8) {
        match self.generation {
            Generation::V1 => self.atom(const { Mark::new(Tag::Atom(Type::Char)) }, 0, &[char]),
            Generation::V3 => self.string(&[char]),
        }
    }

    /// A string: any bytes.
    pub fn string(&mut self, text: &[u8]) {
        let byte = self.value(const { Mark::new(Tag::Atom(Type::String)) }, 0);
        self.leaf(&[&counted_head(byte, 0, text.len()), text, &[]]);
    }

    /// A builtin function by its name.
    pub fn function(&mut self, arity: Arity, name: &[u8]) {
        self.check_name(name);
        let byte = self.value(Mark::new(Tag::Function(arity)), 0);
        self.named([byte, 0], 1, name);
    }

    /// Keeps the first reason why the value cannot be sent.
    #[cold]
    #[inline(never)]
    pub fn fail(&mut self, error: RequestError) {
        self.error.get_or_insert(error);
    }

    /// A value as it lies in a payload.
    pub(crate) fn payload(&mut self, bytes: &[u8]) {
        self.begun = true;
        self.pay(0);
        self.raw(bytes);
    }

    /// Bytes that are no value of their own.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.leaf(&[bytes, &[], &[]]);
    }

    fn null_of<T: Element>(&mut self) {
        if let Some(null) = T::NULL {
            self.scalar(null);
        }
    }

    /// Tag, flag (wire 3) and bytes of an atom.
    fn atom(&mut self, mark: Mark, flag: u8, bytes: &[u8]) {
        let byte = self.value(mark, 0);
        self.tagged([byte, flag], 1 + self.generation.atom_flag_len(), bytes, &[]);
    }

    fn named(&mut self, head: [u8; 2], head_len: usize, name: &[u8]) {
        self.tagged(head, head_len, name, b"\0");
    }

    /// A leaf of one or two bytes, and what is behind them.
    fn tagged(&mut self, head: [u8; 2], head_len: usize, body: &[u8], end: &[u8]) {
        if self.windows.is_none()
            && let Some(target) = self.out.take(head_len + body.len() + end.len())
            && let Some((to_head, rest)) = target.split_at_mut_checked(head_len)
            && let Some((to_body, to_end)) = rest.split_at_mut_checked(body.len())
        {
            copy_short(to_head, &head);
            copy(to_body, body);
            copy_short(to_end, end);
        } else {
            self.leaf(&[head.get(..head_len).unwrap_or(&[]), body, end]);
        }
    }

    /// Tag, no attribute, and count.
    pub(super) fn counted(&mut self, mark: Mark, count: usize, children: usize) {
        self.counted_with(mark, count, children, 0, &mut || 0);
    }

    /// Tag, attribute or flag, and count. The attribute may cost a look at all elements, and so is made only where
    /// its byte is written; and not where there is no room for the bytes that follow at least.
    pub(super) fn counted_with(
        &mut self,
        mark: Mark,
        count: usize,
        children: usize,
        following: usize,
        attr: &mut dyn FnMut() -> u8,
    ) {
        let byte = self.value(mark, children);
        self.check_count(mark, count);
        // Wire 1 sends 0, whatever the elements are.
        let is_plain = self.generation == Generation::V1;
        match &mut self.windows {
            None if !self.out.has_room(following.saturating_add(COUNTED_HEAD_LEN)) => {
                self.pass(COUNTED_HEAD_LEN);
            }
            None => match self.out.take(COUNTED_HEAD_LEN) {
                Some(target) => copy(target, &counted_head(byte, if is_plain { 0 } else { attr() }, count)),
                None => self.pass(COUNTED_HEAD_LEN),
            },
            Some(windows) => {
                if let Some((_, offset)) = windows.enter() {
                    let head = counted_head(byte, if is_plain { 0 } else { attr() }, count);
                    self.element(0, offset, &[&head, &[], &[]]);
                }
            }
        }
    }

    /// The tag of a value that owes others.
    pub(super) fn begin(&mut self, mark: Mark, children: usize) {
        let byte = self.value(mark, children);
        self.tagged([byte, 0], 1, &[], &[]);
    }

    /// Begins a value, which owes others: its first byte.
    pub(super) fn value(&mut self, mark: Mark, children: usize) -> u8 {
        (self.begun, self.assigns) = (true, false);
        if self.literal {
            self.quote(mark.tag);
        }
        self.pay(children);
        match mark.byte(self.generation) {
            Some(byte) => byte,
            None => self.unsupported(mark.tag),
        }
    }

    #[inline]
    fn pay(&mut self, children: usize) {
        match self.owed.checked_sub(1) {
            Some(others) => self.owed = others.saturating_add(children),
            None => self.fail(RequestError::Malformed),
        }
    }

    #[cold]
    #[inline(never)]
    pub(super) fn unsupported(&mut self, tag: Tag) -> u8 {
        self.fail(RequestError::Unsupported { tag, generation: self.generation });
        0
    }

    #[inline]
    pub(super) fn check_count(&mut self, mark: Mark, count: usize) {
        if count as u64 > LARGEST_COUNT && mark.tag != Tag::Atom(Type::String) {
            self.fail(RequestError::TooMany { count: count as u64, limit: LARGEST_COUNT });
        }
    }

    /// Bytes that belong together.
    pub(super) fn leaf(&mut self, pieces: &Pieces<'_>) {
        match &mut self.windows {
            None => {
                self.element(0, 0, pieces);
            }
            Some(windows) => {
                if let Some((_, offset)) = windows.enter() {
                    self.element(0, offset, pieces);
                }
            }
        }
    }

    /// One element of a leaf, from a byte of it on. Whether it is at its end.
    #[inline]
    pub(super) fn element(&mut self, index: usize, offset: usize, pieces: &Pieces<'_>) -> bool {
        let len = pieces.iter().map(|piece| piece.len()).sum();
        if cfg!(target_pointer_width = "64")
            && offset == 0
            && let [first, second, third] = pieces
            && let Some(target) = self.out.take(len)
            && let Some((to_first, rest)) = target.split_at_mut_checked(first.len())
            && let Some((to_second, to_third)) = rest.split_at_mut_checked(second.len())
        {
            copy(to_first, first);
            copy(to_second, second);
            copy(to_third, third);
            return true;
        }
        // The same with less code, for a small processor.
        if offset == 0 && self.out.has_room(len) {
            for piece in pieces {
                self.out.fill(piece);
            }
            return true;
        }
        match &mut self.windows {
            Some(windows) => windows.write(&mut self.out, index, offset, pieces),
            None => {
                self.pass(len);
                true
            }
        }
    }

    /// Counts bytes for which there is no room. Behind them there is none for others.
    pub(super) fn pass(&mut self, len: usize) {
        self.out.buffer = &mut [];
        self.beyond = self.beyond.saturating_add(len as u64);
    }

    /// Whether nothing is written, but counted.
    pub(super) const fn is_measuring(&self) -> bool {
        self.windows.is_none() && self.out.buffer.is_empty()
    }

    /// Counts elements of so many bytes each.
    pub(super) fn pass_all(&mut self, count: usize, width: usize) {
        self.beyond = self.beyond.saturating_add((count as u64).min(LARGEST_COUNT) * width as u64);
    }

    /// How many elements are worth a look: none of a value that is refused already, for its count it may be.
    pub(super) fn worthwhile(&self, count: usize) -> usize {
        if self.error.is_some() { 0 } else { count }
    }

    pub(super) fn check_name(&mut self, name: &[u8]) {
        if self.windows.is_none()
            && let Some(at) = nul_in(name)
        {
            self.fail(RequestError::NulInName(at));
        }
    }
}

pub(super) fn counted_head(tag: u8, attr: u8, count: usize) -> [u8; COUNTED_HEAD_LEN] {
    let [c0, c1, c2, c3, c4, c5, c6, c7] = (count as u64).to_le_bytes();
    [tag, attr, c0, c1, c2, c3, c4, c5, c6, c7]
}
