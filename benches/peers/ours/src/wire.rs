//! The coder of packed payloads, which is not public, from the crate's own files.
#![allow(dead_code)]

#[path = "../../../../src/wire/deflate.rs"]
pub mod deflate;
#[path = "../../../../src/wire/inflate.rs"]
pub mod inflate;
#[path = "../../../../src/wire/region.rs"]
pub mod region;
