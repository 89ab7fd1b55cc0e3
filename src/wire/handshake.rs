//! The opening of a connection.
//!
//! ```text
//!  ours     03 00 ─▶            01 00 ─▶ (wire 1 demanded)
//!  theirs   ◀─ 01               wire 1: ready
//!           ◀─ 03 00            wire 3: ready
//!           ◀─ 03 01            wire 3: credentials wanted;  n, n bytes ─▶   ◀─ 00 accepted, 01 refused
//! ```
//!
//! The bytes `03 00` open every server: wire 1 takes any two bytes of which the second is NUL and answers `01`
//! (seen on all six servers). A wire-3 server closes without a word when the first byte is not `03`.

use core::fmt;

use crate::error::{AuthError, Fault, PeerError, RequestError};
use crate::wire::Generation;

/// User and password for a server that asks for them (wire 3, `-u` or `-U`). Borrowed, never kept, never shown.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    user: &'a str,
    password: &'a str,
}

impl<'a> Credentials<'a> {
    /// The user name is ignored by servers without an `.ipc.on.auth` hook and may be empty.
    ///
    /// # Errors
    /// [`RequestError::Credentials`] where the server could not take them apart again: a colon in the user name
    /// (it reads everything behind the first colon as the password), a NUL in the password, or more than 255
    /// bytes (user, colon, password and a final NUL share one length byte; a password alone may have all 255, but
    /// no colon then).
    pub const fn new(user: &'a str, password: &'a str) -> Result<Credentials<'a>, RequestError> {
        let credentials = Credentials { user, password };
        if contains(user.as_bytes(), b':') || contains(password.as_bytes(), 0) {
            return Err(RequestError::Credentials);
        }
        // Without a colon in front of it, a colon in the password would end a user name.
        if credentials.bare() && contains(password.as_bytes(), b':') || credentials.len() > LARGEST {
            Err(RequestError::Credentials)
        } else {
            Ok(credentials)
        }
    }

    /// The length byte and then user, colon, password and NUL; where these do not fit into a length byte, the
    /// password alone.
    pub(crate) fn parts(&self) -> [&[u8]; 4] {
        if self.bare() {
            [&[], &[], self.password.as_bytes(), &[]]
        } else {
            [self.user.as_bytes(), b":", self.password.as_bytes(), b"\0"]
        }
    }

    pub(crate) const fn len(&self) -> usize {
        if self.bare() { self.password.len() } else { self.user.len() + self.password.len() + 2 }
    }

    const fn bare(&self) -> bool {
        self.user.is_empty() && self.password.len() + 2 > LARGEST
    }
}

impl fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials { .. }")
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Credentials<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "Credentials {{ .. }}");
    }
}

/// The client's side of the opening: what to send is [`Opening::bytes`], what comes back goes into
/// [`Opening::answer`] byte by byte.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Opening {
    demanded: Option<Generation>,
    step: Step,
}

/// What an answered byte leads to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Answer {
    /// Another byte is to come.
    More,
    /// Send credentials; then another byte is to come.
    WantsCredentials,
    /// Frames may follow.
    Ready(Generation),
}

impl Opening {
    pub(crate) const fn new(demanded: Option<Generation>) -> Opening {
        Opening { demanded, step: Step::Version }
    }

    /// The two bytes that open the connection. A wire-3 opening works on every server and finds out its
    /// generation; a wire-1 opening makes a wire-3 server close the connection.
    pub(crate) fn bytes(&self) -> [u8; 2] {
        [self.demanded.unwrap_or(Generation::V3).version(), 0]
    }

    pub(crate) fn answer(&mut self, byte: u8) -> Result<Answer, OpeningError> {
        match self.step {
            Step::Version => {
                let ours = self.demanded.unwrap_or(Generation::V3).version();
                let fault = Fault::Version { theirs: byte, ours };
                let generation = match byte {
                    1 => Generation::V1,
                    3 => Generation::V3,
                    _ => return Err(OpeningError::Peer(PeerError { fault, offset: 0 })),
                };
                if self.demanded.is_some_and(|demanded| demanded != generation) {
                    return Err(OpeningError::Peer(PeerError { fault, offset: 0 }));
                }
                if generation == Generation::V1 {
                    return Ok(Answer::Ready(Generation::V1));
                }
                self.step = Step::Authentication;
                Ok(Answer::More)
            }
            Step::Authentication if byte == 0 => Ok(Answer::Ready(Generation::V3)),
            Step::Authentication if byte == 1 => {
                self.step = Step::Verdict;
                Ok(Answer::WantsCredentials)
            }
            Step::Authentication => {
                Err(OpeningError::Peer(PeerError { fault: Fault::Handshake(byte), offset: 1 }))
            }
            Step::Verdict if byte == 0 => Ok(Answer::Ready(Generation::V3)),
            Step::Verdict => Err(OpeningError::Auth(AuthError::Refused)),
        }
    }
}

/// Why an opening failed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum OpeningError {
    Peer(PeerError),
    Auth(AuthError),
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Version,
    Authentication,
    Verdict,
}

const fn contains(bytes: &[u8], wanted: u8) -> bool {
    let mut rest = bytes;
    while let [first, tail @ ..] = rest {
        if *first == wanted {
            return true;
        }
        rest = tail;
    }
    false
}

/// What one length byte can say.
const LARGEST: usize = 255;

#[cfg(test)]
mod tests {
    use super::*;

    fn play(demanded: Option<Generation>, answers: &[u8]) -> Result<Answer, OpeningError> {
        let mut opening = Opening::new(demanded);
        let mut last = Ok(Answer::More);
        for byte in answers {
            last = opening.answer(*byte);
        }
        last
    }

    #[test]
    fn one_opening_finds_out_the_generation() {
        assert_eq!(Opening::new(None).bytes(), [3, 0]);
        assert_eq!(play(None, &[1]), Ok(Answer::Ready(Generation::V1)));
        assert_eq!(play(None, &[3]), Ok(Answer::More));
        assert_eq!(play(None, &[3, 0]), Ok(Answer::Ready(Generation::V3)));
        assert_eq!(play(None, &[3, 1]), Ok(Answer::WantsCredentials));
        assert_eq!(play(None, &[3, 1, 0]), Ok(Answer::Ready(Generation::V3)));
        assert_eq!(play(None, &[3, 1, 1]), Err(OpeningError::Auth(AuthError::Refused)));
    }

    #[test]
    fn a_third_version_and_an_undemanded_one_are_typed_errors() {
        let fault = |theirs, ours| {
            Err(OpeningError::Peer(PeerError { fault: Fault::Version { theirs, ours }, offset: 0 }))
        };
        assert_eq!(play(None, &[4]), fault(4, 3));
        assert_eq!(play(Some(Generation::V3), &[1]), fault(1, 3));
        assert_eq!(play(Some(Generation::V1), &[3]), fault(3, 1));
        assert_eq!(Opening::new(Some(Generation::V1)).bytes(), [1, 0]);
    }

    #[test]
    fn credentials_travel_as_the_servers_read_them() {
        let credentials = Credentials::new("bob", "s3cret").unwrap();
        assert_eq!(credentials.parts().concat(), b"bob:s3cret\0");
        assert_eq!(credentials.len(), 11);
        assert_eq!(std::format!("{credentials:?}"), "Credentials { .. }");
        let long = "x".repeat(255);
        assert_eq!(Credentials::new("", &long).unwrap().parts().concat(), long.as_bytes());
        assert_eq!(Credentials::new("", &long[..253]).unwrap().len(), 255);
    }

    #[test]
    fn credentials_that_cannot_be_taken_apart_are_refused() {
        assert_eq!(Credentials::new("a:b", "pw").unwrap_err(), RequestError::Credentials);
        assert_eq!(Credentials::new("a", "p\0w").unwrap_err(), RequestError::Credentials);
        assert_eq!(Credentials::new("", &"x".repeat(256)).unwrap_err(), RequestError::Credentials);
        assert!(Credentials::new("", &":".repeat(253)).is_ok());
        assert_eq!(Credentials::new("", &":".repeat(254)).unwrap_err(), RequestError::Credentials);
        assert_eq!(Credentials::new("user", &"x".repeat(250)).unwrap_err(), RequestError::Credentials);
    }
}
