//! Queries as data: built from values, never from text.
//!
//! ```text
//!  table("trades") ─▶ select · filter · by · order_by · take · joins ─▶ Query ─┐
//!                  ─▶ update · insert · upsert · save ───────────────▶ Change ─┼─▶ Encode ─▶ execute(&…)
//!  col("price") ───▶ operators, functions ───────────────────────────▶ Expr ───┘
//! ```
//!
//! A query is a value of its own type, without heap; executing it writes it. Values travel as values: no text is put
//! together and none is parsed, so nothing can be injected. Where the generations write the same query differently, each
//! server gets its own form; what one does not have is refused before a byte is sent
//! ([`RequestError::Lacks`](crate::error::RequestError::Lacks)). What is built only at run time goes by
//! [`call`] and slices of `&dyn` values.
//!
//! `docs/queries.md` has all of it beside the Python client's words.

mod call;
mod cell;
mod change;
mod columns;
mod data;
mod dict;
mod each;
mod expr;
#[cfg(feature = "defmt")]
mod format;
pub mod functions;
mod insert;
mod join;
mod operand;
mod operator;
#[allow(clippy::module_inception)]
mod query;
mod select;
mod update;

pub use call::{Arguments, Call, NamedCall, Nodes};
pub use cell::Cell;
pub use change::{Change, Saved};
pub use columns::{All, Columns, Keys, Named, NamedColumn, Names, OneColumn, set};
pub use data::{Column as DataColumn, Data, Part, Row, Rows, column};
pub use each::{Each, Getter, each};
pub use expr::{Between, ColumnRef, Expr, Filtered, FilteredSum, Is, call, col, lit};
pub use insert::{Insert, NamedData, Upsert, named};
pub use join::{TimeKeys, WindowJoin};
pub use operand::{Exact, Node, Operand, Term, exact, sym, text};
pub use operator::Operator;
pub use query::{DistinctOf, From, Name, Query, Taken, from, table};
pub use select::{Always, Condition, Select, Selectable, Where};
pub use update::{Update, Updated};
