//! An async stream with a timer, as a transport (feature `async`).

use core::future::Future;
use core::pin::pin;
use core::task::Poll;
use core::time::Duration;

use embedded_io_async::{ErrorType, Read, Write};

use crate::client::asynch::{Timer, Transport};
use crate::transports::adapters::TimedError;
use crate::transports::deadline::Deadline;

/// An `embedded-io-async` stream, and the timer that ends its waits: a socket of embassy-net, one of tokio through
/// embedded-io-adapters, a UART.
///
/// Where the stream's futures may be dropped without moving a byte, so may these.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Timed<S, T> {
    stream: S,
    timer: T,
    deadline: Deadline,
}

impl<S, T: Timer> Timed<S, T> {
    /// Over a stream; until a deadline is set, every wait ends at once.
    pub const fn new(stream: S, timer: T) -> Self {
        Timed { stream, timer, deadline: Deadline::passed() }
    }

    /// Over a stream that `making` gives, if it does so within the limit: what [`Connect`](crate::client::asynch::Connect)
    /// asks for.
    ///
    /// # Errors
    /// That of `making`, or [`TimedError::TimedOut`].
    pub async fn connect<E>(
        making: impl Future<Output = Result<S, E>>,
        timer: T,
        limit: Duration,
    ) -> Result<Self, TimedError<E>> {
        let mut deadline = Deadline::after(timer.uptime(), limit);
        let stream = within(&timer, &mut deadline, making).await?;
        Ok(Timed::new(stream, timer))
    }

    /// The stream.
    pub const fn get_ref(&self) -> &S {
        &self.stream
    }

    /// The stream, to be used for something else.
    pub fn into_inner(self) -> S {
        self.stream
    }
}

/// Waits for `work`, which goes first, no longer than the deadline.
pub(super) async fn within<V, E>(
    timer: &impl Timer,
    deadline: &mut Deadline,
    work: impl Future<Output = Result<V, E>>,
) -> Result<V, TimedError<E>> {
    let now = timer.uptime();
    if !deadline.begin(now) {
        return Err(TimedError::TimedOut);
    }
    let left = deadline.left(now);
    let mut work = pin!(work);
    let mut sleep = pin!(timer.sleep(left.unwrap_or_default()));
    core::future::poll_fn(|context| {
        if let Poll::Ready(result) = work.as_mut().poll(context) {
            return Poll::Ready(result.map_err(TimedError::Stream));
        }
        if left.is_none() {
            return Poll::Pending;
        }
        sleep.as_mut().poll(context).map(|()| Err(TimedError::TimedOut))
    })
    .await
}

impl<S: ErrorType, T> ErrorType for Timed<S, T> {
    type Error = TimedError<S::Error>;
}

impl<S: Read, T: Timer> Read for Timed<S, T> {
    async fn read(&mut self, target: &mut [u8]) -> Result<usize, Self::Error> {
        within(&self.timer, &mut self.deadline, self.stream.read(target)).await
    }
}

impl<S: Write, T: Timer> Write for Timed<S, T> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        within(&self.timer, &mut self.deadline, self.stream.write(bytes)).await
    }

    async fn flush(&mut self) -> Result<(), Self::Error> {
        within(&self.timer, &mut self.deadline, self.stream.flush()).await
    }
}

impl<S: Read + Write, T: Timer> Transport for Timed<S, T> {
    type Handle = ();

    fn set_deadline(&mut self, limit: Duration) {
        self.deadline = Deadline::after(self.timer.uptime(), limit);
    }

    fn handle(&self) -> Result<(), Self::Error> {
        Ok(())
    }
}
