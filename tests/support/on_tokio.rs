//! The async front on tokio: its time, and streams of its sockets.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use embedded_io_adapters::tokio_1::FromTokio;
use embedded_io_async::{ErrorType, Read, Write};
use rayforce_ipc::client::Clock;
use rayforce_ipc::client::asynch::{Connect, Timer};
use rayforce_ipc::transports::adapters::TimedError;
use rayforce_ipc::transports::timed::Timed;
use tokio::net::TcpStream;

pub type Stream = Timed<Socket, Time>;
pub type Fault = TimedError<io::Error>;

/// A socket by its adapter, of which tests can tell.
pub struct Socket(FromTokio<TcpStream>);

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.inner().fmt(f)
    }
}

impl ErrorType for Socket {
    type Error = io::Error;
}

impl Read for Socket {
    async fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        self.0.read(target).await
    }
}

impl Write for Socket {
    async fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).await
    }

    async fn flush(&mut self) -> io::Result<()> {
        self.0.flush().await
    }
}

/// tokio's timers, and the clock behind them.
#[derive(Clone, Copy, Debug)]
pub struct Time(Instant);

impl Time {
    pub fn start() -> Time {
        Time(Instant::now())
    }
}

impl Clock for Time {
    fn uptime(&self) -> Duration {
        self.0.elapsed()
    }
}

impl Timer for Time {
    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// Dials one address.
#[derive(Clone, Copy, Debug)]
pub struct Dialer {
    address: SocketAddr,
    time: Time,
}

impl Dialer {
    pub fn new(address: SocketAddr) -> Dialer {
        Dialer { address, time: Time::start() }
    }
}

impl Connect for Dialer {
    type Transport = Stream;
    type Timer = Time;

    async fn connect(&self, limit: Duration) -> Result<Stream, Fault> {
        let making = async { Ok(Socket(FromTokio::new(connected(self.address).await?))) };
        Timed::connect(making, self.time, limit).await
    }

    fn timer(&self) -> &Time {
        &self.time
    }
}

impl fmt::Display for Dialer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "host={}, port={}", self.address.ip(), self.address.port())
    }
}

/// A socket whose small requests do not wait for the next ones.
pub async fn connected(address: SocketAddr) -> io::Result<TcpStream> {
    let socket = TcpStream::connect(address).await?;
    // While nobody listens on a port of the ephemeral range, a socket that dials it can meet itself.
    if socket.local_addr()? == address {
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    socket.set_nodelay(true)?;
    Ok(socket)
}
