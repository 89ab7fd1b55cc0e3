//! The pool as the Python client has it: `IPCEngine`, `acquire`, `execute`, `close`, `pool_size`,
//! `dispose_connections`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

mod pool {
    mod clock;
    mod connections;
    mod display;
    mod disposal;

    #[cfg(feature = "std-tcp")]
    mod threads;
}
