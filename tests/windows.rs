//! A request through a transmit buffer of any size: the bytes are those of one shot, and the work grows as the rows do.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

mod windows {
    mod bytes;
    mod visits;
}
