//! Queries as data: the bytes that they become, in each dialect.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "query/exchanges.rs"]
mod exchanges;
#[path = "support/mod.rs"]
mod support;
