//! Requests without an answer, and frames that nobody asked for.
//!
//! On wire 1 a server that asks takes the next frame for the answer, whatever it is, and never answers a request in
//! which a connection asks itself. So no connection can be asked there while it waits for an answer of its own.

use std::thread;

use rayforce_ipc::client::{Buffers, Push};
use rayforce_ipc::codec::literal::Symbols;
use rayforce_ipc::codec::{Encode, Symbol};

use crate::support::{ALL, Call, WIRE_1, answer, connect, evaluated, on_each, start};

#[test]
fn a_request_without_an_answer_is_carried_out_before_the_next_one() {
    on_each(ALL, |_, connection| {
        for number in 0..50 {
            connection.send_async(format!("(set zz {number})").as_str()).unwrap();
            assert_eq!(answer(connection, "zz"), format!("I64({number})"));
        }
        // Its errors vanish.
        connection.send_async("(+ 1 'a)").unwrap();
        connection.send_async(&Call("set", &[&Symbol::name("zz"), &77i64])).unwrap();
        assert_eq!(answer(connection, "zz"), "I64(77)");
        assert_eq!(connection.skipped(), 0);
    });
}

#[test]
fn many_requests_without_an_answer_keep_their_order() {
    on_each(ALL, |_, connection| {
        connection.execute("(set zz (til 0))").unwrap();
        for number in 0..1000i64 {
            let longer = Call("concat", &[&Symbol::name("zz"), &number]);
            let set = Call("set", &[&Symbol::name("zz"), &longer]);
            connection.send_async(&crate::support::Evaluated(&set)).unwrap();
        }
        let mut reply = connection.execute("zz").unwrap();
        let numbers =
            reply.value().unwrap().vector().unwrap().i64s().unwrap().iter().map(|number| number.get());
        assert!(numbers.eq(0..1000));
    });
}

#[test]
fn pushes_before_the_answer_are_skipped_and_counted() {
    on_each(&["2.4.0"], |_, connection| {
        let push = "(do (.ipc.post (.ipc.handle) \"pushed\") (.ipc.post (.ipc.handle) (til 10000)) 5)";
        assert_eq!(answer(connection, push), "I64(5)");
        assert_eq!(connection.skipped(), 2);
        assert_eq!(
            answer(connection, "(do (map (fn [x] (.ipc.post (.ipc.handle) x)) (til 100)) 6)"),
            "I64(6)"
        );
        assert_eq!(connection.skipped(), 102);
    });
    on_each(WIRE_1, |_, connection| {
        let push = "(do (write (neg .z.w) \"pushed\") (write (neg .z.w) (til 10000)) 5)";
        assert_eq!(answer(connection, push), "I64(5)");
        assert_eq!(connection.skipped(), 2);
        assert_eq!(answer(connection, "(+ 40 2)"), "I64(42)");
        assert_eq!(connection.skipped(), 2);
    });
}

#[test]
fn pushes_that_came_between_two_requests_are_skipped_and_counted() {
    for (version, own, push) in [
        ("2.4.0", "(.ipc.handle)", "(.ipc.post h (til 100))"),
        ("1.0.0", ".z.w", "(write (neg h) (til 100))"),
        ("0.1.5", ".z.w", "(write (neg h) (til 100))"),
    ] {
        println!("--- {version}");
        let server = start(version);
        let mut buffers = [const { Buffers::<64, 128>::new() }; 2];
        let [mut one, mut other] = buffers.each_mut().map(|buffers| connect(&server, buffers.lend()));
        answer(&mut one, &format!("(set h {own})"));
        for count in 1..=10 {
            other.execute(push).unwrap();
            assert_eq!(answer(&mut one, "(+ 40 2)"), "I64(42)");
            assert_eq!((one.skipped(), other.skipped()), (count, 0));
        }
    }
}

#[test]
fn a_welcome_before_the_first_request_is_skipped() {
    for (version, hook) in [
        ("2.4.0", "(set .ipc.on.open (fn [h] (.ipc.post h \"welcome\")))"),
        ("1.0.0", "(set .z.po (fn [h] (write (neg h) \"welcome\")))"),
        ("0.1.5", "(set .z.po (fn [h] (write (neg h) \"welcome\")))"),
    ] {
        println!("--- {version}");
        let server = start(version);
        let mut buffers = [const { Buffers::<256, 128>::new() }; 2];
        let [first, second] = &mut buffers;
        connect(&server, first.lend()).execute(hook).unwrap();
        let mut connection = connect(&server, second.lend());
        assert_eq!(answer(&mut connection, "(+ 40 2)"), "I64(42)");
        assert_eq!(connection.skipped(), 1);
    }
}

#[test]
fn a_publication_to_oneself_is_skipped() {
    on_each(&["2.4.0"], |_, connection| {
        let topic = Symbol::quoted("topic");
        assert_eq!(evaluated(connection, &Call(".mc.sub", &[&topic])), "I64(1)");
        let payloads: [&dyn Encode; 2] = [&[1i64, 2], &Symbols(&["a"])];
        for (at, payload) in payloads.into_iter().enumerate() {
            let number = evaluated(connection, &Call(".mc.pub", &[&topic, payload]));
            assert_eq!(number, format!("I64({})", at + 1));
            assert_eq!(connection.skipped(), at as u32 + 1);
        }
    });
}

#[test]
fn a_question_of_the_server_is_refused_at_once() {
    on_each(&["2.4.0"], |_, connection| {
        // To the connection whose request makes the server ask.
        let ask = "(try (.ipc.send (.ipc.handle) \"2+2?\") (fn [x] (list 'refused x)))";
        assert_eq!(answer(connection, ask), "List(('refused 0))");
        assert_eq!(connection.skipped(), 1);
        let many = "(count (map (fn [x] (try (.ipc.send (.ipc.handle) (til x)) (fn [x] 0))) (til 1000)))";
        assert_eq!(answer(connection, many), "I64(1000)");
        assert_eq!(connection.skipped(), 1001);
    });
}

#[test]
fn a_question_of_the_server_gets_the_answer_of_the_caller() {
    on_each(&["2.4.0"], |_, connection| {
        let ask = "(map (fn [x] (.ipc.send (.ipc.handle) (+ x 1))) (til 100))";
        let mut sum = 0;
        let mut reply = connection
            .execute_with(ask, |push| {
                let Push::Question(mut question) = push else { panic!("{push:?}") };
                let asked = question.asked().value()?.as_i64()?;
                sum += asked;
                question.answer(&(asked * 2))
            })
            .unwrap();
        let answers = reply.value().unwrap().list().unwrap();
        assert!(answers.iter().map(|answer| answer.as_i64().unwrap()).eq((1..=100).map(|n| n * 2)));
        assert_eq!(sum, 5050);
        assert_eq!(connection.skipped(), 0);
    });
}

#[test]
fn pushes_while_a_request_waits_are_the_handlers() {
    on_each(&["2.4.0"], |_, connection| {
        let mut seen = Vec::new();
        let request = "(do (map (fn [x] (.ipc.post (.ipc.handle) x)) (til 100)) 6)";
        let mut reply = connection
            .execute_with(request, |push| {
                let Push::Async(mut pushed) = push else { panic!("{push:?}") };
                seen.push(pushed.value()?.as_i64()?);
                Ok(())
            })
            .unwrap();
        assert_eq!(reply.value().unwrap().as_i64(), Ok(6));
        assert!(seen.into_iter().eq(0..100));
        assert_eq!(connection.skipped(), 0);
    });
}

#[test]
fn a_question_while_nothing_waits_is_answered_by_whoever_takes_it() {
    for (version, own, ask) in [
        ("2.4.0", "(.ipc.handle)", "(.ipc.send h \"2+2?\")"),
        ("1.0.0", ".z.w", "(write h \"2+2?\")"),
        ("0.1.5", ".z.w", "(write h \"2+2?\")"),
    ] {
        println!("--- {version}");
        let server = start(version);
        let mut buffers = [const { Buffers::<256, 128>::new() }; 2];
        let [mut asking, mut asked] = buffers.each_mut().map(|buffers| connect(&server, buffers.lend()));
        answer(&mut asked, &format!("(set h {own})"));
        thread::scope(|scope| {
            let question = scope.spawn(move || answer(&mut asking, ask));
            let Some(Push::Question(mut push)) = asked.next_push().unwrap() else { panic!("no question") };
            assert_eq!(push.asked().value().unwrap().as_str(), Ok("2+2?"));
            push.answer(&4i64).unwrap();
            assert_eq!(question.join().unwrap(), "I64(4)");
            assert_eq!(answer(&mut asked, "(+ 40 2)"), "I64(42)");
            assert_eq!(asked.skipped(), 0);
        });
    }
}

#[test]
fn a_question_for_another_connection_is_refused_inside_its_next_request() {
    let server = start("2.4.0");
    let mut buffers = [const { Buffers::<256, 128>::new() }; 2];
    let [mut asking, mut asked] = buffers.each_mut().map(|buffers| connect(&server, buffers.lend()));
    answer(&mut asked, "(set h (.ipc.handle))");
    thread::scope(|scope| {
        let question = scope.spawn(move || answer(&mut asking, "(try (.ipc.send h \"2+2?\") (fn [x] x))"));
        // While the server waits for the answer, it still answers requests of the connection that it asked.
        while asked.skipped() == 0 && !question.is_finished() {
            assert_eq!(answer(&mut asked, "(+ 40 2)"), "I64(42)");
        }
        assert_eq!(question.join().unwrap(), "I64(0)");
        assert_eq!(answer(&mut asked, "(+ 40 2)"), "I64(42)");
        assert_eq!(asked.skipped(), 1);
    });
}

#[test]
fn pushes_wait_for_whoever_takes_them() {
    for (version, own, push) in [
        ("2.4.0", "(.ipc.handle)", "(.ipc.post h (til 100))"),
        ("1.0.0", ".z.w", "(write (neg h) (til 100))"),
        ("0.1.5", ".z.w", "(write (neg h) (til 100))"),
    ] {
        println!("--- {version}");
        let server = start(version);
        let mut buffers = [const { Buffers::<1024, 128>::new() }; 2];
        let [mut one, mut other] = buffers.each_mut().map(|buffers| connect(&server, buffers.lend()));
        answer(&mut one, &format!("(set h {own})"));
        for _ in 0..10 {
            other.execute(push).unwrap();
        }
        for _ in 0..10 {
            let Some(Push::Async(mut pushed)) = one.next_push().unwrap() else { panic!("no push") };
            assert_eq!(pushed.value().unwrap().vector().unwrap().len(), 100);
        }
        assert_eq!(one.skipped(), 0);
        assert_eq!(answer(&mut one, "(+ 40 2)"), "I64(42)");
    }
}
