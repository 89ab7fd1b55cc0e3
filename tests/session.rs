//! One connection against the conversations of real servers: see `tests/vectors/README.md`. All of it through the
//! smallest and through large buffers, cut at every byte.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

mod session {
    mod bare;
    #[cfg(feature = "async")]
    mod dropped;
    mod fronts;
    mod not_ours;
    mod packed;
    mod packed_pushes;
    mod packing;
    mod shown;
    mod topics;
    mod unpacking;
}
