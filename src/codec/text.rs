//! Text as it travels: bytes, normally UTF-8. Servers pass invalid UTF-8 through untouched, and so do we.

use core::fmt::{self, Write as _};
use core::hash::{Hash, Hasher};

use crate::error::{Mismatch, Shape};

/// The bytes of a string.
#[derive(Clone, Copy, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Text<'a>(pub &'a [u8]);

impl<'a> Text<'a> {
    /// The bytes.
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.0
    }

    /// The text.
    ///
    /// # Errors
    /// [`Mismatch`] with the offset of the first byte that is no UTF-8.
    pub fn as_str(&self) -> Result<&'a str, Mismatch> {
        core::str::from_utf8(self.0)
            .map_err(|error| Mismatch { expected: Shape::Utf8, found: Shape::NotUtf8(error.valid_up_to()) })
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Text(text.as_bytes())
    }
}

impl PartialEq<str> for Text<'_> {
    fn eq(&self, other: &str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl PartialEq<&str> for Text<'_> {
    fn eq(&self, other: &&str) -> bool {
        *self == **other
    }
}

impl fmt::Debug for Text<'_> {
    /// As a quoted string with escapes, like `"tab\tnl\n"`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for chunk in self.0.utf8_chunks() {
            chunk.valid().chars().try_for_each(|char| escaped(f, char, '"'))?;
            chunk.invalid().iter().try_for_each(|byte| octal(f, *byte))?;
        }
        f.write_str("\"")
    }
}

impl fmt::Display for Text<'_> {
    /// The text, with U+FFFD in place of what is no UTF-8.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            f.write_str(chunk.valid())?;
            if !chunk.invalid().is_empty() {
                f.write_str("\u{fffd}")?;
            }
        }
        Ok(())
    }
}

/// A symbol: a name that the server interns.
///
/// Whether a symbol in a reply is quoted depends on how the server came by it, so two symbols are equal when
/// their names are.
#[derive(Clone, Copy, Debug, Default)]
pub struct Symbol<'a> {
    name: Text<'a>,
    quoted: bool,
}

impl<'a> Symbol<'a> {
    /// A literal: evaluates to itself. (Wire 1 has no quote: in a request, wrap it in a call of `quote`.)
    pub const fn quoted(name: &'a str) -> Symbol<'a> {
        Symbol { name: Text(name.as_bytes()), quoted: true }
    }

    /// A name: looked up when it is evaluated.
    pub const fn name(name: &'a str) -> Symbol<'a> {
        Symbol { name: Text(name.as_bytes()), quoted: false }
    }

    /// Any bytes without NUL.
    pub const fn from_bytes(name: &'a [u8], quoted: bool) -> Symbol<'a> {
        Symbol { name: Text(name), quoted }
    }

    /// The name's bytes.
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.name.as_bytes()
    }

    /// The name.
    ///
    /// # Errors
    /// [`Mismatch`] where it is no UTF-8.
    pub fn as_str(&self) -> Result<&'a str, Mismatch> {
        self.name.as_str()
    }

    /// The name as text.
    pub const fn text(&self) -> Text<'a> {
        self.name
    }

    /// Whether it is a literal (wire 3).
    pub const fn is_quoted(&self) -> bool {
        self.quoted
    }
}

impl Eq for Symbol<'_> {}

impl PartialEq for Symbol<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl PartialEq<str> for Symbol<'_> {
    fn eq(&self, other: &str) -> bool {
        self.name == *other
    }
}

impl Hash for Symbol<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl fmt::Display for Symbol<'_> {
    /// `'abc` for a literal, `abc` for a name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.quoted {
            f.write_str("'")?;
        }
        self.name.fmt(f)
    }
}

/// A char as the servers' parsers read it: `'a'`, `'\n'`, `'\377'`.
pub(crate) struct CharLiteral(pub(crate) u8);

impl fmt::Display for CharLiteral {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("'")?;
        if self.0.is_ascii() {
            escaped(f, char::from(self.0), '\'')?
        } else {
            octal(f, self.0)?
        }
        f.write_str("'")
    }
}

/// A character inside quotes, with the escapes that all servers know.
fn escaped(f: &mut fmt::Formatter<'_>, char: char, quote: char) -> fmt::Result {
    match char {
        '\\' => f.write_str("\\\\"),
        '\n' => f.write_str("\\n"),
        '\t' => f.write_str("\\t"),
        '\r' => f.write_str("\\r"),
        _ if char == quote => write!(f, "\\{char}"),
        '\0'..='\x1f' | '\x7f' => octal(f, char as u8),
        _ => f.write_char(char),
    }
}

/// Servers read three octal digits; hexadecimal is an error on wire 1 and no escape on wire 3 (all four versions).
fn octal(f: &mut fmt::Formatter<'_>, byte: u8) -> fmt::Result {
    write!(f, "\\{byte:03o}")
}

#[cfg(feature = "defmt")]
impl defmt::Format for Text<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        match self.as_str() {
            Ok(text) => defmt::write!(f, "{=str}", text),
            Err(_) => defmt::write!(f, "{=[u8]}", self.0),
        }
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Symbol<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "'{}", self.name);
    }
}
