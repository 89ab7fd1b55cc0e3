//! What an exchange costs in calls to the operating system.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use embedded_io::{ErrorType, Read, Write};
use rayforce_ipc::client::{Buffers, Connection, Options, Timeouts, Transport};
use rayforce_ipc::transports::tcp::{Handle, Stream, TcpError};
use rayforce_ipc::wire::{Generation, Header};

use crate::support::{ALL, connect, dial, start};

const EXCHANGES: usize = 100;
const RECEIVE: usize = 4096;

/// A stream that counts its calls.
struct Counted {
    stream: Stream,
    reads: usize,
    writes: usize,
}

impl ErrorType for Counted {
    type Error = TcpError;
}

impl Read for Counted {
    fn read(&mut self, target: &mut [u8]) -> Result<usize, TcpError> {
        self.reads += 1;
        self.stream.read(target)
    }
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, TcpError> {
        self.writes += 1;
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> Result<(), TcpError> {
        self.stream.flush()
    }
}

impl Transport for Counted {
    type Handle = Handle;

    fn set_deadline(&mut self, limit: Duration) {
        self.stream.set_deadline(limit);
    }

    fn handle(&self) -> Result<Handle, TcpError> {
        self.stream.handle()
    }
}

/// Reads and writes of the same exchanges by hand: one write, and reads until the frame is there.
fn by_hand(server: &xtask::server::Server, generation: Generation) -> (usize, usize) {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.write_all(&[3, 0]).unwrap();
    let answer = if generation == Generation::V1 { 1 } else { 2 };
    stream.read_exact(&mut [0; 2][..answer]).unwrap();

    let text = b"(+ 40 2)";
    let mut frame = vec![0xfa, 0xde, 0xfa, 0xce, generation.version(), 0, 0, 1];
    frame.extend((10 + text.len() as u64).to_le_bytes());
    frame.extend([if generation == Generation::V1 { 0x0c } else { 0xf3 }, 0]);
    frame.extend((text.len() as u64).to_le_bytes());
    frame.extend(text);
    let (mut reads, mut buffer) = (0, [0; RECEIVE]);
    for _ in 0..EXCHANGES {
        stream.write_all(&frame).unwrap();
        let (mut filled, mut wanted) = (0, Header::LEN);
        while filled < wanted {
            filled += stream.read(&mut buffer[filled..]).unwrap();
            reads += 1;
            if let Some(size) = buffer[..filled].get(8..16) {
                wanted = Header::LEN + u64::from_le_bytes(size.try_into().unwrap()) as usize;
            }
        }
        assert_eq!(buffer[filled - 8..filled], 42u64.to_le_bytes());
    }
    (reads, EXCHANGES)
}

/// Servers write a reply in one piece or two (header and payload), and how many of them arrive together is chance.
#[test]
fn a_small_query_is_one_write_and_as_many_reads_as_the_server_writes() {
    for version in ALL {
        println!("--- {version}");
        let server = start(version);
        let mut buffers = Buffers::<RECEIVE, 256>::new();
        let stream = Counted { stream: dial(&server), reads: 0, writes: 0 };
        let mut connection = Connection::open(stream, buffers.lend(), &Options::new()).unwrap();
        let counts = |connection: &Connection<'_, Counted>| {
            let counted = connection.transport().unwrap();
            (counted.reads, counted.writes)
        };
        let before = counts(&connection);
        for _ in 0..EXCHANGES {
            let mut reply = connection.execute("(+ 40 2)").unwrap();
            assert_eq!(reply.value().unwrap().as_i64(), Ok(42));
        }
        let after = counts(&connection);
        let (reads, writes) = (after.0 - before.0, after.1 - before.1);
        let (reads_by_hand, writes_by_hand) = by_hand(&server, connection.generation());
        println!("reads {reads}, by hand {reads_by_hand}");
        assert_eq!(writes, writes_by_hand);
        let pieces = if connection.generation() == Generation::V1 { 1 } else { 2 };
        for reads in [reads, reads_by_hand] {
            assert!((EXCHANGES..=pieces * EXCHANGES).contains(&reads), "{reads}");
        }
    }
}

/// A time limit of the socket is an option that costs a call: what the test has set stays as it is.
#[test]
fn no_option_of_the_socket_is_set_by_an_exchange() {
    for version in ALL {
        println!("--- {version}");
        let server = start(version);
        let mut buffers = Buffers::<RECEIVE, 256>::new();
        let mut connection = connect(&server, buffers.lend());
        let options = |connection: &Connection<'_, Stream>| {
            let socket = connection.transport().unwrap().socket();
            (socket.read_timeout().unwrap(), socket.write_timeout().unwrap())
        };
        // The first exchange may still set limits for what the handshake had none for.
        connection.execute("(+ 40 2)").unwrap();
        let socket = connection.transport().unwrap().socket();
        let own = (Some(Duration::from_secs(7)), Some(Duration::from_secs(8)));
        socket.set_read_timeout(own.0).unwrap();
        socket.set_write_timeout(own.1).unwrap();
        for _ in 0..EXCHANGES {
            let mut reply = connection.execute("(+ 40 2)").unwrap();
            assert_eq!(reply.value().unwrap().as_i64(), Ok(42));
        }
        assert_eq!(options(&connection), own);
    }
}

/// The shortest limit of a phase is the only one that the socket has to be told.
#[test]
fn limits_that_change_from_phase_to_phase_set_no_option_either() {
    let server = start("2.4.0");
    let mut buffers = Buffers::<RECEIVE, 256>::new();
    let mut options = Options::new();
    options.timeouts = Timeouts::all(Duration::from_secs(20));
    options.timeouts.first_byte = Duration::from_secs(40);
    options.timeouts.reply = Duration::from_secs(60);
    let mut connection = Connection::open(dial(&server), buffers.lend(), &options).unwrap();
    connection.execute("(+ 40 2)").unwrap();
    let own = Some(Duration::from_secs(7));
    connection.transport().unwrap().socket().set_read_timeout(own).unwrap();
    for _ in 0..EXCHANGES {
        connection.execute("(til 10000)").unwrap();
        assert_eq!(connection.execute("(+ 40 2)").unwrap().value().unwrap().as_i64(), Ok(42));
    }
    assert_eq!(connection.transport().unwrap().socket().read_timeout().unwrap(), own);
}
