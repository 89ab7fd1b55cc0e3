//! What does not go well, and what it is called.

use std::net::Ipv4Addr;
use std::time::Duration;

use embedded_io::{Error as _, ErrorKind, Read as _, Write as _};
use rayforce_ipc::client::{Clock as _, Connect as _, Options, Timeouts, Transport as _};
use rayforce_ipc::error::{CloseReason, Error, Phase};
use rayforce_ipc::transports::smoltcp::{Connector, SocketError};

use super::world::{
    Client, LONG, PORT, Peer, SERVER, World, answering, assert_goes_on, connection, connector, three,
};

type Socket<'a> = smoltcp::socket::tcp::Socket<'a>;

/// Takes everything and says nothing.
fn deaf(socket: &mut Socket<'static>, peer: &mut Peer) {
    peer.hear(socket, 4096);
}

/// Lets clients in and answers nothing.
fn silent(socket: &mut Socket<'static>, peer: &mut Peer) {
    peer.hear(socket, 4096);
    drop(peer.request());
    peer.say(socket);
}

#[track_caller]
fn assert_fails<const N: usize>(
    stack: &'static Client<N>,
    server: (Ipv4Addr, u16),
    error: SocketError,
    kind: ErrorKind,
) {
    assert_eq!(Connector::new(stack, server).connect(LONG).err(), Some(error));
    assert_eq!(error.kind(), kind);
    assert_eq!(stack.free_count(), N);
}

#[test]
fn a_port_without_a_listener_refuses() {
    let world = World::ethernet(1, three());
    let stack = world.client::<1>(512, 128);
    assert_fails(stack, (SERVER, PORT + 1), SocketError::Refused, ErrorKind::ConnectionRefused);
    assert!(world.now() < Duration::from_secs(1));
    assert_goes_on(&mut connection(connector(stack), [64, 64], &Options::new()));
}

#[test]
fn an_address_without_a_way_is_unreachable() {
    let world = World::ethernet(1, three());
    let stack = world.client::<1>(512, 128);
    let far = (Ipv4Addr::new(192, 0, 2, 1), PORT);
    assert_fails(stack, far, SocketError::Unreachable, ErrorKind::AddrNotAvailable);
    assert_fails(stack, (SERVER, 0), SocketError::Unreachable, ErrorKind::AddrNotAvailable);
    assert_fails(stack, (Ipv4Addr::UNSPECIFIED, PORT), SocketError::Unreachable, ErrorKind::AddrNotAvailable);
    // With a route it is another matter: nobody answers.
    let gateway =
        |interface: &mut smoltcp::iface::Interface| interface.routes_mut().add_default_ipv4_route(SERVER);
    stack.with_interface(|interface, _, _| gateway(interface).is_ok()).unwrap();
    assert_fails(stack, far, SocketError::TimedOut, ErrorKind::TimedOut);
    stack.with_interface(|interface, _, _| interface.update_ip_addrs(|addresses| addresses.clear())).unwrap();
    assert_fails(stack, (SERVER, PORT), SocketError::Unreachable, ErrorKind::AddrNotAvailable);
}

#[test]
fn a_host_that_is_not_there_is_a_timeout() {
    let world = World::ethernet(1, three());
    let stack = world.client::<1>(512, 128);
    world.is_cut.set(true);
    for limit in [Duration::ZERO, Duration::from_millis(300), Duration::from_secs(20)] {
        let start = world.now();
        assert_eq!(connector(stack).connect(limit).err(), Some(SocketError::TimedOut));
        let taken = world.now() - start;
        assert!(taken >= limit && taken <= limit + Duration::from_millis(1), "{taken:?}");
        assert_eq!(stack.free_count(), 1);
    }
    world.is_cut.set(false);
    assert_goes_on(&mut connection(connector(stack), [64, 64], &Options::new()));
}

#[test]
fn a_server_that_says_nothing_is_a_timeout_of_each_phase() {
    let world = World::ethernet(1, deaf);
    let stack = world.client::<1>(512, 128);
    let engine = super::world::engine::<1>(connector(stack));
    assert!(matches!(engine.acquire(), Err(Error::TimedOut(Phase::Handshake))));
    let world = World::ethernet(1, silent);
    let stack = world.client::<1>(512, 128);
    let mut options = Options::new();
    options.timeouts = Timeouts::all(Duration::from_millis(200));
    let mut connection = connection(connector(stack), [64, 64], &options);
    let start = world.now();
    assert!(matches!(connection.execute("(+ 1 2)"), Err(Error::TimedOut(Phase::FirstByte))));
    assert!(world.now() - start <= Duration::from_millis(201));
    assert_eq!(stack.free_count(), 1);
}

#[test]
fn a_server_that_takes_no_more_bytes_is_a_timeout() {
    let let_in = |socket: &mut Socket<'static>, peer: &mut Peer| {
        if !peer.is_open() {
            silent(socket, peer);
        }
    };
    let world = World::ethernet(1, let_in);
    let stack = world.client::<1>(512, 128);
    let mut options = Options::new();
    options.timeouts.write = Duration::from_secs(3);
    let mut connection = connection(connector(stack), [64, 64], &options);
    let error = connection.execute(&[7u8; 20_000][..]).err().unwrap();
    assert!(matches!(error, Error::TimedOut(Phase::Write)), "{error}");
    assert_eq!(
        (connection.close_reason(), stack.free_count()),
        (Some(CloseReason::TimedOut(Phase::Write)), 1)
    );
}

#[test]
fn a_reset_and_an_end_are_told_apart() {
    let resets = |socket: &mut Socket<'static>, peer: &mut Peer| {
        peer.hear(socket, 4096);
        if peer.request().is_some() {
            socket.abort();
        }
        peer.say(socket);
    };
    let world = World::ethernet(1, resets);
    let stack = world.client::<1>(512, 128);
    let mut connected = connection(connector(stack), [64, 64], &Options::new());
    match connected.execute("(+ 1 2)").err().unwrap() {
        Error::Transport { phase: Phase::FirstByte, source: SocketError::Reset } => {}
        other => panic!("{other}"),
    }
    let ends = |socket: &mut Socket<'static>, peer: &mut Peer| {
        peer.hear(socket, 4096);
        let request = peer.request();
        peer.say(socket);
        if request.is_some() {
            socket.close();
        }
    };
    let world = World::ethernet(1, ends);
    let stack = world.client::<1>(512, 128);
    let mut connected = connection(connector(stack), [64, 64], &Options::new());
    assert!(matches!(connected.execute("(+ 1 2)"), Err(Error::Disconnected(Phase::FirstByte))));
}

#[test]
fn what_came_before_an_end_or_a_reset_is_read() {
    for is_reset in [false, true] {
        let says = move |socket: &mut Socket<'static>, peer: &mut Peer| {
            if peer.hear(socket, 64) > 0 {
                socket.send_slice(&[7; 300]).unwrap();
            } else if !peer.heard.is_empty() && socket.send_queue() == 0 {
                if is_reset { socket.abort() } else { socket.close() }
            }
        };
        let world = World::ethernet(1, says);
        let stack = world.client::<1>(512, 128);
        let mut stream = connector(stack).connect(LONG).unwrap();
        stream.write_all(b"go").unwrap();
        stream.flush().unwrap();
        connector(stack).wait(Duration::from_secs(1));
        let mut bytes = [0; 200];
        assert_eq!(stream.read(&mut bytes), Ok(200));
        assert_eq!(stream.read(&mut []), Ok(0));
        assert_eq!(stream.read(&mut bytes), Ok(100));
        let end = if is_reset { Err(SocketError::Reset) } else { Ok(0) };
        assert_eq!((stream.read(&mut bytes), stream.read(&mut bytes)), (end, end));
        assert_eq!(stream.write(b"more").is_err(), is_reset);
    }
}

#[test]
fn a_host_that_gives_no_sign_of_life_is_no_timeout() {
    let world = World::ethernet(1, three());
    let stack = world.client::<1>(512, 128);
    let mut options = Options::new();
    options.timeouts = Timeouts::all(Duration::from_secs(3600));
    let mut connected = connection(connector(stack), [64, 64], &options);
    world.is_cut.set(true);
    let start = world.now();
    match connected.next_push() {
        Err(Error::Transport { source: SocketError::Silent, .. }) => {}
        other => panic!("{other:?}"),
    }
    let taken = world.now() - start;
    assert!(taken >= Duration::from_secs(29) && taken <= Duration::from_secs(31), "{taken:?}");
    world.is_cut.set(false);
    connector(stack).wait(Duration::from_secs(100));
    // One that nobody waits in is found out, too; one whose request is not acknowledged as well.
    let mut connected =
        connection(connector(stack).keepalive(Some(Duration::from_secs(2))), [64, 64], &options);
    world.is_cut.set(true);
    assert!(connected.is_alive());
    connector(stack).wait(Duration::from_secs(7));
    assert!(!connected.is_alive());
}

#[test]
fn an_address_that_the_interface_loses_ends_its_connections() {
    let world = World::ethernet(1, three());
    let stack = world.client::<1>(512, 128);
    let mut connected = connection(connector(stack), [64, 64], &Options::new());
    stack.with_interface(|interface, _, _| interface.update_ip_addrs(|addresses| addresses.clear())).unwrap();
    match connected.execute("(+ 1 2)").err().unwrap() {
        Error::Transport { source: SocketError::AddressLost, .. } => {}
        other => panic!("{other}"),
    }
}

#[test]
fn within_the_interface_streams_are_busy() {
    let world = World::ethernet(1, three());
    let stack = world.client::<1>(512, 128);
    let mut stream = connector(stack).connect(LONG).unwrap();
    let busy = stack.with_interface(|_, _, _| {
        assert!(stream.is_alive());
        assert_eq!(stream.read(&mut [0]), Err(SocketError::Busy));
        assert_eq!(stream.write(&[0]), Err(SocketError::Busy));
        assert_eq!(stream.flush(), Err(SocketError::Busy));
        assert_eq!(stack.poll(), Some(Duration::ZERO));
        assert_eq!(connector(stack).connect(LONG).err(), Some(SocketError::Busy));
        drop(stream);
        stack.with_interface(|_, _, _| ()).err()
    });
    assert_eq!(busy, Ok(Some(SocketError::Busy)));
    assert_eq!(stack.free_count(), 1);
    stack.poll();
    world.turn(Some(Duration::ZERO));
    assert_eq!(world.server.borrow().resets, 1);
}

#[test]
fn a_limit_of_zero_asks_without_waiting() {
    let world = World::ethernet(1, answering(<[u8]>::to_vec));
    let stack = world.client::<1>(512, 128);
    let mut stream = connector(stack).connect(LONG).unwrap();
    stream.write_all(&[3, 0]).unwrap();
    stream.flush().unwrap();
    stream.set_deadline(Duration::ZERO);
    let start = world.now();
    assert_eq!(stream.read(&mut [0; 2]), Err(SocketError::TimedOut));
    assert_eq!(world.now(), start);
    world.turn(Some(Duration::ZERO));
    stream.set_deadline(Duration::ZERO);
    assert_eq!(stream.read(&mut [0]), Ok(1));
    // Only the first attempt may come late, also where a byte is there.
    assert_eq!(stream.read(&mut [0]), Err(SocketError::TimedOut));
    stream.set_deadline(Duration::ZERO);
    assert_eq!(stream.read(&mut [0]), Ok(1));
}
