//! What a log shows of TCP of the standard library, and of tokio.

use defmt::{Display2Format, Format, Formatter, write};

use crate::client::Clock as _;
use crate::transports::tcp::{Connector, Handle, Stream, SystemClock, TcpError};

impl Format for Connector {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Connector({})", Display2Format(self));
    }
}

impl Format for Stream {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Stream");
    }
}

impl Format for Handle {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Handle");
    }
}

impl Format for TcpError {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "{}", Display2Format(self));
    }
}

impl Format for SystemClock {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "SystemClock({})", self.uptime());
    }
}

#[cfg(feature = "tokio")]
impl Format for crate::transports::tokio::Connector {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Connector({})", Display2Format(self));
    }
}

#[cfg(feature = "tokio")]
impl Format for crate::transports::tokio::Stream {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Stream");
    }
}

#[cfg(feature = "tokio")]
impl Format for crate::transports::tokio::Timer {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Timer({})", self.uptime());
    }
}
