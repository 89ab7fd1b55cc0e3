//! Everything that goes wrong on a connection, sorted by what it leaves behind.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

mod errors {
    mod capacity;
    mod credentials;
    mod deadlines;
    mod doubt;
    mod frames;
    mod handshake;
    mod payloads;
    mod pooled;
    mod requests;
    mod server;
    mod streams;
    mod unasked;

    #[cfg(feature = "std-tcp")]
    mod disposed;
    #[cfg(feature = "std-tcp")]
    mod tcp;
}
