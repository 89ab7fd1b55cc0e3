//! TCP of the standard library (feature `std-tcp`).

use core::fmt;
use core::net::{IpAddr, SocketAddr};
use core::time::Duration;
use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpStream, ToSocketAddrs};
use std::string::String;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak, mpsc};
use std::time::{Instant, SystemTime};
use std::vec::Vec;

use embedded_io::{ErrorKind, ErrorType, Read, Write};
use socket2::{SockRef, TcpKeepalive};

use crate::client::{Abort, Clock, Connect, Transport};
use crate::wire::Timestamp;

/// Connects to one server.
///
/// Streams send small requests at once (no-delay) and find out after about half a minute of silence that the other
/// host is gone (keepalive, settable).
#[derive(Clone, Debug)]
pub struct Connector {
    host: String,
    port: u16,
    keepalive: Option<Duration>,
    clock: SystemClock,
}

impl Connector {
    /// To a host by name, IPv4 or IPv6 address. A name is looked up at each connection, and all its addresses are
    /// tried in turn.
    pub fn new(host: impl Into<String>, port: u16) -> Connector {
        let keepalive = Some(Duration::from_secs(15));
        Connector { host: host.into(), port, keepalive, clock: SystemClock::new() }
    }

    /// The silence after which the other host is asked for a sign of life; it gets three chances, five seconds
    /// apart. `None` never asks. Default: 15 s.
    #[must_use]
    pub fn keepalive(self, silence: Option<Duration>) -> Connector {
        Connector { keepalive: silence, ..self }
    }

    /// Looks the host up. The system's resolver has time limits of its own, which may be longer than ours: it is
    /// left to a thread, whose result comes too late then.
    fn addresses(&self, limit: Duration) -> Result<Vec<SocketAddr>, TcpError> {
        if let Ok(address) = self.host.parse::<IpAddr>() {
            return Ok(Vec::from([SocketAddr::new(address, self.port)]));
        }
        let (sender, receiver) = mpsc::sync_channel(1);
        let target = (self.host.clone(), self.port);
        std::thread::Builder::new()
            .spawn(move || {
                // Nobody listens any more when it took too long.
                let _ = sender.send(target.to_socket_addrs().map(Iterator::collect));
            })
            .map_err(TcpError::Io)?;
        match receiver.recv_timeout(limit) {
            Ok(found) => found.map_err(TcpError::NameNotFound),
            Err(_) => Err(TcpError::TimedOut),
        }
    }

    /// Host and port.
    #[cfg(feature = "tokio")]
    pub(super) fn target(&self) -> (&str, u16) {
        (&self.host, self.port)
    }

    /// Makes a socket that has connected ready for use.
    pub(super) fn set_up(&self, socket: &SockRef<'_>) -> io::Result<()> {
        // A port of the range that the system gives to clients, on this host, where nobody listens: two ends of one
        // socket shake hands with each other, and the server could not come back to its port.
        if socket.local_addr()? == socket.peer_addr()? {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        socket.set_tcp_nodelay(true)?;
        if let Some(silence) = self.keepalive {
            let keepalive = TcpKeepalive::new().with_time(silence);
            #[cfg(not(any(target_os = "openbsd", target_os = "haiku", target_os = "redox")))]
            let keepalive = keepalive.with_interval(Duration::from_secs(5));
            #[cfg(any(target_os = "linux", target_os = "android", target_os = "macos", windows))]
            let keepalive = keepalive.with_retries(3);
            socket.set_tcp_keepalive(&keepalive)?;
        }
        Ok(())
    }
}

impl Connect for Connector {
    type Transport = Stream;
    type Clock = SystemClock;

    fn connect(&self, limit: Duration) -> Result<Stream, TcpError> {
        let deadline = Instant::now().checked_add(limit);
        let left = || deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let addresses = self.addresses(left().unwrap_or(Duration::MAX))?;
        let mut last = TcpError::NameNotFound(io::ErrorKind::NotFound.into());
        for (at, address) in addresses.iter().enumerate() {
            // One address that swallows everything leaves time for the others.
            let others = u32::try_from(addresses.len() - at).unwrap_or(u32::MAX);
            let stream = match left() {
                Some(left) if left.is_zero() => return Err(TcpError::TimedOut),
                Some(left) => TcpStream::connect_timeout(address, left / others),
                None => TcpStream::connect(address),
            };
            match stream.and_then(|stream| self.set_up(&SockRef::from(&stream)).map(|()| stream)) {
                Ok(stream) => {
                    return Ok(Stream { inner: Inner::new(stream), deadline: None, armed: [None; 2] });
                }
                Err(error) if error.kind() == io::ErrorKind::TimedOut => last = TcpError::TimedOut,
                Err(error) => last = TcpError::from(error),
            }
        }
        Err(last)
    }

    fn clock(&self) -> &SystemClock {
        &self.clock
    }
}

impl fmt::Display for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "host={}, port={}", self.host, self.port)
    }
}

/// A TCP stream with deadlines.
///
/// The operating system's own time limits are socket options, which cost a call each. They are set only when they
/// would let a wait exceed its deadline by more than 10 ms; one that ends a wait early is simply waited on again.
#[derive(Debug)]
pub struct Stream {
    inner: Arc<Inner<TcpStream>>,
    /// `None` is for ever.
    deadline: Option<Instant>,
    /// The socket's own time limits, for reading and writing.
    armed: [Option<Duration>; 2],
}

impl Stream {
    /// The socket, to set what this crate does not.
    pub fn socket(&self) -> &TcpStream {
        &self.inner.stream
    }

    fn arm(&mut self, direction: Direction) -> Result<(), TcpError> {
        let Some(deadline) = self.deadline else { return Ok(()) };
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(TcpError::TimedOut);
        }
        let [read, write] = &mut self.armed;
        let armed = match direction {
            Direction::Read => read,
            Direction::Write => write,
        };
        if armed.is_none_or(|armed| armed > left + TICK) {
            match direction {
                Direction::Read => self.inner.stream.set_read_timeout(Some(left))?,
                Direction::Write => self.inner.stream.set_write_timeout(Some(left))?,
            }
            *armed = Some(left);
        }
        Ok(())
    }

    fn wait(
        &mut self,
        direction: Direction,
        mut attempt: impl FnMut(&TcpStream) -> io::Result<usize>,
    ) -> Result<usize, TcpError> {
        loop {
            self.arm(direction)?;
            let result = attempt(&self.inner.stream);
            if self.inner.has_ended(&result) {
                return Err(TcpError::Aborted);
            }
            match result {
                // Too early, or in time: `arm` tells which.
                Err(error) if error.kind() == SOCKET_TIMED_OUT => {
                    let armed = match direction {
                        Direction::Read => self.armed.first_mut(),
                        Direction::Write => self.armed.last_mut(),
                    };
                    armed.into_iter().for_each(|armed| *armed = None);
                }
                result => return Ok(result?),
            }
        }
    }
}

impl ErrorType for Stream {
    type Error = TcpError;
}

impl Read for Stream {
    fn read(&mut self, target: &mut [u8]) -> Result<usize, TcpError> {
        self.wait(Direction::Read, |mut stream| stream.read(target))
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, TcpError> {
        self.wait(Direction::Write, |mut stream| stream.write(bytes))
    }

    fn flush(&mut self) -> Result<(), TcpError> {
        Ok(())
    }
}

impl Transport for Stream {
    type Handle = Handle;

    fn set_deadline(&mut self, limit: Duration) {
        self.deadline = Instant::now().checked_add(limit);
    }

    fn handle(&self) -> Result<Handle, TcpError> {
        Ok(Handle::of(&self.inner))
    }

    fn close(&mut self) -> Result<(), TcpError> {
        end(&SockRef::from(&self.inner.stream))
    }

    /// Looks into what the operating system has received, by three calls and without waiting: an end of the stream shows,
    /// and so does a reset, unless bytes came before it that nobody has read.
    fn is_alive(&mut self) -> bool {
        let stream = &self.inner.stream;
        if stream.set_nonblocking(true).is_err() {
            return false;
        }
        let peeked = stream.peek(&mut [0]);
        // Waits end by their deadlines again; where they would not, it is of no more use.
        if stream.set_nonblocking(false).is_err() {
            return false;
        }
        lives(peeked)
    }
}

/// Ends what is sent, in good order.
pub(super) fn end(socket: &SockRef<'_>) -> Result<(), TcpError> {
    match socket.shutdown(Shutdown::Write) {
        // The other side was faster.
        Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(()),
        result => Ok(result?),
    }
}

/// What a look into the bytes that came says of the stream.
pub(super) fn lives(peeked: io::Result<usize>) -> bool {
    match peeked {
        Ok(count) => count > 0,
        Err(error) => matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted),
    }
}

/// Reaches a [`Stream`] from another thread, or one of tokio from another task, also while that one waits in it.
#[derive(Clone, Debug)]
pub struct Handle {
    inner: Weak<dyn Reach>,
}

impl Handle {
    pub(super) fn of<S>(inner: &Arc<Inner<S>>) -> Handle
    where
        Inner<S>: Reach + 'static,
    {
        let inner: Weak<Inner<S>> = Arc::downgrade(inner);
        Handle { inner }
    }
}

impl Abort for Handle {
    fn abort(&self) {
        if let Some(inner) = self.inner.upgrade() {
            inner.aborted().store(true, Ordering::Release);
            // It fails only where the stream is at its end already.
            let _ = inner.socket().shutdown(Shutdown::Both);
        }
    }

    fn cancel(&self) -> bool {
        // What real clients send: «!».
        self.inner.upgrade().is_some_and(|inner| inner.socket().send_out_of_band(b"!").is_ok())
    }
}

/// An error of a TCP stream.
#[derive(Debug)]
#[non_exhaustive]
pub enum TcpError {
    /// The host's name has no address.
    NameNotFound(io::Error),
    /// The deadline passed.
    TimedOut,
    /// The stream's handle was told to abort.
    Aborted,
    /// Whatever else the operating system says.
    Io(io::Error),
}

impl From<io::Error> for TcpError {
    fn from(error: io::Error) -> TcpError {
        TcpError::Io(error)
    }
}

impl fmt::Display for TcpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TcpError::NameNotFound(error) => write!(f, "name not found: {error}"),
            TcpError::TimedOut => f.write_str("timed out"),
            TcpError::Aborted => f.write_str("aborted"),
            TcpError::Io(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for TcpError {
    // What the error displays is not given once more.
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            TcpError::NameNotFound(error) | TcpError::Io(error) => error.source(),
            TcpError::TimedOut | TcpError::Aborted => None,
        }
    }
}

impl embedded_io::Error for TcpError {
    fn kind(&self) -> ErrorKind {
        match self {
            TcpError::NameNotFound(_) => ErrorKind::AddrNotAvailable,
            TcpError::TimedOut => ErrorKind::TimedOut,
            TcpError::Aborted => ErrorKind::ConnectionAborted,
            // `ConnectionAborted` is for our own handle, and `TimedOut` for the deadline, after which a connection may go
            // on. The system says the latter of another host that does not answer any more, too (keepalive).
            TcpError::Io(error) => match embedded_io::Error::kind(error) {
                ErrorKind::ConnectionAborted | ErrorKind::TimedOut => ErrorKind::ConnectionReset,
                kind => kind,
            },
        }
    }
}

/// The clocks of the operating system.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// A clock whose uptime begins now.
    pub fn new() -> SystemClock {
        SystemClock { start: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        SystemClock::new()
    }
}

impl Clock for SystemClock {
    fn uptime(&self) -> Duration {
        self.start.elapsed()
    }

    fn wait(&self, duration: Duration) {
        std::thread::sleep(duration);
    }

    fn wall(&self) -> Option<Timestamp> {
        Some(SystemTime::now().into())
    }
}

/// What a stream and its handles share.
#[derive(Debug)]
pub(super) struct Inner<S> {
    pub(super) stream: S,
    aborted: AtomicBool,
}

impl<S> Inner<S> {
    pub(super) fn new(stream: S) -> Arc<Self> {
        Arc::new(Inner { stream, aborted: AtomicBool::new(false) })
    }

    /// Whether a handle made an end of the stream, as an attempt on it shows. What was moved before that was moved.
    pub(super) fn has_ended(&self, attempt: &io::Result<usize>) -> bool {
        !matches!(attempt, Ok(1..)) && self.aborted.load(Ordering::Acquire)
    }
}

/// What a handle needs of it.
pub(super) trait Reach: fmt::Debug + Send + Sync {
    fn socket(&self) -> SockRef<'_>;
    fn aborted(&self) -> &AtomicBool;
}

impl Reach for Inner<TcpStream> {
    fn socket(&self) -> SockRef<'_> {
        SockRef::from(&self.stream)
    }

    fn aborted(&self) -> &AtomicBool {
        &self.aborted
    }
}

#[cfg(feature = "tokio")]
impl Reach for Inner<::tokio::net::TcpStream> {
    fn socket(&self) -> SockRef<'_> {
        SockRef::from(&self.stream)
    }

    fn aborted(&self) -> &AtomicBool {
        &self.aborted
    }
}

#[derive(Clone, Copy, Debug)]
enum Direction {
    Read,
    Write,
}

/// How the operating system says that a socket's time limit has passed.
const SOCKET_TIMED_OUT: io::ErrorKind =
    if cfg!(windows) { io::ErrorKind::TimedOut } else { io::ErrorKind::WouldBlock };
/// How much later than its deadline a wait may end.
const TICK: Duration = Duration::from_millis(10);

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use socket2::{Domain, Socket, Type};

    use super::*;

    #[test]
    fn a_socket_that_connected_to_itself_is_no_server() {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).unwrap();
        socket.connect(&socket.local_addr().unwrap()).unwrap();
        let error = Connector::new("127.0.0.1", 5000).set_up(&SockRef::from(&socket)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    }

    #[test]
    fn a_host_that_is_silent_for_the_keepalive_is_no_deadline() {
        let silent = TcpError::from(io::Error::from(io::ErrorKind::TimedOut));
        assert_eq!(embedded_io::Error::kind(&silent), ErrorKind::ConnectionReset);
        assert_eq!(embedded_io::Error::kind(&TcpError::TimedOut), ErrorKind::TimedOut);
    }
}
