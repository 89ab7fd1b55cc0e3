//! What a call waits for, how long it may, and what it means when the stream fails meanwhile.

use core::convert::Infallible;
use core::time::Duration;

use embedded_io::ErrorKind;

use crate::client::drive::{Drive, Own, Step, Turn};
use crate::error::{CloseReason, Error, Phase};

impl Drive<'_> {
    /// What a turn came to: bytes that were moved, or an error of the transport. Of those, an interruption is tried
    /// again, and the end of an idle wait is none.
    pub(crate) fn turned<E: embedded_io::Error>(
        &mut self,
        turn: Turn,
        result: Result<usize, E>,
    ) -> Result<(), Error<E>> {
        let phase = self.phase();
        match (turn, result) {
            (Turn::Read | Turn::Write, Ok(0)) => return Err(widen(self.session.ended(phase))),
            (Turn::Read, Ok(count)) => self.session.received(count),
            (Turn::Write, Ok(count)) => self.session.sent(count),
            (Turn::Flush | Turn::Done, Ok(_)) => self.unflushed = false,
            (_, Err(source)) => match source.kind() {
                ErrorKind::Interrupted => {}
                ErrorKind::TimedOut if phase == Phase::Idle => self.step = Step::Expired,
                _ => return Err(failed(phase, source)),
            },
        }
        Ok(())
    }

    /// After an error that leaves doubt about what comes next, closes for good; whether it is closed.
    pub(crate) fn settle<E>(&mut self, error: &Error<E>) -> bool {
        match error {
            Error::Transport { phase, .. } => self.session.close(CloseReason::Transport(*phase)),
            Error::TimedOut(phase) => self.session.close(CloseReason::TimedOut(*phase)),
            Error::Aborted(_) => self.session.close(CloseReason::Aborted),
            Error::Closed(reason) => self.session.close(*reason),
            _ => {}
        }
        self.session.closed().is_some()
    }

    /// The time that the transport has from now on, where a phase has begun. Each begins once in a call.
    pub(crate) fn limit(&mut self) -> Option<Duration> {
        let phase = match self.phase() {
            // It ends with the first byte, and so does not begin another.
            Phase::Start => Phase::Write,
            phase => phase,
        };
        if self.armed == Some(phase) {
            return None;
        }
        self.armed = Some(phase);
        Some(self.timeouts.of(phase))
    }

    /// What a call is waiting for.
    pub(crate) fn phase(&self) -> Phase {
        match self.step {
            Step::Open => Phase::Handshake,
            Step::Drain { .. } | Step::Begin { .. } | Step::Probe(_) => Phase::Drain,
            Step::Subscribe { .. } => Phase::Drain,
            Step::Subscribed { .. } if self.session.is_answering() => Phase::Reply,
            Step::Subscribed { .. } if !matches!(self.own, Some(Own::Subscription(_))) => Phase::FirstByte,
            Step::Subscribed { .. } | Step::Send(_) if self.session.has_sent() => Phase::Write,
            Step::Subscribed { .. } | Step::Send(_) => Phase::Start,
            // What is read away of the answer before says nothing of this request.
            Step::Await { .. } if !self.session.is_answering() || self.handed => Phase::FirstByte,
            // Only what is waited for may not come: a refusal is to be taken.
            Step::Listen(_) if self.asked => Phase::Push,
            Step::Listen(_) if self.own.is_none() && !self.session.is_within_frame() => Phase::Idle,
            // Answers that nobody wants do not put off the end of that; what is left of them is for the next call.
            Step::Listen(_) if self.armed == Some(Phase::Idle) && (self.handed || self.unwanted & 1 != 0) => {
                Phase::Idle
            }
            Step::Await { .. } | Step::Idle if self.session.is_answering() => Phase::Reply,
            Step::Await { .. } | Step::Idle | Step::Expired | Step::Listen(_) => Phase::Push,
        }
    }
}

/// A transport's error by what it means for the caller.
pub(crate) fn failed<E: embedded_io::Error>(phase: Phase, source: E) -> Error<E> {
    match source.kind() {
        ErrorKind::TimedOut => Error::TimedOut(phase),
        ErrorKind::ConnectionAborted => Error::Aborted(phase),
        _ => Error::Transport { phase, source },
    }
}

/// A session has no transport to fail.
pub(crate) fn widen<E>(error: Error<Infallible>) -> Error<E> {
    error.map_transport(|never| match never {})
}
