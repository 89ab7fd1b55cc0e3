//! A connection: an atom, a table row by row with its symbols, an error of the server, and publications of a topic.

#![no_std]
#![no_main]

use rayforce_ipc::Error;
use rayforce_ipc::client::{Buffers, Push, Topic};
use size::{ERROR, Link, ONE, OPENING, PUBLICATION, TABLE, THREE};

board::program!(run);

fn run() -> Option<u32> {
    let mut slots = [const { Topic::new() }; 1];
    let mut buffers = Buffers::<256, 64>::new();
    let lent = (size_of_val(&buffers) + size_of_val(&slots)) as u32;
    let mut connection = Link::closed(buffers.lend());
    size::open(&mut connection, &[OPENING, THREE, TABLE, ERROR, ONE, PUBLICATION])?;
    if connection.execute("(+ 1 2)").ok()?.value().ok()?.as_i64() != Ok(3) {
        return None;
    }
    if sum(&mut connection)? != 3 {
        return None;
    }
    match connection.execute("nosuch") {
        Err(Error::Server(error)) if error.code() == "name" => {}
        _ => return None,
    }
    connection.lend_topics(&mut slots);
    connection.subscribe("trades").ok()?;
    let Push::Message { topic: "trades", sequence: 1, mut payload } = connection.next_push().ok()?? else {
        return None;
    };
    let answer = payload.value().ok()?.as_i64();
    answer.is_ok_and(|answer| answer == 42).then_some(lent)
}

/// The sum of a column where the other one has a name.
fn sum(connection: &mut Link<'_>) -> Option<i64> {
    let mut sum = 0;
    for row in connection.execute("trades").ok()?.value().ok()?.table().ok()?.rows::<(i64, &str)>().ok()? {
        let (number, name) = row.ok()?;
        if matches!(name, "x" | "y") {
            sum += number;
        }
    }
    Some(sum)
}
