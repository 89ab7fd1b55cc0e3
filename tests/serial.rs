//! Connections over one serial line, one after the other. A tick is what one question takes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::cell::RefCell;
use std::collections::VecDeque;
use std::time::Duration;

use embedded_io::{Error as _, ErrorKind, ErrorType, Read, ReadReady, Write, WriteReady};
use rayforce_ipc::client::{Buffers, Clock, Connect, Connection, Options, Timeouts};
use rayforce_ipc::error::Phase;
use rayforce_ipc::transports::adapters::TimedError;
use rayforce_ipc::transports::serial::{Line, LineError};
use rayforce_ipc::{Engine, Error, Slot};

const TICK: Duration = Duration::from_millis(1);
const ANSWER: &[u8] = b"\xfa\xde\xfa\xce\x03\0\0\x02\x0a\0\0\0\0\0\0\0\xfb\0\x03\0\0\0\0\0\0\0";

/// A UART, a bridge and a server of wire 3 that answers everything by 3.
#[derive(Debug, Default)]
struct World {
    now: Duration,
    /// What is on its way, and when it comes.
    incoming: VecDeque<(Duration, Result<u8, ErrorKind>)>,
    written: Vec<u8>,
    is_mute: bool,
}

impl World {
    fn comes(&mut self, after: Duration, bytes: &[u8]) {
        let due = self.now + after;
        self.incoming.extend(bytes.iter().map(|byte| (due, Ok(*byte))));
    }
}

#[derive(Clone, Copy, Debug)]
struct Ends<'w>(&'w RefCell<World>);

impl Clock for Ends<'_> {
    fn uptime(&self) -> Duration {
        self.0.borrow().now
    }
}

impl ErrorType for Ends<'_> {
    type Error = ErrorKind;
}

impl ReadReady for Ends<'_> {
    fn read_ready(&mut self) -> Result<bool, ErrorKind> {
        let mut world = self.0.borrow_mut();
        world.now += TICK;
        let now = world.now;
        Ok(world.incoming.front().is_some_and(|(due, _)| *due <= now))
    }
}

impl Read for Ends<'_> {
    fn read(&mut self, target: &mut [u8]) -> Result<usize, ErrorKind> {
        let (due, byte) = self.0.borrow_mut().incoming.pop_front().expect("a read that never ends");
        assert!(due <= self.0.borrow().now, "a read that waits");
        target[0] = byte?;
        Ok(1)
    }
}

impl WriteReady for Ends<'_> {
    fn write_ready(&mut self) -> Result<bool, ErrorKind> {
        Ok(true)
    }
}

impl Write for Ends<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        let mut world = self.0.borrow_mut();
        world.written.extend_from_slice(bytes);
        if !world.is_mute {
            world.comes(TICK, if bytes == [3, 0] { &[3, 0] } else { ANSWER });
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}

fn ask<T: rayforce_ipc::client::Transport>(
    connection: &mut Connection<'_, T>,
) -> Result<i64, Error<T::Error>> {
    Ok(connection.execute("(+ 1 2)")?.value()?.as_i64()?)
}

#[test]
fn what_comes_before_the_line_is_silent_is_of_the_connection_before() {
    let world = RefCell::default();
    let line = Line::new(Ends(&world), Ends(&world)).silence(Duration::from_millis(10));
    let mut buffers = Buffers::<64, 64>::new();
    let mut connection = Connection::closed(buffers.lend());
    for _ in 0..3 {
        // The rest of an answer, a byte that the UART has lost, and more after a pause.
        world.borrow_mut().comes(Duration::ZERO, ANSWER);
        let due = world.borrow().now + Duration::from_millis(30);
        world.borrow_mut().incoming.push_back((due, Err(ErrorKind::Other)));
        world.borrow_mut().comes(Duration::from_millis(39), &[1, 2, 3]);
        world.borrow_mut().written.clear();
        let transport = (&line).connect(Duration::from_secs(1)).unwrap();
        assert!(world.borrow().incoming.is_empty() && world.borrow().written.is_empty());
        connection.reopen(transport, &Options::new()).unwrap();
        assert_eq!(ask(&mut connection), Ok(3));
        // The UART is free for the next one.
        connection.abort();
    }
}

#[test]
fn without_a_silence_all_is_of_the_new_connection() {
    let world = RefCell::default();
    let line = Line::new(Ends(&world), Ends(&world)).silence(Duration::ZERO);
    world.borrow_mut().comes(Duration::ZERO, &[3, 0]);
    (&line).connect(Duration::ZERO).unwrap();
    assert_eq!((world.borrow().incoming.len(), world.borrow().now), (2, Duration::ZERO));
}

#[test]
fn a_line_that_is_never_silent_times_out() {
    let world = RefCell::default();
    let line = Line::new(Ends(&world), Ends(&world));
    for millis in 0..1_000 {
        world.borrow_mut().comes(Duration::from_millis(20 * millis), &[7]);
    }
    let limit = Duration::from_millis(500);
    assert_eq!((&line).connect(limit).unwrap_err(), TimedError::TimedOut);
    assert!(world.borrow().now <= limit + TICK);
}

#[test]
fn a_line_has_one_connection_at_a_time() {
    let world = RefCell::default();
    let line = Line::new(Ends(&world), Ends(&world));
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 2];
    let engine = Engine::new(&line, &mut slots);
    assert_eq!(engine.to_string(), "IPCEngine(serial line, pool_size: 0)");
    let mut held = engine.acquire().unwrap();
    assert_eq!(ask(held.connection().unwrap()), Ok(3));
    let error = engine.acquire().map(drop).unwrap_err();
    let source = TimedError::Stream(LineError::Taken);
    assert_eq!(error, Error::Transport { phase: Phase::Connect, source });
    assert_eq!(source.kind(), ErrorKind::AddrInUse);
    assert_eq!(source.to_string(), "the line is taken by another connection");
    drop(held);
    assert_eq!(ask(engine.acquire().unwrap().connection().unwrap()), Ok(3));
    drop(engine);
    line.into_inner();
}

#[test]
fn a_server_that_went_away_shows_by_a_wait_that_ends() {
    let world = RefCell::default();
    let line = Line::new(Ends(&world), Ends(&world));
    let mut buffers = Buffers::<64, 64>::new();
    let limit = Duration::from_secs(2);
    let options = Options { timeouts: Timeouts::all(limit), ..Options::new() };
    let transport = (&line).connect(limit).unwrap();
    let mut connection = Connection::open(transport, buffers.lend(), &options).unwrap();
    world.borrow_mut().is_mute = true;
    let start = world.borrow().now;
    assert_eq!(ask(&mut connection), Err(Error::TimedOut(Phase::FirstByte)));
    assert!(world.borrow().now - start <= limit + TICK);
    world.borrow_mut().is_mute = false;
    connection.reopen((&line).connect(limit).unwrap(), &options).unwrap();
    assert_eq!(ask(&mut connection), Ok(3));
}
