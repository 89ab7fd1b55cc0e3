//! What comes unasked: pushes, and questions of the server.

use std::time::Duration;

use rayforce_ipc::client::{Buffers, Options, Timeouts};

use super::support::{Push, answer, connect, connect_with, on_each};
use crate::support::start;

/// A version, how a connection is named there, and what asks and what pushes to one with that name.
const SPEAKING: [(&str, &str, &str, &str); 3] = [
    ("2.4.0", "(.ipc.handle)", "(.ipc.send h \"2+2?\")", "(.ipc.post h (til 100))"),
    ("1.0.0", ".z.w", "(write h \"2+2?\")", "(write (neg h) (til 100))"),
    ("0.1.5", ".z.w", "(write h \"2+2?\")", "(write (neg h) (til 100))"),
];

#[tokio::test]
async fn a_question_inside_a_request_gets_the_answer_of_the_handler() {
    on_each(&["2.4.0"], async |_, connection| {
        let ask = "(map (fn [x] (.ipc.send (.ipc.handle) (+ x 1))) (til 100))";
        let mut sum = 0;
        let mut reply = connection
            .execute_with(ask, async |push: Push<'_, '_>| {
                let Push::Question(mut question) = push else { panic!("{push:?}") };
                let asked = question.asked().value().await?.as_i64()?;
                sum += asked;
                question.answer(&(asked * 2)).await
            })
            .await
            .unwrap();
        let answers = reply.value().await.unwrap().list().unwrap();
        assert!(answers.iter().map(|answer| answer.as_i64().unwrap()).eq((1..=100).map(|n| n * 2)));
        assert_eq!(sum, 5050);
        assert_eq!(connection.skipped(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_question_that_nobody_hears_or_answers_is_refused() {
    on_each(&["2.4.0"], async |_, connection| {
        let ask = "(try (.ipc.send (.ipc.handle) \"2+2?\") (fn [x] (list 'refused x)))";
        assert_eq!(answer(connection, ask).await, "List(('refused 0))");
        assert_eq!(connection.skipped(), 1);
        for refuses in [true, false] {
            let mut reply = connection
                .execute_with(ask, async |push: Push<'_, '_>| match push {
                    Push::Question(question) if refuses => question.refuse().await,
                    _ => Ok(()),
                })
                .await
                .unwrap();
            assert_eq!(format!("{:?}", reply.value().await.unwrap()), "List(('refused 0))");
        }
        let many = "(count (map (fn [x] (try (.ipc.send (.ipc.handle) (til x)) (fn [x] 0))) (til 1000)))";
        assert_eq!(answer(connection, many).await, "I64(1000)");
    })
    .await;
}

#[tokio::test]
async fn pushes_inside_a_request_are_the_handlers() {
    on_each(&["2.4.0"], async |_, connection| {
        let mut seen = Vec::new();
        let request = "(do (map (fn [x] (.ipc.post (.ipc.handle) x)) (til 100)) 6)";
        let mut reply = connection
            .execute_with(request, async |push: Push<'_, '_>| {
                let Push::Async(mut pushed) = push else { panic!("{push:?}") };
                seen.push(pushed.value().await?.as_i64()?);
                Ok(())
            })
            .await
            .unwrap();
        assert_eq!(reply.value().await.unwrap().as_i64(), Ok(6));
        assert!(seen.into_iter().eq(0..100));
        assert_eq!(connection.skipped(), 0);
        assert_eq!(
            answer(connection, "(do (map (fn [x] (.ipc.post (.ipc.handle) x)) (til 7)) 6)").await,
            "I64(6)"
        );
        assert_eq!(connection.skipped(), 7);
    })
    .await;
}

#[tokio::test]
async fn a_question_while_nothing_is_under_way_is_answered_by_whoever_takes_it() {
    for (version, own, ask, _) in SPEAKING {
        println!("--- {version}");
        let server = start(version);
        let mut buffers = [const { Buffers::<256, 128>::new() }; 2];
        let [one, other] = &mut buffers;
        let mut asking = connect(&server, one.lend()).await;
        let mut asked = connect(&server, other.lend()).await;
        answer(&mut asked, &format!("(set h {own})")).await;
        for number in 0..10i64 {
            let answering = async {
                let Some(Push::Question(mut push)) = asked.next_push().await.unwrap() else {
                    panic!("no question")
                };
                assert_eq!(push.asked().value().await.unwrap().as_str(), Ok("2+2?"));
                push.answer(&number).await.unwrap();
            };
            let (question, ()) = tokio::join!(answer(&mut asking, ask), answering);
            assert_eq!(question, format!("I64({number})"));
        }
        assert_eq!(answer(&mut asked, "(+ 40 2)").await, "I64(42)");
        assert_eq!(asked.skipped(), 0);
    }
}

#[tokio::test]
async fn pushes_wait_for_whoever_takes_them() {
    for (version, own, _, push) in SPEAKING {
        println!("--- {version}");
        let server = start(version);
        let mut buffers = [const { Buffers::<1024, 128>::new() }; 2];
        let [one, other] = &mut buffers;
        let mut waiting = connect(&server, one.lend()).await;
        let mut pushing = connect(&server, other.lend()).await;
        answer(&mut waiting, &format!("(set h {own})")).await;
        for _ in 0..10 {
            pushing.execute(push).await.unwrap();
        }
        for _ in 0..10 {
            let Some(Push::Async(mut pushed)) = waiting.next_push().await.unwrap() else { panic!("no push") };
            assert_eq!(pushed.value().await.unwrap().vector().unwrap().len(), 100);
        }
        assert_eq!(waiting.skipped(), 0);
        assert_eq!(answer(&mut waiting, "(+ 40 2)").await, "I64(42)");
    }
}

#[tokio::test]
async fn nothing_that_comes_is_no_failure() {
    let server = start("2.4.0");
    let mut buffers = Buffers::<256, 64>::new();
    let timeouts = Timeouts { idle: Duration::from_millis(1), ..Timeouts::new() };
    let options = Options { timeouts, ..Options::new() };
    let mut connection = connect_with(&server, buffers.lend(), &options).await;
    for _ in 0..10 {
        assert!(connection.next_push().await.unwrap().is_none());
        assert_eq!(answer(&mut connection, "(+ 40 2)").await, "I64(42)");
    }
}
