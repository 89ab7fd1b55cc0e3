//! The one error of this package: a text for a person.

use std::fmt;

/// What went wrong and, where there is a remedy, what to do about it.
pub struct Error(String);

impl Error {
    /// An error that reads as `message`.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// An error of the form `context: cause`.
    pub(crate) fn caused(context: impl fmt::Display, cause: impl fmt::Display) -> Self {
        Self(format!("{context}: {cause}"))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

// A test that unwraps shows Debug: several lines of a log would be unreadable when escaped.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {}

/// The last `count` lines of `text` that aren't blank, indented for quoting in an error.
pub(crate) fn tail(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = lines.iter().skip(lines.len().saturating_sub(count));
    last.map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tail_keeps_the_last_lines() {
        assert_eq!(tail("a\n\nb\nc\n", 2), "    b\n    c");
        assert_eq!(tail("a", 5), "    a");
        assert_eq!(tail("\n \n", 5), "");
    }

    #[test]
    fn debug_is_readable() {
        assert_eq!(format!("{:?}", Error::caused("first", "line\nsecond")), "first: line\nsecond");
    }
}
