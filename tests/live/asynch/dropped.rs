//! Calls that are given up: what was awaited is read away, or waited for again.

use std::cell::Cell;
use std::future::{pending, poll_fn};
use std::task::Poll;
use std::time::Duration;

use rayforce_ipc::client::asynch::{self, Columns};
use rayforce_ipc::client::{Buffers, Options, Topic};
use rayforce_ipc::codec::{Encode, Symbol};
use rayforce_ipc::error::CloseReason;
use rayforce_ipc::transports::tokio::Stream;
use tokio::time::timeout;

use super::lot::in_polls;
use super::support::{Connection, Error, Push, answer, connect, dial, number, on_each};
use super::topics::{message, publish};
use super::yielding::Yielding;
use crate::support::{ALL, Call, Evaluated, WIRE_3, start};

const SHORT: Duration = Duration::from_millis(1);
/// Its answer comes after many times as long.
const SLOW: &str = "(set slow (fn [x] (+ x (sum (map (fn [x] (* x 0)) (til 300000))))))";

#[tokio::test]
async fn after_a_slow_query_was_given_up_the_next_answer_is_the_next_ones() {
    on_each(ALL, async |_, connection| {
        connection.execute(SLOW).await.unwrap();
        let mut given_up = 0;
        for round in 0..10i64 {
            let slow = format!("(slow {round})");
            match timeout(SHORT, connection.execute(slow.as_str())).await {
                Err(_) => given_up += 1,
                Ok(reply) => assert_eq!(reply.unwrap().value().await.unwrap().as_i64(), Ok(round)),
            }
            assert_eq!(answer(connection, &format!("(+ 40 {round})")).await, format!("I64({})", 40 + round));
        }
        assert!(given_up > 0);
    })
    .await;
}

#[tokio::test]
async fn several_calls_are_given_up_one_after_the_other() {
    on_each(ALL, async |_, connection| {
        for round in 0..20i64 {
            // Each polled once: sent, where nothing is to be read away before.
            for number in 0..5 {
                let request = format!("(+ 1000 {number})");
                let answered = in_polls(1, connection.execute(request.as_str())).await;
                assert!(answered.is_none_or(|reply| reply.is_ok()));
            }
            assert_eq!(answer(connection, &format!("(+ 40 {round})")).await, format!("I64({})", 40 + round));
        }
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_was_not_waited_for_is_received_later() {
    on_each(WIRE_3, async |_, connection| {
        connection.execute(SLOW).await.unwrap();
        let mut given_up = 0;
        for round in 0..2 {
            for number in 0..4 {
                connection.send(format!("(slow {})", round + number).as_str()).await.unwrap();
            }
            for number in 0..4 {
                let mut reply = loop {
                    let pending = connection.pending();
                    if in_polls(1, connection.receive()).await.is_some() {
                        // It has begun, and was dropped unread: this one is lost.
                        assert_eq!(connection.pending(), pending - 1);
                        break None;
                    }
                    assert_eq!(connection.pending(), pending);
                    given_up += 1;
                    if number % 2 == 0 {
                        break Some(connection.receive().await.unwrap());
                    }
                    // Lets the server work.
                    tokio::task::yield_now().await;
                };
                if let Some(reply) = &mut reply {
                    assert_eq!(reply.value().await.unwrap().as_i64(), Ok(round + number));
                }
            }
            assert_eq!(connection.pending(), 0);
        }
        assert!(given_up > 0);
    })
    .await;
}

#[tokio::test]
async fn a_column_whose_reading_is_given_up_goes_on_where_it_was() {
    async fn sum(mut columns: Columns<'_, '_, Stream>, given_up: &mut usize) -> i64 {
        let (mut sum, mut chunk) = (0, [0i64; 16]);
        let mut column = columns.next().await.unwrap().unwrap();
        loop {
            match in_polls(1, column.read(&mut chunk)).await.transpose().unwrap() {
                Some(0) => return sum,
                Some(count) => sum += chunk[..count].iter().sum::<i64>(),
                None => {
                    *given_up += 1;
                    tokio::task::yield_now().await;
                }
            }
        }
    }
    for version in ALL {
        println!("--- {version}");
        let server = start(version);
        let mut buffers = Buffers::<64, 64>::new();
        let mut connection = connect(&server, buffers.lend()).await;
        let mut given_up = 0;
        for _ in 0..5 {
            let mut reply = connection.execute("(til 100000)").await.unwrap();
            let columns = reply.columns().await.unwrap();
            assert_eq!(sum(columns, &mut given_up).await, (0..100_000).sum());
        }
        assert!(given_up > 0);
        assert_eq!(answer(&mut connection, "(+ 40 2)").await, "I64(42)");
    }
}

#[tokio::test]
async fn no_publication_is_lost_by_a_wait_that_is_given_up() {
    let server = start("2.4.0");
    let mut buffers = [const { Buffers::<256, 128>::new() }; 2];
    let mut slots = [const { Topic::new() }; 1];
    let [one, other] = &mut buffers;
    let mut subscriber = connect(&server, one.lend()).await;
    let mut publisher = connect(&server, other.lend()).await;
    subscriber.lend_topics(&mut slots);
    subscriber.subscribe("trades").await.unwrap();
    for number in 1..=1000 {
        // Nothing comes: it can only be given up.
        assert!(in_polls(1, subscriber.next_push()).await.is_none());
        assert_eq!(publish(&mut publisher, "trades", &(number * 10)).await, number);
        assert_eq!(message(&mut subscriber).await, ("trades".to_owned(), number, number * 10));
    }
    assert_eq!(subscriber.skipped(), 0);
}

#[tokio::test]
async fn a_question_whose_handler_was_given_up_is_refused_by_the_next_call() {
    on_each(&["2.4.0"], async |_, connection| {
        let ask = "(try (.ipc.send (.ipc.handle) \"2+2?\") (fn [x] (list 'refused x)))";
        for round in 0..10i64 {
            let heard = Cell::new(false);
            let handler = async |push: Push<'_, '_>| {
                assert!(matches!(push, Push::Question(_)));
                heard.set(true);
                pending().await
            };
            let hears = poll_fn(|_| if heard.get() { Poll::Ready(()) } else { Poll::Pending });
            tokio::select! {
                biased;
                result = connection.execute_with(ask, handler) => panic!("{result:?}"),
                () = hears => {}
            }
            assert_eq!(answer(connection, &format!("(+ 40 {round})")).await, format!("I64({})", 40 + round));
        }
    })
    .await;
}

#[tokio::test]
async fn a_call_that_was_not_begun_is_forgotten() {
    on_each(ALL, async |_, connection| {
        connection.execute("(set zz 1)").await.unwrap();
        drop(connection.execute("(set zz 2)"));
        drop(connection.send_async("(set zz 3)"));
        assert_eq!(answer(connection, "zz").await, "I64(1)");
        assert_eq!(connection.pending(), 0);
    })
    .await;
}

/// No socket takes 40 MB at once.
#[tokio::test]
async fn a_request_that_was_given_up_half_sent_closes_the_connection() {
    let numbers = vec![1i64; 5_000_000];
    let numbers = numbers.as_slice();
    let count = Call("count", &[&numbers]);
    let request: &dyn Encode = &Evaluated(&count);
    for version in ALL {
        println!("--- {version}");
        let server = start(version);
        let mut buffers = Box::new(Buffers::<256, 0x1_0000>::new());
        let mut connection = connect(&server, buffers.lend()).await;
        assert!(in_polls(1, connection.execute(request)).await.is_none());
        assert_half_sent(&mut connection).await;
        connection.reopen(dial(&server).await, &Options::new()).await.unwrap();
        assert_eq!(number(&mut connection, request).await, 5_000_000);
        let set = Call("set", &[&Symbol::name("zz"), &numbers]);
        assert!(in_polls(1, connection.send_async(&Evaluated(&set))).await.is_none());
        assert_half_sent(&mut connection).await;
    }
}

async fn assert_half_sent(connection: &mut Connection<'_>) {
    assert!(!connection.is_open());
    for _ in 0..2 {
        let next = connection.execute("1").await.map(drop);
        assert!(matches!(next, Err(Error::Closed(CloseReason::HalfSent))), "{next:?}");
    }
    assert_eq!(connection.close_reason(), Some(CloseReason::HalfSent));
}

/// Over a stream whose futures wait once more than they have to.
#[tokio::test]
async fn an_opening_or_a_subscription_that_was_given_up_is_done_again() {
    let server = start("2.4.0");
    let mut buffers = [const { Buffers::<256, 128>::new() }; 2];
    let mut slots = [const { Topic::new() }; 2];
    let [one, other] = &mut buffers;
    let mut publisher = connect(&server, one.lend()).await;
    let mut subscriber = asynch::Connection::closed(other.lend());
    subscriber.lend_topics(&mut slots);
    let (mut opened, mut subscribed) = (0, 0);
    for polls in 0..40 {
        println!("{polls} polls");
        // What is subscribed to is restored from the second round on.
        let (stream, options) = (Yielding(dial(&server).await), Options::new());
        match in_polls(polls, subscriber.reopen(stream, &options)).await {
            Some(result) => opened += usize::from(result.is_ok()),
            None => {
                assert!(!subscriber.is_open() || polls == 0);
                assert!(polls == 0 || subscriber.execute("1").await.is_err());
            }
        }
        subscriber.reopen(Yielding(dial(&server).await), &Options::new()).await.unwrap();
        for topic in ["trades", "quotes"] {
            subscribed += usize::from(in_polls(polls, subscriber.subscribe(topic)).await.is_some());
            assert_eq!(
                answer(&mut subscriber, &format!("(+ 40 {polls})")).await,
                format!("I64({})", 40 + polls)
            );
            subscriber.subscribe(topic).await.unwrap();
        }
        for topic in ["trades", "quotes"] {
            let published = publish(&mut publisher, topic, &(polls as i64)).await;
            loop {
                match subscriber.next_push().await.unwrap().unwrap() {
                    asynch::Push::Message { topic: own, sequence, mut payload } => {
                        assert_eq!((own, sequence), (topic, published));
                        assert_eq!(payload.value().await.unwrap().as_i64(), Ok(polls as i64));
                        break;
                    }
                    asynch::Push::Restarted { .. } | asynch::Push::Gap { .. } => {}
                    other => panic!("{other:?}"),
                }
            }
        }
    }
    println!("{opened} were opened, {subscribed} subscribed");
    assert!((10..40).contains(&opened) && (20..80).contains(&subscribed));
}
