//! From values to payload bytes, in windows of any size.
//!
//! One [`Encode`] is run several times: once to measure, which gives the length for the frame header and finds what
//! cannot be sent before a byte is; then once for each window of the transmit buffer, where everything but the
//! window's own bytes is passed over. So a request may be larger than any memory here.
//!
//! A window ends at a checkpoint: the ordinal of a leaf (a head, a text, a column), the element in it, the byte of
//! that element. Leaves before it cost a comparison each, the leaf itself goes on at its element, and so a request
//! costs the same for any window. Elements are had by index for that reason: an iterator would have to be run from
//! its start.

use zerocopy::IntoBytes;

use crate::codec::encode::Encode;
use crate::codec::place::Recipient;
use crate::codec::scan::nul_in;
use crate::codec::window::{Checkpoint, Window};
use crate::error::RequestError;
use crate::wire::tag::{ATTR_HAS_NULLS, COUNTED_HEAD_LEN, FLAG_NULL, FLAG_QUOTED, LARGEST_COUNT, LENGTH_LEN};
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
    pub(super) mode: Mode<'w>,
    error: Option<RequestError>,
}

pub(super) enum Mode<'w> {
    Measure {
        len: u64,
        /// Values that are still to come.
        owed: u64,
    },
    Fill(Window<'w>),
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
        let size = Writer::measure_in(recipient, value)?;
        let too_large = RequestError::TooLarge { size, limit: buffer.len() as u64 };
        let target = usize::try_from(size).ok().and_then(|size| buffer.get_mut(..size)).ok_or(too_large)?;
        let (filled, next) = Writer::fill(recipient, &[], value, target, Checkpoint::default());
        if filled as u64 != size || next.is_some() { Err(RequestError::Malformed) } else { Ok(target) }
    }

    /// The bytes that a value takes as a payload. A frame has [`Header::LEN`](crate::wire::Header::LEN) more.
    ///
    /// # Errors
    /// Whatever the value cannot be sent for.
    pub fn measure(generation: Generation, value: &dyn Encode) -> Result<u64, RequestError> {
        Writer::measure_in(generation.into(), value)
    }

    pub(crate) fn measure_in(recipient: Recipient, value: &dyn Encode) -> Result<u64, RequestError> {
        let mut writer = Writer::new(recipient, Mode::Measure { len: 0, owed: 1 });
        value.encode(&mut writer);
        match (writer.error, writer.mode) {
            (Some(error), _) => Err(error),
            (None, Mode::Measure { len, owed: 0 }) => match recipient.generation().largest_request() {
                Some(limit) if len > limit => Err(RequestError::TooLarge { size: len, limit }),
                _ => Ok(len),
            },
            (None, _) => Err(RequestError::Malformed),
        }
    }

    /// Fills a window with `head` and the value behind it, from a checkpoint on: how many bytes it got, and where
    /// the next window begins, if there is one.
    pub(crate) fn fill(
        recipient: Recipient,
        head: &[u8],
        value: &dyn Encode,
        out: &'w mut [u8],
        from: Checkpoint,
    ) -> (usize, Option<Checkpoint>) {
        let mut writer = Writer::new(recipient, Mode::Fill(Window::new(out, from)));
        writer.raw(head);
        value.encode(&mut writer);
        match writer.mode {
            Mode::Fill(window) => window.finish(),
            Mode::Measure { .. } => (0, None),
        }
    }

    fn new(recipient: Recipient, mode: Mode<'w>) -> Writer<'w> {
        let generation = recipient.generation();
        Writer {
            generation,
            recipient,
            mode,
            error: None,
            begun: false,
            literal: false,
            assigns: false,
            depth: 0,
        }
    }

    /// The generation that is written.
    pub const fn generation(&self) -> Generation {
        self.generation
    }

    /// The head of a symbol vector; so many names follow.
    pub(crate) fn name_vector(&mut self, count: usize) {
        self.counted(Tag::Vector(Type::Symbol), count);
    }

    /// One name of a symbol vector.
    pub(crate) fn name(&mut self, name: &str) {
        self.check_name(name.as_bytes());
        self.raw(name.as_bytes());
        self.raw(b"\0");
    }

    /// Nothing.
    pub fn null(&mut self) {
        self.begin(Tag::Null, 0);
    }

    /// A scalar of fixed width. Where it is the sentinel, it is sent as the null of its type.
    pub fn scalar<T: Element>(&mut self, value: T) {
        let null = T::NULL.is_some_and(|null| null.as_bytes() == value.as_bytes());
        self.atom(Tag::Atom(T::TYPE), if null { FLAG_NULL } else { 0 }, value.to_wire().as_bytes());
    }

    /// The null of a type. What has none on the wire is sent as zero or empty, on wire 3 with the null flag.
    pub fn typed_null(&mut self, ty: Type) {
        match ty {
            Type::Bool | Type::U8 => self.atom(Tag::Atom(ty), FLAG_NULL, &[0]),
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
            Type::String => self.counted_with(Tag::Atom(ty), 0, &mut || FLAG_NULL),
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
        self.atom(Tag::Atom(Type::Symbol), if quoted { FLAG_QUOTED } else { 0 }, name);
        self.raw(b"\0");
    }

    /// One byte of text; on wire 3, which has no chars, a string of one byte.
    pub fn char(&mut self, char: u8) {
        match self.generation {
            Generation::V1 => self.atom(Tag::Atom(Type::Char), 0, &[char]),
            Generation::V3 => self.string(&[char]),
        }
    }

    /// A string: any bytes.
    pub fn string(&mut self, text: &[u8]) {
        self.counted(Tag::Atom(Type::String), text.len());
        self.raw(text);
    }

    /// A builtin function by its name.
    pub fn function(&mut self, arity: Arity, name: &[u8]) {
        self.check_name(name);
        self.begin(Tag::Function(arity), 0);
        self.raw(name);
        self.raw(b"\0");
    }

    /// A vector from a slice: one copy.
    pub fn vector<T: Element>(&mut self, elements: &[T]) {
        self.counted_with(Tag::Vector(T::TYPE), elements.len(), &mut || {
            nulls(elements.iter().any(|e| e.is_null()))
        });
        if cfg!(target_endian = "little") || align_of::<T>() == 1 {
            self.raw(elements.as_bytes());
        } else {
            self.elements(elements.len(), |index| elements.get(index).map(|element| element.to_wire()));
        }
    }

    /// A vector of `count` elements that are had by their index, such as one field of many structs.
    pub fn vector_with<T: Element>(&mut self, count: usize, mut element: impl FnMut(usize) -> T) {
        self.vector_of(count, |index| Some(element(index)));
    }

    /// The same; an element that is not there breaks the promise of so many, and with it the request.
    pub(crate) fn vector_of<T: Element>(
        &mut self,
        count: usize,
        mut element: impl FnMut(usize) -> Option<T>,
    ) {
        self.counted_with(Tag::Vector(T::TYPE), count, &mut || {
            nulls((0..count).any(|index| element(index).is_some_and(T::is_null)))
        });
        self.elements(count, |index| Some(element(index)?.to_wire()));
    }

    /// A vector of symbols that are had by their index.
    pub fn symbols<'n>(&mut self, count: usize, name: impl FnMut(usize) -> &'n [u8]) {
        self.counted(Tag::Vector(Type::Symbol), count);
        self.names(count, name);
    }

    /// A vector of strings that are had by their index; on wire 1, which has none, a list of strings.
    pub fn strings<'n>(&mut self, count: usize, mut text: impl FnMut(usize) -> &'n [u8]) {
        let mut head = [0; COUNTED_HEAD_LEN];
        let prefix = match self.generation {
            Generation::V1 => {
                self.counted(Tag::List, count);
                head = counted_head(self.tag_byte(Tag::Atom(Type::String)), 0, 0);
                COUNTED_HEAD_LEN - LENGTH_LEN
            }
            Generation::V3 => {
                let mut empty = || (0..count).any(|index| text(index).is_empty());
                self.counted_with(Tag::Vector(Type::String), count, &mut || nulls(empty()));
                0
            }
        };
        let count = self.worthwhile(count);
        let skipped = COUNTED_HEAD_LEN - LENGTH_LEN - prefix;
        match &mut self.mode {
            Mode::Measure { len, owed } => {
                let lens = (0..count).map(|index| (prefix + LENGTH_LEN) as u64 + text(index).len() as u64);
                *len = lens.fold(*len, u64::saturating_add);
                if prefix > 0 {
                    // The list owed its strings.
                    *owed = owed.saturating_sub(count as u64);
                }
            }
            Mode::Fill(window) => window.elements(count, |window, index, offset| {
                let text = text(index);
                if let Some(target) = head.last_chunk_mut::<LENGTH_LEN>() {
                    *target = (text.len() as u64).to_le_bytes();
                }
                window.element(index, offset, [head.get(skipped..).unwrap_or_default(), text])
            }),
        }
    }

    /// Keeps the first reason why the value cannot be sent.
    #[cold]
    #[inline(never)]
    pub fn fail(&mut self, error: RequestError) {
        self.error.get_or_insert(error);
    }

    /// Names that were checked, each ended by its NUL, as a symbol vector.
    pub(crate) fn raw_names(&mut self, count: usize, names: &[u8]) {
        self.counted(Tag::Vector(Type::Symbol), count);
        self.raw(names);
    }

    /// A value as it lies in a payload.
    pub(crate) fn payload(&mut self, bytes: &[u8]) {
        self.begun = true;
        self.pay(0);
        self.raw(bytes);
    }

    /// Elements as they lie in a payload.
    pub(crate) fn raw_elements(
        &mut self,
        ty: Type,
        count: usize,
        bytes: &[u8],
        mut has_nulls: impl FnMut() -> bool,
    ) {
        self.counted_with(Tag::Vector(ty), count, &mut || nulls(has_nulls()));
        self.raw(bytes);
    }

    /// Bytes that are no value of their own.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        match &mut self.mode {
            Mode::Measure { len, .. } => *len = len.saturating_add(bytes.len() as u64),
            Mode::Fill(window) => window.bytes(bytes),
        }
    }

    fn null_of<T: Element>(&mut self) {
        if let Some(null) = T::NULL {
            self.scalar(null);
        }
    }

    /// Tag, flag (wire 3) and bytes of an atom.
    fn atom(&mut self, tag: Tag, flag: u8, bytes: &[u8]) {
        self.begin(tag, 0);
        if self.generation == Generation::V3 {
            self.raw(&[flag]);
        }
        self.raw(bytes);
    }

    /// Tag, no attribute, and count.
    pub(super) fn counted(&mut self, tag: Tag, count: usize) {
        self.counted_with(tag, count, &mut || 0);
    }

    /// Tag, attribute or flag, and count. The attribute may cost a look at all elements, and so is made only where
    /// its byte is written.
    pub(super) fn counted_with(&mut self, tag: Tag, count: usize, attr: &mut dyn FnMut() -> u8) {
        self.quote(tag);
        let generation = self.generation;
        let byte = self.tag_byte(tag);
        if count as u64 > LARGEST_COUNT && tag != Tag::Atom(Type::String) {
            self.fail(RequestError::TooMany { count: count as u64, limit: LARGEST_COUNT });
        }
        self.pay(if tag == Tag::List { count } else { 0 });
        match &mut self.mode {
            Mode::Measure { len, .. } => *len = len.saturating_add(COUNTED_HEAD_LEN as u64),
            Mode::Fill(window) => window.bytes_with(|| {
                // Wire 1 sends 0, whatever the elements are.
                let attr = if generation == Generation::V1 { 0 } else { attr() };
                counted_head(byte, attr, count)
            }),
        }
    }

    /// The tag of a value that owes others.
    pub(super) fn begin(&mut self, tag: Tag, children: usize) {
        self.quote(tag);
        let byte = self.tag_byte(tag);
        self.pay(children);
        self.raw(&[byte]);
    }

    fn pay(&mut self, children: usize) {
        if let Mode::Measure { owed, .. } = &mut self.mode {
            match owed.checked_sub(1) {
                Some(others) => *owed = others.saturating_add(children as u64),
                None => self.fail(RequestError::Malformed),
            }
        }
    }

    fn tag_byte(&mut self, tag: Tag) -> u8 {
        self.generation.tag_byte(tag).unwrap_or_else(|| {
            self.fail(RequestError::Unsupported { tag, generation: self.generation });
            0
        })
    }

    fn elements<W: IntoBytes + zerocopy::Immutable>(
        &mut self,
        count: usize,
        mut element: impl FnMut(usize) -> Option<W>,
    ) {
        match &mut self.mode {
            // A larger count was refused with its head.
            Mode::Measure { len, .. } => {
                *len = len.saturating_add((count as u64).min(LARGEST_COUNT) * size_of::<W>() as u64);
            }
            Mode::Fill(window) => window.elements(count, |window, index, offset| {
                element(index).is_none_or(|wire| window.element(index, offset, [wire.as_bytes(), &[]]))
            }),
        }
    }

    pub(super) fn names<'n>(&mut self, count: usize, mut name: impl FnMut(usize) -> &'n [u8]) {
        let count = self.worthwhile(count);
        match &mut self.mode {
            Mode::Measure { len, .. } => {
                let mut bytes = 0u64;
                let mut nul = None;
                for name in (0..count).map(name) {
                    nul = nul.or(nul_in(name));
                    bytes = bytes.saturating_add(name.len() as u64 + 1);
                }
                *len = len.saturating_add(bytes);
                if let Some(at) = nul {
                    self.fail(RequestError::NulInName(at));
                }
            }
            Mode::Fill(window) => window
                .elements(count, |window, index, offset| window.element(index, offset, [name(index), b"\0"])),
        }
    }

    /// How many elements are worth a look: none of a value that is refused already, for its count it may be.
    pub(super) fn worthwhile(&self, count: usize) -> usize {
        if self.error.is_some() { 0 } else { count }
    }

    fn check_name(&mut self, name: &[u8]) {
        if let (Mode::Measure { .. }, Some(at)) = (&self.mode, nul_in(name)) {
            self.fail(RequestError::NulInName(at));
        }
    }
}

fn counted_head(tag: u8, attr: u8, count: usize) -> [u8; COUNTED_HEAD_LEN] {
    let [c0, c1, c2, c3, c4, c5, c6, c7] = (count as u64).to_le_bytes();
    [tag, attr, c0, c1, c2, c3, c4, c5, c6, c7]
}

/// Set exactly where a sentinel is: 2.0.0 computes with sentinels as numbers where it is missing.
fn nulls(any: bool) -> u8 {
    if any { ATTR_HAS_NULLS } else { 0 }
}
