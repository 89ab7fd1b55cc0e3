//! TCP of tokio, for the async front (feature `tokio`).
//!
//! ```no_run
//! use rayforce_ipc::Slot;
//! use rayforce_ipc::engine::asynch::Engine;
//! use rayforce_ipc::transports::tokio::Connector;
//!
//! # async fn ask() -> Result<(), rayforce_ipc::Error<rayforce_ipc::transports::tcp::TcpError>> {
//! let mut slots = [const { Slot::<_, 8192, 1024>::new() }; 2];
//! let engine = Engine::new(Connector::new("localhost", 5000), &mut slots);
//! let mut connection = engine.acquire().await?;
//! println!("{:?}", connection.execute("(+ 1 2)").await?.value().await?);
//! connection.close().await?;
//! # Ok(())
//! # }
//! ```

use core::fmt;
use core::future::{Future, poll_fn};
use core::mem::MaybeUninit;
use core::task::{Context, Poll};
use core::time::Duration;
use std::io;
use std::string::String;
use std::sync::Arc;
use std::time::SystemTime;
use std::vec::Vec;

use ::tokio::net::TcpStream;
use ::tokio::time::{Instant, sleep, timeout};
use embedded_io_async::{ErrorType, Read, Write};
use socket2::SockRef;

use crate::client::Clock;
use crate::client::asynch::{self, Connect, Transport};
use crate::transports::adapters::TimedError;
use crate::transports::deadline::Deadline;
use crate::transports::tcp::{self, Handle, Inner, TcpError};
use crate::transports::timed::within;
use crate::wire::Timestamp;

/// Connects to one server, from within a runtime of tokio that drives sockets and time.
///
/// Streams send small requests at once (no-delay) and find out after about half a minute of silence that the other
/// host is gone (keepalive, settable).
#[derive(Clone, Debug)]
pub struct Connector {
    server: tcp::Connector,
    timer: Timer,
}

impl Connector {
    /// To a host by name, IPv4 or IPv6 address. A name is looked up at each connection, by a thread of the runtime, and
    /// all its addresses are tried in turn.
    pub fn new(host: impl Into<String>, port: u16) -> Connector {
        Connector { server: tcp::Connector::new(host, port), timer: Timer::new() }
    }

    /// The silence after which the other host is asked for a sign of life; it gets three chances, five seconds
    /// apart. `None` never asks. Default: 15 s.
    #[must_use]
    pub fn keepalive(self, silence: Option<Duration>) -> Connector {
        Connector { server: self.server.keepalive(silence), ..self }
    }

    async fn dial(&self, deadline: &Deadline) -> Result<Stream, TcpError> {
        let found = ::tokio::net::lookup_host(self.server.target()).await.map_err(TcpError::NameNotFound)?;
        let addresses: Vec<_> = found.collect();
        let mut last = TcpError::NameNotFound(io::ErrorKind::NotFound.into());
        for (at, address) in addresses.iter().enumerate() {
            // One address that swallows everything leaves time for the others.
            let others = u32::try_from(addresses.len() - at).unwrap_or(u32::MAX);
            let connecting = TcpStream::connect(address);
            let connected = match deadline.left(self.timer.uptime()) {
                Some(left) => timeout(left / others, connecting).await,
                None => Ok(connecting.await),
            };
            let set_up = |stream| self.server.set_up(&SockRef::from(&stream)).map(|()| stream);
            match connected.map(|connected| connected.and_then(set_up)) {
                Ok(Ok(stream)) => {
                    let inner = Inner::new(stream);
                    return Ok(Stream { inner, timer: self.timer, deadline: Deadline::passed() });
                }
                Ok(Err(error)) => last = TcpError::from(error),
                Err(_) => last = TcpError::TimedOut,
            }
        }
        Err(last)
    }
}

impl Connect for Connector {
    type Transport = Stream;
    type Timer = Timer;

    async fn connect(&self, limit: Duration) -> Result<Stream, TcpError> {
        let deadline = Deadline::after(self.timer.uptime(), limit);
        let mut whole = deadline;
        in_time(&self.timer, &mut whole, self.dial(&deadline)).await
    }

    fn timer(&self) -> &Timer {
        &self.timer
    }
}

impl fmt::Display for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.server.fmt(f)
    }
}

/// A TCP stream of tokio with deadlines. Its futures may be dropped at any await: none moves a byte before it is done.
#[derive(Debug)]
pub struct Stream {
    inner: Arc<Inner<TcpStream>>,
    timer: Timer,
    deadline: Deadline,
}

impl Stream {
    /// The socket, to set what this crate does not.
    pub fn socket(&self) -> &TcpStream {
        &self.inner.stream
    }

    /// Tries until something was moved, each time when the stream is `ready` for it. Whoever is always ready lets other
    /// tasks go first now and then: tokio's readiness sees to that.
    async fn wait(
        &mut self,
        ready: impl Fn(&TcpStream, &mut Context<'_>) -> Poll<io::Result<()>>,
        mut attempt: impl FnMut(&TcpStream) -> io::Result<usize>,
    ) -> Result<usize, TcpError> {
        let inner = &self.inner;
        let moving = async {
            loop {
                poll_fn(|context| ready(&inner.stream, context)).await?;
                let result = attempt(&inner.stream);
                if inner.has_ended(&result) {
                    return Err(TcpError::Aborted);
                }
                if !matches!(&result, Err(error) if error.kind() == io::ErrorKind::WouldBlock) {
                    return Ok(result?);
                }
            }
        };
        in_time(&self.timer, &mut self.deadline, moving).await
    }
}

impl ErrorType for Stream {
    type Error = TcpError;
}

impl Read for Stream {
    async fn read(&mut self, target: &mut [u8]) -> Result<usize, TcpError> {
        self.wait(TcpStream::poll_read_ready, |stream| stream.try_read(target)).await
    }
}

impl Write for Stream {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, TcpError> {
        self.wait(TcpStream::poll_write_ready, |stream| stream.try_write(bytes)).await
    }

    async fn flush(&mut self) -> Result<(), TcpError> {
        Ok(())
    }
}

impl Transport for Stream {
    type Handle = Handle;

    fn set_deadline(&mut self, limit: Duration) {
        self.deadline = Deadline::after(self.timer.uptime(), limit);
    }

    fn handle(&self) -> Result<Handle, TcpError> {
        Ok(Handle::of(&self.inner))
    }

    async fn close(&mut self) -> Result<(), TcpError> {
        tcp::end(&SockRef::from(&self.inner.stream))
    }

    /// Looks into what the operating system has received: an end of the stream shows, and so does a reset, unless bytes
    /// came before it that nobody has read.
    fn is_alive(&mut self) -> bool {
        // tokio would answer from what it has been told so far.
        tcp::lives(SockRef::from(&self.inner.stream).peek(&mut [MaybeUninit::uninit()]))
    }
}

/// tokio's timers, and the clocks of the operating system.
#[derive(Clone, Copy, Debug)]
pub struct Timer {
    start: Instant,
}

impl Timer {
    /// A timer whose uptime begins now.
    pub fn new() -> Timer {
        Timer { start: Instant::now() }
    }
}

impl Default for Timer {
    fn default() -> Self {
        Timer::new()
    }
}

impl Clock for Timer {
    fn uptime(&self) -> Duration {
        self.start.elapsed()
    }

    fn wall(&self) -> Option<Timestamp> {
        Some(SystemTime::now().into())
    }
}

impl asynch::Timer for Timer {
    async fn sleep(&self, duration: Duration) {
        sleep(duration).await;
    }
}

async fn in_time<V>(
    timer: &Timer,
    deadline: &mut Deadline,
    work: impl Future<Output = Result<V, TcpError>>,
) -> Result<V, TcpError> {
    within(timer, deadline, work).await.map_err(|error| match error {
        TimedError::TimedOut => TcpError::TimedOut,
        TimedError::Stream(error) => error,
    })
}
