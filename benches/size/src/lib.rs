//! What the measured programs share: a stream that nobody is behind, and a connection over it.

#![no_std]
#![allow(missing_docs)]

use core::hint::black_box;
use core::panic::PanicInfo;
use core::pin::pin;
use core::task::{Context, Waker};

use embedded_io::{ErrorKind, ErrorType, Read, Write};
use rayforce_ipc::client::{self, Buffers, Connection, Options};
use rayforce_ipc::codec::literal::{Call, List, Table};
use rayforce_ipc::codec::{Encode, Symbol};
use rayforce_ipc::transports::adapters::Unbounded;

/// A stream whose bytes come from where the compiler cannot see them.
pub struct Wire;

pub type Link<'b> = Connection<'b, Unbounded<Wire>>;

impl ErrorType for Wire {
    type Error = ErrorKind;
}

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        black_box(&mut *buffer);
        Ok(black_box(buffer.len()))
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        black_box(bytes);
        Ok(black_box(bytes.len()))
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}

impl embedded_io_async::Read for Wire {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        Read::read(self, buffer)
    }
}

impl embedded_io_async::Write for Wire {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        Write::write(self, bytes)
    }

    async fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}

/// A connection, a request of text, and its answer by tokens.
#[inline(never)]
pub fn blocking() {
    let mut buffers = Buffers::<256, 64>::new();
    if let Ok(mut connection) = Connection::open(Unbounded(Wire), buffers.lend(), &Options::new())
        && let Ok(mut reply) = connection.execute(black_box("(+ 1 2)"))
    {
        while let Ok(Some(token)) = reply.next_token() {
            black_box(token);
        }
    }
}

/// The same, awaited.
#[inline(never)]
pub fn asynch() {
    async fn run() {
        let mut buffers = Buffers::<256, 64>::new();
        if let Ok(mut connection) =
            client::asynch::Connection::open(Unbounded(Wire), buffers.lend(), &Options::new()).await
            && let Ok(mut reply) = connection.execute(black_box("(+ 1 2)")).await
        {
            while let Ok(Some(token)) = reply.next_token().await {
                black_box(token);
            }
        }
    }
    let mut context = Context::from_waker(Waker::noop());
    let mut run = pin!(run());
    while black_box(run.as_mut().poll(&mut context)).is_pending() {}
}

pub fn halt() -> ! {
    loop {}
}

/// A connection, a request of text, and what the program adds.
pub fn run(with: impl FnOnce(&mut Link<'_>)) -> ! {
    let mut buffers = Buffers::<256, 64>::new();
    if let Ok(mut connection) = Connection::open(Unbounded(Wire), buffers.lend(), &Options::new()) {
        if let Ok(mut reply) = connection.execute(black_box("(+ 1 2)")) {
            black_box(reply.next_token().is_ok());
        }
        with(&mut connection);
    }
    loop {}
}

/// What a program without queries sends: a table under a name.
#[inline(never)]
pub fn values(connection: &mut Link<'_>) {
    static CELSIUS: [f64; 8] = [20.5; 8];
    static TIMES: [i64; 8] = [1; 8];
    let columns: [&dyn Encode; 2] = [&TIMES, &CELSIUS];
    let table = Table::new(&["time", "celsius"], &columns);
    let row: [&dyn Encode; 2] = [&black_box(1i64), &black_box(1.5)];
    execute(connection, &Call("set", &[&Symbol::name("readings"), &table]));
    execute(connection, &Call("insert", &[&Symbol::quoted("readings"), &List(&row)]));
}

/// The one place where a value is executed, as a program would have one.
#[inline(never)]
pub fn execute(connection: &mut Link<'_>, request: &dyn Encode) {
    black_box(connection.execute(request).is_ok());
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {}
}
