//! Several requests under way at once.

use rayforce_ipc::client::{Buffers, Options};
use rayforce_ipc::error::RequestError;

use super::support::{Error, Push, answer, connect, connect_with, on_each};
use crate::support::{WIRE_1, WIRE_3, start};

#[tokio::test]
async fn sixty_four_requests_are_answered_in_their_order() {
    const DEPTH: i64 = Options::MOST_DEPTH as i64;
    on_each(WIRE_3, async |_, connection| {
        for round in 0..20 {
            for number in 0..DEPTH {
                connection.send(format!("(+ {number} {round})").as_str()).await.unwrap();
            }
            assert_eq!(i64::from(connection.pending()), DEPTH);
            let one_more = connection.send("1").await;
            assert!(matches!(one_more, Err(Error::Request(RequestError::TooManyPending { limit: 64 }))));
            let other = connection.execute("1").await.map(drop);
            assert!(matches!(other, Err(Error::Request(RequestError::Pending))));
            for number in 0..DEPTH {
                let mut reply = connection.receive().await.unwrap();
                assert_eq!(reply.value().await.unwrap().as_i64(), Ok(number + round));
            }
            let none = connection.receive().await.map(drop);
            assert!(matches!(none, Err(Error::Request(RequestError::NothingPending))));
            assert_eq!(answer(connection, "(+ 40 2)").await, "I64(42)");
        }
    })
    .await;
}

/// A sliding window: what is read in part, or not at all, does not get into the way of the next answer.
#[tokio::test]
async fn answers_of_any_length_and_errors_keep_their_places() {
    const COUNT: usize = 500;
    let request = |at: usize| match at % 5 {
        0 => format!("(+ {at} 1)"),
        1 => "(+ 1 'a)".to_owned(),
        _ => format!("(til {})", at * 3),
    };
    for version in WIRE_3 {
        println!("--- {version}");
        let server = start(version);
        let mut buffers = Buffers::<128, 32>::new();
        let mut connection = connect(&server, buffers.lend()).await;
        let mut sent = 0;
        for received in 0..COUNT {
            while sent < COUNT && sent < received + 48 {
                connection.send(request(sent).as_str()).await.unwrap();
                sent += 1;
            }
            let mut reply = match connection.receive().await {
                Ok(reply) => reply,
                Err(error) => {
                    assert!(received % 5 == 1 && matches!(error, Error::Server(_)), "{received}: {error}");
                    continue;
                }
            };
            match received % 5 {
                0 => assert_eq!(reply.value().await.unwrap().as_i64(), Ok(received as i64 + 1)),
                1 => panic!("{received}: no error"),
                2 => {}
                part => {
                    let mut columns = reply.columns().await.unwrap();
                    let mut column = columns.next().await.unwrap().unwrap();
                    assert_eq!(column.count(), received as u64 * 3);
                    let (mut chunk, mut next) = ([0i64; 7], 0);
                    while let count @ 1.. = column.read(&mut chunk).await.unwrap() {
                        assert!(chunk[..count].iter().copied().eq(next..next + count as i64));
                        next += count as i64;
                        if part == 3 {
                            break;
                        }
                    }
                }
            }
        }
        assert_eq!(connection.pending(), 0);
        assert_eq!(answer(&mut connection, "(+ 40 2)").await, "I64(42)");
    }
}

#[tokio::test]
async fn pushes_between_answers_go_to_the_handler() {
    on_each(&["2.4.0"], async |_, connection| {
        for number in 0..10 {
            let request = format!("(do (.ipc.post (.ipc.handle) {number}) (+ 100 {number}))");
            connection.send(request.as_str()).await.unwrap();
        }
        let mut seen = Vec::new();
        for number in 0..10 {
            let mut reply = connection
                .receive_with(async |push: Push<'_, '_>| {
                    let Push::Async(mut pushed) = push else { panic!("{push:?}") };
                    seen.push(pushed.value().await?.as_i64()?);
                    Ok(())
                })
                .await
                .unwrap();
            assert_eq!(reply.value().await.unwrap().as_i64(), Ok(100 + number));
        }
        assert!(seen.into_iter().eq(0..10));
        assert_eq!(connection.skipped(), 0);
    })
    .await;
}

#[tokio::test]
async fn one_request_at_a_time_is_all_that_wire_1_takes() {
    for version in WIRE_1 {
        println!("--- {version}");
        let server = start(version);
        let mut buffers = Buffers::<256, 64>::new();
        let options = Options { depth: Options::MOST_DEPTH, ..Options::new() };
        let mut connection = connect_with(&server, buffers.lend(), &options).await;
        for number in 0..100i64 {
            connection.send(format!("(+ {number} 2)").as_str()).await.unwrap();
            let refused = connection.send("1").await;
            assert!(matches!(refused, Err(Error::Request(RequestError::TooManyPending { limit: 1 }))));
            assert_eq!(connection.pending(), 1);
            let mut reply = connection.receive().await.unwrap();
            assert_eq!(reply.value().await.unwrap().as_i64(), Ok(number + 2));
        }
        assert_eq!(answer(&mut connection, "(+ 40 2)").await, "I64(42)");
    }
}
