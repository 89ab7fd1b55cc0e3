//! The smallest client: an atom, a table by its columns, one of symbols, a packed answer, an error of the server, and a
//! publication of a topic.

#![no_std]
#![no_main]

use board::wire::Wire;
use rayforce_ipc::Value;
use rayforce_ipc::client::frames::Frames;
use rayforce_ipc::codec::literal::Call;
use rayforce_ipc::codec::{Encode, Symbol, Text};
use rayforce_ipc::wire::{MessageType, ServerError};
use size::{ERROR, ONE, OPENING, PACKED, PUBLICATION, TABLE, THREE};

board::program!(run);

fn run() -> Option<u32> {
    let mut buffer = [0; 128];
    let lent = size_of_val(&buffer) as u32;
    let said = &[OPENING, THREE, TABLE, PACKED, ERROR, ONE, PUBLICATION];
    let mut frames = Frames::open(Wire::new(said), &mut buffer, None).ok()?;
    frames.set_unpacking();
    let three = matches!(ask(&mut frames, &Text::from("(+ 1 2)"))?, Value::I64(3));
    let sum = sum(ask(&mut frames, &Text::from("trades"))?)?;
    let packed = matches!(ask(&mut frames, &Text::from("text"))?, Value::String(text) if text.as_bytes() == b"(+ 1 2)");
    let error =
        matches!(ask(&mut frames, &Text::from("nosuch"))?, Value::Error(error) if error.error() == NAME);
    let subscribed =
        matches!(ask(&mut frames, &Call(".mc.sub", &[&Symbol::quoted("trades")]))?, Value::I64(1));
    (three && sum == 3 && packed && error && subscribed && published(&mut frames)? == 42).then_some(lent)
}

const NAME: ServerError = ServerError::new("name");

/// The sum of a column where the other one has a symbol.
fn sum(table: Value<'_>) -> Option<i64> {
    let Value::Table(table) = table else { return None };
    let (Value::Vector(numbers), Value::Vector(names)) = (table.column("a")?, table.column("b")?) else {
        return None;
    };
    let mut sum = 0;
    for (number, name) in numbers.i64s().ok()?.iter().zip(names.symbols().ok()?) {
        if matches!(name.as_bytes(), b"x" | b"y") {
            sum += number.get();
        }
    }
    Some(sum)
}

/// What is published next: `(upd "trades" n (quote value))`.
fn published(frames: &mut Frames<'_, Wire>) -> Option<i64> {
    let frame = frames.receive().ok()?;
    let Value::List(message) = frame.value().ok()? else { return None };
    let Value::List(quoted) = message.get(3)? else { return None };
    match (frame.header().message, quoted.get(1)?) {
        (MessageType::Async, Value::I64(number)) => Some(number),
        _ => None,
    }
}

/// The one place where something is asked, as a program would have one.
#[inline(never)]
fn ask<'f>(frames: &'f mut Frames<'_, Wire>, request: &dyn Encode) -> Option<Value<'f>> {
    frames.execute(request).ok()?.value().ok()
}
