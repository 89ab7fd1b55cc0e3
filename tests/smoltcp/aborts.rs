//! Streams that are ended from elsewhere.

use std::time::Duration;

use embedded_io::{Error as _, ErrorKind, Read as _, Write as _};
use rayforce_ipc::client::{Abort as _, Connect as _, Options, Transport as _};
use rayforce_ipc::error::{CloseReason, Error, Phase};
use rayforce_ipc::transports::smoltcp::{Handle, SocketError};

use super::world::{LONG, Peer, World, assert_goes_on, connection, connector, engine, three};

/// Lets clients in and answers nothing, nor takes more than the opening.
fn silent(socket: &mut smoltcp::socket::tcp::Socket<'static>, peer: &mut Peer) {
    if !peer.is_open() {
        peer.hear(socket, 2);
        drop(peer.request());
    }
    peer.say(socket);
}

#[test]
fn a_call_that_waits_is_ended_by_its_handle() {
    let world = World::ethernet(1, silent);
    let stack = world.client::<1>(512, 128);
    let mut connected = connection(connector(stack), [64, 64], &Options::new());
    let (handle, start) = (connected.handle().unwrap(), world.now());
    world.after(5, move || handle.abort());
    assert!(matches!(connected.execute("(+ 1 2)"), Err(Error::Aborted(Phase::FirstByte))));
    assert_eq!(connected.close_reason(), Some(CloseReason::Aborted));
    assert!(world.now() - start < Duration::from_secs(29), "long before the timeout");
    assert_eq!(stack.free_count(), 1);
    // The server learns of it by a reset.
    stack.poll();
    world.turn(Some(Duration::ZERO));
    assert_eq!(world.server.borrow().resets, 1);
}

#[test]
fn so_is_one_that_waits_for_room() {
    let world = World::ethernet(1, silent);
    let stack = world.client::<1>(512, 128);
    let mut connected = connection(connector(stack), [64, 64], &Options::new());
    let handle = connected.handle().unwrap();
    world.after(50, move || handle.abort());
    let error = connected.execute(&[7u8; 20_000][..]).err().unwrap();
    assert!(matches!(error, Error::Aborted(Phase::Write)), "{error}");
}

#[test]
fn every_later_call_is_aborted_too() {
    let world = World::ethernet(1, silent);
    let stack = world.client::<1>(512, 128);
    let mut stream = connector(stack).connect(LONG).unwrap();
    let handle = stream.handle().unwrap();
    // From a thread, as from an interrupt.
    std::thread::spawn(move || handle.abort()).join().unwrap();
    handle.abort();
    for _ in 0..2 {
        assert_eq!(stream.read(&mut [0]), Err(SocketError::Aborted));
        assert_eq!(stream.write(&[0]), Err(SocketError::Aborted));
        assert_eq!(stream.flush(), Err(SocketError::Aborted));
    }
    assert!(!stream.is_alive());
    assert_eq!(stream.close(), Err(SocketError::Aborted));
    assert_eq!(SocketError::Aborted.kind(), ErrorKind::ConnectionAborted);
}

#[test]
fn the_handle_of_a_stream_that_is_gone_does_nothing() {
    let world = World::ethernet(1, three());
    let stack = world.client::<1>(512, 128);
    let mut old: Vec<Handle<'_>> = Vec::new();
    for _ in 0..5 {
        let mut connected = connection(connector(stack), [64, 64], &Options::new());
        old.iter().for_each(|handle| handle.abort());
        assert_goes_on(&mut connected);
        old.push(connected.handle().unwrap());
        // One that was aborted stays so, whatever older handles do.
        old.iter().rev().for_each(|handle| handle.abort());
        assert!(matches!(connected.execute("(+ 1 2)"), Err(Error::Aborted(_))));
    }
}

#[test]
fn a_pool_disposes_of_a_connection_that_waits() {
    let world = World::ethernet(2, silent);
    let stack = world.client::<2>(512, 128);
    let engine = engine::<2>(connector(stack));
    engine.acquire().unwrap().release();
    let (mut waiting, idle) = (engine.acquire().unwrap(), engine.acquire().unwrap());
    idle.release();
    let start = world.now();
    world.after(5, move || {
        let disposed = engine.dispose_connections();
        assert_eq!((disposed.idle, disposed.held), (1, 1));
    });
    let error = waiting.execute("(+ 1 2)").err().unwrap();
    assert!(matches!(error, Error::Aborted(_) | Error::Closed(CloseReason::Aborted)), "{error}");
    assert!(world.now() - start < Duration::from_secs(29), "long before the timeout");
    assert_eq!((engine.pool_size(), stack.free_count()), (0, 2));
    drop(waiting);
    engine.acquire().unwrap();
}
