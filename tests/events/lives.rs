//! Lives of connections, from the first attempt to the last.

use std::ops::ControlFlow;

use log::Level::{Debug, Info, Warn};
use rayforce_ipc::client::frames::Frames;
use rayforce_ipc::client::{Buffers, Connection, Options, Push, Topic};
use rayforce_ipc::codec::literal::{Call, List};
use rayforce_ipc::codec::{Symbol, Text};
use rayforce_ipc::transports::duplex::{Connector, Duplex};
use rayforce_ipc::wire::{Credentials, Generation};
use rayforce_ipc::{Engine, Error, Slot};

use crate::support::script::Script;
use crate::told::{Servers, assert_told, backoff, listen};

#[test]
fn a_life_is_told_and_its_requests_are_not() {
    listen();
    let asked = |generation| Script::opened(generation).asked("1").answers(&1i64);
    let (first, second) = (asked(Generation::V3), asked(Generation::V1).asked("2").closes());
    let (first, second) = (first.steps(), second.steps());
    let scripts = [&first[..], &second];
    let servers = Servers::new(&scripts);
    let mut buffers = Buffers::<64, 64>::new();
    let mut connection = Connection::closed(buffers.lend());
    let (options, mut backoff) = (Options::new(), backoff(9));
    let go_on = |_: rayforce_ipc::client::Retry<'_, _>| ControlFlow::Continue(());
    assert_told(&[]);

    connection.reconnect(&servers, &options, &mut backoff, go_on).unwrap();
    let connected = [(Debug, "attempt 1 in 0 ms"), (Debug, "connecting to host=memory, port=0")];
    assert_told(&[connected[0], connected[1], (Info, "open, wire 3")]);

    connection.execute("1").unwrap();
    assert_told(&[]);

    connection.close().unwrap();
    assert_told(&[(Info, "ended: closed by its owner")]);
    connection.close().unwrap();
    connection.abort();
    assert_told(&[]);

    backoff.reset();
    connection.reconnect(&servers, &options, &mut backoff, go_on).unwrap();
    assert_told(&[connected[0], connected[1], (Info, "open, wire 1")]);
    connection.execute("1").unwrap();
    assert!(connection.execute("2").is_err());
    assert_told(&[(Warn, "ended: the other side ended it while waiting for the reply")]);

    backoff.reset();
    let mut backoff = backoff.attempt_limit(Some(2));
    assert!(connection.reconnect(&servers, &options, &mut backoff, go_on).is_err());
    let refused = (Warn, "not connected: the script says no more");
    assert_told(&[connected[0], connected[1], refused, (Debug, "attempt 2 in 1 ms"), connected[1], refused]);
}

#[test]
fn refused_credentials_are_told_without_them() {
    listen();
    let refuses = Script::new(Generation::V3).hears(&[3, 0]).says(&[3, 1]);
    let steps = refuses.hears(b"\x09bob:nope\0").says(&[1]);
    let steps = steps.steps();
    let mut options = Options::new();
    let mut buffers = Buffers::<64, 64>::new();

    assert!(Connection::open(Duplex::new(&steps), buffers.lend(), &options).is_err());
    assert_told(&[(Warn, "ended: server wants credentials")]);
    options.credentials = Some(Credentials::new("bob", "nope").unwrap());
    assert!(Connection::open(Duplex::new(&steps), buffers.lend(), &options).is_err());
    assert_told(&[(Warn, "ended: server refused the credentials")]);
}

#[test]
fn a_pool_tells_where_it_connects_and_what_it_disposed_of() {
    listen();
    let script = Script::opened(Generation::V3);
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 2];
    let engine = Engine::new(Connector::new(&steps), &mut slots);
    let (held, idle) = (engine.acquire().unwrap(), engine.acquire().unwrap());
    let open = [(Debug, "connecting to host=duplex, port=0"), (Info, "open, wire 3")];
    assert_told(&[open[0], open[1], open[0], open[1]]);

    idle.release();
    assert_told(&[]);
    engine.dispose_connections();
    let disposed = (Info, "disposed of connections: 1 idle, 1 held");
    assert_told(&[(Info, "ended: closed by its owner"), disposed]);
    // It can't be reached from elsewhere, and is closed when its holder comes back to it.
    let mut held = held;
    assert!(matches!(held.execute("1"), Err(Error::Closed(_))));
    assert_told(&[(Info, "ended: aborted")]);
}

#[test]
fn a_pool_tells_why_it_could_not_connect() {
    listen();
    let servers = Servers::new(&[]);
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 1];
    let engine = Engine::new(servers, &mut slots);
    assert!(engine.acquire().is_err());
    let refused = (Warn, "not connected: the script says no more");
    assert_told(&[(Debug, "connecting to host=memory, port=0"), refused]);
}

#[test]
fn what_was_skipped_or_missed_is_told() {
    listen();
    let script = Script::opened(Generation::V3).asked("1").pushes(&7i64).pushes(&8i64).answers(&1i64);
    let script = script.asked_value(&Call(".mc.sub", &[&Symbol::quoted("a")])).answers(&1i64);
    let publishes = |script: Script, sequence: i64| {
        let payload = List(&[&Symbol::name("quote"), &sequence]);
        script.pushes(&List(&[&Symbol::name("upd"), &Text::from("a"), &sequence, &payload]))
    };
    let script = [3, 1].into_iter().fold(script, publishes);
    let steps = script.steps();
    let (mut buffers, mut slots) = (Buffers::<256, 64>::new(), [Topic::new()]);
    let mut connection = Connection::open(Duplex::new(&steps), buffers.lend(), &Options::new()).unwrap();
    assert_told(&[(Info, "open, wire 3")]);

    connection.execute("1").unwrap();
    assert_told(&[
        (Debug, "skipped a frame that nobody asked for, the 1. of this connection"),
        (Debug, "skipped a frame that nobody asked for, the 2. of this connection"),
    ]);

    connection.lend_topics(&mut slots);
    connection.subscribe("a").unwrap();
    assert!(matches!(connection.next_push(), Ok(Some(Push::Gap { .. }))));
    assert_told(&[(Debug, "publications that were missed behind number 0: 2")]);
    let Ok(Some(Push::Message { mut payload, .. })) = connection.next_push() else { panic!("a message") };
    payload.value().unwrap();
    assert!(matches!(connection.next_push(), Ok(Some(Push::Restarted { .. }))));
    assert_told(&[(Debug, "publications are counted anew: 1 follows 3")]);
}

#[test]
fn the_smallest_client_tells_too() {
    listen();
    let script = Script::opened(Generation::V1).asked("1").closes();
    let steps = script.steps();
    let mut buffer = [0; 64];
    let mut frames = Frames::open(Duplex::new(&steps), &mut buffer, None).unwrap();
    assert_told(&[(Info, "open, wire 1")]);
    assert!(frames.execute("1").is_err());
    assert_told(&[(Warn, "ended: the other side ended it while waiting for the reply")]);

    let refuses = Script::new(Generation::V3).hears(&[3, 0]).says(&[3, 1]);
    let steps = refuses.hears(b"\x09bob:nope\0").says(&[1]);
    let steps = steps.steps();
    assert!(Frames::open(Duplex::new(&steps), &mut buffer, None).is_err());
    assert_told(&[(Warn, "ended: server wants credentials")]);
    let credentials = Credentials::new("bob", "nope").unwrap();
    assert!(Frames::open(Duplex::new(&steps), &mut buffer, Some(credentials)).is_err());
    assert_told(&[(Warn, "ended: server refused the credentials")]);
}

#[test]
fn a_stream_that_takes_the_place_of_another_ends_it() {
    listen();
    let script = Script::opened(Generation::V3);
    let steps = script.steps();
    let mut buffers = Buffers::<64, 64>::new();
    let mut connection = Connection::open(Duplex::new(&steps), buffers.lend(), &Options::new()).unwrap();
    connection.reopen(Duplex::new(&steps), &Options::new()).unwrap();
    assert_told(&[(Info, "open, wire 3"), (Info, "ended: closed by its owner"), (Info, "open, wire 3")]);
}
