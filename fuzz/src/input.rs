//! The input of a target, taken apart.

use rayforce_ipc::wire::Generation;

/// Bytes that say what happens; zeros behind their end.
#[derive(Clone, Copy, Debug)]
pub struct Input<'i>(pub &'i [u8]);

impl<'i> Input<'i> {
    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// The next bytes.
    pub fn array<const N: usize>(&mut self) -> [u8; N] {
        [(); N].map(|()| self.byte())
    }

    /// A size out of a few.
    pub fn size(&mut self) -> usize {
        const SIZES: [usize; 16] = [1, 2, 3, 7, 15, 16, 17, 31, 33, 64, 100, 127, 200, 300, 1000, 4096];
        SIZES[usize::from(self.byte() % 16)]
    }

    /// As many bytes as the next one says.
    pub fn bytes(&mut self) -> &'i [u8] {
        let len = usize::from(self.byte()).min(self.0.len());
        let (bytes, rest) = self.0.split_at(len);
        self.0 = rest;
        bytes
    }

    /// A short text: a few letters most often, or as many bytes as the next one says, which may be anything.
    pub fn text(&mut self) -> String {
        const NAMES: [&str; 16] = [
            "a", "", "b", "price", "sym", "from", "by", "where", "do", "at", "list", "quote", "x y", "é",
            "a\0b", "take",
        ];
        match self.byte() {
            choice @ 0..=15 => NAMES[usize::from(choice)].to_owned(),
            len => {
                let bytes = self.0.split_at(usize::from(len % 32).min(self.0.len()));
                self.0 = bytes.1;
                String::from_utf8_lossy(bytes.0).into_owned()
            }
        }
    }
}

/// The generation that a byte stands for.
pub const fn generation(choice: u8) -> Generation {
    if choice & 1 == 0 { Generation::V1 } else { Generation::V3 }
}
