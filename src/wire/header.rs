//! The 16 bytes in front of every payload, the same in both generations.
//!
//! ```text
//!  0        4         5       6        7              8                16
//!  | magic  | version | flags | endian | message type | payload size   |
//! ```
//!
//! Replies carry no request number: a response belongs to the oldest unanswered request. So nothing that comes
//! behind a damaged header can be trusted, and every fault in here closes the connection.

use crate::error::{Fault, PeerError};
use crate::wire::Generation;

/// What a frame wants of its receiver; byte 7 of the header.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum MessageType {
    /// Evaluated and never answered; from a server: a push.
    Async,
    /// A request; from a server: a question that it waits for.
    Sync,
    /// The answer to the oldest unanswered request.
    Response,
}

/// A checked frame header.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Header {
    /// The generation whose version byte the frame has.
    pub generation: Generation,
    /// What the frame wants.
    pub message: MessageType,
    /// Whether the payload is packed (wire 3, flag bit 0); wire 1 ignores the flag.
    pub packed: bool,
    /// Whether the answer is to tell what the evaluation has printed, too (wire 3, flag bit 2, on requests); the answer
    /// itself does not have it.
    pub verbose: bool,
    /// Payload bytes that follow, counted as they travel. 0 occurs only on wire 1, where a server answers so what
    /// it cannot write.
    pub size: u64,
}

impl Header {
    /// Bytes of a header.
    pub const LEN: usize = 16;

    /// Reads a header and holds it against the generation of the connection.
    ///
    /// # Errors
    /// A [`PeerError`] with the offset of the wrong byte: magic, version, byte order, message type or size.
    pub fn parse(generation: Generation, bytes: &[u8; Header::LEN]) -> Result<Header, PeerError> {
        let [m0, m1, m2, m3, version, flags, endian, message, size @ ..] = *bytes;
        if [m0, m1, m2, m3] != MAGIC {
            return Err(PeerError { fault: Fault::Magic, offset: 0 });
        }
        if version != generation.version() {
            let fault = Fault::Version { theirs: version, ours: generation.version() };
            return Err(PeerError { fault, offset: 4 });
        }
        if endian != LITTLE_ENDIAN {
            return Err(PeerError { fault: Fault::ByteOrder(endian), offset: 6 });
        }
        let message = match message {
            0 => MessageType::Async,
            1 => MessageType::Sync,
            2 => MessageType::Response,
            other => return Err(PeerError { fault: Fault::MessageType(other), offset: 7 }),
        };
        let size = i64::from_le_bytes(size);
        let fault = PeerError { fault: Fault::Size(size), offset: 8 };
        let size = u64::try_from(size).map_err(|_| fault)?;
        if size == 0 && generation == Generation::V3 {
            return Err(fault);
        }
        let packed = generation == Generation::V3 && flags & PACKED != 0;
        let verbose = generation == Generation::V3 && flags & VERBOSE != 0;
        Ok(Header { generation, message, packed, verbose, size })
    }

    /// The header as it travels.
    pub fn to_bytes(self) -> [u8; Header::LEN] {
        let flag = |is_set, flag| if is_set { flag } else { 0 };
        let flags = flag(self.packed, PACKED) | flag(self.verbose, VERBOSE);
        let message = match self.message {
            MessageType::Async => 0,
            MessageType::Sync => 1,
            MessageType::Response => 2,
        };
        let [m0, m1, m2, m3] = MAGIC;
        let mut bytes = [
            m0,
            m1,
            m2,
            m3,
            self.generation.version(),
            flags,
            LITTLE_ENDIAN,
            message,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
        ];
        if let Some(size) = bytes.last_chunk_mut() {
            *size = self.size.to_le_bytes();
        }
        bytes
    }
}

/// The u32 0xCEFADEFA, little-endian.
const MAGIC: [u8; 4] = [0xfa, 0xde, 0xfa, 0xce];
const LITTLE_ENDIAN: u8 = 0;
const PACKED: u8 = 0x01;
const VERBOSE: u8 = 0x04;

#[cfg(test)]
mod tests {
    use super::*;

    /// The reply to `(+ 1 2)`, as 2.4.0 sent it.
    const I64_THREE: [u8; 16] = [0xfa, 0xde, 0xfa, 0xce, 3, 0, 0, 2, 10, 0, 0, 0, 0, 0, 0, 0];

    #[test]
    fn header_of_a_real_reply_reads_and_writes() {
        let header = Header::parse(Generation::V3, &I64_THREE).unwrap();
        let shown = Header {
            generation: Generation::V3,
            message: MessageType::Response,
            packed: false,
            verbose: false,
            size: 10,
        };
        assert_eq!(header, shown);
        assert_eq!(header.to_bytes(), I64_THREE);
    }

    #[test]
    fn each_field_is_checked_and_the_error_has_its_offset() {
        let fault = |at: usize, byte: u8| {
            let mut bytes = I64_THREE;
            bytes[at] = byte;
            Header::parse(Generation::V3, &bytes).unwrap_err()
        };
        assert_eq!(fault(2, 0), PeerError { fault: Fault::Magic, offset: 0 });
        assert_eq!(fault(4, 1), PeerError { fault: Fault::Version { theirs: 1, ours: 3 }, offset: 4 });
        assert_eq!(fault(6, 1), PeerError { fault: Fault::ByteOrder(1), offset: 6 });
        assert_eq!(fault(7, 3), PeerError { fault: Fault::MessageType(3), offset: 7 });
        assert_eq!(fault(8, 0), PeerError { fault: Fault::Size(0), offset: 8 });
        assert_eq!(fault(15, 0x80).offset, 8);
    }

    #[test]
    fn size_zero_is_a_frame_of_wire_one() {
        let mut bytes = I64_THREE;
        bytes[4] = 1;
        bytes[8] = 0;
        assert_eq!(Header::parse(Generation::V1, &bytes).unwrap().size, 0);
    }
}
