//! What a writer knows of the place where the next value stands: for whom it is, how deep, and whether it is a literal.

use crate::codec::encode::Encode;
use crate::codec::writer::Writer;
use crate::error::RequestError;
use crate::wire::{Arity, Dialect, Generation, Tag, Type};

/// For whom a value is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Recipient {
    /// A server of wire 1, whose dialect is not known.
    V1,
    /// A server of this dialect.
    Known(Dialect),
}

impl Recipient {
    pub(crate) const fn generation(self) -> Generation {
        match self {
            Recipient::V1 => Generation::V1,
            Recipient::Known(dialect) => dialect.generation(),
        }
    }

    pub(crate) const fn dialect(self) -> Option<Dialect> {
        match self {
            Recipient::V1 => None,
            Recipient::Known(dialect) => Some(dialect),
        }
    }
}

impl From<Generation> for Recipient {
    fn from(generation: Generation) -> Recipient {
        match generation {
            Generation::V1 => Recipient::V1,
            Generation::V3 => Recipient::Known(Dialect::V3),
        }
    }
}

impl Writer<'_> {
    /// The dialect that is written. Where it is not known the value cannot be sent before it is, and whatever is
    /// written is not used.
    pub fn dialect(&mut self) -> Option<Dialect> {
        let dialect = self.recipient.dialect();
        if dialect.is_none() {
            self.fail(RequestError::DialectUnknown);
        }
        dialect
    }

    /// A value that no server evaluates: symbols are no names, lists no calls. (Wire 1 has no literals of these kinds;
    /// they travel inside a call of `quote`.)
    pub fn literal(&mut self, value: &dyn Encode) {
        self.literal = true;
        self.within(0, value);
        self.literal = false;
    }

    /// A symbol that no server looks up.
    #[inline(never)]
    pub(crate) fn symbol_literal(&mut self, name: &[u8]) {
        self.literal = true;
        self.symbol(name, true);
        self.literal = false;
    }

    /// Whether nothing was written yet.
    pub(crate) const fn is_at_start(&self) -> bool {
        !self.begun
    }

    /// A call; head and arguments follow. Nobody says where one ends, so those of one expression count together, but
    /// for what is known at run time only ([`within`](Writer::within)): never less than are one inside another.
    pub(crate) fn call(&mut self, arguments: usize) {
        self.depth += 1;
        self.list(arguments + 1);
    }

    /// Writes a value whose shape is known at run time only, inside of what was begun with so many levels that are not
    /// counted yet. What follows stands beside it.
    pub(crate) fn within(&mut self, levels: usize, value: &dyn Encode) {
        let depth = self.depth;
        if self.enter(levels) {
            value.encode(self);
        }
        self.depth = depth;
    }

    /// Counts what the next values are inside of; what is refused is not worth the stack.
    // Inlined always: one comparison, and what fails is outside.
    #[inline(always)]
    pub(crate) fn enter(&mut self, levels: usize) -> bool {
        self.depth += levels;
        self.depth <= DEEPEST || self.too_deep()
    }

    #[cold]
    #[inline(never)]
    fn too_deep(&mut self) -> bool {
        self.fail(RequestError::TooDeep { limit: DEEPEST });
        false
    }

    pub(crate) const fn depth(&self) -> usize {
        self.depth
    }

    /// What follows stands beside what was written since the depth was this.
    pub(crate) const fn leave(&mut self, depth: usize) {
        self.depth = depth;
    }

    /// Whether the next value is what a column gets.
    pub(crate) const fn set_assigns(&mut self, assigns: bool) {
        self.assigns = assigns;
    }

    pub(crate) const fn assigns(&self) -> bool {
        self.assigns
    }

    /// Makes the next value a literal, as [`literal`](Writer::literal) does, or not.
    pub(crate) const fn set_literal(&mut self, literal: bool) {
        self.literal = literal;
    }

    /// Opens a call of `quote` in front of a literal that would be evaluated without it.
    #[inline(never)]
    pub(super) fn quote(&mut self, tag: Tag) {
        self.literal = false;
        match (tag, self.generation) {
            (Tag::List | Tag::Function(_), _) | (Tag::Atom(Type::Symbol), Generation::V1) => {
                self.list(2);
                match self.generation {
                    Generation::V1 => self.function(Arity::Unary, b"quote"),
                    Generation::V3 => self.symbol(b"quote", false),
                }
            }
            _ => {}
        }
    }
}

/// Servers of wire 3 read 512 values one inside another, and more as null without a word (2.0.0 and 2.4.0): so many
/// leave some for the forms around them, and for what the innermost holds.
const DEEPEST: usize = 500;
