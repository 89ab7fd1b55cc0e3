//! How a connection begins, and begins again.

use crate::client::backoff::{Backoff, Retry};
use crate::client::blocking::Connection;
use crate::client::drive::{Op, failed, steps};
use crate::client::memory::Memory;
use crate::client::options::Options;
use crate::client::transport::{Clock as _, Connect, Transport};
use crate::error::{CloseReason, Error, Phase};
use crate::events;
use core::ops::ControlFlow;
use core::time::Duration;

impl<'b, T: Transport> Connection<'b, T> {
    /// Shakes hands over a stream. What comes back was moved; where the stack is small, [`closed`](Connection::closed) and
    /// [`reopen`](Connection::reopen) do without.
    ///
    /// # Errors
    /// As [`reopen`](Connection::reopen).
    pub fn open(transport: T, memory: Memory<'b>, options: &Options<'_>) -> Result<Self, Error<T::Error>> {
        let mut connection = Connection::closed(memory);
        connection.reopen(transport, options)?;
        Ok(connection)
    }

    /// Shakes hands over a new stream; one that was open before is dropped. Subscriptions are restored, and what they
    /// have missed meanwhile is reported by the next [`next_push`](Connection::next_push).
    ///
    /// # Errors
    /// [`Error::Capacity`] for memory below the least; [`Error::Peer`] with
    /// [`Version`](crate::error::Fault::Version) for a server that speaks neither generation, or not the demanded one;
    /// [`Error::Disconnected`] where it closes without a word, as a wire-3 server does when wire 1 is demanded;
    /// [`Error::Auth`]; [`Error::TimedOut`]; [`Error::Transport`]; [`Error::Server`] for a subscription that is not
    /// restored. The connection is closed after all of them.
    pub fn reopen(&mut self, transport: T, options: &Options<'_>) -> Result<(), Error<T::Error>> {
        self.begin_opening(transport, options)?;
        self.until(&mut steps(Op::Open(options.credentials), &()))
    }

    /// The same; the handshake takes no longer than so long.
    pub(crate) fn reopen_within(
        &mut self,
        transport: T,
        options: &Options<'_>,
        limit: Duration,
    ) -> Result<(), Error<T::Error>> {
        self.begin_opening(transport, options)?;
        self.drive.limit_handshake(limit);
        self.until(&mut steps(Op::Open(options.credentials), &()))
    }

    fn begin_opening(&mut self, transport: T, options: &Options<'_>) -> Result<(), Error<T::Error>> {
        self.transport = Some(transport);
        self.in_transport = false;
        self.drive.open(options).map_err(|failed| self.failed(failed))
    }

    /// Dials until a connection is open, with waits by a policy in between, each of which `observer` sees before it
    /// begins, and can end all. A connection that was open is dropped. Credentials are those of the options,
    /// subscriptions are restored as by [`reopen`](Connection::reopen). The policy is to be
    /// [reset](Backoff::reset) once the connection has proved to work.
    ///
    /// # Errors
    /// Why the last attempt failed, when the policy or the observer has made an end, or at once where no other can be
    /// expected to succeed (the cause is not [transient](Error::is_transient)); [`Error::Closed`] where none was made.
    pub fn reconnect<C: Connect<Transport = T>>(
        &mut self,
        connector: &C,
        options: &Options<'_>,
        backoff: &mut Backoff,
        mut observer: impl FnMut(Retry<'_, T::Error>) -> ControlFlow<()>,
    ) -> Result<(), Error<T::Error>> {
        self.close_with(CloseReason::Owner);
        let mut cause = None;
        while let Some(delay) = backoff.next_delay() {
            let retry = Retry { attempt: backoff.attempt(), delay, cause: cause.as_ref() };
            if observer(retry).is_break() {
                break;
            }
            events::reconnecting(backoff.attempt(), delay);
            connector.clock().wait(delay);
            events::connecting(connector);
            let connected = connector.connect(options.timeouts.connect);
            let opened = match connected {
                Ok(transport) => self.reopen(transport, options),
                Err(source) => {
                    events::not_connected(&source);
                    Err(failed(Phase::Connect, source))
                }
            };
            match opened {
                Err(error) if error.is_transient() => cause = Some(error),
                opened => return opened,
            }
        }
        Err(cause.unwrap_or(Error::Closed(CloseReason::Owner)))
    }
}
