//! One connection.

use core::fmt;
use core::time::Duration;

use embedded_io::{ErrorType, Read, Write};
use smoltcp::socket::tcp::{RecvError, Socket, State};

use crate::client::Transport;
use crate::transports::deadline::Deadline;
use crate::transports::smoltcp::slot::{Slot, User};
use crate::transports::smoltcp::stack::{Port, discard};
use crate::transports::smoltcp::{Handle, SocketError};

/// A TCP connection over a [`Stack`](super::Stack), with deadlines.
///
/// What is written goes out when the buffer is full, with [`flush`](Write::flush), or when the stack is moved forward
/// otherwise. Dropping it resets the connection, for the other host at the next [`poll`](super::Stack::poll) or call on any
/// stream, and frees its slot at once.
pub struct Stream<'s> {
    stack: &'s dyn Port,
    slot: &'s Slot,
    deadline: Deadline,
    is_open: bool,
}

impl<'s> Stream<'s> {
    /// Over a slot that was dialled for it.
    pub(super) const fn new(stack: &'s dyn Port, slot: &'s Slot, deadline: Deadline) -> Stream<'s> {
        Stream { stack, slot, deadline, is_open: true }
    }

    /// Waits until the other host has accepted the connection.
    pub(super) fn accepted(&mut self) -> Result<(), SocketError> {
        let accepted = self.wait(|socket| match socket.state() {
            State::SynSent | State::SynReceived => None,
            State::Closed => Some(Err(SocketError::Closed)),
            _ => {
                // Without signs of life to be had, it would end connections where nothing is to be said.
                socket.set_timeout(socket.keep_alive().map(|interval| interval * CHANCES));
                Some(Ok(()))
            }
        });
        accepted.map_err(|error| if error == SocketError::Reset { SocketError::Refused } else { error })
    }

    /// Waits until an attempt comes to something. One that comes to [`SocketError::Closed`] gives why the socket was closed.
    fn wait<R>(
        &mut self,
        mut attempt: impl FnMut(&mut Socket<'_>) -> Option<Result<R, SocketError>>,
    ) -> Result<R, SocketError> {
        if !self.is_open {
            return Err(SocketError::Closed);
        }
        if !self.deadline.begin(self.stack.uptime()) {
            return Err(SocketError::TimedOut);
        }
        let mut is_polled = false;
        loop {
            if self.slot.is_aborted() {
                return Err(SocketError::Aborted);
            }
            let mut outcome = None;
            self.stack.visit(self.slot, &mut |socket| outcome = attempt(socket))?;
            match outcome {
                Some(Err(SocketError::Closed)) => {
                    return Err(self.slot.end.get().unwrap_or(SocketError::Reset));
                }
                Some(outcome) => return outcome,
                None => {}
            }
            if is_polled {
                let now = self.stack.uptime();
                if self.deadline.has_passed(now) {
                    return Err(SocketError::TimedOut);
                }
                self.stack.pass(self.deadline.left(now));
            }
            self.stack.advance()?;
            is_polled = true;
        }
    }

    /// Leaves the slot to the next stream.
    fn leave(&mut self, user: User) {
        if core::mem::take(&mut self.is_open) {
            self.slot.user.set(user);
        }
    }
}

impl ErrorType for Stream<'_> {
    type Error = SocketError;
}

impl Read for Stream<'_> {
    fn read(&mut self, target: &mut [u8]) -> Result<usize, SocketError> {
        if target.is_empty() {
            return Ok(0);
        }
        self.wait(|socket| match socket.recv_slice(target) {
            Ok(0) => None,
            Ok(count) => Some(Ok(count)),
            Err(RecvError::Finished) => Some(Ok(0)),
            Err(RecvError::InvalidState) => Some(Err(SocketError::Closed)),
        })
    }
}

impl Write for Stream<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, SocketError> {
        if bytes.is_empty() {
            return Ok(0);
        }
        self.wait(|socket| match socket.send_slice(bytes) {
            Ok(0) => None,
            Ok(count) => Some(Ok(count)),
            Err(_) => Some(Err(SocketError::Closed)),
        })
    }

    /// Hands what was written to the device, as far as both hosts have room for it. Does not wait.
    fn flush(&mut self) -> Result<(), SocketError> {
        if self.slot.is_aborted() {
            return Err(SocketError::Aborted);
        }
        self.stack.advance()
    }
}

impl<'s> Transport for Stream<'s> {
    type Handle = Handle<'s>;

    fn set_deadline(&mut self, limit: Duration) {
        self.deadline = Deadline::after(self.stack.uptime(), limit);
    }

    fn handle(&self) -> Result<Handle<'s>, SocketError> {
        Ok(self.slot.handle())
    }

    /// Ends the stream, and waits until the other host has acknowledged all that was written, and the end. Then the slot is free:
    /// nothing is waited for that the other host may still do. After an error the connection is reset.
    fn close(&mut self) -> Result<(), SocketError> {
        self.wait(|socket| {
            socket.close();
            discard(socket);
            // Whoever is gone after that is none of ours.
            socket.set_keep_alive(None);
            socket.set_timeout(None);
            match socket.state() {
                State::FinWait2 | State::TimeWait => Some(Ok(())),
                State::Closed if socket.send_queue() == 0 => Some(Ok(())),
                State::Closed => Some(Err(SocketError::Closed)),
                _ => None,
            }
        })?;
        self.leave(User::Nobody);
        Ok(())
    }

    /// Moves the stack forward first.
    fn is_alive(&mut self) -> bool {
        let mut is_alive = false;
        // Within `with_interface` nothing can be told.
        let _ = self.stack.advance();
        let visited = self.stack.visit(self.slot, &mut |socket| {
            is_alive = socket.can_recv() || socket.state() == State::Established;
        });
        self.is_open && !self.slot.is_aborted() && (is_alive || visited == Err(SocketError::Busy))
    }
}

impl Drop for Stream<'_> {
    fn drop(&mut self) {
        self.leave(User::Past);
    }
}

impl fmt::Debug for Stream<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream")
            .field("slot", self.slot)
            .field("is_open", &self.is_open)
            .finish_non_exhaustive()
    }
}

/// Signs of life that the other host may fail to give.
const CHANCES: u32 = 3;
