//! The other way of [`inflate`](crate::wire::inflate): payloads are packed as the differences of neighbouring bytes,
//! run-length encoded.
//!
//! Servers of wire 3 take packed requests of any size (seen on 2.0.0 and 2.4.0), and say nothing of how they were
//! packed. They themselves make a run of any two equal differences, which takes up to a third more than the plain bytes
//! where pairs are frequent. In here a literal is left for three equal differences only, so that what is packed is
//! never much longer than plain: by one byte in 128, and one.

/// Packs plain bytes window by window. A run or literal is never longer than the window, so that all that there is
/// between two windows is the last plain byte.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deflater {
    last: u8,
}

impl Deflater {
    pub(crate) const fn new() -> Deflater {
        Deflater { last: 0 }
    }

    /// The most packed bytes that a window of so many plain ones gives: all in literals.
    pub(crate) const fn most(plain_len: usize) -> usize {
        plain_len.saturating_add(plain_len.div_ceil(LONGEST_LITERAL))
    }

    /// Packs one window: how many bytes it gave. None where they do not fit, which [`most`](Deflater::most) bytes always
    /// do. The bytes are the same for the same windows.
    ///
    /// Every plain byte is looked at three times at most.
    pub(crate) fn run(&mut self, plain: &[u8], output: &mut [u8]) -> Option<usize> {
        // What is complete, and the length of a literal that is open behind it.
        let (mut filled, mut literal) = (0, 0);
        let mut rest = plain;
        while !rest.is_empty() {
            let (run, difference) = run(self.last, rest);
            if run >= WORTHWHILE_RUN || literal == LONGEST_LITERAL {
                filled += end(literal);
                literal = 0;
            }
            let target = output.get_mut(filled..)?;
            let taken = if literal == 0 && run >= SHORTEST_RUN {
                *target.first_chunk_mut()? = [run as u8, difference];
                filled += 2;
                run
            } else {
                let (control, target) = target.split_first_mut()?;
                *target.get_mut(literal)? = difference;
                literal += 1;
                *control = (literal as u8).wrapping_neg();
                1
            };
            let (taken, behind) = rest.split_at_checked(taken)?;
            self.last = taken.last().copied()?;
            rest = behind;
        }
        Some(filled + end(literal))
    }
}

/// Bytes of a literal.
const fn end(literal: usize) -> usize {
    if literal > 0 { 1 + literal } else { 0 }
}

/// How many equal differences are in front, and which.
fn run(mut last: u8, plain: &[u8]) -> (usize, u8) {
    let (mut len, mut first) = (0, 0);
    for byte in plain.iter().take(LONGEST_RUN) {
        let difference = byte.wrapping_sub(last);
        if len > 0 && difference != first {
            break;
        }
        (len, first, last) = (len + 1, difference, *byte);
    }
    (len, first)
}

/// A control byte is 1 to 127 for a run, -1 to -128 for a literal.
const LONGEST_RUN: usize = 127;
const LONGEST_LITERAL: usize = 128;
/// Where no literal is open, a run of two is shorter than a literal.
const SHORTEST_RUN: usize = 2;
/// Leaving a literal costs the next one's control byte.
const WORTHWHILE_RUN: usize = 3;

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;
    use crate::wire::inflate::Inflater;
    use crate::wire::region::Region;

    /// The packed bytes of each window. Each fits into the room that is promised for it.
    fn deflate(plain: &[u8], window: usize) -> Vec<u8> {
        let mut deflater = Deflater::new();
        let mut packed = Vec::new();
        for window in plain.chunks(window) {
            let mut output = std::vec![0xee; Deflater::most(window.len())];
            let filled = deflater.run(window, &mut output).unwrap();
            packed.extend_from_slice(&output[..filled]);
        }
        packed
    }

    fn inflate(packed: &[u8], plain_len: usize) -> Vec<u8> {
        let mut buffer = std::vec![0xee; plain_len + packed.len()];
        buffer[plain_len..].copy_from_slice(packed);
        let (mut input, mut output) = (Region { start: plain_len, end: buffer.len() }, 0);
        Inflater::new().run(&mut buffer, &mut input, &mut output, plain_len);
        assert!(input.is_empty());
        buffer.truncate(output);
        buffer
    }

    /// Bytes without a pattern.
    fn noise(len: usize) -> Vec<u8> {
        let mut state = 0x2545_f491u32;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state as u8
        };
        (0..len).map(|_| next()).collect()
    }

    #[test]
    fn few_bytes_come_back_through_any_window() {
        // All sequences of up to eight bytes, of four that have equal and unequal differences.
        for len in 0..=8u32 {
            for number in 0..4u32.pow(len) {
                let plain: Vec<u8> =
                    (0..len).map(|at| [0, 1, 2, 0xff][(number >> (2 * at) & 3) as usize]).collect();
                for window in 1..=8 {
                    assert_eq!(inflate(&deflate(&plain, window), plain.len()), plain, "{plain:?}, {window}");
                }
            }
        }
    }

    #[test]
    fn runs_and_literals_of_any_length_come_back_through_any_window() {
        for len in [1, 2, 3, 126, 127, 128, 129, 254, 255, 256, 257, 300] {
            let noise = noise(len);
            let zeros = std::vec![0; len];
            for plain in [[&noise[..], &zeros].concat(), [&zeros[..], &noise, &zeros].concat()] {
                for window in (1..=140).chain([254, 255, 256, 257, 1000]) {
                    assert_eq!(inflate(&deflate(&plain, window), plain.len()), plain, "{len}, {window}");
                }
            }
        }
    }

    #[test]
    fn what_has_no_pattern_grows_by_one_byte_in_128() {
        for len in [1, 127, 128, 129, 1000] {
            let plain: Vec<u8> = (0..len).map(|at: usize| (at * (at + 1) / 2) as u8).collect();
            assert_eq!(deflate(&plain, len).len(), Deflater::most(len));
        }
    }

    #[test]
    fn pairs_of_equal_differences_do_not_make_it_longer() {
        let differences = [5, 9, 9].iter().cycle().take(3000);
        let plain: Vec<u8> = differences
            .scan(0u8, |sum, difference| {
                *sum = sum.wrapping_add(*difference);
                Some(*sum)
            })
            .collect();
        assert!(deflate(&plain, 3000).len() <= Deflater::most(3000));
    }

    #[test]
    fn a_long_run_takes_two_bytes_in_127() {
        assert_eq!(deflate(&[7; 128], 128), [0xff, 7, 127, 0]);
        assert_eq!(deflate(&[0; 256], 256), [127, 0, 127, 0, 2, 0]);
    }

    #[test]
    fn a_real_frame_is_packed_as_the_server_packs_it() {
        // 1991 zero bytes as a u8 vector, from 2.4.0.
        let plain = [&[0x02, 0, 0xc7, 0x07, 0, 0, 0, 0, 0, 0][..], &[0; 1991]].concat();
        let packed = [&[0xfb, 0x02, 0xfe, 0xc7, 0x40, 0xf9][..], &[0x7f, 0].repeat(15), &[0x5b, 0]].concat();
        assert_eq!(deflate(&plain, plain.len()), packed);
    }

    #[test]
    fn output_that_is_too_short_is_not_written_past() {
        for len in 0..Deflater::most(20) {
            let packed = Deflater::new().run(&noise(20), &mut std::vec![0; len]);
            assert_eq!(packed, None);
        }
    }
}
