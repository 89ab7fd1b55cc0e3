//! How a payload is read piece by piece, as it arrives. Each step takes what is there, and keeps all progress.

pub(crate) mod cells;
pub(crate) mod cursor;
#[cfg(feature = "alloc")]
pub(crate) mod owned;
pub(crate) mod printed;
