//! A tag with its bytes in both generations.

use crate::wire::{Generation, Tag};

/// A tag with its bytes, which are looked up when the program is compiled wherever the tag is known then.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    pub(crate) tag: Tag,
    v1: u8,
    v3: u8,
}

impl Mark {
    pub(crate) const fn new(tag: Tag) -> Mark {
        const fn byte(byte: Option<u8>) -> u8 {
            match byte {
                Some(byte) => byte,
                None => NO_TAG,
            }
        }
        Mark { tag, v1: byte(Generation::V1.tag_byte(tag)), v3: byte(Generation::V3.tag_byte(tag)) }
    }

    /// The byte, as [`Generation::tag_byte`].
    #[inline]
    pub(crate) const fn byte(self, generation: Generation) -> Option<u8> {
        let byte = match generation {
            Generation::V1 => self.v1,
            Generation::V3 => self.v3,
        };
        if byte == NO_TAG { None } else { Some(byte) }
    }
}

/// What is no tag in any generation.
const NO_TAG: u8 = 0x80;
