//! The codec by its public interface: what is sent, what is read, what is refused, on both generations.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

mod codec {
    mod containers;
    mod display;
    mod functions;
    mod hostile;
    mod literals;
    mod refusals;
    mod scalars;
    mod tables;
    mod text;
    mod tokens;
    mod vectors;
}
