//! What a log shows of TCP of smoltcp.

use defmt::{Display2Format, Format, Formatter, write};

use crate::transports::smoltcp::{Connector, Handle, Stack, Stream};

impl<D, C, const N: usize> Format for Stack<'_, D, C, N> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Stack({} slots)", N);
    }
}

impl Format for Connector<'_> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Connector({})", Display2Format(self));
    }
}

impl Format for Stream<'_> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Stream");
    }
}

impl Format for Handle<'_> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Handle");
    }
}
