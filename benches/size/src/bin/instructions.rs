//! What it takes to encode and to exchange, in instructions.

#![no_std]
#![no_main]

use core::hint::black_box;

use board::{tell, timer};
use embedded_io::{ErrorKind, ErrorType, Read, Write};
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
    let mut buffers = Buffers::<64, 4096>::new();
    let lent = size_of_val(&buffers) as u32;
    let wire = Unbounded(Quick { pieces: black_box(&[OPENING, THREE, THREE]) });
    let mut connection = Connection::open(wire, buffers.lend(), &Options::new()).ok()?;
    let first = ask(&mut connection);
    let mut second = None;
    tell("exchange", timer::count(|| second = ask(&mut connection)));
    if (first, second) != (Some(3), Some(3)) {
        return None;
    }
    let mut session = opened(&mut buffers)?;
    let (count, len) = encode(&mut session, &Text::from(black_box("(+ 1 2)")))?;
    tell("request", count);
    if len != 33 {
        return None;
    }
    let mut session = opened(&mut buffers)?;
    let insert = table("readings").insert(black_box((&TIMES[..], &CELSIUS[..], &SENSORS[..])));
    let (count, len) = encode(&mut session, &insert)?;
    tell("insert", count);
    tell("insert-len", len);
    // The elements of the columns, and what is around them.
    (2000..2200).contains(&len).then_some(lent)
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

/// Encodes a request with its header; instructions and bytes.
fn encode(session: &mut Session<'_>, request: &dyn Encode) -> Option<(u32, u32)> {
    let mut len = None;
    let count = timer::count(|| {
        len = session
            .begin(MessageType::Sync, request)
            .ok()
            .and_then(|()| Some(session.transmit(request).ok()?.len()));
    });
    Some((count, u32::try_from(len?).ok()?))
}

/// A stream that takes few instructions itself.
struct Quick {
    pieces: &'static [&'static [u8]],
}

impl ErrorType for Quick {
    type Error = ErrorKind;
}

impl Read for Quick {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        let Some((piece, later)) = self.pieces.split_first() else { return Ok(0) };
        let target = buffer.get_mut(..piece.len()).ok_or(ErrorKind::OutOfMemory)?;
        target.copy_from_slice(piece);
        self.pieces = later;
        Ok(piece.len())
    }
}

impl Write for Quick {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        Ok(black_box(bytes).len())
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}
