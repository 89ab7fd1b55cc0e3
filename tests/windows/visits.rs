//! How often the elements of a request are asked for, through a transmit buffer that holds only few of them.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayforce_ipc::client::Packing;
use rayforce_ipc::codec::Writer;
use rayforce_ipc::wire::Generation;

use crate::support::codec::{BOTH, By};
use crate::support::transmit::{packed_request, windows};

const TRANSMIT: usize = 64;

/// Counts the elements that are asked for.
#[derive(Default)]
struct Visits(AtomicUsize);

impl Visits {
    fn at<T>(&self, element: T) -> T {
        self.0.fetch_add(1, Ordering::Relaxed);
        element
    }
}

type Write = fn(&mut Writer<'_>, usize, &Visits);

fn visits(generation: Generation, count: usize, write: Write) -> usize {
    let visits = Visits::default();
    let value = By(|writer: &mut Writer<'_>| write(writer, count, &visits));
    let bytes: usize = windows(generation, &value, TRANSMIT).unwrap().iter().map(Vec::len).sum();
    assert!(bytes > count);
    visits.0.into_inner()
}

/// Twice the elements are asked for twice as often, and each of them a few times at most.
#[track_caller]
fn assert_linear(write: Write) {
    for generation in BOTH {
        let [once, twice] = [1000, 2000].map(|count| visits(generation, count, write));
        assert!(once <= 1000 * MOST, "{generation:?}: {once} visits of 1000 elements");
        assert!(twice <= 2 * once + 2000, "{generation:?}: {twice} visits of 2000 elements, {once} of 1000");
    }
}

/// What is packed is written twice.
#[test]
fn elements_that_are_packed_are_asked_for_a_few_times_each() {
    let visits = |count| {
        let visits = Visits::default();
        let value = By(|writer: &mut Writer<'_>| {
            writer.list(2);
            writer.symbols(count / 2, |_| visits.at(b"a symbol"));
            writer.vector_with(count / 2, |index| visits.at(index as i64));
        });
        assert!(packed_request(Packing::ALWAYS, &value, TRANSMIT).len() > count);
        visits.0.into_inner()
    };
    let [once, twice] = [1000, 2000].map(visits);
    assert!(once <= 1000 * 2 * MOST, "{once} visits of 1000 elements");
    assert!(twice <= 2 * once + 2000, "{twice} visits of 2000 elements, {once} of 1000");
}

/// Once to measure, once to look for nulls, once to write, and once more where a window ends in the element.
const MOST: usize = 4;

#[test]
fn elements_by_index_are_asked_for_a_few_times_each() {
    assert_linear(|writer, count, visits| writer.vector_with(count, |index| visits.at(index as i64)));
    assert_linear(|writer, count, visits| writer.vector_with(count, |index| visits.at(index as f64)));
    assert_linear(|writer, count, visits| writer.vector_with(count, |index| visits.at(index as u8)));
}

#[test]
fn symbols_are_asked_for_a_few_times_each() {
    assert_linear(|writer, count, visits| writer.symbols(count, |_| visits.at(b"a symbol")));
    assert_linear(|writer, count, visits| writer.symbols(count, |_| visits.at(b"")));
}

#[test]
fn strings_are_asked_for_a_few_times_each() {
    assert_linear(|writer, count, visits| writer.strings(count, |_| visits.at(b"a string")));
    assert_linear(|writer, count, visits| writer.strings(count, |_| visits.at(b"")));
}

#[test]
fn values_of_a_sequence_are_asked_for_a_few_times_each() {
    assert_linear(|writer, count, visits| {
        writer.list_with(count, |writer, index| writer.scalar(visits.at(index as i64)));
    });
    assert_linear(|writer, count, visits| {
        writer.list_with(count, |writer, index| {
            writer.list(2);
            writer.symbol(visits.at(b"a symbol"), true);
            writer.scalar(index as i64);
        });
    });
}

#[test]
fn columns_of_a_table_are_asked_for_a_few_times_each() {
    assert_linear(|writer, count, visits| {
        writer.list(3);
        writer.function(rayforce_ipc::wire::Arity::Variadic, b"insert");
        writer.symbol(b"trades", true);
        writer.table(2, |_| b"name");
        writer.symbols(count / 2, |_| visits.at(b"a symbol"));
        writer.vector_with(count / 2, |index| visits.at(index as i64));
    });
}

#[test]
fn a_vector_in_a_sequence_is_asked_for_a_few_times_each() {
    assert_linear(|writer, count, visits| {
        writer.list_with(3, |writer, _| writer.vector_with(count / 3, |index| visits.at(index as i64)));
    });
}

#[test]
fn a_sequence_in_a_sequence_is_asked_for_a_few_times_each() {
    assert_linear(|writer, count, visits| {
        writer.list_with(3, |writer, _| {
            writer.list_with(count / 3, |writer, index| writer.scalar(visits.at(index as i64)));
        });
    });
}
