//! Peers that fall silent, deaf or endless, at every place: no call outlasts the limit of the phase that waits by more
//! than one tick, on any transport that has deadlines. Time is virtual, but for the sockets.
//!
//! ```text
//!  world     a time that passes only where somebody waits, and peers in it
//!  calls     what is done with a connection
//!  opening   cases: hands are shaken
//!  sending   cases: a request is not taken, or something stands before it
//!  waiting   cases: an answer does not come, or not to its end
//!  unasked   cases: pushes and questions
//!  blocking  all of them over `Polled`
//!  asynch    all of them over `Timed`
//!  sockets   some of them over TCP
//! ```

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

mod deadlines {
    mod blocking;
    mod calls;
    mod opening;
    mod sending;
    mod unasked;
    mod waiting;
    mod world;

    #[cfg(feature = "async")]
    mod asynch;
    #[cfg(feature = "std-tcp")]
    mod sockets;
}
