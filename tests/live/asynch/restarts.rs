//! Servers that go away and come back.

use rayforce_ipc::client::{Buffers, Restarted, Topic};
use rayforce_ipc::error::{CloseReason, Phase};
use xtask::server::Server;

use super::support::{Connection, Error, Push, answer, come_back, connect, dialer};
use super::topics::{message, publish};
use crate::support::{ALL, start};

const TOPICS: [&str; 2] = ["trades", "quotes"];

/// Starts a server again beside what the test waits for.
async fn restart(mut server: Server) -> Server {
    let restarting = tokio::task::spawn_blocking(move || {
        server.restart().unwrap();
        server
    });
    restarting.await.unwrap()
}

#[tokio::test]
async fn subscriptions_go_on_after_a_hundred_restarts_of_the_server() {
    let mut server = start("2.4.0");
    let mut buffers = [const { Buffers::<256, 128>::new() }; 2];
    let mut slots = [const { Topic::new() }; 2];
    let [one, other] = &mut buffers;
    let dialer = dialer(&server);
    let mut subscriber = connect(&server, one.lend()).await;
    let mut publisher = Connection::closed(other.lend());
    subscriber.lend_topics(&mut slots);
    for topic in TOPICS {
        subscriber.subscribe(topic).await.unwrap();
    }
    let mut attempts = 0;
    for round in 0..100 {
        come_back(&mut publisher, &dialer, round).await;
        if round > 0 {
            // The sole subscriber was away, so that the numbers began anew.
            for topic in TOPICS {
                match subscriber.next_push().await.unwrap() {
                    Some(Push::Restarted { topic: began_anew, restarted }) => {
                        assert_eq!(began_anew, topic);
                        assert_eq!(restarted, Restarted { last_seen: 1, next_seen: 1 });
                    }
                    other => panic!("{round}: {other:?}"),
                }
            }
        }
        for topic in TOPICS {
            assert_eq!(publish(&mut publisher, topic, &(round as i64)).await, 1);
            assert_eq!(message(&mut subscriber).await, (topic.to_owned(), 1, round as i64));
        }
        server.kill();
        let lost = subscriber.next_push().await.map(drop).unwrap_err();
        assert!(lost.is_transient(), "{lost}");
        let reason = subscriber.close_reason();
        assert!(matches!(reason, Some(CloseReason::Disconnected(_) | CloseReason::Transport(_))));
        // It dials while the server is away, and until it is back.
        let (restarted, made) = tokio::join!(restart(server), come_back(&mut subscriber, &dialer, round));
        server = restarted;
        attempts += made;
    }
    println!("{attempts} attempts for a hundred restarts");
    assert!(attempts >= 100);
}

#[tokio::test]
async fn a_server_that_dies_under_a_query_is_a_typed_error() {
    for version in ALL {
        println!("--- {version}");
        let mut server = start(version);
        let mut buffers = Buffers::<256, 64>::new();
        let dialer = dialer(&server);
        let mut connection = connect(&server, buffers.lend()).await;
        // Far more than the buffers of the two sockets hold, also where it travels packed.
        let mut reply = connection.execute("(* 1.1 (til 10000000))").await.unwrap();
        let mut columns = reply.columns().await.unwrap();
        let mut column = columns.next().await.unwrap().unwrap();
        assert!(column.read(&mut [0f64; 8]).await.unwrap() > 0);
        server.kill();
        let error = loop {
            match column.read(&mut [0f64; 64]).await {
                Ok(0) => panic!("the whole reply arrived"),
                Ok(_) => {}
                Err(error) => break error,
            }
        };
        let is_loss = matches!(&error, Error::Transport { phase, .. } | Error::Disconnected(phase) if *phase == Phase::Reply);
        assert!(is_loss, "{error:?}");
        let reason = connection.close_reason().unwrap();
        assert!(matches!(connection.execute("1").await, Err(Error::Closed(closed)) if closed == reason));
        let (_server, _) = tokio::join!(restart(server), come_back(&mut connection, &dialer, 1));
        assert_eq!(answer(&mut connection, "(+ 40 2)").await, "I64(42)");
    }
}
