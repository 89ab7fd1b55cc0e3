//! Many tasks on several threads.

use std::time::Duration;

use rayforce_ipc::client::{Buffers, Topic};
use rayforce_ipc::transports::tokio::Connector;
use tokio::time::timeout;

use super::support::{Connection, Error, Push, answer, come_back, dialer};
use crate::support::{ALL, WIRE_3, start};

const TASKS: i64 = 16;
const ROUNDS: i64 = 50;

/// Exchanges of every kind, some of which are given up.
async fn exchanges(dialer: Connector, task: i64, is_3: bool) {
    let mut buffers = Buffers::<256, 128>::new();
    let mut connection = Connection::closed(buffers.lend());
    come_back(&mut connection, &dialer, task as u64).await;
    for round in 0..ROUNDS {
        let own = task * 1000 + round;
        let sum = answer(&mut connection, &format!("(+ {own} 1)")).await;
        assert_eq!(sum, format!("I64({})", own + 1));

        let mut reply = connection.execute(format!("(+ {own} (til 500))").as_str()).await.unwrap();
        let mut columns = reply.columns().await.unwrap();
        let mut column = columns.next().await.unwrap().unwrap();
        let (mut chunk, mut next) = ([0i64; 33], own);
        while let count @ 1.. = column.read(&mut chunk).await.unwrap() {
            assert!(chunk[..count].iter().copied().eq(next..next + count as i64));
            next += count as i64;
        }
        assert_eq!(next, own + 500);

        let slow = format!("(+ {own} (sum (map (fn [x] (* x 0)) (til 1000))))");
        if let Ok(reply) = timeout(Duration::from_millis(1), connection.execute(slow.as_str())).await {
            assert_eq!(reply.unwrap().value().await.unwrap().as_i64(), Ok(own));
        }
        if is_3 {
            let request = format!("(do (println \"{own}\") {own})");
            let verbose = connection.execute_verbose(request.as_str()).await.unwrap();
            assert_eq!(verbose.result().await.unwrap().value().await.unwrap().as_i64(), Ok(own));
            for number in 0..8 {
                connection.send(format!("(+ {own} {number})").as_str()).await.unwrap();
            }
            for number in 0..8 {
                let mut reply = connection.receive().await.unwrap();
                assert_eq!(reply.value().await.unwrap().as_i64(), Ok(own + number));
            }
        }
    }
    connection.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixteen_tasks_talk_to_a_server_at_once() {
    for version in ALL {
        println!("--- {version}");
        let server = start(version);
        let (dialer, is_3) = (dialer(&server), WIRE_3.contains(version));
        let tasks: Vec<_> =
            (0..TASKS).map(|task| tokio::spawn(exchanges(dialer.clone(), task, is_3))).collect();
        for task in tasks {
            task.await.unwrap();
        }
    }
}

/// Each publication is its own number.
async fn hear(push: Push<'_, '_>) -> Result<(), Error> {
    let Push::Message { sequence, mut payload, .. } = push else { panic!("{push:?}") };
    assert_eq!(payload.value().await?.as_i64()?, sequence);
    Ok(())
}

/// Follows a topic to which it publishes itself. A publication comes before the answer to who made it.
async fn follow(dialer: Connector, task: i64) {
    let mut buffers = Buffers::<256, 256>::new();
    let mut slots = [const { Topic::new() }; 1];
    let mut connection = Connection::closed(buffers.lend());
    let own = format!("own{task}");
    connection.lend_topics(&mut slots);
    come_back(&mut connection, &dialer, task as u64).await;
    connection.subscribe(&own).await.unwrap();
    for number in 1..=ROUNDS {
        let request = format!("(.mc.pub '{own} {number})");
        let mut reply = if number % 2 == 0 {
            connection.execute_with(request.as_str(), hear).await.unwrap()
        } else {
            connection.send(request.as_str()).await.unwrap();
            let push = connection.next_push().await.unwrap();
            hear(push.expect("a publication")).await.unwrap();
            connection.receive().await.unwrap()
        };
        assert_eq!(reply.value().await.unwrap().as_i64(), Ok(number));
    }
    connection.unsubscribe(&own).await.unwrap();
    assert_eq!(connection.skipped(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixteen_tasks_follow_a_topic_each() {
    let server = start("2.4.0");
    let dialer = dialer(&server);
    let tasks: Vec<_> = (0..TASKS).map(|task| tokio::spawn(follow(dialer.clone(), task))).collect();
    for task in tasks {
        task.await.unwrap();
    }
}
