//! Queries and connections that are ended from elsewhere.

use rayforce_ipc::client::{Abort, Buffers};
use rayforce_ipc::error::{CloseReason, Error, Phase};

use super::support::{Connection, Push, answer, connect};
use crate::support::{ALL, start};

/// It never ends; when it has begun, the watcher gets a push.
const ENDLESS: &str = "(do (.ipc.post watcher 1) (while true 1))";

async fn begun(watcher: &mut Connection<'_>) {
    let push = watcher.next_push().await.unwrap();
    assert!(matches!(push, Some(Push::Async(_))), "{push:?}");
}

#[tokio::test]
async fn a_query_is_cancelled_while_its_call_waits() {
    let server = start("2.4.0");
    let mut buffers = [const { Buffers::<256, 128>::new() }; 2];
    let [one, other] = &mut buffers;
    let mut connection = connect(&server, one.lend()).await;
    let mut watcher = connect(&server, other.lend()).await;
    answer(&mut watcher, "(set watcher (.ipc.handle))").await;
    for _ in 0..10 {
        let handle = connection.handle().unwrap();
        let cancelling = async {
            begun(&mut watcher).await;
            assert!(handle.cancel());
        };
        let (result, ()) = tokio::join!(connection.execute(ENDLESS), cancelling);
        let Err(Error::Server(error)) = result else { panic!("{result:?}") };
        assert_eq!(error.code(), "cancel");
        assert_eq!(answer(&mut connection, "(+ 40 2)").await, "I64(42)");
    }
}

#[tokio::test]
async fn a_query_whose_call_was_dropped_is_cancelled_and_the_next_call_goes_on() {
    let server = start("2.4.0");
    let mut buffers = [const { Buffers::<256, 128>::new() }; 2];
    let [one, other] = &mut buffers;
    let mut connection = connect(&server, one.lend()).await;
    let mut watcher = connect(&server, other.lend()).await;
    answer(&mut watcher, "(set watcher (.ipc.handle))").await;
    for round in 0..20 {
        let handle = connection.handle().unwrap();
        // As soon as it runs, it is given up.
        tokio::select! {
            biased;
            result = connection.execute(ENDLESS) => panic!("{result:?}"),
            () = begun(&mut watcher) => {}
        }
        assert!(connection.is_open());
        assert!(handle.cancel());
        assert_eq!(answer(&mut connection, &format!("(+ 40 {round})")).await, format!("I64({})", 40 + round));
    }
}

#[tokio::test]
async fn requests_behind_a_cancelled_one_are_answered() {
    let server = start("2.4.0");
    let mut buffers = [const { Buffers::<256, 128>::new() }; 2];
    let [one, other] = &mut buffers;
    let mut connection = connect(&server, one.lend()).await;
    let mut watcher = connect(&server, other.lend()).await;
    answer(&mut watcher, "(set watcher (.ipc.handle))").await;
    for round in 0..10 {
        connection.send(ENDLESS).await.unwrap();
        for number in 0..10 {
            connection.send(format!("(+ {round} {number})").as_str()).await.unwrap();
        }
        begun(&mut watcher).await;
        assert!(connection.handle().unwrap().cancel());
        let result = connection.receive().await;
        let Err(Error::Server(error)) = result else { panic!("{result:?}") };
        assert_eq!(error.code(), "cancel");
        for number in 0..10 {
            let mut reply = connection.receive().await.unwrap();
            assert_eq!(reply.value().await.unwrap().as_i64(), Ok(round + number));
        }
    }
}

#[tokio::test]
async fn cancelling_while_nothing_runs_does_nothing() {
    for version in ALL {
        println!("--- {version}");
        let server = start(version);
        let mut buffers = Buffers::<256, 128>::new();
        let mut connection = connect(&server, buffers.lend()).await;
        for _ in 0..10 {
            assert!(connection.handle().unwrap().cancel());
            assert_eq!(answer(&mut connection, "(+ 40 2)").await, "I64(42)");
        }
        let handle = connection.handle().unwrap();
        connection.close().await.unwrap();
        assert!(!handle.cancel());
        assert!(matches!(connection.handle(), Err(Error::Closed(CloseReason::Owner))));
    }
}

#[tokio::test]
async fn a_connection_that_waits_is_aborted_by_another_task() {
    for version in ALL {
        println!("--- {version}");
        let server = start(version);
        let mut buffers = Buffers::<256, 128>::new();
        let mut connection = connect(&server, buffers.lend()).await;
        let handle = connection.handle().unwrap();
        let aborting = tokio::spawn(async move { handle.abort() });
        let result = connection.next_push().await.map(drop);
        assert!(matches!(result, Err(Error::Aborted(Phase::Idle))), "{result:?}");
        assert_eq!(connection.close_reason(), Some(CloseReason::Aborted));
        aborting.await.unwrap();
    }
}
