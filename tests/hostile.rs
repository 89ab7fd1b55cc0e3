//! What a hostile server, or a broken one, may say, and what becomes of it: one list to read.
//!
//! Each case is a name, the bytes that the server says, and what the client must make of them: the exact error, and
//! whether the connection is closed by it. It is closed where nothing behind the fault can be trusted: then every later
//! call says why. A fault in a payload is confined to its frame, since the header said where the frame ends; then the
//! next request must be answered.
//!
//! Each case is played to the blocking connection, to the async one and to the smallest client, `client::frames`,
//! through buffers of several sizes, and in portions from one byte on. No byte that was not received costs anything: reads
//! and tokens are counted against the bytes that were said, and nothing is allocated.
//!
//! ```text
//!  cases    how the list is written
//!  opening  before a request
//!  headers  frames that are none
//!  payloads values that are none
//!  packing  packed payloads
//!  dialogue frames at the wrong time
//!  peer     the server
//!  play     the clients
//! ```

#![allow(unsafe_code)] // For the allocator that counts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

mod hostile {
    mod cases;
    mod counting;
    mod dialogue;
    mod headers;
    mod opening;
    mod packing;
    mod payloads;
    mod peer;
    mod play;
}
