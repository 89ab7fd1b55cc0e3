//! The pool as the Python client has it: `IPCEngine`, `acquire`, `execute`, `close`, `pool_size`,
//! `dispose_connections`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

mod pool {
    mod clock;
    mod connections;
    mod display;
    mod disposal;
    mod guard;
    mod health;
    mod release;

    #[cfg(feature = "std-tcp")]
    mod sockets;
    #[cfg(feature = "std-tcp")]
    mod threads;
    #[cfg(feature = "std")]
    mod waiting;

    #[cfg(feature = "async")]
    mod asynch;
    #[cfg(feature = "async")]
    mod dropped;
    #[cfg(feature = "async")]
    mod tasks;
}
