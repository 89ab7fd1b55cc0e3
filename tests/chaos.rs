//! Chaos: clients and a server in a simulated world, where streams break, stall and trickle, the server pushes, asks, lies
//! and restarts, and calls are given up; and what holds all the same. Each run draws everything from one seed, which is
//! said on failure.
//!
//! ```text
//!  lots     what is drawn from a seed, and how bad a world is
//!  sim      the world: virtual time, tasks, and what becomes of the rules when they are broken
//!  server   the server: it answers each request by what only that request can have
//!  spoken   the frames that it hears and says
//!  stream   the client's end of a stream, for both fronts, and whoever watches it
//!  dialer   what connects to the server
//!  asked    the requests, and what a value says which one it belongs to
//!  caller   what is done with a connection, whichever front it has
//!  reader   what came, read in one of several ways
//!  verdict  what must hold after each call
//!  runs     each of a seed, and of many lives
//!  singles  lives of one connection, on both fronts
//!  pools    lives of a pool and its guards
//!  tasks    lives of an async pool and its tasks
//! ```
//!
//! `CHAOS_SEED=N` runs that seed, `CHAOS_SEEDS=N` so many from it on, and `CHAOS_LIFE=N` only that life of each;
//! `CHAOS_TRACE=1` prints what happens.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![allow(dead_code)] // Without the async front nobody is woken.

mod support;

mod chaos {
    mod asked;
    mod caller;
    mod dialer;
    mod lots;
    mod pools;
    mod reader;
    mod runs;
    mod server;
    mod sim;
    mod singles;
    mod spoken;
    mod stream;
    mod verdict;

    #[cfg(feature = "async")]
    mod tasks;
}
