//! What a call that was dropped leaves behind for the ones after it.

use std::pin::pin;
use std::task::{Context, Waker};

use rayforce_ipc::client::asynch::Connection;
use rayforce_ipc::client::{Options, Topic};
use rayforce_ipc::codec::literal::Call;
use rayforce_ipc::codec::{Symbol, Value};
use rayforce_ipc::error::{CloseReason, Error};
use rayforce_ipc::transports::duplex::Duplex;
use rayforce_ipc::wire::Generation;

use crate::support::front::now;
use crate::support::script::{Lent, Script};
use crate::support::yielding::Yielding;

const V3: Generation = Generation::V3;

/// Polls so often, then drops.
fn dropped<T>(future: impl Future<Output = T>, polls: usize) {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..polls {
        assert!(future.as_mut().poll(&mut context).is_pending(), "it was to be dropped");
    }
}

/// The unwanted answer cannot be read away before the one in front of it is received.
#[test]
fn an_answer_that_has_begun_is_passed_by_requests_though_an_unwanted_one_is_behind_it() {
    let script =
        Script::opened(V3).asked("1").asked("2").answers(&1i64).answers(&2i64).asked("3").answers(&3i64);
    let steps = script.steps();
    let mut lent = Lent::new(64, 64);
    let stream = Yielding(Duplex::new(&steps));
    let mut connection = now(Connection::open(stream, lent.lend(), &Options::new())).unwrap();
    now(connection.send("1")).unwrap();
    // It is written at the second poll, and dropped before it is flushed.
    dropped(connection.send("2"), 2);
    // An answer is first.
    assert!(now(connection.next_push()).unwrap().is_none());
    assert_eq!(connection.pending(), 1);
    now(connection.send("3")).unwrap();
    for answer in [1, 3] {
        let mut reply = now(connection.receive()).unwrap();
        assert_eq!(now(reply.value()), Ok(Value::I64(answer)));
    }
    assert!(connection.transport().unwrap().0.is_done());
}

/// The next topic in its slot is another one.
#[test]
fn a_subscription_that_is_half_sent_is_sent_to_its_end() {
    let (first, second) = (Symbol::quoted("trades"), Symbol::quoted("quotes"));
    let script = Script::opened(V3)
        .asked_value(&Call(".mc.sub", &[&first]))
        .answers(&1i64)
        .asked_value(&Call(".mc.sub", &[&second]))
        .answers(&1i64);
    let steps = script.steps();
    // Through a transmit buffer of 8 bytes: the name is in one of the last windows.
    for polls in 2..=6 {
        let mut slots = [Topic::new()];
        let mut lent = Lent::new(256, 8);
        let stream = Yielding(Duplex::new(&steps));
        let mut connection = now(Connection::open(stream, lent.lend(), &Options::new())).unwrap();
        connection.lend_topics(&mut slots);
        dropped(connection.subscribe("trades"), polls);
        // The slot is free again, and nothing was sent for that.
        dropped(connection.unsubscribe("trades"), 1);
        now(connection.subscribe("quotes")).unwrap();
        assert!(connection.transport().unwrap().0.is_done());
    }
}

/// The next call says so, too.
#[test]
fn a_connection_whose_subscriptions_are_not_restored_is_not_open() {
    let call = Call(".mc.sub", &[&Symbol::quoted("t")]);
    let script = Script::opened(V3).asked_value(&call).answers(&1i64);
    let steps = script.steps();
    // The opening takes five polls; the subscription is written, flushed and answered behind it.
    for polls in 5..=6 {
        let (mut lent, mut slots) = (Lent::new(256, 64), [Topic::new()]);
        let stream = Yielding(Duplex::new(&steps));
        let mut connection = now(Connection::open(stream, lent.lend(), &Options::new())).unwrap();
        connection.lend_topics(&mut slots);
        now(connection.subscribe("t")).unwrap();
        dropped(connection.reopen(Yielding(Duplex::new(&steps)), &Options::new()), polls);
        let reason = CloseReason::NotRestored;
        assert_eq!((connection.is_open(), connection.close_reason()), (false, Some(reason)), "{polls}");
        assert_eq!(now(connection.send("1")), Err(Error::Closed(reason)));
        assert!(connection.transport().is_none());
    }
}
