//! A pool of two connections: one is given back and lent again beside a second one.

#![no_std]
#![no_main]

use rayforce_ipc::Engine;
use rayforce_ipc::client::Buffers;
use size::{Dial, ONE, OPENING, THREE};

board::program!(run);

fn run() -> Option<u32> {
    let mut memory = [const { Buffers::<64, 64>::new() }; 2];
    let lent = size_of_val(&memory) as u32;
    let engine = Engine::new(Dial(&[OPENING, THREE, ONE]), &mut memory);
    let mut first = engine.acquire().ok()?;
    let three = first.execute("(+ 1 2)").ok()?.value().ok()?.as_i64().ok()?;
    first.release();
    let mut first = engine.acquire().ok()?;
    let mut second = engine.acquire().ok()?;
    let one = first.execute("1").ok()?.value().ok()?.as_i64().ok()?;
    let again = second.execute("(+ 1 2)").ok()?.value().ok()?.as_i64().ok()?;
    let full = engine.acquire().is_err();
    first.close().ok()?;
    drop(second);
    (three == 3 && one == 1 && again == 3 && full && engine.pool_size() == 0).then_some(lent)
}
