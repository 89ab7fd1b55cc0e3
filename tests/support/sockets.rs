//! Servers on the loopback interface, with a thread for each connection.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use rayforce_ipc::codec::Value;
use rayforce_ipc::transports::tcp::Connector;
use rayforce_ipc::wire::{Generation, Header, MessageType};

use super::codec::sent;
use super::script::frame;

const V3: Generation = Generation::V3;

/// Stops when it is dropped; all its clients must have been dropped before.
pub struct Server {
    address: SocketAddr,
    stopped: Arc<AtomicBool>,
    listener: Option<JoinHandle<()>>,
}

impl Server {
    /// Has each connection served by a call in a thread of its own.
    pub fn start(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let stopped = Arc::new(AtomicBool::new(false));
        let has_stopped = Arc::clone(&stopped);
        let listener = thread::spawn(move || {
            let serve = &serve;
            thread::scope(|scope| {
                while let Ok((stream, _)) = listener.accept() {
                    if has_stopped.load(Ordering::Acquire) {
                        return;
                    }
                    scope.spawn(move || serve(stream));
                }
            });
        });
        Server { address, stopped, listener: Some(listener) }
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    pub fn connector(&self) -> Connector {
        Connector::new("127.0.0.1", self.port())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Release);
        // Wakes the listener.
        drop(TcpStream::connect(self.address));
        let listener = self.listener.take().map(JoinHandle::join);
        if !thread::panicking() {
            assert!(listener.is_some_and(|ended| ended.is_ok()), "the server panicked");
        }
    }
}

/// The server's side of the handshake.
pub fn let_in(stream: &mut TcpStream) {
    let mut opening = [0; 2];
    stream.read_exact(&mut opening).expect("an opening");
    assert_eq!(opening, [3, 0]);
    stream.write_all(&[3, 0]).expect("a client");
}

/// The payload of the next request; none when the client is gone.
pub fn request(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut header = [0; Header::LEN];
    stream.read_exact(&mut header).ok()?;
    let header = Header::parse(V3, &header).expect("a header");
    assert_eq!(header.message, MessageType::Sync);
    let mut payload = vec![0; header.size as usize];
    stream.read_exact(&mut payload).ok()?;
    Some(payload)
}

/// Waits until the client is gone.
pub fn wait_for_end(stream: &mut TcpStream) {
    // A client that goes with bytes unread resets the stream.
    let _ = std::io::copy(stream, &mut std::io::sink());
}

/// Answers requests that are lists of two integers by their sum.
pub fn add(mut stream: TcpStream) {
    let_in(&mut stream);
    while let Some(payload) = request(&mut stream) {
        let list = Value::decode(V3, &payload).expect("a value").list().expect("a list");
        let number = |at| list.get(at).expect("two numbers").as_i64().expect("a number");
        let sum: i64 = number(0) + number(1);
        let reply = frame(V3, MessageType::Response, &sent(V3, &sum));
        if stream.write_all(&reply).is_err() {
            return;
        }
    }
}

/// Sockets of this process that are connected to a port, or listen on it.
#[cfg(target_os = "linux")]
pub fn open_sockets(port: u16) -> usize {
    let port = format!(":{port:04X}");
    let inode = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let ends = [fields[1], fields[2]];
        ends.iter().any(|end| end.ends_with(&port)).then(|| format!("socket:[{}]", fields[9]))
    };
    let table = std::fs::read_to_string("/proc/self/net/tcp").expect("a table of sockets");
    let inodes: Vec<String> = table.lines().skip(1).filter_map(inode).collect();
    let descriptors = std::fs::read_dir("/proc/self/fd").expect("descriptors");
    let targets = descriptors.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok());
    targets.filter(|target| inodes.iter().any(|inode| target.as_os_str() == inode.as_str())).count()
}
