//! Random values through the serializer of real engines and through ours: the same bytes, the same refusals.
//!
//! The engine is that of the Python package, in a process of its own, because damaged bytes may end it. Which values
//! there are depends on a seed, which is printed: `DIFFERENTIAL_SEED` takes another one, `DIFFERENTIAL_CASES` makes it
//! another number of cases a test. What the engines do otherwise than this crate is listed in `known`, with its reason,
//! and told in docs/compatibility.md; whatever else differs fails.
//!
//! ```text
//!  random   numbers from a seed
//!  tree     random values
//!  engine   the engine's process
//!  values   our bytes through the engine, and back
//!  programs what the engine makes of program text, through us, and back
//!  damaged  bytes with a fault
//!  known    where we differ, and why
//! ```

#![cfg(feature = "std-tcp")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

mod differential {
    mod damaged;
    mod engine;
    mod known;
    mod programs;
    mod random;
    mod tree;
    mod values;
}
