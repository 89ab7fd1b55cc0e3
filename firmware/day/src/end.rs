//! How a day ends.

use core::fmt;

use rayforce_ipc::Error;
use rayforce_ipc::error::Mismatch;

use crate::ledger::{Disagreement, Held, Ledger};

/// What came of a day that ended well.
#[derive(Clone, Copy, Debug)]
pub struct Summary<'m> {
    pub(crate) ledger: &'m Ledger,
    pub(crate) held: Held,
    pub(crate) losses: u32,
    /// Readings that were found in tables that are gone.
    pub(crate) earlier: i64,
}

/// Tells how a day ended. Whether it ended well.
pub fn tell<E: fmt::Display>(ended: Result<Summary<'_>, Failure<E>>, say: fn(fmt::Arguments<'_>)) -> bool {
    match &ended {
        Ok(summary) => {
            say(format_args!("{summary}"));
            let doubtful = summary.ledger.doubtful();
            if !doubtful.is_empty() {
                say(format_args!("in doubt, and not sent again: {doubtful:?}"));
            }
        }
        Err(failure) => say(format_args!("failed: {failure}")),
    }
    ended.is_ok()
}

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Summary { ledger, held, losses, earlier } = self;
        let plural = if *losses == 1 { "" } else { "s" };
        write!(f, "{} readings acknowledged, ", ledger.acknowledged())?;
        if *earlier > 0 {
            write!(f, "{earlier} seen in earlier tables, ")?;
        }
        write!(f, "{} in the table, each once; server lost {losses} time{plural}", held.readings)?;
        match (ledger.doubtful().len(), held.doubtful) {
            (0, _) => Ok(()),
            (count, 0) => write!(f, ", {count} batches in doubt"),
            (count, there) => write!(f, ", {count} batches in doubt of which the table has {there}"),
        }
    }
}

/// Why a day ended badly.
#[derive(Clone, Copy, Debug)]
pub enum Failure<E> {
    /// The client gave up.
    Client(Error<E>),
    /// The server's table is not as it has to be.
    Table(Disagreement),
    /// Something else is not.
    Wrong(&'static str),
}

impl<E> From<Error<E>> for Failure<E> {
    fn from(error: Error<E>) -> Self {
        Failure::Client(error)
    }
}

impl<E> From<Mismatch> for Failure<E> {
    fn from(mismatch: Mismatch) -> Self {
        Failure::Client(mismatch.into())
    }
}

impl<E> From<Disagreement> for Failure<E> {
    fn from(disagreement: Disagreement) -> Self {
        Failure::Table(disagreement)
    }
}

impl<E: fmt::Display> fmt::Display for Failure<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Client(error) => error.fmt(f),
            Failure::Table(disagreement) => disagreement.fmt(f),
            Failure::Wrong(what) => f.write_str(what),
        }
    }
}

/// Whether something is as it has to be.
pub(crate) const fn check<E>(is_so: bool, otherwise: &'static str) -> Result<(), Failure<E>> {
    if is_so { Ok(()) } else { Err(Failure::Wrong(otherwise)) }
}
