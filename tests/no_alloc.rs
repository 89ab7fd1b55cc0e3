//! Nothing is allocated: not by the core over memory, and not by an exchange over a socket.

#![allow(unsafe_code)] // For the allocator that counts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use rayforce_ipc::client::{Buffers, Connection, Options, Transport};
use rayforce_ipc::codec::literal::{List, Strings, Symbols, Table};
use rayforce_ipc::codec::{Encode, Symbol, Value};
use rayforce_ipc::error::Error;
use rayforce_ipc::query::{Change, each, table};
use rayforce_ipc::transports::duplex::{Connector, Duplex};
use rayforce_ipc::wire::{Generation, MessageType};
use rayforce_ipc::{Engine, Slot};
use support::codec::{BOTH, sent};
use support::hex::unhex;
use support::script::{Script, frame};

/// Counts the allocations of each thread, which test runners have many of.
struct Counting;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: everything is left to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.set(COUNT.get() + 1);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        COUNT.set(COUNT.get() + 1);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// What a call gives, and that it did not allocate.
#[track_caller]
fn without_allocating<R>(run: impl FnOnce() -> R) -> R {
    let before = COUNT.get();
    let result = run();
    assert_eq!(COUNT.get() - before, 0, "allocations");
    result
}

const NUMBERS: [i64; 500] = [7; 500];
const NAMES: [&str; 3] = ["ibm", "aapl", "msft"];

/// A request from slices, larger than the transmit buffers here.
fn insert<R>(run: impl FnOnce(&List<'_>) -> R) -> R {
    let symbols = Symbols(&NAMES);
    let strings = Strings(&NAMES);
    let columns: [&dyn Encode; 3] = [&symbols, &strings, &[1.5, 2.5, f64::NAN]];
    let table = Table::new(&["sym", "note", "px"], &columns);
    run(&List(&[&Symbol::name("insert"), &Symbol::quoted("trades"), &table, &NUMBERS]))
}

/// A table of two columns.
fn trades(generation: Generation) -> Vec<u8> {
    sent(generation, &Table::new(&["id", "name"], &[&[1i64, 2, 3], &Symbols(&NAMES)]))
}

fn script(generation: Generation) -> Script {
    let failure = match generation {
        Generation::V1 => unhex("7f 12 0c 00 0400000000000000 626f6f6d"),
        Generation::V3 => unhex("7f 7479706500000000"),
    };
    let inserted = insert(|request| sent(generation, request));
    Script::opened(generation)
        .asked("trades")
        .pushes(&NUMBERS)
        .answers_payload(&trades(generation))
        .asked("numbers")
        .answers(&NUMBERS)
        .asked("trades")
        .answers_payload(&trades(generation))
        .told("(set x 1)")
        .asked_value(&Value::decode(generation, &inserted).unwrap())
        .questions(&())
        .refused()
        .answers(&3i64)
        .asked("failing")
        .answers_payload(&failure)
        .goes_on()
}

/// Rows, tokens, requests of all kinds and errors.
fn exchanges<T: Transport>(connection: &mut Connection<'_, T>) {
    let mut reply = connection.execute("trades").ok().unwrap();
    let table = reply.value().ok().unwrap().table().unwrap();
    let mut sum = 0;
    for row in table.rows::<(i64, &str)>().unwrap() {
        let (id, name) = row.unwrap();
        sum += id + name.len() as i64;
    }
    assert_eq!(sum, 6 + 3 + 4 + 4);
    let mut reply = connection.execute("numbers").ok().unwrap();
    assert!(matches!(reply.value(), Err(Error::Capacity { .. })));
    let mut tokens = 0;
    while let Some(_token) = reply.next_token().ok().unwrap() {
        tokens += 1;
    }
    assert!(tokens > 10);
    let mut reply = connection.execute("trades").ok().unwrap();
    let mut columns = reply.columns().ok().unwrap();
    let (mut chunk, mut buffer, mut sum) = ([0i64; 2], [0; 8], 0);
    while let Some(mut column) = columns.next().ok().unwrap() {
        if column.name().ok().unwrap() == "id" {
            while let count @ 1.. = column.read(&mut chunk).ok().unwrap() {
                sum += chunk[..count].iter().sum::<i64>();
            }
        } else {
            while let Some(text) = column.next_text(&mut buffer).ok().unwrap() {
                sum += text.as_bytes().len() as i64;
            }
        }
    }
    assert_eq!(sum, 6 + 3 + 4 + 4);
    connection.send_async("(set x 1)").ok().unwrap();
    insert(|request| assert!(connection.execute(request).is_ok()));
    assert!(matches!(connection.execute("failing"), Err(Error::Server(_))));
    assert_eq!(connection.error_text().is_some(), connection.generation() == Generation::V1);
    assert_eq!(connection.execute("(+ 1 2)").ok().unwrap().value().ok(), Some(Value::I64(3)));
}

#[test]
fn the_counter_counts() {
    let before = COUNT.get();
    drop(std::hint::black_box(vec![1]));
    assert_eq!(COUNT.get(), before + 1);
}

#[test]
fn a_connection_over_memory_allocates_nothing() {
    for generation in BOTH {
        let script = script(generation);
        let steps = script.steps();
        without_allocating(|| {
            let mut buffers = Buffers::<256, 64>::new();
            let server = Duplex::new(&steps);
            let mut connection = Connection::open(server, buffers.lend(), &Options::new()).unwrap();
            exchanges(&mut connection);
            assert!(connection.transport().unwrap().is_done());
            connection.close().unwrap();
        });
    }
}

#[cfg(feature = "alloc")]
#[test]
fn a_reply_in_memory_of_its_own_is_one_allocation_or_none() {
    for generation in BOTH {
        let script = Script::opened(generation).asked("numbers").answers(&NUMBERS).goes_on();
        let steps = script.steps();
        let mut buffers = Buffers::<64, 64>::new();
        let mut connection = Connection::open(Duplex::new(&steps), buffers.lend(), &Options::new()).unwrap();
        let mut reply = connection.execute("numbers").unwrap();
        assert!(without_allocating(|| reply.read_to_vec(10 + 8 * 500 - 1)).is_err());
        let before = COUNT.get();
        let owned = reply.read_to_vec(10 + 8 * 500).unwrap();
        assert_eq!(COUNT.get() - before, 1);
        assert_eq!(without_allocating(|| owned.value().vector().unwrap().len()), 500);
    }
}

/// One row of what is inserted.
struct Trade {
    symbol: &'static str,
    price: f64,
    quantity: i64,
}

#[test]
fn an_insert_of_slices_allocates_nothing() {
    let symbols = [NAMES[0]; 1000];
    let prices: [f64; 1000] = std::array::from_fn(|row| row as f64 / 4.0);
    let quantities: [i64; 1000] = std::array::from_fn(|row| row as i64);
    let trades: [Trade; 1000] = std::array::from_fn(|row| Trade {
        symbol: symbols[row],
        price: prices[row],
        quantity: quantities[row],
    });
    for generation in BOTH {
        let columns = table("trades").insert((&symbols[..], &prices[..], &quantities[..]));
        let rows = table("trades")
            .insert(each(&trades).field(|trade| trade.symbol).field(|t| t.price).field(|t| t.quantity));
        inserts_without_allocating(generation, columns);
        inserts_without_allocating(generation, rows);
    }
}

fn inserts_without_allocating<D>(generation: Generation, insert: Change<D>)
where
    Change<D>: Encode,
{
    let payload = sent(generation, &insert);
    assert!(payload.len() > 1000 * (3 + 8 + 8), "{}", payload.len());
    let script = Script::opened(generation)
        .hears(&frame(generation, MessageType::Sync, &payload))
        .answers_payload(&sent(generation, &()))
        .goes_on();
    let steps = script.steps();
    without_allocating(|| {
        let mut buffers = Buffers::<256, 64>::new();
        let mut connection =
            Connection::open(Duplex::new(&steps), buffers.lend(), &Options::new()).ok().unwrap();
        assert_eq!(connection.execute(&insert).ok().unwrap().value().ok(), Some(Value::Null));
        assert_eq!(connection.execute("(+ 1 2)").ok().unwrap().value().ok(), Some(Value::I64(3)));
        assert!(connection.transport().unwrap().is_done());
    });
}

#[test]
fn a_pool_over_memory_allocates_nothing() {
    let script = script(Generation::V3);
    let steps = script.steps();
    without_allocating(|| {
        let mut slots = [const { Slot::<_, 256, 64>::new() }; 4];
        let engine = Engine::new(Connector::new(&steps), &mut slots);
        let mut connection = engine.acquire().unwrap();
        assert!(connection.execute("trades").unwrap().value().is_ok());
        connection.release();
        let connection = engine.acquire().unwrap();
        assert_eq!(engine.dispose_connections().held, 1);
        drop(connection);
        engine.acquire().unwrap().close().unwrap();
        #[cfg(feature = "std")]
        {
            let all = [(); 4].map(|()| engine.acquire_within(std::time::Duration::ZERO).unwrap());
            assert!(engine.acquire_within(std::time::Duration::from_millis(1)).is_err());
            assert_eq!((engine.check_idle(), all.len()), (0, 4));
        }
    });
}

#[cfg(feature = "std-tcp")]
#[test]
fn an_exchange_over_a_socket_allocates_nothing() {
    use rayforce_ipc::client::Connect;
    use rayforce_ipc::transports::duplex::Step;
    use std::io::{Read, Write};

    for generation in BOTH {
        let script = script(generation);
        let server = support::sockets::Server::start(move |mut stream| {
            for step in script.steps() {
                match step {
                    Step::Expect(expected) => {
                        let mut bytes = vec![0; expected.len()];
                        stream.read_exact(&mut bytes).unwrap();
                        assert_eq!(bytes, expected);
                    }
                    Step::Say(bytes) => stream.write_all(bytes).unwrap(),
                    Step::Close => return,
                }
            }
        });
        let stream = server.connector().connect(std::time::Duration::from_secs(60)).unwrap();
        let mut buffers = Buffers::<256, 64>::new();
        without_allocating(|| {
            let mut connection = Connection::open(stream, buffers.lend(), &Options::new()).unwrap();
            exchanges(&mut connection);
            connection.close().unwrap();
        });
    }
}
