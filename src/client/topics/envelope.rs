//! What a publication is wrapped in on its way to a subscriber.
//!
//! ```text
//!  (upd "topic" n (quote payload))
//!  list of 4 │ symbol upd │ string │ i64 │ list of 2 │ symbol quote │ payload
//!  ◀────────────────────────── envelope ──────────────────────────▶
//! ```
//!
//! An async frame of 2.4.0, the only server that has multicast; both symbols travel unquoted (captured frames
//! `w3-240-p-published-*` in `tests/vectors`). A push that any other code of the server sends may look like anything,
//! also like this.

use crate::codec::{Decoder, Token, Value};
use crate::wire::Generation;
use crate::wire::tag::COUNTED_HEAD_LEN;

/// The envelope of one publication.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Envelope<'a> {
    /// The topic's name, as it came.
    pub(crate) topic: &'a [u8],
    /// The number of the publication. Servers count from 1 for each topic; a peer may send anything.
    pub(crate) sequence: i64,
    /// Bytes in front of the payload.
    pub(crate) len: usize,
}

/// What the first bytes of a push are.
#[derive(Clone, Debug)]
pub(crate) enum Recognised<'a> {
    /// An envelope so far, of which bytes are missing. Where there is no room for more, it is to be taken for
    /// [`Other`](Recognised::Other); [`envelope_len`] says how much room a topic needs.
    Short,
    /// No envelope, whatever follows.
    Other,
    /// An envelope, and the decoder of the frame where it stands at the payload: the last value of the frame, not
    /// looked at.
    Message(Envelope<'a>, Decoder),
}

impl<'a> Envelope<'a> {
    /// Looks for an envelope in the first `bytes` of the plain payload of a frame, whose decoder took nothing yet.
    /// Nothing is consumed: when more bytes came, it is called with all of them again. An envelope that the end of
    /// the frame cuts off is none.
    pub(crate) fn read(fresh: &Decoder, bytes: &'a [u8]) -> Recognised<'a> {
        let mut reader = Reader { decoder: fresh.clone(), input: bytes };
        match reader.envelope() {
            Ok((topic, sequence)) => {
                let len = bytes.len() - reader.input.len();
                Recognised::Message(Envelope { topic, sequence, len }, reader.decoder)
            }
            Err(Miss::Short) => Recognised::Short,
            Err(Miss::Other) => Recognised::Other,
        }
    }
}

/// Bytes of the envelope of a topic whose name has `topic_len` bytes: so much contiguous room recognises it.
pub(crate) const fn envelope_len(topic_len: usize) -> usize {
    const ATOM_HEAD_LEN: usize = 1 + Generation::V3.atom_flag_len();
    const LISTS: usize = 2 * COUNTED_HEAD_LEN;
    const SYMBOLS: usize = 2 * ATOM_HEAD_LEN + UPD.len() + 1 + QUOTE.len() + 1;
    const SEQUENCE: usize = ATOM_HEAD_LEN + size_of::<i64>();
    // A string has the head of a vector.
    const STRING_HEAD: usize = COUNTED_HEAD_LEN;
    topic_len.saturating_add(LISTS + SYMBOLS + STRING_HEAD + SEQUENCE)
}

struct Reader<'a> {
    decoder: Decoder,
    input: &'a [u8],
}

impl<'a> Reader<'a> {
    fn envelope(&mut self) -> Result<(&'a [u8], i64), Miss> {
        self.list(4)?;
        self.symbol(UPD)?;
        let topic = self.string()?;
        let Token::Atom(Value::I64(sequence)) = self.token()? else { return Err(Miss::Other) };
        self.list(2)?;
        self.symbol(QUOTE)?;
        Ok((topic, sequence))
    }

    fn list(&mut self, len: u64) -> Result<(), Miss> {
        match self.token()? {
            Token::List { count } if count == len => Ok(()),
            _ => Err(Miss::Other),
        }
    }

    fn symbol(&mut self, name: &[u8]) -> Result<(), Miss> {
        let Token::Symbol { quoted: false } = self.token()? else { return Err(Miss::Other) };
        match self.text()? {
            (bytes, true) if bytes == name => Ok(()),
            (bytes, false) if name.starts_with(bytes) => Err(Miss::Short),
            _ => Err(Miss::Other),
        }
    }

    fn string(&mut self) -> Result<&'a [u8], Miss> {
        let Token::String { null: false, .. } = self.token()? else { return Err(Miss::Other) };
        match self.text()? {
            (bytes, true) => Ok(bytes),
            _ => Err(Miss::Short),
        }
    }

    /// The rest of a leaf, as far as it is there, and whether it ends there.
    fn text(&mut self) -> Result<(&'a [u8], bool), Miss> {
        match self.token()? {
            Token::Text { bytes, last } => Ok((bytes, last)),
            _ => Err(Miss::Other),
        }
    }

    fn token(&mut self) -> Result<Token<'a>, Miss> {
        match self.decoder.next(&mut self.input) {
            // No value is complete before the payload.
            Ok(token) => token.ok_or(Miss::Short),
            Err(_) => Err(Miss::Other),
        }
    }
}

/// Why there is no envelope.
#[derive(Clone, Copy, Debug)]
enum Miss {
    Short,
    Other,
}

const UPD: &[u8] = b"upd";
const QUOTE: &[u8] = b"quote";

#[cfg(test)]
mod tests {
    use super::*;

    use std::vec::Vec;

    const NUMBER: &[u8] =
        b"\0\0\x04\0\0\0\0\0\0\0\xf4\0upd\0\xf3\0\x06\0\0\0\0\0\0\0trades\xfb\0\x01\0\0\0\0\0\0\0\
        \0\0\x02\0\0\0\0\0\0\0\xf4\0quote\0\xfb\0*\0\0\0\0\0\0\0";
    const TABLE: &[u8] =
        b"\0\0\x04\0\0\0\0\0\0\0\xf4\0upd\0\xf3\0\x06\0\0\0\0\0\0\0trades\xfb\0\x02\0\0\0\0\0\0\0\
        \0\0\x02\0\0\0\0\0\0\0\xf4\0quote\0b\0\x0c\x03\x02\0\0\0\0\0\0\0sym\0px\0\0\0\x02\0\0\0\0\0\0\0\
        \x0c\0\x02\0\0\0\0\0\0\0a\0b\0\x07\0\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\xf8?\0\0\0\0\0\0\x04@";
    const TOPIC: core::ops::Range<usize> = 26..32;
    const SEQUENCE: core::ops::Range<usize> = 34..42;
    const UPD_FLAG: usize = 11;
    const QUOTE_FLAG: usize = 53;

    fn fresh(payload: &[u8]) -> Decoder {
        Decoder::new(Generation::V3, payload.len() as u64)
    }

    fn message(payload: &[u8]) -> Option<(Envelope<'_>, Decoder)> {
        match Envelope::read(&fresh(payload), payload) {
            Recognised::Message(envelope, decoder) => Some((envelope, decoder)),
            Recognised::Other => None,
            Recognised::Short => panic!("more than the whole payload is wanted"),
        }
    }

    /// What a text as long as `name` in place of the topic's makes of the frame.
    fn renamed(name: &[u8]) -> Vec<u8> {
        let len = (name.len() as u64).to_le_bytes();
        [&NUMBER[..TOPIC.start - len.len()], &len, name, &NUMBER[TOPIC.end..]].concat()
    }

    #[test]
    fn captured_frames_are_recognised() {
        for (payload, sequence) in [(NUMBER, 1), (TABLE, 2)] {
            let (envelope, _) = message(payload).expect("an envelope");
            assert_eq!(envelope, Envelope { topic: b"trades", sequence, len: envelope_len(6) });
        }
    }

    #[test]
    fn an_envelope_takes_what_is_said_of_its_topic() {
        for topic_len in [0, 1, 6, 300] {
            let payload = renamed(&std::vec![b't'; topic_len]);
            let (envelope, _) = message(&payload).expect("an envelope");
            assert_eq!((envelope.topic.len(), envelope.len), (topic_len, envelope_len(topic_len)));
        }
    }

    #[test]
    fn more_bytes_are_wanted_until_the_envelope_is_there() {
        for payload in [NUMBER, TABLE] {
            for (len, _) in payload.iter().enumerate() {
                let read = Envelope::read(&fresh(payload), &payload[..len]);
                match read {
                    Recognised::Short => assert!(len < envelope_len(6), "{len}"),
                    Recognised::Message(envelope, _) => {
                        assert!(len >= envelope_len(6), "{len}");
                        assert_eq!((envelope.topic, envelope.len), (&b"trades"[..], envelope_len(6)));
                    }
                    Recognised::Other => panic!("none at {len}"),
                }
            }
        }
    }

    #[test]
    fn the_decoder_stands_at_the_payload() {
        for payload in [NUMBER, TABLE] {
            let (envelope, mut decoder) = message(payload).expect("an envelope");
            assert_eq!(decoder.offset(), envelope.len as u64);
            let mut rest = &payload[envelope.len..];
            let mut plain = rest;
            let mut alone = fresh(plain);
            while let Some(token) = decoder.next(&mut rest).expect("a value") {
                assert_eq!(alone.next(&mut plain), Ok(Some(token)));
            }
            assert!(decoder.is_done() && rest.is_empty());
        }
    }

    #[test]
    fn no_changed_byte_makes_a_wrong_message() {
        for place in 0..envelope_len(6) {
            for byte in 0..=u8::MAX {
                let mut payload = NUMBER.to_vec();
                payload[place] = byte;
                for len in 0..=payload.len() {
                    match Envelope::read(&fresh(&payload), &payload[..len]) {
                        Recognised::Message(envelope, _) => {
                            assert_eq!(envelope.topic, &payload[TOPIC], "{place} {byte}");
                            assert_eq!(envelope.sequence.to_le_bytes(), payload[SEQUENCE], "{place} {byte}");
                            assert_eq!(envelope.len, envelope_len(6), "{place} {byte}");
                        }
                        Recognised::Short => assert!(len < payload.len(), "{place} {byte}"),
                        Recognised::Other => {}
                    }
                }
            }
        }
    }

    #[test]
    fn an_envelope_that_its_frame_cuts_off_is_none() {
        for len in 0..envelope_len(6) {
            assert!(message(&NUMBER[..len]).is_none(), "{len}");
        }
    }

    #[test]
    fn a_payload_that_its_frame_cuts_off_is_one_that_cannot_be_decoded() {
        for len in envelope_len(6)..NUMBER.len() {
            let (envelope, mut decoder) = message(&NUMBER[..len]).expect("an envelope");
            assert!(decoder.next(&mut &NUMBER[envelope.len..len]).is_err(), "{len}");
        }
    }

    #[test]
    fn quoted_symbols_are_data() {
        for flag in [UPD_FLAG, QUOTE_FLAG] {
            let mut payload = NUMBER.to_vec();
            payload[flag] = crate::wire::tag::FLAG_QUOTED;
            assert!(message(&payload).is_none());
        }
    }

    #[test]
    fn null_in_place_of_topic_or_number_is_none() {
        for flag in [TOPIC.start - 9, SEQUENCE.start - 1] {
            let mut payload = NUMBER.to_vec();
            payload[flag] = crate::wire::tag::FLAG_NULL;
            assert!(message(&payload).is_none());
        }
    }

    #[test]
    fn any_topic_and_number_come_as_they_are() {
        let mut payload = renamed(b"\xffno\0utf-8");
        let sequence = SEQUENCE.start + 3;
        payload[sequence..sequence + 8].copy_from_slice(&(-7i64).to_le_bytes());
        let (envelope, _) = message(&payload).expect("an envelope");
        assert_eq!((envelope.topic, envelope.sequence), (&b"\xffno\0utf-8"[..], -7));
    }

    #[test]
    fn what_is_no_envelope_is_known_as_early_as_it_differs() {
        let pushed = b"\xf3\0\x06\0\0\0\0\0\0\0pushed";
        assert!(matches!(Envelope::read(&fresh(pushed), &pushed[..10]), Recognised::Other));
        let mut long = NUMBER.to_vec();
        long[14] = b'e';
        assert!(matches!(Envelope::read(&fresh(&long), &long[..14]), Recognised::Short));
        assert!(matches!(Envelope::read(&fresh(&long), &long[..15]), Recognised::Other));
    }
}
