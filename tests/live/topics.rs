//! Subscriptions to the topics of a server.

use std::ops::ControlFlow;
use std::thread;
use std::time::Duration;

use rayforce_ipc::Error;
use rayforce_ipc::client::{Backoff, Buffers, Connection, Gap, Options, Push, Restarted, Retry, Topic};
use rayforce_ipc::codec::{Encode, Symbol};
use rayforce_ipc::error::{CloseReason, RequestError};
use rayforce_ipc::transports::tcp::Stream;

use crate::proxy::Proxy;
use crate::support::{Call, answer, connect, connector, dial, on_each, start};

const TOPICS: [&str; 2] = ["trades", "quotes"];

fn publish(connection: &mut Connection<'_, Stream>, topic: &str, payload: &dyn Encode) -> i64 {
    let call = Call(".mc.pub", &[&Symbol::quoted(topic), payload]);
    connection.execute(&call).unwrap().value().unwrap().as_i64().unwrap()
}

/// The next push, which is a message: its topic, number and payload.
#[track_caller]
fn message(connection: &mut Connection<'_, Stream>) -> (String, i64, i64) {
    match connection.next_push().unwrap() {
        Some(Push::Message { topic, sequence, mut payload }) => {
            (topic.to_owned(), sequence, payload.value().unwrap().as_i64().unwrap())
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn publications_of_several_topics_come_with_their_numbers() {
    let server = start("2.4.0");
    let mut buffers = [const { Buffers::<256, 128>::new() }; 2];
    let mut slots = [const { Topic::new() }; 2];
    let [mut subscriber, mut publisher] = buffers.each_mut().map(|buffers| connect(&server, buffers.lend()));
    subscriber.lend_topics(&mut slots);
    subscriber.subscribe("trades").unwrap();
    subscriber.subscribe("quotes").unwrap();
    subscriber.subscribe("trades").unwrap();
    assert!(matches!(subscriber.subscribe("news"), Err(Error::Capacity { needed: 3, available: 2, .. })));
    for number in 1..=10 {
        assert_eq!(publish(&mut publisher, "trades", &(number * 10)), number);
        assert_eq!(publish(&mut publisher, "quotes", &(number * 100)), number);
        assert_eq!(publish(&mut publisher, "news", &1i64), 0);
        assert_eq!(message(&mut subscriber), ("trades".to_owned(), number, number * 10));
        assert_eq!(message(&mut subscriber), ("quotes".to_owned(), number, number * 100));
    }
    subscriber.unsubscribe("trades").unwrap();
    subscriber.subscribe("news").unwrap();
    assert_eq!(publish(&mut publisher, "trades", &1i64), 0);
    assert_eq!(publish(&mut publisher, "news", &5i64), 1);
    assert_eq!(message(&mut subscriber), ("news".to_owned(), 1, 5));
    assert_eq!(answer(&mut subscriber, "(+ 40 2)"), "I64(42)");
    assert_eq!(subscriber.skipped(), 0);
}

#[test]
fn publications_that_nobody_takes_are_a_gap() {
    on_each(&["2.4.0"], |server, publisher| {
        let mut buffers = Buffers::<256, 128>::new();
        let mut slots = [const { Topic::new() }; 1];
        let mut subscriber = connect(server, buffers.lend());
        subscriber.lend_topics(&mut slots);
        subscriber.subscribe("trades").unwrap();
        publish(publisher, "trades", &1i64);
        publish(publisher, "trades", &2i64);
        assert_eq!(answer(&mut subscriber, "(+ 40 2)"), "I64(42)");
        publish(publisher, "trades", &3i64);
        let gap = Gap { last_seen: 0, next_seen: 3, missed: 2 };
        match subscriber.next_push().unwrap() {
            Some(Push::Gap { topic: "trades", gap: seen }) => assert_eq!(seen, gap),
            other => panic!("{other:?}"),
        }
        assert_eq!(message(&mut subscriber), ("trades".to_owned(), 3, 3));
        // To a handler, none is missed.
        let mut seen = Vec::new();
        let request = "(do (map (fn [x] (.mc.pub 'trades x)) (til 5)) 6)";
        subscriber
            .execute_with(request, |push| {
                let Push::Message { sequence, .. } = push else { panic!("{push:?}") };
                seen.push(sequence);
                Ok(())
            })
            .unwrap();
        assert_eq!(seen, [4, 5, 6, 7, 8]);
    });
}

#[test]
fn what_has_no_topics_says_so() {
    for version in ["0.1.5", "1.0.0", "2.0.0"] {
        let server = start(version);
        let mut buffers = Buffers::<256, 128>::new();
        let mut slots = [const { Topic::new() }; 1];
        let mut connection = connect(&server, buffers.lend());
        connection.lend_topics(&mut slots);
        match connection.subscribe("trades").unwrap_err() {
            Error::Request(RequestError::Lacks { what: ".mc.sub", .. }) => assert_ne!(version, "2.0.0"),
            Error::Server(error) => assert_eq!((version, error.code()), ("2.0.0", "name")),
            other => panic!("{version}: {other}"),
        }
        assert_eq!(answer(&mut connection, "(+ 40 2)"), "I64(42)");
        // Nothing is left to be restored.
        connection.reopen(dial(&server), &Options::new()).unwrap();
        assert_eq!(answer(&mut connection, "(+ 40 2)"), "I64(42)");
    }
}

#[test]
fn publications_that_are_lost_on_the_way_are_a_gap_each() {
    const COUNT: i64 = 1000;
    let server = start("2.4.0");
    // Frames 0 and 1 answer the subscriptions; every seventh and all of a long stretch are lost.
    let is_lost = |frame: usize| frame > 1 && (frame.is_multiple_of(7) || (500..600).contains(&frame));
    let proxy = Proxy::start(server.address(), is_lost);
    let mut buffers = [const { Buffers::<256, 128>::new() }; 2];
    let mut slots = [const { Topic::new() }; 2];
    let [one, other] = &mut buffers;
    let mut subscriber = Connection::open(proxy.dial(), one.lend(), &Options::new()).unwrap();
    let mut publisher = connect(&server, other.lend());
    subscriber.lend_topics(&mut slots);
    TOPICS.into_iter().for_each(|topic| subscriber.subscribe(topic).unwrap());
    for number in 0..COUNT {
        for topic in TOPICS {
            publish(&mut publisher, topic, &number);
        }
    }
    // By hand: which number is lost of which topic.
    let lost = |at: usize, number: i64| is_lost(2 + at + 2 * (number as usize - 1));
    let (mut delivered, mut missed, mut next) = ([0; 2], [0; 2], [1; 2]);
    let at = |topic: &str| TOPICS.iter().position(|own| *own == topic).unwrap();
    while next.iter().any(|next| *next <= COUNT - 8) {
        match subscriber.next_push().unwrap() {
            Some(Push::Message { topic, sequence, .. }) => {
                let at = at(topic);
                assert_eq!(sequence, next[at]);
                assert!(!lost(at, sequence));
                (delivered[at], next[at]) = (delivered[at] + 1, sequence + 1);
            }
            Some(Push::Gap { topic, gap }) => {
                let at = at(topic);
                assert_eq!(gap.last_seen + 1, next[at]);
                assert!((next[at]..gap.next_seen).all(|number| lost(at, number)));
                assert_eq!(gap.missed, gap.next_seen.abs_diff(next[at]));
                (missed[at], next[at]) = (missed[at] + gap.missed, gap.next_seen);
            }
            other => panic!("{other:?}"),
        }
    }
    for at in 0..2 {
        assert_eq!(delivered[at] + missed[at], next[at].unsigned_abs() - 1);
        assert!(missed[at] > 100);
    }
}

#[test]
fn a_subscriber_that_does_not_keep_up_is_evicted_and_comes_back() {
    on_each(&["2.4.0"], |server, publisher| {
        let mut buffers = Buffers::<256, 128>::new();
        let mut slots = [const { Topic::new() }; 1];
        let mut subscriber = connect(server, buffers.lend());
        subscriber.lend_topics(&mut slots);
        subscriber.subscribe("trades").unwrap();
        publisher.execute("(.ipc.txlimit 1000000)").unwrap();
        let payload = vec![7i64; 100_000];
        let mut published = 0;
        // Nobody reads, so the sockets fill, and then the server's own queue.
        while publish(publisher, "trades", &payload) > 0 {
            published += 1;
            assert!(published < 1000, "the server keeps everything");
        }
        let mut delivered = 0;
        let evicted = loop {
            match subscriber.next_push() {
                Ok(Some(Push::Message { .. })) => delivered += 1,
                Ok(other) => panic!("{other:?}"),
                Err(error) => break error,
            }
        };
        assert!(delivered < published, "{delivered} of {published}");
        assert!(evicted.is_transient(), "{evicted}");
        assert!(!subscriber.is_open());
        let mut backoff = Backoff::new(7);
        let come_back = |_: Retry<'_, _>| ControlFlow::Continue(());
        subscriber.reconnect(&connector(server), &Options::new(), &mut backoff, come_back).unwrap();
        assert!(matches!(subscriber.next_push(), Ok(Some(Push::Restarted { topic: "trades", .. }))));
        assert_eq!(publish(publisher, "trades", &1i64), 1);
        assert_eq!(message(&mut subscriber), ("trades".to_owned(), 1, 1));
    });
}

#[test]
fn a_hundred_thousand_publications_come_without_a_gap() {
    const COUNT: i64 = 100_000;
    let server = start("2.4.0");
    let mut buffers = [const { Buffers::<0x1000, 256>::new() }; 2];
    let mut slots = [const { Topic::new() }; 1];
    let [mut subscriber, mut publisher] = buffers.each_mut().map(|buffers| connect(&server, buffers.lend()));
    subscriber.lend_topics(&mut slots);
    subscriber.subscribe("trades").unwrap();
    thread::scope(|scope| {
        scope.spawn(move || {
            for number in 1..=COUNT {
                let call = Call(".mc.pub", &[&Symbol::quoted("trades"), &number]);
                publisher.send_async(&call).unwrap();
            }
            assert_eq!(answer(&mut publisher, "(+ 40 2)"), "I64(42)");
        });
        for number in 1..=COUNT {
            match subscriber.next_push().unwrap() {
                Some(Push::Message { topic: "trades", sequence, mut payload }) => {
                    assert_eq!(sequence, number);
                    assert_eq!(payload.value().unwrap().as_i64(), Ok(number));
                }
                other => panic!("{number}: {other:?}"),
            }
        }
    });
    assert_eq!(subscriber.skipped(), 0);
}

#[test]
fn subscriptions_go_on_after_a_hundred_restarts_of_the_server() {
    let mut server = start("2.4.0");
    let mut buffers = [const { Buffers::<256, 128>::new() }; 2];
    let mut slots = [const { Topic::new() }; 2];
    let [one, other] = &mut buffers;
    let mut subscriber = connect(&server, one.lend());
    let mut publisher = Connection::closed(other.lend());
    subscriber.lend_topics(&mut slots);
    for topic in TOPICS {
        subscriber.subscribe(topic).unwrap();
    }
    let (connector, options) = (connector(&server), Options::new());
    for round in 0..100 {
        let mut backoff = Backoff::new(round).first_delay(Duration::from_millis(5));
        publisher.reconnect(&connector, &options, &mut backoff, |_| ControlFlow::Continue(())).unwrap();
        if round > 0 {
            // The sole subscriber was away, so that the numbers began anew.
            for topic in TOPICS {
                let restarted = Restarted { last_seen: 1, next_seen: 1 };
                match subscriber.next_push().unwrap() {
                    Some(Push::Restarted { topic: began_anew, restarted: seen }) => {
                        assert_eq!((began_anew, seen), (topic, restarted));
                    }
                    other => panic!("{round}: {other:?}"),
                }
            }
        }
        for topic in TOPICS {
            assert_eq!(publish(&mut publisher, topic, &(round as i64)), 1);
            assert_eq!(message(&mut subscriber), (topic.to_owned(), 1, round as i64));
        }
        server.kill();
        let lost = subscriber.next_push().unwrap_err();
        assert!(lost.is_transient(), "{lost}");
        assert!(matches!(
            subscriber.close_reason(),
            Some(CloseReason::Disconnected(_) | CloseReason::Transport(_))
        ));
        server.restart().unwrap();
        let mut attempts = 0;
        let mut backoff = Backoff::new(round).first_delay(Duration::from_millis(5));
        subscriber
            .reconnect(&connector, &options, &mut backoff, |retry| {
                attempts = retry.attempt;
                ControlFlow::Continue(())
            })
            .unwrap();
        assert!(attempts >= 1);
    }
}
