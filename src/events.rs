//! What is told of the life of connections: the only place that knows `defmt` and `log`. Without these features it is
//! nothing, and takes no code.
//!
//! | level | event |
//! |---|---|
//! | debug | connecting and to where; an attempt to connect again and the wait before it; what was skipped or missed |
//! | info | open and in which generation; ended on purpose; what a pool disposed of |
//! | warn | not connected and why; ended for any other reason |
//!
//! Nothing is told of single requests, and no event knows the credentials. `defmt` is told on targets without an operating
//! system only: elsewhere nobody takes its records, and a program would not link.

use core::fmt;
use core::time::Duration;

use crate::error::CloseReason;
use crate::wire::Generation;

macro_rules! tell {
    ($level:ident, $text:literal $(, $value:expr)*) => {{
        #[cfg(feature = "log")]
        log::$level!(target: "rayforce_ipc", $text $(, $value)*);
        #[cfg(all(feature = "defmt", target_os = "none"))]
        defmt::$level!($text $(, $value)*);
        #[cfg(not(any(feature = "log", all(feature = "defmt", target_os = "none"))))]
        { $(let _ = $value;)* }
    }};
}

/// A stream is about to be made.
pub(crate) fn connecting(server: &impl fmt::Display) {
    tell!(debug, "connecting to {}", Server(server));
}

/// No stream was made.
pub(crate) fn not_connected<E: embedded_io::Error>(source: &E) {
    tell!(warn, "not connected: {}", Cause(source));
}

/// An attempt to connect again waits.
pub(crate) fn reconnecting(attempt: u32, delay: Duration) {
    tell!(debug, "attempt {} in {} ms", attempt, delay.as_millis() as u64);
}

/// The handshake is over.
pub(crate) fn opened(generation: Generation) {
    tell!(info, "open, wire {}", generation.version());
}

/// A connection that was open, or shook hands, is closed.
pub(crate) fn closed(reason: CloseReason) {
    match reason {
        CloseReason::Owner | CloseReason::Aborted => tell!(info, "ended: {}", reason),
        _ => tell!(warn, "ended: {}", reason),
    }
}

/// A pool has closed all its connections.
pub(crate) fn disposed(idle: usize, held: usize) {
    tell!(info, "disposed of connections: {} idle, {} held", idle, held);
}

/// A frame that nobody asked for was thrown away; so many were since the connection is open.
pub(crate) fn skipped(count: u32) {
    tell!(debug, "skipped a frame that nobody asked for, the {}. of this connection", count);
}

/// Publications of a topic passed its subscriber by.
pub(crate) fn missed(count: u64, last_seen: i64) {
    tell!(debug, "publications that were missed behind number {}: {}", last_seen, count);
}

/// A topic's publications are counted anew.
pub(crate) fn renumbered(last_seen: i64, next_seen: i64) {
    tell!(debug, "publications are counted anew: {} follows {}", next_seen, last_seen);
}

/// Where a connector connects to: in words, also for `defmt`, because that is all that is known of it.
struct Server<'a, C>(&'a C);

impl<C: fmt::Display> fmt::Display for Server<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.0, f)
    }
}

#[cfg(feature = "defmt")]
impl<C: fmt::Display> defmt::Format for Server<'_, C> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{}", defmt::Display2Format(self.0));
    }
}

/// Why there is no stream: for `defmt`, which not every transport's error knows, its kind.
struct Cause<'a, E>(&'a E);

impl<E: embedded_io::Error> fmt::Display for Cause<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.0, f)
    }
}

#[cfg(feature = "defmt")]
impl<E: embedded_io::Error> defmt::Format for Cause<'_, E> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{}", self.0.kind());
    }
}
