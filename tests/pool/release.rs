//! What is given back open, and what is not: the next holder can begin anew.

use rayforce_ipc::client::{Push, Topic};
use rayforce_ipc::codec::{Value, literal};
use rayforce_ipc::error::Error;
use rayforce_ipc::transports::duplex::{Connector, Duplex};
use rayforce_ipc::wire::Generation;
use rayforce_ipc::{Engine, PooledConnection, Slot};

use crate::support::hex::unhex;
use crate::support::script::Script;

const V3: Generation = Generation::V3;

type Guard<'e, 'p, 's> = PooledConnection<'e, 'p, Connector<'s>, 1>;

/// Whether a connection of which a test has made use is given to the next caller.
#[track_caller]
fn is_kept(script: &Script, make_use: impl FnOnce(&mut Guard<'_, '_, '_>)) -> bool {
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 256, 64>::new() }; 1];
    let engine = Engine::new(Connector::new(&steps), &mut slots);
    let mut connection = engine.acquire().unwrap();
    make_use(&mut connection);
    connection.release();
    let kept = engine.pool_size() == 1;
    let mut next = engine.acquire().unwrap();
    assert_eq!((next.id(), next.error_text()), (if kept { 1 } else { 2 }, None));
    if kept {
        assert_eq!(next.execute("(+ 1 2)").unwrap().value(), Ok(Value::I64(3)));
    }
    kept
}

#[test]
fn requests_under_way() {
    let two = Script::opened(V3).asked("a").asked("b").answers(&1i64).answers(&2i64).goes_on();
    let sent = |guard: &mut Guard<'_, '_, '_>| {
        guard.connection().unwrap().send("a").unwrap();
        guard.connection().unwrap().send("b").unwrap();
        assert_eq!(guard.connection().unwrap().pending(), 2);
    };
    assert!(!is_kept(&two, sent));
    let one_received = |guard: &mut Guard<'_, '_, '_>| {
        sent(guard);
        assert_eq!(guard.connection().unwrap().receive().unwrap().value(), Ok(Value::I64(1)));
    };
    assert!(!is_kept(&two, one_received));
    assert!(is_kept(&two, |guard| {
        one_received(guard);
        assert_eq!(guard.connection().unwrap().receive().unwrap().value(), Ok(Value::I64(2)));
    }));
}

#[test]
fn a_question_that_is_not_answered() {
    let asked = Script::opened(V3).questions(&1i64);
    assert!(!is_kept(&asked, |guard| {
        assert!(matches!(guard.connection().unwrap().next_push(), Ok(Some(Push::Question(_)))));
    }));
    let answered = asked.replied(&2i64).goes_on();
    assert!(is_kept(&answered, |guard| {
        let Ok(Some(Push::Question(question))) = guard.connection().unwrap().next_push() else { panic!() };
        question.answer(&2i64).unwrap();
    }));
}

#[test]
fn a_question_behind_an_answer() {
    let script = Script::opened(V3).asked("a").answers(&1i64).questions(&1i64);
    assert!(!is_kept(&script, |guard| {
        assert_eq!(guard.execute("a").unwrap().value(), Ok(Value::I64(1)));
    }));
}

#[test]
fn pushes_that_were_not_looked_at() {
    let script = Script::opened(V3).asked("a").answers(&1i64).pushes(&2i64).goes_on();
    assert!(!is_kept(&script, |guard| {
        assert_eq!(guard.execute("a").unwrap().value(), Ok(Value::I64(1)));
    }));
    assert!(is_kept(&script, |guard| {
        assert_eq!(guard.execute("a").unwrap().value(), Ok(Value::I64(1)));
        let Ok(Some(Push::Async(mut push))) = guard.connection().unwrap().next_push() else { panic!() };
        assert_eq!(push.value(), Ok(Value::I64(2)));
    }));
}

#[test]
fn a_reply_that_is_too_large_to_be_read_away() {
    let script = Script::opened(V3).asked("large").answers(&[7i64; 1000]).goes_on();
    assert!(!is_kept(&script, |guard| {
        guard.execute("large").unwrap().next_token().unwrap();
    }));
    assert!(is_kept(&script, |guard| {
        let mut reply = guard.execute("large").unwrap();
        while reply.next_token().unwrap().is_some() {}
    }));
}

#[test]
fn the_text_of_an_error_is_not_the_next_holders() {
    let error = unhex("7f 12 0c 00 0400000000000000 626f6f6d");
    let script = Script::opened(Generation::V1).asked("boom").answers_payload(&error).goes_on();
    assert!(is_kept(&script, |guard| {
        assert!(matches!(guard.execute("boom"), Err(Error::Server(_))));
        assert!(guard.error_text().is_some());
    }));
}

#[test]
fn subscriptions_end_with_their_guard() {
    let subscription = literal::Call(".mc.sub", &[&rayforce_ipc::codec::Symbol::quoted("trades")]);
    let script = Script::opened(V3).asked_value(&subscription).answers(&1i64);
    let steps = script.steps();
    let unsubscribed = Script::opened(V3);
    let unsubscribed = unsubscribed.steps();
    for is_released in [true, false] {
        let mut topics = [const { Topic::new() }; 1];
        let mut slots = [const { Slot::<_, 256, 64>::new() }; 1];
        // The second connection hears of no subscription.
        let connector = Twice { steps: [&steps, &unsubscribed], dialled: std::cell::Cell::new(0) };
        let engine = Engine::new(connector, &mut slots);
        let mut guard = engine.acquire().unwrap();
        let connection = guard.connection().unwrap();
        connection.lend_topics(&mut topics);
        connection.subscribe("trades").unwrap();
        if is_released {
            guard.release();
        } else {
            drop(guard);
        }
        assert_eq!(engine.pool_size(), 0);
        assert_eq!(engine.acquire().unwrap().id(), 2);
    }
}

/// One script for the first stream, another for the second.
struct Twice<'s> {
    steps: [&'s [rayforce_ipc::transports::duplex::Step<'s>]; 2],
    dialled: std::cell::Cell<usize>,
}

impl<'s> rayforce_ipc::client::Connect for Twice<'s> {
    type Transport = Duplex<'s>;
    type Clock = Self;

    fn connect(
        &self,
        _: std::time::Duration,
    ) -> Result<Duplex<'s>, rayforce_ipc::transports::duplex::DuplexError> {
        Ok(Duplex::new(self.steps[self.dialled.replace(self.dialled.get() + 1)]))
    }

    fn clock(&self) -> &Self {
        self
    }
}

impl rayforce_ipc::client::Clock for Twice<'_> {
    fn uptime(&self) -> std::time::Duration {
        std::time::Duration::ZERO
    }
}

impl std::fmt::Display for Twice<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("twice")
    }
}
