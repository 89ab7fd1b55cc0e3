//! Queries as data: the bytes that they become, in each dialect.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

mod query {
    mod data;
    mod dialects;
    mod exchanges;
    mod random;
    mod refusals;
    mod texts;
}
