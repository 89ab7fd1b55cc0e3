//! What it takes to encode and to exchange, in instructions.

#![no_std]
#![no_main]

use core::hint::black_box;

use board::{tell, timer};
use embedded_io::{ErrorKind, ErrorType, Read, Write};
use rayforce_ipc::Value;
use rayforce_ipc::client::frames::Frames;
use rayforce_ipc::client::{Buffers, Connection, Options, Progress, Session};
use rayforce_ipc::codec::{Encode, Text};
use rayforce_ipc::query::table;
use rayforce_ipc::transports::adapters::Unbounded;
use rayforce_ipc::wire::MessageType;
use size::{OPENING, THREE};

board::program!(run);

/// 100 rows of three columns.
static TIMES: [i64; 100] = [1; 100];
static CELSIUS: [f64; 100] = [20.5; 100];
static SENSORS: [i32; 100] = [7; 100];

fn run() -> Option<u32> {
    let mut buffer = [0; 4096];
    let mut buffers = Buffers::<64, 4096>::new();
    let lent = (size_of_val(&buffer) + size_of_val(&buffers)) as u32;
    smallest(&mut buffer)?;
    connection(&mut buffers)?;
    Some(lent)
}

/// Of the smallest client.
fn smallest(buffer: &mut [u8]) -> Option<()> {
    let stream = Quick { pieces: black_box(&[OPENING, THREE]), given: 0, taken: 0 };
    let mut frames = Frames::open(stream, buffer, None).ok()?;
    let mut answer = None;
    tell("exchange", timer::count(|| answer = exchanged(&mut frames)));
    if answer != Some(3) {
        return None;
    }
    for (name, request) in [("request", &Text::from("(+ 1 2)") as &dyn Encode), ("insert", &insert())] {
        let before = frames.stream().taken;
        let mut sent = None;
        tell(name, timer::count(|| sent = frames.send(MessageType::Sync, black_box(request)).ok()));
        sent?;
        tell_len(name, frames.stream().taken - before)?;
    }
    Some(())
}

/// Of a connection.
fn connection<const RX: usize, const TX: usize>(buffers: &mut Buffers<RX, TX>) -> Option<()> {
    let wire = Unbounded(Quick { pieces: black_box(&[OPENING, THREE, THREE]), given: 0, taken: 0 });
    let mut connection = Connection::open(wire, buffers.lend(), &Options::new()).ok()?;
    let first = ask(&mut connection);
    let mut second = None;
    tell("connection-exchange", timer::count(|| second = ask(&mut connection)));
    if (first, second) != (Some(3), Some(3)) {
        return None;
    }
    for (name, request) in
        [("connection-request", &Text::from("(+ 1 2)") as &dyn Encode), ("connection-insert", &insert())]
    {
        let mut session = opened(buffers)?;
        let mut len = None;
        tell(name, timer::count(|| len = begin(&mut session, black_box(request))));
        tell_len(name, len?)?;
    }
    Some(())
}

fn insert() -> impl Encode {
    table("readings").insert((&TIMES[..], &CELSIUS[..], &SENSORS[..]))
}

/// Tells the bytes of a frame, which are those of the elements and some around them.
fn tell_len(name: &str, len: usize) -> Option<()> {
    if name.ends_with("insert") {
        tell(if name == "insert" { "insert-len" } else { "connection-insert-len" }, len as u32);
        return (2000..2200).contains(&len).then_some(());
    }
    (len == 33).then_some(())
}

#[inline(never)]
fn exchanged(frames: &mut Frames<'_, Quick>) -> Option<i64> {
    match frames.execute(black_box("(+ 1 2)")).ok()?.leaf().ok()? {
        Value::I64(number) => Some(number),
        _ => None,
    }
}

#[inline(never)]
fn ask(connection: &mut Connection<'_, Unbounded<Quick>>) -> Option<i64> {
    connection.execute(black_box("(+ 1 2)")).ok()?.value().ok()?.as_i64().ok()
}

/// A session whose hands are shaken.
fn opened<const RX: usize, const TX: usize>(buffers: &mut Buffers<RX, TX>) -> Option<Session<'_>> {
    let mut session = Session::new(buffers.lend());
    session.open(None).ok()?;
    let opening = session.opening();
    let count = session.transmit(&opening).ok()?.len();
    session.sent(count);
    session.receive_window().get_mut(..OPENING.len())?.copy_from_slice(OPENING);
    session.received(OPENING.len());
    (session.poll() == Ok(Progress::Ready)).then_some(session)
}

/// Encodes a request with its header; its bytes.
#[inline(never)]
fn begin(session: &mut Session<'_>, request: &dyn Encode) -> Option<usize> {
    session.begin(MessageType::Sync, request).ok()?;
    Some(session.transmit(request).ok()?.len())
}

/// A stream that takes few instructions itself.
struct Quick {
    pieces: &'static [&'static [u8]],
    given: usize,
    taken: usize,
}

impl ErrorType for Quick {
    type Error = ErrorKind;
}

impl Read for Quick {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        let Some((piece, later)) = self.pieces.split_first() else { return Ok(0) };
        let rest = piece.get(self.given..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        if let (Some(target), Some(source)) = (buffer.get_mut(..count), rest.get(..count)) {
            target.copy_from_slice(source);
        }
        self.given += count;
        if self.given == piece.len() {
            (self.pieces, self.given) = (later, 0);
        }
        Ok(count)
    }
}

impl Write for Quick {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        self.taken += black_box(bytes).len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}
