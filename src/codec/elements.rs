//! The writer's vectors: elements that lie in memory, or are had by their index.

use zerocopy::IntoBytes;

use crate::codec::scan::nul_in;
use crate::codec::window::copy;
use crate::codec::writer::{Writer, counted_head};
use crate::error::RequestError;
use crate::wire::mark::Mark;
use crate::wire::region;
use crate::wire::tag::{ATTR_HAS_NULLS, COUNTED_HEAD_LEN, LENGTH_LEN};
use crate::wire::{Element, Generation, Tag, Type};

impl Writer<'_> {
    /// A vector from a slice: one copy.
    pub fn vector<T: Element>(&mut self, elements: &[T]) {
        let mark = const { Mark::new(Tag::Vector(T::TYPE)) };
        if const { IS_SMALL && T::NULL.is_some() && matches!(size_of::<T>(), 4 | 8) }
            && self.windows.is_none()
        {
            let copy = match (size_of::<T>(), T::TYPE) {
                (_, Type::F32) => region::copy_looking::<false, true>,
                (_, Type::F64) => region::copy_looking::<true, true>,
                (4, _) => region::copy_looking::<false, false>,
                _ => region::copy_looking::<true, false>,
            };
            let mut has_nulls = || elements.iter().any(|element| element.is_null());
            return self.vector_at_once(mark, elements.len(), elements.as_bytes(), copy, &mut has_nulls);
        }
        self.counted_with(mark, elements.len(), 0, elements.as_bytes().len(), &mut || {
            nulls(elements.iter().any(|e| e.is_null()))
        });
        if cfg!(target_endian = "little") || align_of::<T>() == 1 {
            self.raw(elements.as_bytes());
        } else {
            self.elements(elements.len(), |index| elements.get(index).map(|element| element.to_wire()));
        }
    }

    /// The same in one pass: nulls are looked for while the elements are copied.
    fn vector_at_once(
        &mut self,
        mark: Mark,
        count: usize,
        bytes: &[u8],
        copy: fn(&mut [u8], &[u8]) -> bool,
        has_nulls: &mut dyn FnMut() -> bool,
    ) {
        let attr_at = self.out.filled + 1;
        self.counted(mark, count, 0);
        let Some(target) = self.out.take(bytes.len()) else { return self.pass(bytes.len()) };
        if copy(target, bytes)
            && self.generation == Generation::V3
            && has_nulls()
            && let Some(attr) = self.out.buffer.get_mut(attr_at)
        {
            *attr = ATTR_HAS_NULLS;
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
        let following = count.saturating_mul(size_of::<T::Wire>());
        self.counted_with(const { Mark::new(Tag::Vector(T::TYPE)) }, count, 0, following, &mut || {
            nulls((0..count).any(|index| element(index).is_some_and(T::is_null)))
        });
        self.elements(count, |index| Some(element(index)?.to_wire()));
    }

    /// A vector of symbols that are had by their index.
    pub fn symbols<'n>(&mut self, count: usize, name: impl FnMut(usize) -> &'n [u8]) {
        self.name_vector(count);
        self.names(count, name);
    }

    /// A vector of strings that are had by their index; on wire 1, which has none, a list of strings.
    pub fn strings<'n>(&mut self, count: usize, mut text: impl FnMut(usize) -> &'n [u8]) {
        const STRING: Mark = Mark::new(Tag::Atom(Type::String));
        let (mut head, mut skipped) = ([0; COUNTED_HEAD_LEN], COUNTED_HEAD_LEN - LENGTH_LEN);
        match self.generation {
            Generation::V1 => {
                // The list owes no strings: they are not begun one by one.
                self.counted(const { Mark::new(Tag::List) }, count, 0);
                head = counted_head(STRING.byte(Generation::V1).unwrap_or(0), 0, 0);
                skipped = 0;
            }
            Generation::V3 => {
                let mut empty = || (0..count).any(|index| text(index).is_empty());
                let mark = const { Mark::new(Tag::Vector(Type::String)) };
                let following = count.saturating_mul(LENGTH_LEN);
                self.counted_with(mark, count, 0, following, &mut || nulls(empty()));
            }
        }
        let count = self.worthwhile(count);
        self.each(count, |writer, index, offset| {
            let text = text(index);
            if let Some(target) = head.last_chunk_mut::<LENGTH_LEN>() {
                *target = (text.len() as u64).to_le_bytes();
            }
            writer.element(index, offset, &[head.get(skipped..).unwrap_or_default(), text, &[]])
        });
    }

    /// The head of a symbol vector; so many names follow.
    pub(crate) fn name_vector(&mut self, count: usize) {
        self.counted(const { Mark::new(Tag::Vector(Type::Symbol)) }, count, 0);
    }

    /// Names that were checked, each ended by its NUL, as a symbol vector.
    pub(crate) fn raw_names(&mut self, count: usize, names: &[u8]) {
        self.name_vector(count);
        self.raw(names);
    }

    /// Elements as they lie in a payload.
    pub(crate) fn raw_elements(
        &mut self,
        ty: Type,
        count: usize,
        bytes: &[u8],
        mut has_nulls: impl FnMut() -> bool,
    ) {
        self.counted_with(Mark::new(Tag::Vector(ty)), count, 0, bytes.len(), &mut || nulls(has_nulls()));
        self.raw(bytes);
    }

    /// Names without a head.
    pub(super) fn names<'n>(&mut self, count: usize, mut name: impl FnMut(usize) -> &'n [u8]) {
        let is_checked = self.windows.is_some();
        let mut nul = None;
        self.each(self.worthwhile(count), |writer, index, offset| {
            let name = name(index);
            if !is_checked {
                nul = nul.or(nul_in(name));
            }
            // In line, for a host that sends millions of them.
            if cfg!(target_pointer_width = "64")
                && offset == 0
                && let Some((nul, to)) = writer.out.take(name.len() + 1).and_then(<[u8]>::split_last_mut)
            {
                copy(to, name);
                *nul = 0;
                return true;
            }
            writer.element(index, offset, &[name, b"\0", &[]])
        });
        if let Some(at) = nul {
            self.fail(RequestError::NulInName(at));
        }
    }

    fn elements<W: IntoBytes + zerocopy::Immutable>(
        &mut self,
        count: usize,
        mut element: impl FnMut(usize) -> Option<W>,
    ) {
        if self.is_measuring() {
            return self.pass_all(count, size_of::<W>());
        }
        self.each(self.worthwhile(count), |writer, index, offset| match element(index) {
            Some(wire) => writer.element(index, offset, &[wire.as_bytes(), &[], &[]]),
            None => {
                writer.fail(RequestError::Malformed);
                false
            }
        });
    }

    /// Elements of a leaf, each written by the callback, from a byte of it on. Whether it is at its end.
    #[inline]
    fn each(&mut self, count: usize, mut write: impl FnMut(&mut Self, usize, usize) -> bool) {
        let (start, mut offset) = match &mut self.windows {
            None => (0, 0),
            Some(windows) => match windows.enter() {
                Some(begin) => begin,
                None => return,
            },
        };
        for index in start..count {
            if !write(self, index, offset) {
                return;
            }
            offset = 0;
        }
    }
}

/// Whether a look at all elements costs as much as copying them.
const IS_SMALL: bool = cfg!(all(target_endian = "little", not(target_pointer_width = "64")));

/// Set exactly where a sentinel is: 2.0.0 computes with sentinels as numbers where it is missing.
fn nulls(any: bool) -> u8 {
    if any { ATTR_HAS_NULLS } else { 0 }
}
