//! What a device tells by defmt of its connections: a life from the first attempt to refused credentials, a pool, and
//! values. The servers are scripts in memory. The log crate is told the same; its records are counted.
//!
//! Ends the emulator with status 0 if all went as it should.
#![no_std]
#![no_main]

use core::ops::ControlFlow;
use core::panic::PanicInfo;
use core::sync::atomic::{AtomicUsize, Ordering};

use cortex_m_rt::{ExceptionFrame, entry, exception};
use cortex_m_semihosting::debug::{self, EXIT_FAILURE, EXIT_SUCCESS};
use defmt_semihosting as _;
use log::{LevelFilter, Log, Metadata, Record};
use rayforce_ipc::client::{Backoff, Buffers, Connection, Options};
use rayforce_ipc::transports::duplex::{Connector, Duplex, DuplexError, Step};
use rayforce_ipc::wire::Credentials;
use rayforce_ipc::{Engine, Error, Slot};

type Failure = Error<DuplexError>;

/// A server of 2.4.0 that is asked for a sum and for a string, and goes.
const SERVER: [Step<'_>; 7] = [
    Step::Expect(&[3, 0]),
    Step::Say(&[3, 0]),
    Step::Expect(b"\xfa\xde\xfa\xce\x03\0\0\x01\x11\0\0\0\0\0\0\0\xf3\0\x07\0\0\0\0\0\0\0(+ 1 2)"),
    Step::Say(b"\xfa\xde\xfa\xce\x03\0\0\x02\x0a\0\0\0\0\0\0\0\xfb\0\x03\0\0\0\0\0\0\0"),
    Step::Expect(b"\xfa\xde\xfa\xce\x03\0\0\x01\x0f\0\0\0\0\0\0\0\xf3\0\x05\0\0\0\0\0\0\0names"),
    Step::Say(b"\xfa\xde\xfa\xce\x03\0\0\x02\x12\0\0\0\0\0\0\0\x0c\0\x03\0\0\0\0\0\0\0a\0bcd\0e\0"),
    Step::Close,
];

/// One that refuses the credentials.
const REFUSING: [Step<'_>; 4] =
    [Step::Expect(&[3, 0]), Step::Say(&[3, 1]), Step::Expect(b"\x0bbob:s3cret\0"), Step::Say(&[1])];

#[entry]
fn main() -> ! {
    if log::set_logger(&COUNTING).is_ok() {
        log::set_max_level(LevelFilter::Trace);
    }
    let done = live().and_then(|()| pool());
    defmt::println!("log was told {=usize} events", COUNTING.0.load(Ordering::Relaxed));
    if let Err(error) = done {
        defmt::error!("{}", error);
    }
    end(done.is_ok())
}

/// Connects, asks, closes, connects again to a server that goes, and to one that refuses.
fn live() -> Result<(), Failure> {
    let mut buffers = Buffers::<64, 64>::new();
    defmt::info!("{}", buffers);
    let mut connection = Connection::<Duplex<'_>>::closed(buffers.lend());
    let (mut options, mut backoff) = (Options::new(), Backoff::new(7));
    let server = Connector::new(&SERVER);
    let go_on = |_: rayforce_ipc::client::Retry<'_, _>| ControlFlow::Continue(());

    connection.reconnect(&server, &options, &mut backoff, go_on)?;
    defmt::info!("{}", connection);
    defmt::info!("{}", connection.execute("(+ 1 2)")?.value()?);
    defmt::info!("{}", connection.execute("names")?.value()?);
    connection.close()?;
    defmt::info!("{}", connection);

    backoff.reset();
    connection.reconnect(&server, &options, &mut backoff, go_on)?;
    connection.execute("(+ 1 2)")?;
    connection.execute("names")?;
    if let Err(error) = connection.next_push() {
        defmt::info!("{}", error);
    }

    options.credentials = Some(Credentials::new("bob", "s3cret")?);
    defmt::info!("{}", options);
    backoff.reset();
    let refused = connection.reconnect(&Connector::new(&REFUSING), &options, &mut backoff, go_on);
    if let Err(error) = refused {
        defmt::info!("{}", error);
    }
    Ok(())
}

/// Two connections, of which one is held when all are disposed of.
fn pool() -> Result<(), Failure> {
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 2];
    let engine = Engine::new(Connector::new(&SERVER), &mut slots);
    let (mut held, idle) = (engine.acquire()?, engine.acquire()?);
    idle.release();
    defmt::info!("{}, {}", engine, held);
    engine.dispose_connections();
    if let Err(error) = held.execute("(+ 1 2)") {
        defmt::info!("{}", error);
    }
    defmt::info!("{}", held);
    Ok(())
}

/// Counts what the log crate is told.
struct Counting(AtomicUsize);

static COUNTING: Counting = Counting(AtomicUsize::new(0));

impl Log for Counting {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, _: &Record<'_>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn flush(&self) {}
}

/// Ends the emulator, or leaves it to a debugger to go on.
fn end(well: bool) -> ! {
    debug::exit(if well { EXIT_SUCCESS } else { EXIT_FAILURE });
    loop {
        cortex_m::asm::wfi();
    }
}

#[panic_handler]
fn panic(_info: &PanicInfo<'_>) -> ! {
    end(false)
}

#[exception]
unsafe fn HardFault(_frame: &ExceptionFrame) -> ! {
    end(false)
}
