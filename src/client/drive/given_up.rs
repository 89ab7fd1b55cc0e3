//! What becomes of a call that was given up: a future that was dropped, or a handler that has failed.

use core::convert::Infallible;

use crate::client::drive::{Drive, Op, Step};
use crate::client::session::failure::Failed;
use crate::error::{CloseReason, Error, PeerError, RequestError};

impl Drive<'_> {
    /// Finds out how far the call before came, if it was given up.
    pub(super) fn enter(&mut self) -> Result<(), Failed> {
        self.session.check_open()?;
        if self.is_restoring() {
            return Err(self.session.fail_closed(CloseReason::NotRestored));
        }
        self.give_up_response()?;
        match core::mem::replace(&mut self.step, Step::Idle) {
            Step::Idle | Step::Drain { .. } | Step::Begin { .. } | Step::Listen(_) | Step::Expired => {}
            Step::Open => return Err(self.half_sent()),
            Step::Subscribe { .. } => {}
            Step::Send(_) if self.session.is_half_sent() => return Err(self.half_sent()),
            Step::Send(_) if self.session.is_sending() => self.session.forget_begun(),
            Step::Send(call) if !call.is_answered() => {}
            Step::Await { own: false } => {}
            Step::Probe(_) | Step::Await { own: true } | Step::Subscribed { .. }
                if self.session.is_answering() =>
            {
                self.handed = true;
            }
            Step::Send(_) | Step::Probe(_) | Step::Await { own: true } | Step::Subscribed { .. } => {
                self.abandon();
            }
        }
        self.armed = None;
        Ok(())
    }

    /// Refuses a request whose answer could not be told from others, or which would be one too many.
    pub(super) fn check_pending(&mut self, waits: bool) -> Result<(), Failed> {
        let (pending, limit) = (self.pending(), self.depth());
        if waits && pending > 0 {
            return Err(self.session.failed(Error::Request(RequestError::Pending)));
        }
        if pending >= limit {
            return Err(self.session.failed(Error::Request(RequestError::TooManyPending { limit })));
        }
        Ok(())
    }

    /// Whether the subscriptions of the stream before are being restored.
    pub(super) const fn is_restoring(&self) -> bool {
        matches!(self.step, Step::Subscribe { to: usize::MAX, .. } | Step::Subscribed { to: usize::MAX, .. })
    }

    /// Nobody wants the answer to the newest request any more, which has not begun.
    const fn abandon(&mut self) {
        if let Some(place) = self.session.awaited().checked_sub(1) {
            self.unwanted |= 1u64.unbounded_shl(place as u32);
        }
    }

    /// An answer to a question that was left half-sent cannot be gone on with; one that was not begun becomes a refusal.
    pub(super) fn give_up_response(&mut self) -> Result<(), Failed> {
        if core::mem::take(&mut self.responding) && self.session.is_sending() {
            if self.session.is_half_sent() {
                return Err(self.half_sent());
            }
            self.session.forget_begun();
            self.asked = true;
        }
        Ok(())
    }

    /// The connection is closed. Where what came before the answer did that, the request was sent, and the error must not
    /// say that nothing was.
    pub(super) fn cut_off(&self, op: Op<'_>, reason: CloseReason) -> Error<Infallible> {
        let phase = self.phase();
        match (op, self.step, reason) {
            (Op::Respond, ..) => Error::Closed(reason),
            (_, Step::Await { .. }, CloseReason::TimedOut(_)) => Error::TimedOut(phase),
            (_, Step::Await { .. }, CloseReason::Transport(_) | CloseReason::Disconnected(_)) => {
                Error::Disconnected(phase)
            }
            (_, Step::Await { .. }, CloseReason::Peer(fault)) => Error::Peer(PeerError { fault, offset: 0 }),
            (_, Step::Await { .. }, _) => Error::Aborted(phase),
            _ => Error::Closed(reason),
        }
    }

    fn half_sent(&mut self) -> Failed {
        self.session.fail_closed(CloseReason::HalfSent)
    }
}
