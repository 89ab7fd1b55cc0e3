//! What an evaluation printed: a text in front of its value, the two in a list.

use crate::client::incoming::Attempt;
use crate::client::session::Session;
use crate::client::session::failure::Failed;
use crate::codec::token::Token;
use crate::error::{Error, Mismatch, Shape};
use crate::wire::{Tag, Type};

/// How far it was read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) enum Printed {
    /// Nothing was.
    Unread,
    /// The head of the list.
    Opened,
    /// The head of the text, and maybe some of it.
    Text,
    /// All of it; the value is next.
    Read,
}

impl Printed {
    /// Copies what is there of the text; none at its end.
    pub(crate) fn read(
        &mut self,
        session: &mut Session<'_>,
        chunk: &mut [u8],
    ) -> Result<Attempt<usize>, Failed> {
        while *self != Printed::Read {
            let limit = if let Printed::Text = self { chunk.len() } else { usize::MAX };
            if limit == 0 {
                return Ok(Attempt::Done(0));
            }
            let token = match session.incoming.token_within(limit, |_| {})? {
                Attempt::NeedInput => return Ok(Attempt::NeedInput),
                Attempt::Done(token) => token,
            };
            let token = token.map(|token| session.attach(token));
            *self = match (*self, token) {
                (Printed::Unread, Some(Token::List { count: 2 })) => Printed::Opened,
                (Printed::Opened, Some(Token::String { .. })) => Printed::Text,
                (Printed::Text, Some(Token::Text { bytes, last })) => {
                    let copied = chunk.iter_mut().zip(bytes).map(|(target, byte)| *target = *byte).count();
                    *self = if last { Printed::Read } else { Printed::Text };
                    if copied > 0 {
                        return Ok(Attempt::Done(copied));
                    }
                    continue;
                }
                _ => {
                    let (expected, found) = (Shape::Value(Tag::Atom(Type::String)), Shape::Value(Tag::List));
                    return Err(session.failed(Error::Mismatch(Mismatch { expected, found })));
                }
            };
        }
        Ok(Attempt::Done(0))
    }

    /// Passes over what is left of the text.
    pub(crate) fn finish(&mut self, session: &mut Session<'_>) -> Result<Attempt<()>, Failed> {
        let mut chunk = [0; 64];
        while *self != Printed::Read {
            if let Attempt::NeedInput = self.read(session, &mut chunk)? {
                return Ok(Attempt::NeedInput);
            }
        }
        Ok(Attempt::Done(()))
    }
}
