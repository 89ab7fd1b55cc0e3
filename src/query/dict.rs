//! The dict of a select or an update: columns, and behind them clauses.

use crate::codec::Writer;
use crate::query::columns::{ColumnVisitor, Columns};
use crate::query::expr::ColumnRef;
use crate::query::operand::Term;
use crate::wire::Generation;

/// What a dict holds.
pub(crate) trait Entries: Sync {
    /// Tells all to the dict, in order: columns, then clauses.
    fn visit(&self, dict: &mut Dict<'_, '_>);
}

/// A dict that is being written, in several passes over its entries.
pub(crate) struct Dict<'d, 'w> {
    pub(crate) writer: &'d mut Writer<'w>,
    entries: &'d dyn Entries,
    pass: Pass,
    /// How many entries it has.
    count: usize,
    /// How many columns a result has: those of the dict, and those by which it groups.
    column_count: usize,
    /// Whether a column has a name that the dict of a select or update cannot have.
    pub(crate) is_reserved: bool,
    /// Whether columns go by other names.
    is_aliased: bool,
    /// Whether columns are new values: there text is a symbol.
    pub(crate) assigns: bool,
}

/// What is done with each entry.
#[derive(Clone, Copy)]
enum Pass {
    /// It is counted, and the name of a column looked at.
    Count,
    /// Its name is written.
    Names,
    /// Its value is written.
    Values,
    /// Its name is written where it is a column within the clause `by`.
    GroupNames,
    /// Its name is written where it is a column.
    ColumnNames,
    /// It is counted where it is a column within the clause `by`.
    GroupCount,
}

/// A dict; what is to stand in front of it is written by `begin`, which knows already what the dict holds.
pub(crate) fn write_dict(writer: &mut Writer<'_>, entries: &dyn Entries, begin: fn(&mut Dict<'_, '_>)) {
    let mut dict = Dict {
        writer,
        entries,
        pass: Pass::Count,
        count: 0,
        column_count: 0,
        is_reserved: false,
        is_aliased: false,
        assigns: false,
    };
    dict.run(Pass::Count);
    begin(&mut dict);
    dict.writer.dict();
    dict.writer.name_vector(dict.count);
    dict.run(Pass::Names);
    dict.writer.list(dict.count);
    let depth = dict.writer.depth();
    if dict.writer.enter(2) {
        dict.run(Pass::Values);
        dict.writer.leave(depth);
    }
}

impl Dict<'_, '_> {
    /// Gives the columns other names, and writes those that they have in the result, as a vector.
    pub(crate) fn alias(&mut self) {
        self.is_aliased = true;
        self.writer.name_vector(self.column_count);
        self.run(Pass::GroupNames);
        self.run(Pass::ColumnNames);
    }

    /// The columns by which a select groups: a dict of their own.
    pub(crate) fn by(&mut self, groups: &dyn Entries) {
        let pass = self.pass;
        self.pass = match pass {
            Pass::Count => Pass::GroupCount,
            Pass::GroupNames => Pass::ColumnNames,
            // Columns outside of the clause, of which nothing is written.
            _ => Pass::GroupNames,
        };
        groups.visit(self);
        self.pass = pass;
        self.clause("by", &Groups(groups));
    }

    pub(crate) fn from(&mut self, rows: &dyn Term) {
        self.clause("from", rows);
    }

    pub(crate) fn filter(&mut self, condition: Option<&dyn Term>) {
        if let Some(condition) = condition {
            self.clause("where", condition);
        }
    }

    pub(crate) fn clause(&mut self, name: &str, value: &dyn Term) {
        match self.pass {
            Pass::Count => self.count += 1,
            Pass::Names => self.writer.name(name),
            Pass::Values => value.write(self.writer),
            Pass::ColumnNames | Pass::GroupNames | Pass::GroupCount => {}
        }
    }

    fn run(&mut self, pass: Pass) {
        self.pass = pass;
        self.entries.visit(self);
    }
}

impl ColumnVisitor for Dict<'_, '_> {
    fn column(&mut self, name: &str, value: Option<&dyn Term>) {
        match self.pass {
            Pass::Count => {
                self.count += 1;
                self.column_count += 1;
                self.is_reserved |= is_reserved(self.writer.generation(), name);
            }
            Pass::Names => {
                if self.is_aliased {
                    self.writer.raw(b"~");
                }
                self.writer.name(name);
            }
            Pass::Values => {
                self.writer.set_assigns(self.assigns);
                value.unwrap_or(&ColumnRef(name)).write(self.writer);
            }
            Pass::ColumnNames => self.writer.name(name),
            Pass::GroupNames => {}
            Pass::GroupCount => self.column_count += 1,
        }
    }
}

/// Columns alone.
impl<C: Columns> Entries for C {
    fn visit(&self, dict: &mut Dict<'_, '_>) {
        self.each(dict);
    }
}

struct Groups<'a>(&'a dyn Entries);

impl Term for Groups<'_> {
    fn write(&self, writer: &mut Writer<'_>) {
        write_dict(writer, self.0, |_| {});
    }
}

/// Names that mean something else, or nothing, as keys of the dict of a select or update. Wire 1 drops some without a
/// word (`sym`, `do`, `set`: 0.1.5 and 1.0.0), wire 3 takes `asc`, `desc` and `nearest` for clauses.
pub(crate) fn is_reserved(generation: Generation, name: &str) -> bool {
    let names: &[&str] = match generation {
        Generation::V1 => &["from", "by", "where", "take", "sym", "do", "set", "fn", "self", "let"],
        Generation::V3 => &["from", "by", "where", "take", "asc", "desc", "nearest"],
    };
    names.contains(&name)
}
