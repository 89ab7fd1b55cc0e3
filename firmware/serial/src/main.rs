//! A device's day over serial lines, on an LM3S6965, with an engine in a `static` that any part of the firmware reaches
//! by name: two connections, one for each line.
//!
//! ```text
//!  main   the engine, and its day
//!  lines  connects over the first line that no connection has
//! ```
#![no_std]
#![no_main]

mod lines;

use core::cell::Cell;

use board::{console, stack};
use cortex_m_rt::entry;
use critical_section::Mutex;
use day::{CONNECTION_COUNT, Mind, Plan, RECEIVE_LEN, TRANSMIT_LEN};
use rayforce_ipc::client::{Connect, Connection, Topic};
use rayforce_ipc::{Engine, Slot};
use static_cell::{ConstStaticCell, StaticCell};

use crate::lines::Lines;

/// As many connections as there are lines.
type Pool = Engine<'static, Lines, CONNECTION_COUNT>;
type Slots =
    [Slot<Connection<'static, <Lines as Connect>::Transport>, RECEIVE_LEN, TRANSMIT_LEN>; CONNECTION_COUNT];

static SLOTS: StaticCell<Slots> = StaticCell::new();
static TOPICS: ConstStaticCell<[Topic<'static>; 1]> = ConstStaticCell::new(day::topics());
static MIND: ConstStaticCell<Mind> = ConstStaticCell::new(Mind::new());
static STORAGE: StaticCell<Pool> = StaticCell::new();
/// The engine, once it is made. (Bytes of its own in here would not be zero, and so take flash as well.) That threads
/// and interrupts may share it is what the compiler demands, and the feature `critical-section` gives.
static ENGINE: Mutex<Cell<Option<&'static Pool>>> = Mutex::new(Cell::new(None));

#[entry]
fn main() -> ! {
    let well = start().is_some() && live();
    console::say(format_args!("{} of {} bytes of stack", stack::used(), stack::size()));
    console::end(well)
}

/// Makes the engine; none where that was done before. (What that takes of the stack is free again when it is done.)
#[inline(never)]
fn start() -> Option<()> {
    board::start()?;
    let slots = SLOTS.try_init_with(day::slots)?;
    let engine = STORAGE.try_init_with(|| Engine::with_options(Lines, slots, day::options_of_a_line()))?;
    critical_section::with(|section| ENGINE.borrow(section).set(Some(engine)));
    Some(())
}

/// Any part of the firmware may ask for the engine. Whether the day ended well.
fn live() -> bool {
    let engine = critical_section::with(|section| ENGINE.borrow(section).get());
    let mut words = [0; 80];
    let plan = Plan::parse(console::command_line(&mut words));
    let (Some(engine), Some(plan)) = (engine, plan) else { return false };
    let (Some(mind), Some(topics)) = (MIND.try_take(), TOPICS.try_take()) else { return false };
    let ended = day::blocking::run(engine, &plan, mind, topics, console::say);
    day::tell(ended, console::say)
}
