//! Replies read by columns, and into memory of their own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

mod columns {
    #[cfg(feature = "async")]
    mod asynch;
    mod frames;
    mod hostile;
    mod mixed;
    mod names;
    mod oracle;
    #[cfg(feature = "alloc")]
    mod owned;
    mod reader;
    mod skipped;
    mod texts;
}
