//! Packed payloads of wire 3: the differences of neighbouring bytes, run-length encoded.
//!
//! ```text
//!  u32 plain length, then control bytes c (signed):
//!    c in 1..=127      the next byte is the difference, c times
//!    c in -128..=-1    the next -c bytes are differences
//!    c = 0             nothing
//! ```
//!
//! Frames of 2.0.0 (to everybody) and 2.4.0 (to peers that are not on its own host) show it. Reading stops as
//! soon as the announced length is reached: servers ignore packed bytes behind it, and send none. The client
//! refuses them ([`Inflater::is_complete`]).

use crate::wire::region::Region;

/// Four bytes of state between any two packed bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Inflater {
    step: Step,
    left: u8,
    difference: u8,
    sum: u8,
}

impl Inflater {
    /// Bytes in front of the packed ones: the plain length.
    pub(crate) const PREFIX_LEN: usize = 4;

    /// The largest plain length that servers accept: 256 MiB. They send more: 2.0.0 has packed a table of 320 MB.
    pub(crate) const ACCEPTED: u32 = 0x1000_0000;

    pub(crate) const fn new() -> Inflater {
        Inflater { step: Step::Control, left: 0, difference: 0, sum: 0 }
    }

    /// Whether no run or literal is begun: once all that was announced came out, what is left means nothing then.
    pub(crate) const fn is_complete(self) -> bool {
        matches!(self.step, Step::Control)
    }

    /// Takes packed bytes from `input` and writes plain ones to `output`, two ranges of the same buffer, and
    /// moves the start of both. Output lies before input, and grows into the room that consumed input leaves, or,
    /// once input is used up, up to `limit`. Stops when one of them is exhausted.
    ///
    /// Work is bounded by the bytes taken plus the bytes written.
    pub(crate) fn run(&mut self, buffer: &mut [u8], input: &mut Region, output: &mut usize, limit: usize) {
        loop {
            match self.step {
                Step::Control | Step::Difference if input.is_empty() => return,
                Step::Control => {
                    let Some(&control) = buffer.get(input.start) else { return };
                    input.start += 1;
                    (self.step, self.left) = match control {
                        0 => (Step::Control, 0),
                        1..=127 => (Step::Difference, control),
                        _ => (Step::Literal, control.wrapping_neg()),
                    };
                }
                Step::Difference => {
                    let Some(&difference) = buffer.get(input.start) else { return };
                    input.start += 1;
                    self.difference = difference;
                    self.step = Step::Run;
                }
                Step::Run => {
                    let end = if input.is_empty() { limit } else { input.start.min(limit) };
                    let room = end.saturating_sub(*output).min(usize::from(self.left));
                    let Some(target) = buffer.get_mut(*output..*output + room) else { return };
                    for byte in target {
                        self.sum = self.sum.wrapping_add(self.difference);
                        *byte = self.sum;
                    }
                    *output += room;
                    if !self.took(room) {
                        return;
                    }
                }
                Step::Literal => {
                    // A byte is read before the one it becomes is written, so output may follow input closely.
                    let count = input.len().min(usize::from(self.left)).min(limit.saturating_sub(*output));
                    for _ in 0..count {
                        let Some(&difference) = buffer.get(input.start) else { return };
                        self.sum = self.sum.wrapping_add(difference);
                        let Some(target) = buffer.get_mut(*output) else { return };
                        *target = self.sum;
                        input.start += 1;
                        *output += 1;
                    }
                    if !self.took(count) {
                        return;
                    }
                }
            }
        }
    }

    /// Counts what a run or literal has given; whether it is at its end.
    fn took(&mut self, count: usize) -> bool {
        self.left = u8::try_from(usize::from(self.left).saturating_sub(count)).unwrap_or(0);
        if self.left == 0 {
            self.step = Step::Control;
        }
        self.left == 0
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Control,
    Difference,
    Run,
    Literal,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1991 zero bytes as a u8 vector, as 2.4.0 packs them.
    const PACKED: [u8; 38] = {
        let mut bytes = [0; 38];
        let head = [0xfb, 0x02, 0xfe, 0xc7, 0x40, 0xf9];
        let mut at = 0;
        while at < 6 {
            bytes[at] = head[at];
            at += 1;
        }
        while at < 36 {
            bytes[at] = 0x7f;
            at += 2;
        }
        bytes[36] = 0x5b;
        bytes
    };

    fn inflate(packed: &[u8], plain_len: usize, slack: usize) -> std::vec::Vec<u8> {
        let mut buffer = std::vec![0xee; plain_len + packed.len() + slack];
        let start = buffer.len() - packed.len();
        buffer[start..].copy_from_slice(packed);
        let (mut input, mut output) = (Region { start, end: buffer.len() }, 0);
        Inflater::new().run(&mut buffer, &mut input, &mut output, plain_len);
        buffer.truncate(output);
        buffer
    }

    #[test]
    fn a_real_frame_inflates() {
        let plain = inflate(&PACKED, 2001, 0);
        assert_eq!(plain.len(), 2001);
        assert_eq!(plain[..10], [0x02, 0, 0xc7, 0x07, 0, 0, 0, 0, 0, 0]);
        assert!(plain[10..].iter().all(|byte| *byte == 0));
    }

    #[test]
    fn any_window_gives_the_same_bytes() {
        let whole = inflate(&PACKED, 2001, 0);
        for room in 1..40usize {
            let mut inflater = Inflater::new();
            let mut plain = std::vec::Vec::new();
            let mut packed = PACKED.iter();
            while plain.len() < 2001 {
                // One packed byte at the end of a buffer of `room` bytes.
                let mut buffer = std::vec![0; room];
                let mut input = Region { start: room - 1, end: room };
                match packed.next() {
                    Some(byte) => buffer[room - 1] = *byte,
                    None => input = Region::at(room),
                }
                loop {
                    let mut output = 0;
                    let before = input.start;
                    inflater.run(&mut buffer, &mut input, &mut output, room.min(2001 - plain.len()));
                    plain.extend_from_slice(&buffer[..output]);
                    if output == 0 && input.start == before {
                        break;
                    }
                }
            }
            assert_eq!(plain, whole, "room {room}");
        }
    }
}
