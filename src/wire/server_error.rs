//! The error value of a server, which each dialect shapes in its own way.
//!
//! ```text
//!  wire 3            7f, 8 bytes of ASCII padded with NUL                 no text
//!  wire 1, old (1a)  7f, code, a value: the message                       0.0.17, 0.1.5
//!  wire 1, new (1b)  7f, code, 7 zero bytes, 24 bytes of details          0.6.3, 1.0.0
//! ```

use core::fmt;

use crate::wire::tag::{ERROR_CODE_LEN, ERROR_RECORD_BODY_LEN};
use crate::wire::{Generation, Type};

/// What a server's error value says, without its text: small enough to be in every `Result`.
///
/// The text, which only dialect 1a sends, is read from the value's
/// [`message`](crate::codec::ErrorValue::message), or from the connection until its next request.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ServerError {
    code: Code,
    detail: [u8; DETAIL_LEN],
}

/// The code as the dialect writes it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) enum Code {
    /// Wire 3.
    Name([u8; ERROR_CODE_LEN]),
    /// Wire 1, dialect 1a; a message follows.
    Text(u8),
    /// Wire 1, dialect 1b.
    Record(u8),
}

impl ServerError {
    /// An error to answer a server's question with, for wire 3: a code of at most 8 bytes, of which the servers
    /// keep 7.
    pub const fn new(code: &str) -> ServerError {
        let mut name = [0; ERROR_CODE_LEN];
        let mut rest = code.as_bytes();
        let mut room = name.as_mut_slice();
        while let ([byte, rest_tail @ ..], [place, room_tail @ ..]) = (rest, room) {
            *place = *byte;
            rest = rest_tail;
            room = room_tail;
        }
        ServerError::from_code(Code::Name(name))
    }

    /// The short name: of wire 3 as it was sent (`type`, `domain`, `name`, an open set), of wire 1 the meaning of
    /// the number. Empty where a wire-3 server sent no ASCII.
    pub fn code(&self) -> &str {
        match &self.code {
            Code::Name(name) => {
                let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
                core::str::from_utf8(name).unwrap_or_default()
            }
            Code::Text(code) => match code {
                1 => "init",
                2 => "parse",
                3 => "eval",
                4 => "format",
                5 => "type",
                6 => "length",
                7 => "arity",
                8 => "index",
                9 => "heap",
                10 => "io",
                11 => "sys",
                12 => "os",
                13 => "not found",
                14 => "does not exist",
                15 => "not implemented",
                16 => "not supported",
                17 => "stack overflow",
                18 => "raised",
                _ => "unknown",
            },
            Code::Record(code) => match code {
                0 => "ok",
                1 => "type",
                2 => "arity",
                3 => "length",
                4 => "domain",
                5 => "index",
                6 => "value",
                7 => "limit",
                8 => "os",
                9 => "parse",
                10 => "nyi",
                11 => "user",
                _ => "unknown",
            },
        }
    }

    /// The number that wire 1 sends; `None` on wire 3.
    pub const fn number(&self) -> Option<u8> {
        match self.code {
            Code::Name(_) => None,
            Code::Text(code) | Code::Record(code) => Some(code),
        }
    }

    /// The first details of dialect 1b, whose meaning depends on the code; zero elsewhere. Servers leave remains
    /// of earlier errors in the bytes that a code does not use.
    pub const fn detail(&self) -> [u8; DETAIL_LEN] {
        self.detail
    }

    pub(crate) const fn from_code(code: Code) -> ServerError {
        ServerError { code, detail: [0; DETAIL_LEN] }
    }

    pub(crate) const fn raw_code(&self) -> Code {
        self.code
    }

    pub(crate) const fn detail_mut(&mut self) -> &mut [u8; DETAIL_LEN] {
        &mut self.detail
    }

    pub(crate) const fn with_detail(self, detail: [u8; DETAIL_LEN]) -> ServerError {
        ServerError { detail, ..self }
    }

    /// The text of an error that a program raised, in the details of dialect 1b.
    pub(crate) fn user_text<'a>(&self, details: &'a [u8]) -> Option<&'a [u8]> {
        let text = details.split(|byte| *byte == 0).next()?;
        (self.code == Code::Record(RAISED) && !text.is_empty()).then_some(text)
    }

    /// Whether the message of dialect 1a follows as a value.
    pub(crate) const fn has_message(&self) -> bool {
        matches!(self.code, Code::Text(_))
    }

    /// The generation whose errors have this shape.
    pub const fn generation(&self) -> Generation {
        match self.code {
            Code::Name(_) => Generation::V3,
            Code::Text(_) | Code::Record(_) => Generation::V1,
        }
    }
}

impl fmt::Debug for ServerError {
    /// As `ServerError("type")`; of wire 1 with what is known of it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServerError(\"{self}\")")
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())?;
        let [a, b, c, d, ..] = self.detail;
        match self.code {
            Code::Record(1) => write!(f, ": expected {}, got {}", TagName(a), TagName(b)),
            Code::Record(2 | 3) => write!(f, ": needs {}, got {}", a.cast_signed(), b.cast_signed()),
            Code::Record(5) => write!(f, ": {} of {}", a.cast_signed(), b.cast_signed()),
            Code::Record(7) => write!(f, ": {}", i32::from_le_bytes([a, b, c, d])),
            Code::Record(8) => write!(f, ": errno {}", i32::from_le_bytes([a, b, c, d])),
            Code::Record(10) => write!(f, ": {}", TagName(a)),
            _ => Ok(()),
        }
    }
}

impl core::error::Error for ServerError {}

/// A type tag of wire 1 as the servers write it: lower case for an atom.
struct TagName(u8);

impl fmt::Display for TagName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use crate::wire::Tag;
        match Generation::V1.tag(self.0) {
            Some(Tag::Atom(Type::String)) => f.write_str("string"),
            Some(Tag::Atom(ty)) => {
                ty.name().chars().try_for_each(|c| write!(f, "{}", c.to_ascii_lowercase()))
            }
            Some(Tag::Vector(ty)) => f.write_str(ty.name()),
            Some(Tag::List) => f.write_str("LIST"),
            Some(Tag::Table) => f.write_str("TABLE"),
            Some(Tag::Dict) => f.write_str("DICT"),
            Some(Tag::Lambda) => f.write_str("LAMBDA"),
            Some(Tag::Function(_)) => f.write_str("FUNCTION"),
            Some(Tag::Null) => f.write_str("NULL"),
            Some(Tag::Error) => f.write_str("ERROR"),
            None => write!(f, "tag {:#04x}", self.0),
        }
    }
}

/// Whether the bytes behind the code are the padding of a record, and not the value of dialect 1a. Of all values, the
/// empty list alone begins with as many zeros (no server sends it as a message), whose attribute means nothing and
/// is left out of account: else it would be another error when it is sent again.
pub(crate) fn is_padding(bytes: &[u8]) -> bool {
    bytes.iter().enumerate().all(|(at, byte)| *byte == 0 || at == ATTR_AT)
}

/// Where behind its tag a list has its attribute.
const ATTR_AT: usize = 1;
/// The code of dialect 1b for an error that a program raised.
const RAISED: u8 = 11;
/// The details that an error keeps, of the 24 bytes that dialect 1b sends.
pub(crate) const DETAIL_LEN: usize = 8;
const _: () = assert!(DETAIL_LEN <= ERROR_RECORD_BODY_LEN);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_three_codes_are_ascii_up_to_the_first_nul() {
        let error = ServerError::new("type");
        assert_eq!((error.code(), error.number()), ("type", None));
        assert_eq!(ServerError::new("morethaneight").code(), "morethan");
        assert_eq!(std::format!("{error}"), "type");
    }

    #[test]
    fn records_tell_what_they_know() {
        let error =
            |code, detail| std::format!("{}", ServerError::from_code(Code::Record(code)).with_detail(detail));
        assert_eq!(error(1, [0xfb, 0xfa, 0, 0, 0, 0, 0, 0]), "type: expected i64, got symbol");
        assert_eq!(error(2, [2, 1, 0, 0, 0, 0, 0, 0]), "arity: needs 2, got 1");
        assert_eq!(error(8, [111, 0, 0, 0, 0, 0, 0, 0]), "os: errno 111");
        assert_eq!(error(9, [0; 8]), "parse");
    }
}
