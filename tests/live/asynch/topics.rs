//! Subscriptions to the topics of a server.

use rayforce_ipc::client::{Buffers, Gap, Topic};
use rayforce_ipc::codec::{Encode, Symbol};
use rayforce_ipc::transports::tokio::Connector;

use super::support::{Connection, Error, Push, answer, come_back, connect, dialer, number};
use crate::proxy::Proxy;
use crate::support::{Call, start};

const TOPICS: [&str; 2] = ["trades", "quotes"];

/// Publishes, and gives the number of the publication.
pub async fn publish(connection: &mut Connection<'_>, topic: &str, payload: &dyn Encode) -> i64 {
    number(connection, &Call(".mc.pub", &[&Symbol::quoted(topic), payload])).await
}

/// The next push, which is a message: its topic, number and payload.
pub async fn message(connection: &mut Connection<'_>) -> (String, i64, i64) {
    match connection.next_push().await.unwrap() {
        Some(Push::Message { topic, sequence, mut payload }) => {
            (topic.to_owned(), sequence, payload.value().await.unwrap().as_i64().unwrap())
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn publications_of_several_topics_come_with_their_numbers() {
    let server = start("2.4.0");
    let mut buffers = [const { Buffers::<256, 128>::new() }; 2];
    let mut slots = [const { Topic::new() }; 2];
    let [one, other] = &mut buffers;
    let mut subscriber = connect(&server, one.lend()).await;
    let mut publisher = connect(&server, other.lend()).await;
    subscriber.lend_topics(&mut slots);
    for topic in ["trades", "quotes", "trades"] {
        subscriber.subscribe(topic).await.unwrap();
    }
    let full = subscriber.subscribe("news").await;
    assert!(matches!(full, Err(Error::Capacity { needed: 3, available: 2, .. })));
    for number in 1..=10 {
        for (topic, payload) in TOPICS.into_iter().zip([10, 100]) {
            assert_eq!(publish(&mut publisher, topic, &(number * payload)).await, number);
        }
        assert_eq!(publish(&mut publisher, "news", &1i64).await, 0);
        for (topic, payload) in TOPICS.into_iter().zip([10, 100]) {
            assert_eq!(message(&mut subscriber).await, (topic.to_owned(), number, number * payload));
        }
    }
    subscriber.unsubscribe("trades").await.unwrap();
    subscriber.subscribe("news").await.unwrap();
    assert_eq!(publish(&mut publisher, "trades", &1i64).await, 0);
    assert_eq!(publish(&mut publisher, "news", &5i64).await, 1);
    assert_eq!(message(&mut subscriber).await, ("news".to_owned(), 1, 5));
    assert_eq!(answer(&mut subscriber, "(+ 40 2)").await, "I64(42)");
    assert_eq!(subscriber.skipped(), 0);
}

#[tokio::test]
async fn publications_that_nobody_takes_are_a_gap_and_none_is_missed_by_a_handler() {
    let server = start("2.4.0");
    let mut buffers = [const { Buffers::<256, 128>::new() }; 2];
    let mut slots = [const { Topic::new() }; 1];
    let [one, other] = &mut buffers;
    let mut subscriber = connect(&server, one.lend()).await;
    let mut publisher = connect(&server, other.lend()).await;
    subscriber.lend_topics(&mut slots);
    subscriber.subscribe("trades").await.unwrap();
    publish(&mut publisher, "trades", &1i64).await;
    publish(&mut publisher, "trades", &2i64).await;
    assert_eq!(answer(&mut subscriber, "(+ 40 2)").await, "I64(42)");
    publish(&mut publisher, "trades", &3i64).await;
    match subscriber.next_push().await.unwrap() {
        Some(Push::Gap { topic: "trades", gap }) => {
            assert_eq!(gap, Gap { last_seen: 0, next_seen: 3, missed: 2 });
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(message(&mut subscriber).await, ("trades".to_owned(), 3, 3));
    let mut seen = Vec::new();
    let handler = async |push: Push<'_, '_>| {
        let Push::Message { sequence, mut payload, .. } = push else { panic!("{push:?}") };
        seen.push((sequence, payload.value().await?.as_i64()?));
        Ok(())
    };
    let request = "(do (map (fn [x] (.mc.pub 'trades x)) (til 5)) 6)";
    subscriber.execute_with(request, handler).await.unwrap();
    assert_eq!(seen, [(4, 0), (5, 1), (6, 2), (7, 3), (8, 4)]);
}

#[tokio::test]
async fn a_hundred_thousand_publications_come_without_a_gap() {
    const COUNT: i64 = 100_000;
    let server = start("2.4.0");
    let mut buffers = Buffers::<0x1000, 256>::new();
    let mut slots = [const { Topic::new() }; 1];
    let mut subscriber = connect(&server, buffers.lend()).await;
    subscriber.lend_topics(&mut slots);
    subscriber.subscribe("trades").await.unwrap();
    let publisher = tokio::spawn(publish_all(dialer(&server), COUNT));
    for number in 1..=COUNT {
        match subscriber.next_push().await.unwrap() {
            Some(Push::Message { topic: "trades", sequence, mut payload }) => {
                assert_eq!(sequence, number);
                assert_eq!(payload.value().await.unwrap().as_i64(), Ok(number));
            }
            other => panic!("{number}: {other:?}"),
        }
    }
    publisher.await.unwrap();
    assert_eq!(subscriber.skipped(), 0);
}

async fn publish_all(dialer: Connector, count: i64) {
    let mut buffers = Buffers::<256, 256>::new();
    let mut publisher = Connection::closed(buffers.lend());
    come_back(&mut publisher, &dialer, 1).await;
    for number in 1..=count {
        let call = Call(".mc.pub", &[&Symbol::quoted("trades"), &number]);
        publisher.send_async(&call).await.unwrap();
    }
    assert_eq!(answer(&mut publisher, "(+ 40 2)").await, "I64(42)");
}

#[tokio::test]
async fn publications_that_are_lost_on_the_way_are_a_gap_each() {
    const COUNT: i64 = 1000;
    let server = start("2.4.0");
    // Frames 0 and 1 answer the subscriptions; every seventh and all of a long stretch are lost.
    let is_lost = |frame: usize| frame > 1 && (frame.is_multiple_of(7) || (500..600).contains(&frame));
    let proxy = Proxy::start(server.address(), is_lost);
    let mut buffers = [const { Buffers::<256, 128>::new() }; 2];
    let mut slots = [const { Topic::new() }; 2];
    let [one, other] = &mut buffers;
    let mut subscriber = Connection::closed(one.lend());
    let through = Connector::new("127.0.0.1", proxy.address().port());
    come_back(&mut subscriber, &through, 1).await;
    subscriber.lend_topics(&mut slots);
    for topic in TOPICS {
        subscriber.subscribe(topic).await.unwrap();
    }
    let mut publisher = connect(&server, other.lend()).await;
    for number in 0..COUNT {
        for topic in TOPICS {
            publish(&mut publisher, topic, &number).await;
        }
    }
    // By hand: which number is lost of which topic.
    let lost = |at: usize, number: i64| is_lost(2 + at + 2 * (number as usize - 1));
    let (mut delivered, mut missed, mut next) = ([0; 2], [0; 2], [1; 2]);
    let at = |topic: &str| TOPICS.iter().position(|own| *own == topic).unwrap();
    while next.iter().any(|next| *next <= COUNT - 8) {
        match subscriber.next_push().await.unwrap() {
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

#[tokio::test]
async fn a_subscriber_that_does_not_keep_up_is_evicted_and_comes_back() {
    let server = start("2.4.0");
    let mut buffers = [const { Buffers::<256, 128>::new() }; 2];
    let mut slots = [const { Topic::new() }; 1];
    let [one, other] = &mut buffers;
    let mut subscriber = connect(&server, one.lend()).await;
    let mut publisher = connect(&server, other.lend()).await;
    subscriber.lend_topics(&mut slots);
    subscriber.subscribe("trades").await.unwrap();
    publisher.execute("(.ipc.txlimit 1000000)").await.unwrap();
    let payload = vec![7i64; 100_000];
    let mut published = 0;
    // Nobody reads, so the sockets fill, and then the server's own queue.
    while publish(&mut publisher, "trades", &payload).await > 0 {
        published += 1;
        assert!(published < 1000, "the server keeps everything");
    }
    let mut delivered = 0;
    let evicted = loop {
        match subscriber.next_push().await {
            Ok(Some(Push::Message { .. })) => delivered += 1,
            Ok(other) => panic!("{other:?}"),
            Err(error) => break error,
        }
    };
    assert!(delivered < published, "{delivered} of {published}");
    assert!(evicted.is_transient(), "{evicted}");
    assert!(!subscriber.is_open());
    come_back(&mut subscriber, &dialer(&server), 7).await;
    let restarted = subscriber.next_push().await;
    assert!(matches!(restarted, Ok(Some(Push::Restarted { topic: "trades", .. }))), "{restarted:?}");
    assert_eq!(publish(&mut publisher, "trades", &1i64).await, 1);
    assert_eq!(message(&mut subscriber).await, ("trades".to_owned(), 1, 1));
}
