//! A logger that keeps what each thread is told, and servers that one connector reaches, one after the other.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::sync::Once;
use std::time::Duration;

use log::{Level, LevelFilter, Log, Metadata, Record};
use rayforce_ipc::client::{Backoff, Clock, Connect};
use rayforce_ipc::transports::duplex::{Duplex, DuplexError, Step};

struct Keeping;

thread_local! {
    static TOLD: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

impl Log for Keeping {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        assert_eq!(record.target(), "rayforce_ipc");
        TOLD.with_borrow_mut(|told| told.push(format!("{} {}", record.level(), record.args())));
    }

    fn flush(&self) {}
}

/// Begins to keep what this thread is told.
pub fn listen() {
    static SET: Once = Once::new();
    SET.call_once(|| {
        log::set_logger(&Keeping).unwrap();
        log::set_max_level(LevelFilter::Trace);
    });
    TOLD.take();
}

/// What was told since, exactly.
#[track_caller]
pub fn assert_told(expected: &[(Level, &str)]) {
    let expected: Vec<_> = expected.iter().map(|(level, text)| format!("{level} {text}")).collect();
    assert_eq!(TOLD.take(), expected);
}

/// The next server is the next script; behind the last one nobody listens.
pub struct Servers<'s> {
    scripts: &'s [&'s [Step<'s>]],
    next: Cell<usize>,
}

impl<'s> Servers<'s> {
    pub const fn new(scripts: &'s [&'s [Step<'s>]]) -> Self {
        Servers { scripts, next: Cell::new(0) }
    }

    pub fn dial(&self) -> Result<Duplex<'s>, DuplexError> {
        let next = self.next.replace(self.next.get() + 1);
        self.scripts.get(next).map(|script| Duplex::new(script)).ok_or(DuplexError::Silent)
    }
}

impl<'s> Connect for Servers<'s> {
    type Transport = Duplex<'s>;
    type Clock = Self;

    fn connect(&self, _: Duration) -> Result<Duplex<'s>, DuplexError> {
        self.dial()
    }

    fn clock(&self) -> &Self {
        self
    }
}

impl Clock for Servers<'_> {
    fn uptime(&self) -> Duration {
        Duration::ZERO
    }

    fn wait(&self, _: Duration) {}
}

impl fmt::Display for Servers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("host=memory, port=0")
    }
}

/// Waits of 1 ms between attempts, of which there are so many.
pub fn backoff(attempts: u32) -> Backoff {
    Backoff::new(7).first_delay(Duration::ZERO).greatest_delay(Duration::ZERO).attempt_limit(Some(attempts))
}
