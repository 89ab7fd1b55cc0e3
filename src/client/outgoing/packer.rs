//! Packs a payload that is never there as a whole: windows of plain bytes, each packed by itself.
//!
//! It runs twice over the same windows, as the writer does: once to know how long the packed payload is, once to send it.

use crate::client::options::Packing;
use crate::client::session::Session;
use crate::codec::encode::Encode;
use crate::codec::place::Recipient;
use crate::codec::window::Checkpoint;
use crate::codec::writer::Writer;
use crate::wire::Header;
use crate::wire::deflate::Deflater;
use crate::wire::inflate::Inflater;

/// A place in a payload that is being packed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packer {
    /// Plain bytes that were not packed yet. No payload of wire 3 has more than 2^28.
    left: u32,
    deflater: Deflater,
}

impl Packer {
    /// Before the first of so many plain bytes.
    pub(crate) const fn new(size: u64) -> Packer {
        Packer { left: size as u32, deflater: Deflater::new() }
    }

    /// Fills the front of the buffer with the next packed bytes: how many, and whether others follow. In front of the
    /// first ones are the header and the plain length. None where the value is not as long as it was.
    pub(crate) fn fill(
        &mut self,
        buffer: &mut [u8],
        header: &[u8; Header::LEN],
        recipient: Recipient,
        value: &dyn Encode,
        next: &mut Checkpoint,
    ) -> Option<(usize, bool)> {
        let (output, plain) = split(buffer);
        let mut filled = 0;
        if *next == Checkpoint::START {
            filled = put_head(output, header, self.left)?;
        }
        while let Some(room) = output.get_mut(filled..)
            && room.len() >= Deflater::most(plain.len())
        {
            let (count, following) = Writer::fill(recipient, &[], value, plain, *next);
            self.left = self.left.checked_sub(count as u32)?;
            if count == 0 || following.is_some() != (self.left > 0) {
                return None;
            }
            let packed = self.deflater.run(plain.get(..count).unwrap_or_default(), room);
            filled += packed?;
            match following {
                Some(following) => *next = following,
                None => return Some((filled, false)),
            }
        }
        Some((filled, true))
    }
}

/// The room for packed bytes, and the room for a window of plain ones: such a window fits there packed, whatever it is,
/// also behind the head.
fn split(buffer: &mut [u8]) -> (&mut [u8], &mut [u8]) {
    buffer.split_at_mut(buffer.len() - buffer.len() / WINDOWS)
}

/// Puts in front what is in front of the packed bytes: how many bytes it takes.
fn put_head(output: &mut [u8], header: &[u8; Header::LEN], plain_len: u32) -> Option<usize> {
    let (front, behind) = output.split_first_chunk_mut()?;
    *front = *header;
    *behind.first_chunk_mut()? = plain_len.to_le_bytes();
    Some(HEAD_LEN)
}

impl Session<'_> {
    /// Chooses which frames are packed from now on; none as long as nothing is chosen. Not to be called while a message
    /// is being sent.
    pub fn set_packing(&mut self, packing: Packing) {
        self.outgoing.set_packing(packing);
    }
}

/// The header and the plain length.
const HEAD_LEN: usize = Header::LEN + Inflater::PREFIX_LEN;
/// A buffer is so many windows of plain bytes long: more of them make it pack worse, fewer make for short writes.
const WINDOWS: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_fits_packed_behind_the_head() {
        let mut buffer = std::vec![0; 10_000];
        for len in Packing::LEAST_TRANSMIT..buffer.len() {
            let (output, plain) = split(&mut buffer[..len]);
            assert!(HEAD_LEN + Deflater::most(plain.len()) <= output.len(), "{len}");
            assert!(plain.len() >= 16);
        }
    }
}
