//! A pool of two connections: one is given back and lent again beside a second one.

#![no_std]
#![no_main]

use rayforce_ipc::engine::{Engine, Slot};
use size::{Dial, ONE, OPENING, THREE};

board::program!(run);

fn run() -> Option<u32> {
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 2];
    // The buffers; the connections beside them in the slots are counted.
    let lent = 2 * (64 + 64);
    let engine = Engine::new(Dial(&[OPENING, THREE, ONE]), &mut slots);
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
