//! How a session learns which dialect of wire 1 its server speaks.

use crate::client::session::{Progress, Session};
use crate::codec::encode::Encode;
use crate::codec::place::Recipient;
use crate::codec::writer::Writer;
use crate::codec::{Token, Value};
use crate::error::Error;
use crate::wire::{Arity, Dialect, Generation};

impl Session<'_> {
    /// The dialect that the server speaks, once it is known: on wire 1 not before [`learn`](Session::learn).
    pub const fn dialect(&self) -> Option<Dialect> {
        self.server.dialect()
    }

    /// A request by which the dialects of wire 1 are told apart; its answer is for [`learn`](Session::learn). To be
    /// sent where [`begin`](Session::begin) says [`DialectUnknown`](crate::error::RequestError::DialectUnknown). It has
    /// no effect on the server.
    pub const fn probe() -> impl Encode {
        Probe
    }

    /// Takes the answer to the [`probe`](Session::probe) and the first token of its value, if it has one; what is left
    /// of it is to be [drained](Session::drain) then. Anything that neither dialect answers leaves the dialect unknown.
    pub fn learn(&mut self, answer: &Progress, first: Option<Token<'_>>) {
        let sums = *answer == Progress::Answer && matches!(first, Some(Token::Atom(Value::I64(3))));
        let fails = matches!(answer, Progress::Failed(error) if !error.has_message());
        self.set_dialect(sums, fails);
    }

    /// The same of an answer that is this value, or the error of which the session has failed.
    pub(crate) fn learn_from(&mut self, has_failed: bool, first: Value<'_>) {
        let fails =
            has_failed && matches!(self.incoming.failure, Error::Server(error) if !error.has_message());
        self.set_dialect(matches!(first, Value::I64(3)), fails);
    }

    fn set_dialect(&mut self, sums: bool, fails: bool) {
        self.server = match self.generation() {
            Generation::V1 if sums => Recipient::Known(Dialect::V1a),
            Generation::V1 if fails => Recipient::Known(Dialect::V1b),
            generation => generation.into(),
        };
    }
}

/// The call `+ 1 (+ 1 1)`: dialect 1a answers 3, dialect 1b has no sum of a number and a list (seen on 0.0.17, 0.1.5,
/// 0.6.3 and 1.0.0).
struct Probe;

impl Encode for Probe {
    fn encode(&self, writer: &mut Writer<'_>) {
        let plus = |writer: &mut Writer<'_>| {
            writer.list(3);
            writer.function(Arity::Binary, b"+");
            writer.scalar(1i64);
        };
        plus(writer);
        plus(writer);
        writer.scalar(1i64);
    }
}
