//! The Ethernet MAC of an LM3S6965, polled, with an interrupt that ends a sleep.

use core::cell::Cell;
use core::task::Waker;

use cortex_m::interrupt::InterruptNumber;
use cortex_m::peripheral::NVIC;
use critical_section::Mutex;

use crate::register::Register;

/// The longest frame: 14 bytes of header and 1500 of payload, without the check sum that the MAC adds and takes off.
pub const FRAME_LEN: usize = 1514;

/// The MAC, started. There is one; who [starts](Mac::start) it has it.
#[derive(Debug)]
pub struct Mac {
    _private: (),
}

impl Mac {
    /// Starts the MAC with an address of its own. None where that was done before.
    pub fn start(address: [u8; 6]) -> Option<Mac> {
        let first = critical_section::with(|section| !STARTED.borrow(section).replace(true));
        first.then(|| {
            CLOCKS.modify(0, CLOCKS_OF_ETHERNET);
            // A clock takes a few cycles to arrive.
            cortex_m::asm::delay(16);
            INTERRUPTS_ENABLED.set(0);
            let [a, b, c, d, e, f] = address;
            ADDRESS_LOW.set(u32::from_le_bytes([a, b, c, d]));
            ADDRESS_HIGH.set(u32::from_le_bytes([e, f, 0, 0]));
            RECEIVE_CONTROL.set(RECEIVE_RESET);
            RECEIVE_CONTROL.set(RECEIVE_ENABLE | RECEIVE_REJECT_BROKEN);
            TRANSMIT_CONTROL.set(TRANSMIT_ENABLE | TRANSMIT_PAD | TRANSMIT_CHECK_SUM | TRANSMIT_DUPLEX);
            // SAFETY: its handler is there, and no code relies on its being masked.
            unsafe { NVIC::unmask(Line) };
            Mac { _private: () }
        })
    }

    /// Whether a frame is there. Does not wait.
    pub fn has_frame(&self) -> bool {
        has_frame()
    }

    /// Takes a frame, and says how long it is; nothing where none is there. One that does not fit is thrown away.
    /// Does not wait.
    pub fn receive(&mut self, frame: &mut [u8]) -> Option<usize> {
        while self.has_frame() {
            // A record is its own length in two bytes, the frame, and a check sum of four. It is read to its last word,
            // or the MAC would count it for ever.
            let [low, high, first, second] = DATA.get().to_le_bytes();
            let record_len = usize::from(u16::from_le_bytes([low, high]));
            let len = record_len.saturating_sub(2 + 4);
            put(frame, 0, &[first, second]);
            for offset in (4..record_len).step_by(4) {
                put(frame, offset - 2, &DATA.get().to_le_bytes());
            }
            if len <= frame.len() {
                return Some(len);
            }
        }
        None
    }

    /// Whether a frame can be sent. Does not wait.
    pub fn can_send(&self) -> bool {
        TRANSMIT_REQUEST.get() & 1 == 0
    }

    /// Sends a frame of up to [`FRAME_LEN`] bytes, what is beyond is cut off. Waits for the one before to be gone, 1.2
    /// ms at most.
    pub fn send(&mut self, frame: &[u8]) {
        let frame = frame.get(..FRAME_LEN).unwrap_or(frame);
        while !self.can_send() {}
        // In front of it stands the length of its payload.
        let payload_len = frame.len().saturating_sub(14) as u16;
        let [low, high] = payload_len.to_le_bytes();
        let (first, rest) = frame.split_at(frame.len().min(2));
        DATA.set(word(&[low, high, first.first().copied().unwrap_or(0), first.get(1).copied().unwrap_or(0)]));
        rest.chunks(4).for_each(|bytes| DATA.set(word(bytes)));
        TRANSMIT_REQUEST.set(1);
    }

    /// Wakes a task once, as soon as a frame is there.
    pub fn wake(&self, waker: &Waker) {
        critical_section::with(|section| WAITING.borrow(section).set(Some(waker.clone())));
        if listens() {
            interrupted();
        }
    }
}

/// Sleeps until a frame is there or an interrupt comes, that of the clock among them.
pub fn sleep() {
    // An interrupt that comes while interrupts are off ends the sleep, too, so that none comes between looking and
    // sleeping.
    critical_section::with(|_| {
        if !listens() {
            cortex_m::asm::wfi();
        }
    });
}

/// Lets the next frame interrupt. Whether there is one already.
fn listens() -> bool {
    // What has come so far is still noted there, and would interrupt at once.
    INTERRUPTS.set(RECEIVED);
    INTERRUPTS_ENABLED.set(RECEIVED);
    has_frame()
}

fn has_frame() -> bool {
    FRAME_COUNT.get() & 0x3f != 0
}

/// Its interrupt has come: wakes who waits, and is silent until it is waited for again.
pub(crate) fn interrupted() {
    INTERRUPTS_ENABLED.set(0);
    if let Some(waker) = critical_section::with(|section| WAITING.borrow(section).take()) {
        waker.wake();
    }
}

/// Copies what there is room for.
fn put(frame: &mut [u8], offset: usize, bytes: &[u8]) {
    let room = frame.get_mut(offset..).unwrap_or_default();
    room.iter_mut().zip(bytes).for_each(|(room, byte)| *room = *byte);
}

/// Up to four bytes, zeros behind them.
fn word(bytes: &[u8]) -> u32 {
    let mut word = [0; 4];
    put(&mut word, 0, bytes);
    u32::from_le_bytes(word)
}

/// The interrupt's number.
pub(crate) const INTERRUPT: i16 = 42;

#[derive(Clone, Copy)]
struct Line;

// SAFETY: so the data sheet of the LM3S6965.
unsafe impl InterruptNumber for Line {
    fn number(self) -> u16 {
        INTERRUPT as u16
    }
}

static STARTED: Mutex<Cell<bool>> = Mutex::new(Cell::new(false));
static WAITING: Mutex<Cell<Option<Waker>>> = Mutex::new(Cell::new(None));

/// RCGC2 of the system control.
// SAFETY: so the data sheet of the LM3S6965, as for all addresses here.
const CLOCKS: Register = unsafe { Register::at(0x400f_e108) };
/// Of the MAC and of what drives the wires.
const CLOCKS_OF_ETHERNET: u32 = 1 << 28 | 1 << 30;
/// MACRIS, and MACIACK where it is written.
// SAFETY: as above.
const INTERRUPTS: Register = unsafe { Register::at(0x4004_8000) };
/// MACIM.
// SAFETY: as above.
const INTERRUPTS_ENABLED: Register = unsafe { Register::at(0x4004_8004) };
const RECEIVED: u32 = 1 << 0;
/// MACRCTL.
// SAFETY: as above.
const RECEIVE_CONTROL: Register = unsafe { Register::at(0x4004_8008) };
const RECEIVE_ENABLE: u32 = 1 << 0;
const RECEIVE_REJECT_BROKEN: u32 = 1 << 3;
const RECEIVE_RESET: u32 = 1 << 4;
/// MACTCTL.
// SAFETY: as above.
const TRANSMIT_CONTROL: Register = unsafe { Register::at(0x4004_800c) };
const TRANSMIT_ENABLE: u32 = 1 << 0;
const TRANSMIT_PAD: u32 = 1 << 1;
const TRANSMIT_CHECK_SUM: u32 = 1 << 2;
const TRANSMIT_DUPLEX: u32 = 1 << 4;
/// MACDATA: reading it takes a word that was received, writing it gives one to be sent.
// SAFETY: as above.
const DATA: Register = unsafe { Register::at(0x4004_8010) };
/// MACIA0 and MACIA1.
// SAFETY: as above.
const ADDRESS_LOW: Register = unsafe { Register::at(0x4004_8014) };
// SAFETY: as above.
const ADDRESS_HIGH: Register = unsafe { Register::at(0x4004_8018) };
/// MACNP.
// SAFETY: as above.
const FRAME_COUNT: Register = unsafe { Register::at(0x4004_8034) };
/// MACTR.
// SAFETY: as above.
const TRANSMIT_REQUEST: Register = unsafe { Register::at(0x4004_8038) };
