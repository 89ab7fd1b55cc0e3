//! What is known of a request whose call failed.

use crate::client::Memory;
use crate::error::{Error, Fault, PeerError, Phase, RequestError, Storage};

/// What is known of the request of a call that failed.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Outcome {
    /// No byte of it was: it can be sent again.
    NotSent,
    /// Some of it was; the server may have carried it out, or not.
    Unknown,
    /// The server has answered.
    Answered,
}

impl Phase {
    /// What is known of the request of a call that failed in this phase.
    pub const fn outcome(self) -> Outcome {
        match self {
            Phase::Connect | Phase::Handshake | Phase::Drain | Phase::Start => Outcome::NotSent,
            Phase::Write | Phase::FirstByte => Outcome::Unknown,
            Phase::Reply => Outcome::Answered,
            // There was no request.
            Phase::Idle | Phase::Push => Outcome::NotSent,
        }
    }
}

impl<E> Error<E> {
    /// What is known of the request of the call that failed. Where it is unknown, the server may have carried it out:
    /// whether to send it again is for the caller to decide.
    pub const fn outcome(&self) -> Outcome {
        match self {
            Error::Transport { phase, .. }
            | Error::TimedOut(phase)
            | Error::Disconnected(phase)
            | Error::Aborted(phase) => phase.outcome(),
            // Of a frame, the version is the byte 4.
            Error::Peer(PeerError { fault: Fault::Handshake(_), .. })
            | Error::Peer(PeerError { fault: Fault::Version { .. }, offset: 0 }) => Outcome::NotSent,
            Error::Peer(error) if error.closes() => Outcome::Unknown,
            Error::Request(RequestError::Malformed) => Outcome::Unknown,
            Error::Request(RequestError::AlreadyRead) => Outcome::Answered,
            // Without the least memory, nothing begins.
            Error::Capacity { what: Storage::Transmit | Storage::Topics, .. } => Outcome::NotSent,
            Error::Capacity { available, .. } if *available < Memory::LEAST_RECEIVE as u64 => {
                Outcome::NotSent
            }
            Error::Closed(_) | Error::Auth(_) | Error::Exhausted { .. } | Error::Request(_) => {
                Outcome::NotSent
            }
            Error::Peer(_) | Error::Server(_) | Error::Capacity { .. } | Error::Mismatch(_) => {
                Outcome::Answered
            }
        }
    }

    /// Whether the request may have been carried out although the caller did not come to know its result: nobody knows
    /// whether it was, or the answer began to come and was lost on the way, or is damaged. Ask the server what it has
    /// before sending such a request again.
    ///
    /// Where it is false, the error itself says what became of the request: none of it was sent
    /// ([`Outcome::NotSent`]); the server answered that it failed ([`Error::Server`]); or it was carried out, and only the
    /// reading of its result failed ([`Error::Capacity`], [`Error::Mismatch`], [`RequestError::AlreadyRead`]). One answer
    /// tells less: one that did not fit into the buffer of the [smallest client](crate::client::frames), which does not
    /// look whether it is an error.
    ///
    /// Like [`outcome`](Error::outcome) it speaks of calls with a request, and not of one that reads a push.
    pub const fn is_in_doubt(&self) -> bool {
        match self.outcome() {
            Outcome::NotSent => false,
            Outcome::Unknown => true,
            Outcome::Answered => matches!(
                self,
                Error::Transport { .. }
                    | Error::TimedOut(_)
                    | Error::Disconnected(_)
                    | Error::Aborted(_)
                    | Error::Peer(_)
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{AuthError, CloseReason, Mismatch, Shape};
    use crate::wire::ServerError;

    /// Every phase, with whether a call that failed in it leaves doubt.
    const PHASES: [(Phase, bool); 9] = [
        (Phase::Connect, false),
        (Phase::Handshake, false),
        (Phase::Drain, false),
        (Phase::Start, false),
        (Phase::Write, true),
        (Phase::FirstByte, true),
        (Phase::Reply, true),
        (Phase::Idle, false),
        (Phase::Push, false),
    ];

    #[test]
    fn from_the_first_byte_sent_to_the_last_received_a_lost_connection_leaves_doubt() {
        for (phase, doubt) in PHASES {
            let source = ();
            for error in [
                Error::Transport { phase, source },
                Error::TimedOut(phase),
                Error::Disconnected(phase),
                Error::Aborted(phase),
            ] {
                assert_eq!(error.is_in_doubt(), doubt, "{error:?}");
            }
        }
    }

    #[test]
    fn an_answer_that_cannot_be_believed_leaves_doubt() {
        let broken = |fault| Error::<()>::Peer(PeerError { fault, offset: 0 });
        assert!(broken(Fault::Magic).is_in_doubt());
        assert!(broken(Fault::Tag(99)).is_in_doubt());
        assert!(broken(Fault::Unpacked { len: 9, limit: 8 }).is_in_doubt());
        assert!(!broken(Fault::Handshake(7)).is_in_doubt());
        assert!(Error::<()>::Request(RequestError::Malformed).is_in_doubt());
    }

    #[test]
    fn what_the_error_itself_tells_leaves_none() {
        let mismatch = Mismatch { expected: Shape::AnyVector, found: Shape::Utf8 };
        let capacity = |what, available| Error::Capacity { what, needed: 100, available };
        for error in [
            Error::Server(ServerError::new("nyi")),
            Error::Mismatch(mismatch),
            Error::Closed(CloseReason::Owner),
            Error::Auth(AuthError::Needed),
            Error::Exhausted { capacity: 2 },
            Error::Request(RequestError::Credentials),
            Error::Request(RequestError::AlreadyRead),
            capacity(Storage::Receive, 64),
            capacity(Storage::Receive, 8),
            capacity(Storage::Text, 4),
            capacity(Storage::Transmit, 0),
        ] {
            let error: Error<()> = error;
            assert!(!error.is_in_doubt(), "{error:?}");
        }
    }
}
