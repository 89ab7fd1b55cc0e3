//! What an async connection needs of the outside world.

use core::fmt;
use core::time::Duration;

use embedded_io_async::{ErrorType, Read, Write};

use crate::client::transport::{Abort, Clock};

/// An async byte stream in both directions whose waits end.
///
/// A connection calls `read`, `write` and `flush` only, and expects of them what `embedded-io-async` encourages:
/// **dropping a future of theirs that has not completed moves no byte**. Where that does not hold, neither does what the
/// [front](crate::client::asynch) promises of dropped calls. `read` that gives none is the end of the stream. An error of
/// kind `Interrupted` is tried again; every other one closes the connection.
#[expect(async_fn_in_trait, reason = "whether its futures are Send is for the implementor to choose")]
pub trait Transport: Read + Write {
    /// What reaches the stream from elsewhere while a call on it waits.
    type Handle: Abort;

    /// From now on, until the next call, `read`, `write` and `flush` end within `limit`, all of them together, with
    /// an error of kind `TimedOut`. Does not wait.
    fn set_deadline(&mut self, limit: Duration);

    /// A handle for this stream.
    ///
    /// # Errors
    /// Whatever keeps the transport from giving one.
    fn handle(&self) -> Result<Self::Handle, Self::Error>;

    /// Ends the stream in good order: what was written still arrives. Waits no longer than the deadline. (At once,
    /// without regard for what was written: dropping it.)
    ///
    /// # Errors
    /// Whatever keeps the transport from it; the stream is dropped all the same.
    async fn close(&mut self) -> Result<(), Self::Error> {
        self.flush().await
    }

    /// Whether the other side has not ended the stream yet, as far as that can be told without waiting and without
    /// taking a byte. A transport that cannot tell says yes.
    ///
    /// It is asked of a connection that was idle in a [pool](crate::engine::asynch::Engine::acquire).
    fn is_alive(&mut self) -> bool {
        true
    }
}

impl<T: Transport> Transport for &mut T {
    type Handle = T::Handle;

    fn set_deadline(&mut self, limit: Duration) {
        T::set_deadline(self, limit);
    }

    fn handle(&self) -> Result<Self::Handle, Self::Error> {
        T::handle(self)
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        T::close(self).await
    }

    fn is_alive(&mut self) -> bool {
        T::is_alive(self)
    }
}

/// A clock that can be waited for: that of the executor.
#[expect(async_fn_in_trait, reason = "whether its futures are Send is for the implementor to choose")]
pub trait Timer: Clock {
    /// Waits so long. Dropping the future ends the wait.
    async fn sleep(&self, duration: Duration);
}

/// Makes transports to one server. `Display` says which, as `host=localhost, port=5000`.
#[expect(async_fn_in_trait, reason = "whether its futures are Send is for the implementor to choose")]
pub trait Connect: fmt::Display {
    /// What it makes.
    type Transport: Transport;
    /// What tells the time of a connection, and can be waited for.
    type Timer: Timer;

    /// Opens a stream, within `limit`. Dropping the future gives it up.
    ///
    /// # Errors
    /// Whatever keeps the transport from it; of kind `TimedOut` when the limit is reached.
    async fn connect(
        &self,
        limit: Duration,
    ) -> Result<Self::Transport, <Self::Transport as ErrorType>::Error>;

    /// The timer.
    fn timer(&self) -> &Self::Timer;
}
