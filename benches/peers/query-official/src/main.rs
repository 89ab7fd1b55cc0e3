//! A program that runs one query, by the official crate. It ends with its input: until then one can see what it takes.

use std::io::Read;

use rayforce::{Runtime, TcpClient};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port = std::env::args().nth(1).ok_or("the port of a server")?.parse()?;
    let answer =
        Runtime::scope(|_| TcpClient::connect("127.0.0.1", port, "", "")?.execute("(+ 1 2)")?.as_i64());
    // The memory of the runtime is counted by its peak, which the system keeps.
    println!("{}", answer.map_err(|e| e.to_string())?);
    std::io::stdin().read_exact(&mut [0]).or(Ok(()))
}
