//! Frames ⇄ values.
//!
//! ```text
//!  payload ─▶ Decoder ─▶ Token                      piece by piece, any window of 16 bytes or more
//!  payload ─▶ Value ─▶ Vector, List, Table, Dict …  all of it at once, nothing copied
//!  value   ─▶ Encode ─▶ Writer ─▶ payload           piece by piece, any window of 1 byte or more
//! ```
//!
//! Nothing in here allocates, recurses over input or trusts a count: every count is held against the bytes that
//! the payload still has.

pub mod cell;
mod compose;
pub mod decoder;
mod display;
mod elements;
pub mod encode;
#[cfg(feature = "defmt")]
mod format;
pub mod function;
mod leaf;
pub mod literal;
pub(crate) mod place;
mod scan;
pub mod table;
pub mod text;
pub mod token;
pub mod value;
pub mod vector;
pub(crate) mod walk;
pub(crate) mod window;
pub mod writer;

pub use cell::{Cell, Row, Rows};
pub use decoder::Decoder;
pub use encode::{Encode, Request};
pub use function::{ErrorValue, Function, Lambda};
pub use table::{Dict, List, Table};
pub use text::{Symbol, Text};
pub use token::Token;
pub use value::Value;
pub use vector::Vector;
pub use writer::Writer;
