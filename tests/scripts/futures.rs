//! The futures of the async front by themselves.

use std::pin::pin;
use std::task::{Context, Waker};

use rayforce_ipc::Error;
use rayforce_ipc::client::asynch::{Connection, Push};
use rayforce_ipc::client::{Buffers, Options};
use rayforce_ipc::codec::Text;
use rayforce_ipc::error::RequestError;
use rayforce_ipc::transports::duplex::{Duplex, DuplexError, Step};
use rayforce_ipc::transports::faulty::{Faults, Faulty};
use rayforce_ipc::wire::Generation;

use crate::support::codec::sent;
use crate::support::front::now;
use crate::support::script::{Lent, Script};
use crate::support::yielding::Yielding;

const V3: Generation = Generation::V3;

fn assert_send<F: Future + Send>(future: F) -> F {
    future
}

/// A handler that is a function: the compiler of today does not see of an async closure that it takes any lifetime, and
/// so not that the call is `Send`.
async fn skip(_push: Push<'_, '_, Duplex<'_>>) -> Result<(), Error<DuplexError>> {
    Ok(())
}

#[test]
fn futures_are_sent_between_threads_where_the_transport_is() {
    let script =
        Script::opened(V3).asked("a").pushes(&1i64).answers(&2i64).asked("b").answers(&3i64).pushes(&4i64);
    let steps = script.steps();
    let mut lent = Lent::new(64, 64);
    let options = Options::new();
    let mut connection =
        now(assert_send(Connection::open(Duplex::new(&steps), lent.lend(), &options))).unwrap();
    let mut reply = now(assert_send(connection.execute("a"))).unwrap();
    assert_eq!(now(assert_send(reply.value())).unwrap().as_i64(), Ok(2));
    now(assert_send(connection.send("b"))).unwrap();
    let mut reply = now(assert_send(connection.receive())).unwrap();
    assert!(now(assert_send(reply.next_token())).unwrap().is_some());
    assert!(now(assert_send(connection.next_push())).unwrap().is_some());
    assert!(now(assert_send(connection.receive_with(skip))).is_err());
    drop(assert_send(connection.execute_with("a", skip)));
    drop(assert_send(connection.send_async("a")));
    drop(assert_send(connection.reopen(Duplex::new(&steps), &options)));
    now(assert_send(connection.close())).unwrap();
}

/// As a task of an executor with threads has it.
#[test]
fn a_task_that_holds_its_connection_is_sent_between_threads() {
    let task = async |steps: &'static [Step<'static>]| -> Result<i64, Error<DuplexError>> {
        let mut buffers = Buffers::<64, 64>::new();
        let mut connection = Connection::open(Duplex::new(steps), buffers.lend(), &Options::new()).await?;
        connection.execute_with("a", skip).await?.value().await?;
        connection.send("b").await?;
        let sum = connection.receive().await?.value().await?.as_i64()?;
        if let Some(Push::Question(mut question)) = connection.next_push().await? {
            question.asked().value().await?;
            question.answer(&sum).await?;
        }
        connection.close().await?;
        Ok(sum)
    };
    let task = assert_send(task(&[Step::Close]));
    assert!(now(task).is_err());
}

/// A future lies in its task's memory for as long as it runs, with the futures within it; a trivial transport adds next
/// to nothing. The bounds leave a little room above what a build has today, so that growth is seen.
#[test]
#[cfg(target_pointer_width = "64")]
fn futures_stay_small() {
    let script = Script::opened(V3).asked("a").answers(&2i64);
    let steps = script.steps();
    let mut lent = Lent::new(64, 64);
    let options = Options::new();
    let open = Connection::open(Duplex::new(&steps), lent.lend(), &options);
    let mut sizes = vec![("open", size_of_val(&open), OPEN)];
    let mut connection = now(open).unwrap();
    sizes.push(("execute_with", size_of_val(&connection.execute_with("a", async |_| Ok(()))), EXECUTE_WITH));
    sizes.push(("send", size_of_val(&connection.send("a")), EXECUTE));
    sizes.push(("receive", size_of_val(&connection.receive()), RECEIVE));
    sizes.push(("next_push", size_of_val(&connection.next_push()), RECEIVE));
    let execute = connection.execute("a");
    sizes.push(("execute", size_of_val(&execute), EXECUTE));
    let mut reply = now(execute).unwrap();
    sizes.push(("value", size_of_val(&reply.value()), VALUE));
    for (name, size, bound) in sizes {
        println!("{name}: {size} bytes");
        assert!(size <= bound, "{name} takes {size} bytes, above {bound}");
    }
}

/// In bytes. It holds the connection, of which a moved copy is returned.
const OPEN: usize = 1152;
const EXECUTE: usize = 576;
const EXECUTE_WITH: usize = 576;
const RECEIVE: usize = 480;
const VALUE: usize = 288;

#[test]
fn no_more_requests_are_under_way_than_can_be_told_apart_wanted_or_not() {
    let mut script = Script::opened(V3);
    for _ in 0..64 {
        script = script.asked("a");
    }
    for answer in 0..64i64 {
        script = script.answers(&answer);
    }
    let script = script.goes_on();
    let steps = script.steps();
    let mut lent = Lent::new(64, 64);
    let stream = Yielding(Duplex::new(&steps));
    let mut connection = now(Connection::open(stream, lent.lend(), &Options::new())).unwrap();
    for _ in 0..61 {
        now(connection.send("a")).unwrap();
    }
    for number in 0..3 {
        // Given up while it is flushed: at the second wait, and the flush of the one before comes first.
        let mut send = pin!(connection.send("a"));
        for _ in 0..2 + usize::from(number > 0) {
            assert!(send.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        }
    }
    assert_eq!(connection.pending(), 61);
    let limit = RequestError::TooManyPending { limit: 64 };
    assert_eq!(now(connection.send("a")).err(), Some(Error::Request(limit)));
    for expected in 0..61 {
        assert_eq!(now(now(connection.receive()).unwrap().value()).unwrap().as_i64(), Ok(expected));
    }
    assert_eq!(connection.pending(), 0);
    assert_eq!(now(now(connection.execute("(+ 1 2)")).unwrap().value()).unwrap().as_i64(), Ok(3));
}

/// However far the error had come when its receiver was given up.
#[test]
fn the_text_of_an_error_that_has_begun_stays_whole_while_more_is_sent() {
    let text = "unsupported types: 'i64, 'symbol";
    let message = sent(Generation::V1, &Text::from(text));
    let script =
        Script::opened(Generation::V1).asked("a").answers_payload(&[&[0x7f, 5], &message[..]].concat());
    let script = script.told("b").goes_on();
    let steps = script.steps();
    for waits in 1..20 {
        let faults = Faults { read_at_most: Some(3), ..Faults::default() };
        let mut lent = Lent::new(128, 64);
        let stream = Yielding(Faulty::new(Duplex::new(&steps), faults));
        let mut connection = now(Connection::open(stream, lent.lend(), &Options::new())).unwrap();
        now(connection.send("a")).unwrap();
        {
            let mut receive = pin!(connection.receive());
            for _ in 0..waits {
                assert!(receive.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
            }
        }
        now(connection.send_async("b")).unwrap();
        let Err(Error::Server(error)) = now(connection.receive()) else {
            panic!("no error after {waits} waits")
        };
        assert_eq!(error.code(), "type");
        assert_eq!(connection.error_text().map(|text| text.to_string()).as_deref(), Some(text));
    }
}
