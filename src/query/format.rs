//! What a log shows of the parts of a request that hold closures or iterators: that they are there.

use defmt::{Format, Formatter, write};

use crate::query::{DataColumn, Each, Getter};

impl<S, F> Format for Each<'_, S, F> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Each");
    }
}

impl<F> Format for Getter<F> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Getter");
    }
}

impl<I> Format for DataColumn<I> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Column");
    }
}
