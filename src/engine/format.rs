//! What a log shows of a pool and its guards.

use defmt::{Display2Format, Format, Formatter, write};

#[cfg(feature = "async")]
use crate::engine::asynch;
use crate::engine::{Engine, PooledConnection, Slot};

use crate::client::Connect;

/// The same for both fronts.
macro_rules! formats {
    ($engine:ty, $guard:ty, $($connect:tt)+) => {
        impl<C: $($connect)+, const N: usize> Format for $engine {
            fn format(&self, f: Formatter<'_>) {
                let server = Display2Format(self.connector());
                write!(f, "Engine({}, {=usize} of {=usize} open)", server, self.pool_size(), N);
            }
        }

        impl<C: $($connect)+, const N: usize> Format for $guard {
            fn format(&self, f: Formatter<'_>) {
                match self.close_reason() {
                    Some(reason) => write!(f, "Connection(id: {=u32}, closed: {})", self.id(), reason),
                    None => write!(f, "Connection(id: {=u32})", self.id()),
                }
            }
        }
    };
}

formats!(Engine<'_, C, N>, PooledConnection<'_, '_, C, N>, Connect);
#[cfg(feature = "async")]
formats!(asynch::Engine<'_, C, N>, asynch::PooledConnection<'_, '_, C, N>, crate::client::asynch::Connect);

impl<K, const RX: usize, const TX: usize> Format for Slot<K, RX, TX> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Slot {{ receive: {=usize}, transmit: {=usize} }}", RX, TX);
    }
}
