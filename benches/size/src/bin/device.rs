//! Decoder, session, pool, queries and deadlines: the program that must have no way to panic.

#![no_std]
#![no_main]

use core::hint::black_box;
use core::ops::ControlFlow;

use rayforce_ipc::Error;
use rayforce_ipc::client::{Backoff, Connection, Push, Topic, Transport};
use rayforce_ipc::engine::{Engine, Slot};
use size::{Dial, ERROR, Input, ONE, OPENING, PUBLICATION, TABLE, THREE};

board::program!(run);

const SAID: &[&[u8]] = &[
    OPENING,
    THREE,
    TABLE,
    TABLE,
    TABLE,
    ERROR,
    ONE,
    ONE,
    ONE,
    ONE,
    ONE,
    ONE,
    ONE,
    ONE,
    ONE,
    ONE,
    ONE,
    PUBLICATION,
];

fn run() -> Option<u32> {
    let mut topics = [const { Topic::new() }; 1];
    let mut slots = [const { Slot::<_, 256, 64>::new() }; 2];
    // The buffers; the connections beside them in the slots are counted.
    let lent = (2 * (256 + 64) + size_of_val(&topics)) as u32;
    let engine = Engine::new(Dial(SAID), &mut slots);
    let mut guard = engine.acquire().ok()?;
    let connection = guard.connection().ok()?;
    let well = answers(connection) == Some(6)
        && matches!(connection.execute("nosuch"), Err(Error::Server(error)) if error.code() == "name")
        && size::values(connection)
        && size::queries(connection, black_box(&Input::SOME));
    connection.lend_topics(&mut topics);
    connection.subscribe("trades").ok()?;
    let pushed = match connection.next_push().ok()?? {
        Push::Message { mut payload, .. } => payload.value().ok()?.as_i64().ok()?,
        _ => return None,
    };
    guard.reconnect_with(&mut Backoff::new(1), |_| ControlFlow::Continue(())).ok()?;
    guard.close().ok()?;
    engine.dispose_connections();
    (well && pushed == 42).then_some(lent)
}

/// A reply in each of the ways in which one can be read.
fn answers<T: Transport>(connection: &mut Connection<'_, T>) -> Option<i64> {
    let mut sum = connection.execute("(+ 1 2)").ok()?.value().ok()?.as_i64().ok()?;
    for row in connection.execute("trades").ok()?.value().ok()?.table().ok()?.rows::<(i64, &str)>().ok()? {
        sum += row.ok()?.0;
    }
    let mut reply = connection.execute("trades").ok()?;
    while let Some(token) = reply.next_token().ok()? {
        black_box(token);
    }
    let mut reply = connection.execute("trades").ok()?;
    let mut columns = reply.columns().ok()?;
    while let Some(mut column) = columns.next().ok()? {
        if column.name().ok()? == "a" {
            let mut chunk = [0i64; 2];
            let count = column.read(&mut chunk).ok()?;
            black_box((count, chunk));
        }
    }
    Some(sum)
}
