//! What goes well.

use std::time::Duration;

use embedded_io::Write as _;
use rayforce_ipc::client::{Clock as _, Connect as _, Options};
use rayforce_ipc::codec::{Text, Value};
use rayforce_ipc::error::{Error, Phase};
use rayforce_ipc::transports::smoltcp::SocketError;
use rayforce_ipc::wire::Generation;

use super::world::{LONG, World, answering, assert_goes_on, connection, connector, engine, three};
use crate::support::codec::sent;

const V3: Generation = Generation::V3;

#[test]
fn requests_are_answered_and_the_connection_is_closed() {
    let world = World::ethernet(1, three());
    let stack = world.client::<1>(1024, 512);
    let mut connection = connection(connector(stack), [64, 64], &Options::new());
    let opened = world.now();
    for _ in 0..100 {
        assert_goes_on(&mut connection);
    }
    connection.send("(+ 1 2)").unwrap();
    connection.send("(+ 1 2)").unwrap();
    connection.receive().unwrap();
    connection.receive().unwrap();
    assert_eq!(world.now(), opened, "nobody waits for anything but frames");
    assert_eq!(stack.free_count(), 0);
    connection.close().unwrap();
    assert_eq!(stack.free_count(), 1);
    world.turn(Some(Duration::ZERO));
    assert_eq!(world.server.borrow().resets, 0);
}

#[test]
fn a_small_segment_does_not_wait_until_the_one_before_is_acknowledged() {
    let world = World::ethernet(1, |socket, peer| _ = peer.hear(socket, 64));
    let stack = world.client::<1>(1024, 512);
    let mut stream = connector(stack).connect(LONG).unwrap();
    for heard in 1..=3 {
        stream.write_all(&[3]).unwrap();
        stream.flush().unwrap();
        world.turn(Some(Duration::ZERO));
        assert_eq!(world.server.borrow().peers[0].heard.len(), heard);
    }
}

#[test]
fn what_is_written_in_pieces_goes_out_in_one_frame_when_it_is_flushed() {
    let world = World::ethernet(1, |socket, peer| _ = peer.hear(socket, 64));
    let stack = world.client::<1>(1024, 512);
    let mut stream = connector(stack).connect(LONG).unwrap();
    stack.poll();
    world.turn(Some(Duration::ZERO));
    let before = world.sent_count();
    for _ in 0..10 {
        stream.write_all(&[3; 20]).unwrap();
    }
    assert_eq!(world.sent_count(), before);
    stream.flush().unwrap();
    assert_eq!(world.sent_count(), before + 1);
}

#[test]
fn a_poll_takes_a_flood_by_portions() {
    let world = World::ethernet(1, three());
    let stack = world.client::<1>(1024, 512);
    world.flood(100);
    assert_eq!(stack.poll(), Some(Duration::ZERO));
    assert_eq!(world.coming_count(), 36);
    assert_eq!(stack.poll(), None);
    assert_eq!(world.coming_count(), 0);
}

#[test]
fn several_connections_of_a_pool_are_used_at_once() {
    let world = World::ethernet(3, answering(<[u8]>::to_vec));
    let stack = world.client::<3>(512, 256);
    let engine = engine::<3>(connector(stack));
    assert_eq!(engine.to_string(), "IPCEngine(host=10.0.2.2, port=5000, pool_size: 0)");
    let mut lent = [engine.acquire().unwrap(), engine.acquire().unwrap(), engine.acquire().unwrap()];
    assert!(matches!(engine.acquire(), Err(Error::Exhausted { capacity: 3 })));
    for round in 0..20 {
        let word = |at: usize| format!("round {round} of {at}");
        for (at, lent) in lent.iter_mut().enumerate() {
            lent.connection().unwrap().send(word(at).as_str()).unwrap();
        }
        for (at, lent) in lent.iter_mut().enumerate().rev() {
            let mut reply = lent.connection().unwrap().receive().unwrap();
            assert_eq!(reply.value().unwrap().as_str(), Ok(word(at).as_str()));
        }
    }
    lent.into_iter().for_each(|lent| lent.release());
    assert_eq!((engine.pool_size(), stack.free_count()), (3, 0));
    assert_eq!(engine.dispose_connections().idle, 3);
    assert_eq!((engine.pool_size(), stack.free_count()), (0, 3));
}

#[test]
fn a_stack_with_fewer_slots_than_the_pool_says_so() {
    let world = World::ethernet(3, three());
    let stack = world.client::<2>(512, 256);
    let engine = engine::<3>(connector(stack));
    let lent = [engine.acquire().unwrap(), engine.acquire().unwrap()];
    let no_slot = SocketError::NoSlot { capacity: 2 };
    match engine.acquire() {
        Err(Error::Transport { phase: Phase::Connect, source }) => assert_eq!(source, no_slot),
        other => panic!("{other:?}"),
    }
    drop(lent);
    engine.acquire().unwrap().execute("(+ 1 2)").unwrap();
}

#[test]
fn a_reply_larger_than_all_buffers_is_read_by_columns() {
    let world = World::ethernet(1, answering(|_| sent(V3, &&(0..10_000i64).collect::<Vec<_>>()[..])));
    let stack = world.client::<1>(512, 128);
    let mut connection = connection(connector(stack), [32, 64], &Options::new());
    for _ in 0..2 {
        let mut reply = connection.execute("(til 10000)").unwrap();
        let mut columns = reply.columns().unwrap();
        let mut column = columns.next().unwrap().unwrap();
        let (mut read, mut chunk) = (Vec::new(), [0i64; 16]);
        while let count @ 1.. = column.read(&mut chunk).unwrap() {
            read.extend_from_slice(&chunk[..count]);
        }
        assert!(read.iter().copied().eq(0..10_000));
    }
    connection.close().unwrap();
}

#[test]
fn a_request_larger_than_all_buffers_arrives_whole() {
    let numbers: Vec<i64> = (0..10_000).collect();
    let expected = sent(V3, &&numbers[..]);
    let world = World::ethernet(1, answering(move |payload| sent(V3, &(payload == expected))));
    let stack = world.client::<1>(128, 300);
    let mut connection = connection(connector(stack), [32, 64], &Options::new());
    assert_eq!(connection.execute(&numbers[..]).unwrap().value().unwrap(), Value::Bool(true));
}

#[test]
fn pushes_come_while_nobody_asks() {
    let world = World::ethernet(1, three());
    let stack = world.client::<1>(512, 128);
    let mut connection = connection(connector(stack), [64, 64], &Options::new());
    // A quiet minute ends by the timeout and leaves the connection as it was.
    assert!(connection.next_push().unwrap().is_none());
    let push = crate::support::script::frame(
        V3,
        rayforce_ipc::wire::MessageType::Async,
        &sent(V3, &Text::from("news")),
    );
    world.server.borrow_mut().peers[0].said.extend(push);
    assert!(connection.next_push().unwrap().is_some());
    assert_goes_on(&mut connection);
}

#[test]
fn the_main_loop_keeps_connections_alive() {
    let world = World::ethernet(1, three());
    let stack = world.client::<1>(512, 128);
    let mut connection = connection(connector(stack), [64, 64], &Options::new());
    let until = world.now() + Duration::from_secs(3600);
    while world.now() < until {
        let delay = stack.poll();
        assert!(delay.is_some_and(|delay| delay <= Duration::from_secs(10)), "it is kept alive");
        world.turn(delay);
    }
    assert!(connection.is_alive());
    assert_goes_on(&mut connection);
}

#[test]
fn so_do_waits_by_the_connectors_clock() {
    let world = World::ethernet(1, three());
    let stack = world.client::<1>(512, 128);
    let connector = connector(stack);
    let mut connection = connection(connector, [64, 64], &Options::new());
    let start = world.now();
    connector.wait(Duration::from_secs(3600));
    let waited = world.now() - start;
    assert!(waited >= Duration::from_secs(3600) && waited < Duration::from_secs(3601), "{waited:?}");
    assert!(connection.is_alive());
    assert_goes_on(&mut connection);
}

#[test]
fn without_signs_of_life_an_idle_connection_lasts() {
    let world = World::ethernet(1, three());
    let stack = world.client::<1>(512, 128);
    let connector = connector(stack).keepalive(None);
    let mut connection = connection(connector, [64, 64], &Options::new());
    connector.wait(Duration::from_secs(3600));
    assert!(connection.is_alive());
    assert_goes_on(&mut connection);
}

#[test]
fn an_idle_connection_whose_server_went_away_is_dialled_anew() {
    let world = World::ethernet(1, three());
    let stack = world.client::<1>(512, 128);
    let engine = engine::<1>(connector(stack));
    for round in 1..=6 {
        let mut lent = engine.acquire().unwrap();
        assert_eq!(lent.id(), round);
        lent.execute("(+ 1 2)").unwrap();
        lent.release();
        assert_eq!(engine.check_idle(), 0);
        let way = |socket: &mut smoltcp::socket::tcp::Socket<'_>| {
            if round % 2 == 0 { socket.close() } else { socket.abort() }
        };
        world.server.borrow_mut().with_sockets(way);
        world.turn(Some(Duration::ZERO));
        world.turn(Some(Duration::ZERO));
        if round % 3 == 0 {
            assert_eq!(engine.check_idle(), 1);
        }
    }
}
