//! Sockets that are used again, and what becomes of what was sent.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use embedded_io::{Error as _, ErrorKind, Read as _, Write as _};
use rayforce_ipc::client::{Clock as _, Connect as _, Options, Transport as _};
use rayforce_ipc::transports::smoltcp::SocketError;
use smoltcp::phy::Medium;
use smoltcp::socket::tcp::{Socket, State};

use super::world::{LONG, Peer, World, assert_goes_on, connection, connector, three};

/// Ports that clients came from.
type Ports = Rc<RefCell<Vec<u16>>>;

fn noting(ports: &Ports) -> impl FnMut(&mut Socket<'static>, &mut Peer) + 'static {
    let (ports, mut serve) = (ports.clone(), three());
    move |socket, peer| {
        if peer.port.is_none() && socket.state() == State::Established {
            ports.borrow_mut().extend(socket.remote_endpoint().map(|remote| remote.port));
        }
        serve(socket, peer);
    }
}

#[test]
fn a_slot_is_used_again_a_thousand_times_without_waiting() {
    for is_orderly in [false, true] {
        let ports = Ports::default();
        let world = World::ethernet(2, noting(&ports));
        let stack = world.client::<1>(512, 128);
        for _ in 0..1000 {
            let mut connected = connection(connector(stack), [64, 64], &Options::new());
            assert_goes_on(&mut connected);
            if is_orderly {
                connected.close().unwrap()
            } else {
                connected.abort()
            }
            assert_eq!(stack.free_count(), 1);
        }
        stack.poll();
        world.turn(Some(Duration::ZERO));
        assert_eq!(world.server.borrow().resets, if is_orderly { 0 } else { 1000 });
        assert!(world.now() < Duration::from_secs(50), "a TIME-WAIT lasts 10 s, each: {:?}", world.now());
        let ports = ports.borrow();
        assert_eq!(ports.len(), 1000);
        assert!(ports.windows(2).all(|pair| pair[0] != pair[1]));
        assert!(ports.iter().all(|port| *port >= 0xc000));
    }
}

#[test]
fn a_port_that_is_in_use_is_passed_over() {
    let ports = Ports::default();
    let world = World::ethernet(2, noting(&ports));
    let stack = world.client::<2>(512, 128);
    let mut old = connection(connector(stack), [64, 64], &Options::new());
    // All the others once, and on.
    for _ in 0..0x4000 {
        drop(connector(stack).connect(LONG).unwrap());
    }
    assert_goes_on(&mut old);
    let old = ports.borrow()[0];
    assert_eq!(ports.borrow().iter().filter(|port| **port == old).count(), 1);
    assert!(ports.borrow().len() > 0x4000 - 10);
}

/// Reads so many bytes in each turn, once so many turns have passed since the first byte, and closes when the client has.
fn slow(
    bytes: usize,
    patience: usize,
    heard: &Rc<RefCell<Vec<u8>>>,
) -> impl FnMut(&mut Socket<'static>, &mut Peer) + 'static {
    let (heard, mut turns) = (heard.clone(), 0);
    move |socket, peer| {
        turns += usize::from(socket.can_recv());
        if turns > patience {
            peer.hear(socket, bytes);
            heard.borrow_mut().append(&mut peer.heard);
        }
        peer.say(socket);
    }
}

fn numbers(len: usize) -> Vec<u8> {
    (0..len).map(|at| (at * 31 % 251) as u8).collect()
}

#[test]
fn an_orderly_close_delivers_all_that_was_sent() {
    let (heard, sent) = (Rc::default(), numbers(8000));
    let world = World::new(Medium::Ethernet, 1, [256, 256], slow(100, 0, &heard));
    let stack = world.client::<1>(64, 8192);
    let mut stream = connector(stack).connect(LONG).unwrap();
    assert_eq!(stream.write(&sent), Ok(8000));
    assert!(heard.borrow().is_empty());
    stream.set_deadline(LONG);
    stream.close().unwrap();
    // What the server's system has acknowledged, its program reads when it likes.
    assert!(heard.borrow().len() > 8000 - 300);
    assert_eq!(stack.free_count(), 1);
    connector(stack).wait(Duration::from_secs(1));
    assert!(*heard.borrow() == sent);
    assert_eq!(world.server.borrow().resets, 0);
    assert_eq!(stream.read(&mut [0]), Err(SocketError::Closed));
    assert_eq!((stream.close(), stream.is_alive()), (Err(SocketError::Closed), false));
    assert_eq!(SocketError::Closed.kind(), ErrorKind::NotConnected);
}

#[test]
fn a_slot_that_is_used_again_at_once_takes_nothing_from_a_server_that_reads_late() {
    let (heard, sent) = (Rc::default(), numbers(3000));
    let world = World::new(Medium::Ethernet, 2, [4096, 256], slow(1000, 10, &heard));
    let stack = world.client::<1>(64, 4096);
    let mut stream = connector(stack).connect(LONG).unwrap();
    stream.write_all(&sent).unwrap();
    stream.close().unwrap();
    assert!(heard.borrow().is_empty(), "it has not begun to read");
    let next = connector(stack).connect(LONG).unwrap();
    connector(stack).wait(Duration::from_secs(3600));
    assert!(*heard.borrow() == sent);
    assert_eq!(world.server.borrow().resets, 0);
    drop(next);
}

#[test]
fn what_cannot_be_delivered_in_time_is_told() {
    let world = World::new(Medium::Ethernet, 1, [256, 256], |_, _| ());
    let stack = world.client::<1>(64, 8192);
    let mut stream = connector(stack).connect(LONG).unwrap();
    stream.write_all(&numbers(8000)).unwrap();
    stream.set_deadline(Duration::from_secs(2));
    let start = world.now();
    assert_eq!(stream.close(), Err(SocketError::TimedOut));
    assert!(world.now() - start <= Duration::from_millis(2001));
    drop(stream);
    assert_eq!(stack.free_count(), 1);
    stack.poll();
    world.turn(Some(Duration::ZERO));
    assert_eq!(world.server.borrow().resets, 1);
}

#[test]
fn a_reset_before_all_was_taken_is_told_and_one_after_it_is_none() {
    for (len, expected) in [(8000, Err(SocketError::Reset)), (100, Ok(()))] {
        let mut turns = 0;
        let resets = move |socket: &mut Socket<'static>, _: &mut Peer| {
            turns += usize::from(socket.can_recv());
            if turns > 20 {
                socket.abort();
            }
        };
        let world = World::new(Medium::Ethernet, 1, [256, 256], resets);
        let stack = world.client::<1>(64, 8192);
        let mut stream = connector(stack).connect(LONG).unwrap();
        stream.write_all(&numbers(len)).unwrap();
        stream.set_deadline(Duration::from_secs(36_000));
        assert_eq!(stream.close(), expected);
    }
}

#[test]
fn a_stream_that_the_server_ended_first_is_closed_in_good_order() {
    let ends = |socket: &mut Socket<'static>, peer: &mut Peer| {
        if peer.hear(socket, 64) > 0 {
            socket.close();
        }
    };
    let world = World::ethernet(1, ends);
    let stack = world.client::<1>(64, 512);
    let mut stream = connector(stack).connect(LONG).unwrap();
    stream.write_all(b"go").unwrap();
    assert_eq!(stream.read(&mut [0]), Ok(0));
    stream.close().unwrap();
    assert_eq!(stack.free_count(), 1);
    connector(stack).wait(Duration::from_secs(1));
    assert_eq!(world.server.borrow().resets, 0);
}

#[test]
fn a_server_that_talks_before_it_listens_is_let_talk() {
    // It reads only when it has said everything, as one does that waits in a write.
    let (heard, mut said): (Rc<RefCell<Vec<u8>>>, usize) = (Rc::default(), 0);
    let hearing = heard.clone();
    let talks = move |socket: &mut Socket<'static>, peer: &mut Peer| {
        if socket.may_send() && said < 20_000 {
            said += socket.send_slice(&[7; 200]).unwrap();
        } else if said >= 20_000 && socket.send_queue() == 0 {
            peer.hear(socket, 64);
            hearing.borrow_mut().append(&mut peer.heard);
        }
        peer.say(socket);
    };
    let world = World::new(Medium::Ethernet, 1, [128, 256], talks);
    let stack = world.client::<1>(512, 2048);
    let mut stream = connector(stack).connect(LONG).unwrap();
    stream.write_all(&numbers(1000)).unwrap();
    stream.close().unwrap();
    connector(stack).wait(Duration::from_secs(10));
    assert!(*heard.borrow() == numbers(1000));
    assert_eq!(world.server.borrow().resets, 0);
}

#[test]
fn a_server_that_goes_on_talking_after_the_close_is_let_talk() {
    let mut said = 0;
    let done = Rc::new(RefCell::new(false));
    let is_done = done.clone();
    let talks = move |socket: &mut Socket<'static>, peer: &mut Peer| {
        peer.hear(socket, 64);
        if socket.state() == State::CloseWait {
            if said < 20_000 {
                said += socket.send_slice(&[7; 200]).unwrap();
            } else if socket.send_queue() == 0 {
                is_done.replace(true);
                peer.say(socket);
            }
        }
    };
    let world = World::ethernet(2, talks);
    let stack = world.client::<2>(512, 128);
    connector(stack).connect(LONG).unwrap().close().unwrap();
    // A slot whose socket has nothing left to do is taken first.
    let _next = connector(stack).connect(LONG).unwrap();
    assert!(!*done.borrow());
    connector(stack).wait(Duration::from_secs(10));
    assert!(*done.borrow());
    assert_eq!(world.server.borrow().resets, 0);
}
