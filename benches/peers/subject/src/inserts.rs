//! The insert that all clients do: a million rows, from slices, in batches.

/// Rows of all batches.
pub const ROWS: usize = 1_000_000;
/// Rows of one batch.
pub const BATCH: usize = 10_000;
/// Batches that may be without an answer where they are pipelined.
pub const WINDOW: usize = 16;

/// The tables on the server: one of a million rows, an empty one like it, and the one that rows go into.
pub const FULL: &str = "big";
pub const EMPTY: &str = "none";
pub const SINK: &str = "sink";

/// Empties the sink.
pub const RESET: &str = "(set sink none)";
/// Is answered once all that was sent before is done.
pub const COUNT: &str = "(count sink)";
