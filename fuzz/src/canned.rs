//! A stream that says what it was given, and keeps what it hears.

use std::collections::VecDeque;
use std::time::Duration;

use embedded_io::{ErrorKind, ErrorType, Read, Write};
use rayforce_ipc::client::Transport;
use rayforce_ipc::wire::{Generation, Header, MessageType};

/// Both directions; a read at the end of what it says is one that takes too long.
#[derive(Clone, Debug, Default)]
pub struct Canned {
    says: VecDeque<u8>,
    /// What it says after each flush.
    answers: VecDeque<Vec<u8>>,
    /// What it has heard.
    pub heard: Vec<u8>,
    /// Bytes of a read or write at most.
    portion: usize,
}

impl Canned {
    /// One that shakes hands, by so many bytes at a time.
    pub fn new(generation: Generation, portion: usize) -> Canned {
        let opening: &[u8] = if generation == Generation::V1 { &[1] } else { &[3, 0] };
        Canned { says: VecDeque::new(), answers: [opening.to_vec()].into(), heard: Vec::new(), portion }
    }

    /// Answers the next request by a frame.
    pub fn answers(&mut self, generation: Generation, packed: bool, payload: &[u8]) {
        let (message, size) = (MessageType::Response, payload.len() as u64);
        let header = Header { generation, message, packed, verbose: false, size };
        self.answers.push_back([&header.to_bytes(), payload].concat());
    }
}

impl ErrorType for Canned {
    type Error = ErrorKind;
}

impl Read for Canned {
    fn read(&mut self, target: &mut [u8]) -> Result<usize, ErrorKind> {
        assert!(!target.is_empty(), "input is wanted, and there is no room for it");
        let count = target.len().min(self.portion).min(self.says.len());
        if count == 0 {
            return Err(ErrorKind::TimedOut);
        }
        target.iter_mut().zip(self.says.drain(..count)).for_each(|(target, byte)| *target = byte);
        Ok(count)
    }
}

impl Write for Canned {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        assert!(!bytes.is_empty(), "nothing is to be written");
        let count = bytes.len().min(self.portion);
        self.heard.extend(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        self.says.extend(self.answers.pop_front().unwrap_or_default());
        Ok(())
    }
}

impl Transport for Canned {
    type Handle = ();

    fn set_deadline(&mut self, _: Duration) {}

    fn handle(&self) -> Result<(), ErrorKind> {
        Ok(())
    }
}
