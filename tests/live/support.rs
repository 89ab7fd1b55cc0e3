//! Servers, connections to them, and requests in the form that each generation evaluates.

use std::time::Duration;

use rayforce_ipc::client::{Buffers, Connect, Connection, Memory, Options};
pub use rayforce_ipc::codec::literal::Call;
use rayforce_ipc::codec::{Encode, Symbol, Value, Writer};
use rayforce_ipc::transports::tcp::{Connector, Stream};
use rayforce_ipc::wire::{Generation, Type};
use xtask::server::{self, Server};

pub const ALL: &[&str] = &["0.1.5", "1.0.0", "2.0.0", "2.4.0"];
pub const WIRE_1: &[&str] = &["0.1.5", "1.0.0"];
pub const WIRE_3: &[&str] = &["2.0.0", "2.4.0"];

pub fn start(version: &str) -> Server {
    start_with(version, &server::Options::default())
}

pub fn start_with(version: &str, options: &server::Options) -> Server {
    Server::start_with(version, options).unwrap_or_else(|error| panic!("no server {version}: {error}"))
}

pub fn connector(server: &Server) -> Connector {
    Connector::new("127.0.0.1", server.port())
}

pub fn dial(server: &Server) -> Stream {
    connector(server).connect(Duration::from_secs(5)).unwrap()
}

pub fn connect<'b>(server: &Server, memory: Memory<'b>) -> Connection<'b, Stream> {
    Connection::open(dial(server), memory, &Options::new()).unwrap()
}

/// Runs a test on a fresh server of each version, over a connection that has room for small values.
pub fn on_each(versions: &[&str], test: impl Fn(&Server, &mut Connection<'_, Stream>)) {
    for version in versions {
        // Shown where the test fails.
        println!("--- {version}");
        let server = start(version);
        let mut buffers = Box::new(Buffers::<0x4_0000, 0x1000>::new());
        test(&server, &mut connect(&server, buffers.lend()));
    }
}

/// The answer in the form of `Debug`: its type and its value.
pub fn answer(connection: &mut Connection<'_, Stream>, expression: &str) -> String {
    match connection.execute(expression) {
        Ok(mut reply) => format!("{:?}", reply.value().unwrap()),
        Err(error) => panic!("{expression}: {error}"),
    }
}

/// The answer to a request that is evaluated with the calls inside it: dialect 1b passes the arguments of a call as
/// they are, unless it stands in a `do`.
pub fn evaluated(connection: &mut Connection<'_, Stream>, request: &dyn Encode) -> String {
    match connection.execute(&Evaluated(request)) {
        Ok(mut reply) => format!("{:?}", reply.value().unwrap()),
        Err(error) => panic!("{error}"),
    }
}

/// Asserts that a value, sent quoted, comes back as the same.
#[track_caller]
pub fn assert_echo(connection: &mut Connection<'_, Stream>, value: &dyn Encode) {
    let (mut buffer, mut again) = (vec![0; 0x4_0000], vec![0; 0x4_0000]);
    let generation = connection.generation();
    let bytes = Writer::encode(generation, value, &mut buffer).unwrap();
    let sent = Value::decode(generation, bytes).unwrap();
    let mut reply = match connection.execute(&Quoted(value)) {
        Ok(reply) => reply,
        Err(error) => panic!("{sent:.10?}: {error}"),
    };
    let received = reply.value().unwrap();
    // `Debug` tells a negative zero from zero, and finds a NaN equal to itself.
    assert_eq!(format!("{received:?}"), format!("{sent:?}"));
    // The same bytes again, without flags and attributes that only servers set.
    let received = Writer::encode(generation, &received, &mut again).unwrap();
    assert!(received == bytes, "{sent:.10?} comes back as other bytes");
}

/// A request whose calls are evaluated, also on dialect 1b.
pub struct Evaluated<'a>(pub &'a dyn Encode);

impl Encode for Evaluated<'_> {
    fn encode(&self, writer: &mut Writer<'_>) {
        match writer.generation() {
            Generation::V1 => Call("do", &[self.0]).encode(writer),
            _ => self.0.encode(writer),
        }
    }
}

/// A value that is not evaluated.
pub struct Quoted<'a>(pub &'a dyn Encode);

impl Encode for Quoted<'_> {
    fn encode(&self, writer: &mut Writer<'_>) {
        Call("quote", &[self.0]).encode(writer);
    }
}

/// A symbol that is not looked up.
pub struct Literal<'a>(pub &'a str);

impl Encode for Literal<'_> {
    fn encode(&self, writer: &mut Writer<'_>) {
        match writer.generation() {
            Generation::V1 => Quoted(&Symbol::name(self.0)).encode(writer),
            _ => Symbol::quoted(self.0).encode(writer),
        }
    }
}

/// The null of a type.
pub struct NullOf(pub Type);

impl Encode for NullOf {
    fn encode(&self, writer: &mut Writer<'_>) {
        writer.typed_null(self.0);
    }
}
