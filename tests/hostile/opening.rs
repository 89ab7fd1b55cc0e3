//! Before a request: the answer to the opening.

use rayforce_ipc::client::Options;
use rayforce_ipc::error::{AuthError, CloseReason, Error, Fault, Phase};
use rayforce_ipc::wire::Credentials;

use super::cases::{Case, Then, V1, V3, breaks, play_all, play_all_with};

const ENDED: Then =
    Then::Closes(Error::Disconnected(Phase::Handshake), CloseReason::Disconnected(Phase::Handshake));

const fn denied(error: AuthError) -> Then {
    Then::Closes(Error::Auth(error), CloseReason::Auth(error))
}

#[test]
fn openings_that_are_none() {
    // Another version than the two that exist, or no server of RayforceDB at all: a wire 3 opening is what was sent.
    let version = |theirs| breaks(Fault::Version { theirs, ours: 3 }, 0);
    let silent = Then::Closes(Error::TimedOut(Phase::Handshake), CloseReason::TimedOut(Phase::Handshake));
    play_all(&[
        Case::new("gone at once", "", ENDED),
        Case::new("silent", "", silent).with(true, None),
        Case::new("silent behind the version", "03", silent).with(true, None),
        Case::new("gone behind the version", "03", ENDED),
        Case::new("version 0", "00 00", version(0)),
        Case::new("version 2", "02 00", version(2)),
        Case::new("version 4", "04 00", version(4)),
        Case::new("version 255", "ff ff ff ff", version(0xff)),
        Case::new(
            "a frame without an opening",
            "fadeface030000020a00000000000000fb000300000000000000",
            version(0xfa),
        ),
        Case::new("HTTP", "485454502f312e31203430302042616420526571756573740d0a0d0a", version(b'H')),
        Case::new("TLS alert", "15 03 01 00 02 02 0a", version(0x15)),
        Case::new("SSH", "5353482d322e302d782d310d0a", version(b'S')),
        Case::new("SMTP", "32323020780d0a", version(b'2')),
        Case::new("neither open nor closed: 02", "03 02", breaks(Fault::Handshake(2), 1)),
        Case::new("neither open nor closed: 03", "03 03", breaks(Fault::Handshake(3), 1)),
        Case::new("neither open nor closed: 80", "03 80", breaks(Fault::Handshake(0x80), 1)),
        Case::new("a frame behind the version", "03 fadeface", breaks(Fault::Handshake(0xfa), 1)),
        Case::new("credentials wanted, and there are none", "03 01", denied(AuthError::Needed)),
    ]);
}

#[test]
fn verdicts_on_credentials() {
    let options = Options { credentials: Credentials::new("bob", "s3cret").ok(), ..Options::new() };
    play_all_with(
        &[
            Case::new("refused", "03 01 | 01", denied(AuthError::Refused)),
            // What is not accepted is refused.
            Case::new("a verdict that is none: 02", "03 01 | 02", denied(AuthError::Refused)),
            Case::new("a verdict that is none: fa", "03 01 | fadeface", denied(AuthError::Refused)),
            Case::new("wanted again", "03 01 | 03 01", denied(AuthError::Refused)),
            Case::new("gone before the verdict", "03 01 |", ENDED),
            Case::new("a verdict before the credentials", "03 01 01", denied(AuthError::Refused)),
        ],
        &options,
    );
}

#[test]
fn another_generation_than_the_demanded_one() {
    for (generation, other, said) in [(V1, 3, "03 00"), (V3, 1, "01")] {
        let options = Options { generation: Some(generation), ..Options::new() };
        let then = breaks(Fault::Version { theirs: other, ours: generation.version() }, 0);
        // The smallest client demands none.
        play_all_with(&[Case::new("another generation", said, then).with(false, None)], &options);
    }
}
