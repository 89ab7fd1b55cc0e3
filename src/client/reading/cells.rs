//! The cells of a column: elements into the caller's slice, texts into the caller's buffer.

use core::convert::Infallible;

use zerocopy::FromZeros;

use crate::client::incoming::Attempt;
use crate::client::reading::cursor::{Cursor, peek};
use crate::client::session::Session;
use crate::client::session::failure::Failed;
use crate::codec::cell::Scalar;
use crate::codec::token::Token;
use crate::error::{Error, RequestError, Storage};
use crate::wire::{Tag, Type};

/// A call that copies one text: how far it is. The next call has another buffer, so that this is not the cursor's.
#[derive(Debug)]
pub(crate) struct Copying {
    /// Bytes of the text that came, those that found no room included.
    len: u64,
    /// The text was begun by somebody else, who has its beginning.
    is_cut: bool,
}

impl Cursor {
    /// Copies elements that are there: as many as there are, and as `chunk` takes. None at the end of the column.
    pub(crate) fn elements<E: Scalar>(
        &mut self,
        session: &mut Session<'_>,
        chunk: &mut [E],
    ) -> Result<Attempt<usize>, Failed> {
        self.tracked(session, |cursor, session| cursor.fill(session, chunk))
    }

    /// Begins a call that copies a text.
    pub(crate) const fn begin_text(&self) -> Copying {
        Copying { len: 0, is_cut: self.is_in_text }
    }

    /// Goes on to copy a text into the same buffer; its length, or none at the end of the column.
    pub(crate) fn text(
        &mut self,
        session: &mut Session<'_>,
        copying: &mut Copying,
        buffer: &mut [u8],
    ) -> Result<Attempt<Option<usize>>, Failed> {
        self.tracked(session, |cursor, session| cursor.copy_text(session, copying, buffer))
    }

    fn fill<E: Scalar>(
        &mut self,
        session: &mut Session<'_>,
        chunk: &mut [E],
    ) -> Result<Attempt<usize>, Failed> {
        match self.column.tag {
            found @ Tag::Vector(ty) if ty != E::TYPE => {
                return Err(session.failed(Self::mismatch(Tag::Vector(E::TYPE), found)));
            }
            found @ Tag::Atom(ty) if ty != E::TYPE => {
                return Err(session.failed(Self::mismatch(Tag::Atom(E::TYPE), found)));
            }
            _ => {}
        }
        let mut count = 0;
        loop {
            let target = chunk.get_mut(count..).unwrap_or_default();
            if target.is_empty() || self.is_at_end(session) {
                return Ok(Attempt::Done(count));
            }
            match some(session, target) {
                // What was copied comes first; the rest at the next call.
                Ok(Attempt::NeedInput | Attempt::Done(0)) | Err(_) if count > 0 => {
                    return Ok(Attempt::Done(count));
                }
                Ok(Attempt::Done(copied @ 1..)) => {
                    self.begun();
                    count += copied;
                }
                other => return other,
            }
        }
    }

    fn copy_text(
        &mut self,
        session: &mut Session<'_>,
        copying: &mut Copying,
        buffer: &mut [u8],
    ) -> Result<Attempt<Option<usize>>, Failed> {
        if let found @ (Tag::Vector(ty) | Tag::Atom(ty)) = self.column.tag
            && !is_text(ty)
        {
            return Err(session.failed(Self::mismatch(Tag::Atom(Type::String), found)));
        }
        loop {
            let decoder = session.incoming.decoder();
            if decoder.is_between() {
                if self.is_at_end(session) {
                    return Ok(Attempt::Done(None));
                }
                match peek(session)? {
                    Attempt::NeedInput => return Ok(Attempt::NeedInput),
                    Attempt::Done(Tag::Null) => {
                        session.token()?;
                        self.begun();
                        return Ok(Attempt::Done(Some(0)));
                    }
                    Attempt::Done(Tag::Atom(ty)) if is_text(ty) => {}
                    Attempt::Done(found) => {
                        return Err(session.failed(Self::mismatch(Tag::Atom(Type::String), found)));
                    }
                }
            } else if !decoder.is_in_text() {
                let found = decoder.fixed_type().map_or(self.column.tag, Tag::Vector);
                return Err(session.failed(Self::mismatch(Tag::Atom(Type::String), found)));
            } else if !self.is_in_text
                && let Some(name) = session.incoming.next_name()?
            {
                self.begun();
                copying.push(session.incoming.taken(name), buffer);
                return copying.finish(buffer).map_err(|error| session.failed(error));
            }
            let token = match session.token()? {
                Attempt::Done(Some(token)) => token,
                Attempt::Done(None) => return Ok(Attempt::Done(None)),
                Attempt::NeedInput => return Ok(Attempt::NeedInput),
            };
            self.begun();
            if let Token::Text { bytes, last } = session.attach(token) {
                copying.push(bytes, buffer);
                self.is_in_text = !last;
                if last {
                    return copying.finish(buffer).map_err(|error| session.failed(error));
                }
            }
        }
    }
}

impl Copying {
    #[inline]
    fn push(&mut self, bytes: &[u8], buffer: &mut [u8]) {
        let start = usize::try_from(self.len).unwrap_or(usize::MAX);
        let room = buffer.get_mut(start..).unwrap_or_default();
        if let Some(target) = room.get_mut(..bytes.len()) {
            target.copy_from_slice(bytes);
        }
        self.len += bytes.len() as u64;
    }

    #[inline]
    fn finish(&self, buffer: &[u8]) -> Result<Attempt<Option<usize>>, Error<Infallible>> {
        if self.is_cut {
            return Err(Error::Request(RequestError::AlreadyRead));
        }
        match usize::try_from(self.len) {
            Ok(len) if len <= buffer.len() => Ok(Attempt::Done(Some(len))),
            _ => {
                let (needed, available) = (self.len, buffer.len() as u64);
                Err(Error::Capacity { what: Storage::Text, needed, available })
            }
        }
    }
}

/// Copies some elements, or one of a list.
#[inline]
fn some<E: Scalar>(session: &mut Session<'_>, target: &mut [E]) -> Result<Attempt<usize>, Failed> {
    let decoder = session.incoming.decoder();
    let token = if decoder.is_between() {
        match peek(session)? {
            Attempt::NeedInput => return Ok(Attempt::NeedInput),
            Attempt::Done(Tag::Null) if E::NULL.is_some() => {}
            Attempt::Done(Tag::Atom(ty)) if ty == E::TYPE => {}
            Attempt::Done(found) => return Err(session.failed(Cursor::mismatch(Tag::Atom(E::TYPE), found))),
        }
        session.token()?
    } else if decoder.fixed_type() == Some(E::TYPE) {
        session.token_within(target.len().saturating_mul(size_of::<E::Wire>()))?
    } else {
        let found = decoder.fixed_type().map_or(Tag::Atom(Type::String), Tag::Vector);
        return Err(session.failed(Cursor::mismatch(Tag::Vector(E::TYPE), found)));
    };
    let token = match token {
        Attempt::Done(Some(token)) => session.attach(token),
        Attempt::Done(None) => return Ok(Attempt::Done(0)),
        Attempt::NeedInput => return Ok(Attempt::NeedInput),
    };
    Ok(Attempt::Done(match token {
        Token::Elements(elements) => {
            // Its type was looked at.
            let wire = elements.read::<E>().unwrap_or_default();
            for (target, element) in target.iter_mut().zip(wire) {
                *target = E::from_wire(*element);
            }
            wire.len()
        }
        Token::Atom(value) => one(target, E::in_value(value)),
        _ => one(target, None),
    }))
}

/// Copies one element, or the null of the type; of those that have none the zero that servers send in its place.
fn one<E: Scalar>(target: &mut [E], element: Option<E>) -> usize {
    let element = element.or(E::NULL).unwrap_or_else(|| E::from_wire(E::Wire::new_zeroed()));
    target.first_mut().map_or(0, |target| {
        *target = element;
        1
    })
}

const fn is_text(ty: Type) -> bool {
    matches!(ty, Type::Symbol | Type::String)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::session::Progress;
    use crate::client::{Buffers, Memory};
    use crate::wire::{Generation, Header, MessageType};

    /// A session whose request is answered by a payload of so many bytes, of which none came.
    fn asked(memory: Memory<'_>, size: usize) -> Session<'_> {
        let mut session = Session::new(memory);
        session.open(Some(Generation::V3)).unwrap();
        let opening = session.opening();
        let len = session.transmit(&opening).unwrap().len();
        session.sent(len);
        come(&mut session, &[3, 0]);
        assert_eq!(session.poll(), Ok(Progress::Ready));
        session.begin(MessageType::Sync, &()).unwrap();
        while let len @ 1.. = session.transmit(&()).unwrap().len() {
            session.sent(len);
        }
        let message = MessageType::Response;
        come(
            &mut session,
            &Header { generation: Generation::V3, message, packed: false, verbose: false, size: size as u64 }
                .to_bytes(),
        );
        assert_eq!(session.poll(), Ok(Progress::NeedInput));
        session
    }

    fn come(session: &mut Session<'_>, bytes: &[u8]) {
        session.receive_window()[..bytes.len()].copy_from_slice(bytes);
        session.received(bytes.len());
    }

    /// A call of one step, dropped where it would wait.
    fn text(cursor: &mut Cursor, session: &mut Session<'_>, buffer: &mut [u8]) -> Option<usize> {
        let mut copying = cursor.begin_text();
        match cursor.text(session, &mut copying, buffer).unwrap() {
            Attempt::Done(len) => Some(len.unwrap()),
            Attempt::NeedInput => None,
        }
    }

    #[test]
    fn a_text_whose_call_was_dropped_is_passed_over_and_reported() {
        let mut memory = Buffers::<64, 64>::new();
        let mut session = asked(memory.lend(), 10 + 13);
        let (mut cursor, mut buffer) = (Cursor::new(), [0; 16]);
        come(&mut session, b"\x0c\0\x03\0\0\0\0\0\0\0ab\0cd");
        assert!(matches!(cursor.open(&mut session), Ok(Attempt::Done(()))));
        assert!(matches!(cursor.next(&mut session), Ok(Attempt::Done(true))));
        assert_eq!(text(&mut cursor, &mut session, &mut buffer), Some(2));
        assert_eq!(text(&mut cursor, &mut session, &mut buffer), None);
        // Nothing came, so that it is still known to be cut.
        assert_eq!(text(&mut cursor, &mut session, &mut buffer), None);
        come(&mut session, b"ef\0ghi");
        let mut copying = cursor.begin_text();
        let cut = cursor.text(&mut session, &mut copying, &mut buffer);
        let cut = cut.map_err(|failed| session.failure(failed));
        assert!(matches!(cut, Err(Error::Request(RequestError::AlreadyRead))), "{cut:?}");
        // The same call goes on where it waited.
        let mut copying = cursor.begin_text();
        let waits = cursor.text(&mut session, &mut copying, &mut buffer);
        assert!(matches!(waits, Ok(Attempt::NeedInput)));
        come(&mut session, b"j\0");
        let done = cursor.text(&mut session, &mut copying, &mut buffer);
        assert!(matches!(done, Ok(Attempt::Done(Some(4)))));
        assert_eq!(buffer[..4], *b"ghij");
        assert!(matches!(cursor.next(&mut session), Ok(Attempt::Done(false))));
    }

    #[test]
    fn a_text_of_which_nothing_was_given_is_not_lost_with_its_call() {
        let mut memory = Buffers::<64, 64>::new();
        let mut session = asked(memory.lend(), 10 + 10);
        let (mut cursor, mut buffer) = (Cursor::new(), [0; 16]);
        come(&mut session, b"\x0d\0\x01\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0");
        assert!(matches!(cursor.open(&mut session), Ok(Attempt::Done(()))));
        assert!(matches!(cursor.next(&mut session), Ok(Attempt::Done(true))));
        assert_eq!(text(&mut cursor, &mut session, &mut buffer), None);
        come(&mut session, b"ab");
        assert_eq!(text(&mut cursor, &mut session, &mut buffer), Some(2));
    }

    #[test]
    fn elements_are_given_as_they_come_and_never_lost_with_a_call() {
        let mut memory = Buffers::<64, 64>::new();
        let mut session = asked(memory.lend(), 10 + 16);
        let (mut cursor, mut chunk) = (Cursor::new(), [0i32; 8]);
        let mut step = |session: &mut Session<'_>, cursor: &mut Cursor| match cursor
            .elements(session, &mut chunk)
            .unwrap()
        {
            Attempt::Done(count) => Some(chunk[..count].to_vec()),
            Attempt::NeedInput => None,
        };
        come(&mut session, b"\x04\0\x04\0\0\0\0\0\0\0\x01\0\0\0\x02\0");
        assert!(matches!(cursor.open(&mut session), Ok(Attempt::Done(()))));
        assert!(matches!(cursor.next(&mut session), Ok(Attempt::Done(true))));
        assert_eq!(step(&mut session, &mut cursor), Some(std::vec![1]));
        assert_eq!(step(&mut session, &mut cursor), None);
        come(&mut session, b"\0\0\x03\0\0\0\x04");
        assert_eq!(step(&mut session, &mut cursor), Some(std::vec![2, 3]));
        come(&mut session, b"\0\0\0");
        assert_eq!(step(&mut session, &mut cursor), Some(std::vec![4]));
        assert_eq!(step(&mut session, &mut cursor), Some(std::vec![]));
    }

    #[test]
    fn names_are_whole_however_often_the_call_for_columns_was_dropped() {
        let mut memory = Buffers::<64, 64>::new();
        let mut session = asked(memory.lend(), 12 + 7 + 10 + 2);
        let mut cursor = Cursor::new();
        let payload = b"\x62\0\x0c\x03\x02\0\0\0\0\0\0\0name\0b\0\0\0\x02\0\0\0\0\0\0\0\x7e\x7e";
        for byte in &payload[..28] {
            assert!(matches!(cursor.open(&mut session), Ok(Attempt::NeedInput)));
            come(&mut session, &[*byte]);
        }
        come(&mut session, &payload[28..]);
        for name in ["name", "b"] {
            assert!(matches!(cursor.open(&mut session), Ok(Attempt::Done(()))));
            assert!(matches!(cursor.next(&mut session), Ok(Attempt::Done(true))));
            assert!(cursor.name(&session).unwrap() == name);
        }
    }
}
