//! A program that runs one query, by this crate. It ends with its input: until then one can see what it takes.

use std::io::Read;
use std::time::Duration;

use rayforce_ipc::client::{Buffers, Connect, Connection, Options};
use rayforce_ipc::transports::tcp::Connector;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port = std::env::args().nth(1).ok_or("the port of a server")?.parse()?;
    let stream = Connector::new("127.0.0.1", port).connect(Duration::from_secs(5))?;
    let mut buffers = Buffers::<0x1000, 256>::new();
    let mut connection = Connection::open(stream, buffers.lend(), &Options::new())?;
    println!("{}", connection.execute("(+ 1 2)")?.value()?.as_i64()?);
    std::io::stdin().read_exact(&mut [0]).or(Ok(()))
}
