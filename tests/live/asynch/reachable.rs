//! A stream that a handle reaches from another task: the shortest way to one on tokio.

use std::io;
use std::net::Shutdown;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use embedded_io_async::{ErrorType, Read, Write};
use rayforce_ipc::client::asynch::{Connection, Transport};
use rayforce_ipc::client::{Abort, Memory, Options};
use rayforce_ipc::transports::timed::Timed;
use socket2::SockRef;
use tokio::net::TcpStream;
use xtask::server::Server;

use super::on_tokio::{Fault, Time, connected};

#[derive(Debug)]
struct Inner {
    stream: TcpStream,
    aborted: AtomicBool,
}

/// A socket that a handle reaches.
#[derive(Debug)]
struct Socket(Arc<Inner>);

impl Socket {
    /// Once the stream may be ready, tries to move bytes.
    fn moved(&self, result: io::Result<usize>) -> Option<io::Result<usize>> {
        match result {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => None,
            _ if self.0.aborted.load(Ordering::Acquire) => Some(Err(io::ErrorKind::ConnectionAborted.into())),
            result => Some(result),
        }
    }
}

impl ErrorType for Socket {
    type Error = io::Error;
}

impl Read for Socket {
    async fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        loop {
            self.0.stream.readable().await?;
            if let Some(result) = self.moved(self.0.stream.try_read(target)) {
                return result;
            }
        }
    }
}

impl Write for Socket {
    async fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            self.0.stream.writable().await?;
            if let Some(result) = self.moved(self.0.stream.try_write(bytes)) {
                return result;
            }
        }
    }

    async fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The same, whose waits end.
#[derive(Debug)]
pub struct Reachable(Timed<Socket, Time>);

impl ErrorType for Reachable {
    type Error = Fault;
}

impl Read for Reachable {
    async fn read(&mut self, target: &mut [u8]) -> Result<usize, Fault> {
        self.0.read(target).await
    }
}

impl Write for Reachable {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Fault> {
        self.0.write(bytes).await
    }

    async fn flush(&mut self) -> Result<(), Fault> {
        self.0.flush().await
    }
}

impl Transport for Reachable {
    type Handle = Handle;

    fn set_deadline(&mut self, limit: Duration) {
        self.0.set_deadline(limit);
    }

    fn handle(&self) -> Result<Handle, Fault> {
        Ok(Handle(Arc::downgrade(&self.0.get_ref().0)))
    }
}

#[derive(Debug)]
pub struct Handle(Weak<Inner>);

impl Abort for Handle {
    fn abort(&self) {
        if let Some(inner) = self.0.upgrade() {
            inner.aborted.store(true, Ordering::Release);
            let _ = SockRef::from(&inner.stream).shutdown(Shutdown::Both);
        }
    }

    fn cancel(&self) -> bool {
        self.0.upgrade().is_some_and(|inner| SockRef::from(&inner.stream).send_out_of_band(b"!").is_ok())
    }
}

pub async fn connect<'b>(server: &Server, memory: Memory<'b>) -> Connection<'b, Reachable> {
    let stream = connected(server.address()).await.unwrap();
    let socket = Socket(Arc::new(Inner { stream, aborted: AtomicBool::new(false) }));
    let stream = Reachable(Timed::new(socket, Time::start()));
    Connection::open(stream, memory, &Options::new()).await.unwrap()
}
