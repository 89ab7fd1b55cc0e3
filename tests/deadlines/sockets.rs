//! Over TCP: what a socket's own time limits do not bound.

use std::io::Write;
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use rayforce_ipc::client::{Connect, Connection, Options, Timeouts};
use rayforce_ipc::error::{CloseReason, Error, Phase};
use rayforce_ipc::transports::tcp::{Stream, TcpError};
use rayforce_ipc::wire::{Generation, MessageType};

use super::calls::{ASK, endless};
use super::opening::said;
use crate::support::script::{Lent, Script, assert_closed};
use crate::support::sockets::{Server, let_in, request, wait_for_end};

const V3: Generation = Generation::V3;
const LIMIT: Duration = Duration::from_millis(60);
const MOST: Duration = Duration::from_secs(20);

/// Has a server that goes on for ever, in whatever way, and a call that is to end.
#[track_caller]
fn assert_ends(
    serve: impl Fn(&mut TcpStream) + Send + Sync + 'static,
    call: impl FnOnce(&mut Connection<'_, Stream>) -> Result<(), Error<TcpError>>,
    phase: Phase,
) {
    let server = Server::start(move |mut stream| {
        let_in(&mut stream);
        serve(&mut stream);
        wait_for_end(&mut stream);
    });
    let mut lent = Lent::new(256, 256);
    // The others are not to pass, however much else the machine has to do.
    let mut timeouts = Timeouts::all(MOST);
    match phase {
        Phase::FirstByte => timeouts.first_byte = LIMIT,
        _ => timeouts.reply = LIMIT,
    }
    let options = Options { timeouts, ..Options::new() };
    let stream = server.connector().connect(MOST).unwrap();
    let mut connection = Connection::open(stream, lent.lend(), &options).unwrap();
    let start = Instant::now();
    let result = call(&mut connection);
    let elapsed = start.elapsed();
    assert!(matches!(result, Err(Error::TimedOut(timed_out)) if timed_out == phase), "{result:?}");
    assert!(LIMIT <= elapsed && elapsed < MOST, "{elapsed:?}");
    assert_closed(&mut connection, CloseReason::TimedOut(phase));
}

/// Says something again and again, until the client is gone.
fn repeat(stream: &mut TcpStream, bytes: &[u8], pause: Duration) {
    while stream.write_all(bytes).is_ok() {
        thread::sleep(pause);
    }
}

fn execute(connection: &mut Connection<'_, Stream>) -> Result<(), Error<TcpError>> {
    connection.execute(ASK).map(drop)
}

const TRICKLE: Duration = Duration::from_millis(5);

#[test]
fn a_trickling_answer_does_not_put_the_limit_off() {
    let bytes = endless(V3, MessageType::Response);
    let serve = move |stream: &mut TcpStream| {
        request(stream).unwrap();
        stream.write_all(&bytes).unwrap();
        repeat(stream, &[0], TRICKLE);
    };
    let read = |connection: &mut Connection<'_, Stream>| {
        let mut reply = connection.execute(ASK)?;
        while reply.next_token()?.is_some() {}
        Ok(())
    };
    assert_ends(serve, read, Phase::Reply);
}

#[test]
fn a_trickling_reply_is_not_read_away_for_ever() {
    let bytes = endless(V3, MessageType::Response);
    let serve = move |stream: &mut TcpStream| {
        request(stream).unwrap();
        stream.write_all(&bytes).unwrap();
        repeat(stream, &[0], TRICKLE);
    };
    let twice =
        |connection: &mut Connection<'_, Stream>| execute(connection).and_then(|()| execute(connection));
    assert_ends(serve, twice, Phase::Drain);
}

#[test]
fn endless_pushes_do_not_put_the_limit_off() {
    let push = said(&Script::new(V3).pushes(&1i64)).repeat(64);
    let serve = move |stream: &mut TcpStream| {
        request(stream).unwrap();
        repeat(stream, &push, Duration::ZERO);
    };
    assert_ends(serve, execute, Phase::FirstByte);
}

#[test]
fn half_a_push_does_not_hold_a_listener() {
    let push = said(&Script::new(V3).pushes(&1i64));
    let serve = move |stream: &mut TcpStream| stream.write_all(&push[..9]).unwrap();
    assert_ends(serve, |connection| connection.next_push().map(drop), Phase::Push);
}
