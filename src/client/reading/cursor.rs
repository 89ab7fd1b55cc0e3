//! The columns of an answer, one after the other, as they arrive.
//!
//! ```text
//!  open ─▶ next ─┬─▶ elements …  ─┬─▶ next … ─▶ no more
//!                ├─▶ text …      ─┤
//!                └─▶ token …     ─┘   what was not read of a column is passed over
//! ```
//!
//! A column is at its end when the decoder owes no more values than there are columns behind it: nothing in here knows
//! how deep it is. Each step takes what is there and says [`Attempt::NeedInput`] where that is nothing; all progress is
//! in the [`Cursor`] and in the session before and after it.

use core::convert::Infallible;

use crate::client::incoming::{Attempt, Incoming};
use crate::client::session::Session;
use crate::client::session::failure::Failed;
use crate::codec::Text;
use crate::codec::token::{Detached, Token};
use crate::error::{Error, Mismatch, RequestError, Shape, Storage};
use crate::wire::Tag;
use crate::wire::region::Region;

/// How far the columns of one answer were read.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct Cursor {
    stage: Stage,
    /// Where in the payload. Tokens that were taken past the cursor show by it.
    at: u64,
    /// Columns of the answer.
    count: u64,
    /// Columns behind the one that is read.
    left: u64,
    pub(crate) column: Head,
    /// A piece of a text was given, and more of it is to come.
    pub(crate) is_in_text: bool,
    /// Bytes of all names of a table.
    names_len: u64,
    /// Bytes of receive buffer that it takes to keep them.
    names_needed: u64,
    /// Where the name of this column is, and the next one, among those that are kept.
    name: Region,
    next_name: usize,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
enum Stage {
    /// Nothing was taken.
    Start,
    /// The heads in front of the columns, and the names among them.
    Heads,
    Columns,
}

/// What a column is.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct Head {
    pub(crate) tag: Tag,
    pub(crate) count: u64,
    attr: u8,
    /// It was taken, and not given as a token.
    due: bool,
}

impl Cursor {
    /// At the start of an answer. About a hundred bytes.
    pub(crate) const fn new() -> Cursor {
        Cursor {
            stage: Stage::Start,
            at: 0,
            count: 0,
            left: 0,
            column: Head { tag: Tag::Null, count: 0, attr: 0, due: false },
            is_in_text: false,
            names_len: 0,
            names_needed: 0,
            name: Region::at(0),
            next_name: 0,
        }
    }

    /// Takes all in front of the first column. Once it is done, it is done at once.
    pub(crate) fn open(&mut self, session: &mut Session<'_>) -> Result<Attempt<()>, Failed> {
        self.tracked(session, Self::heads)
    }

    /// Passes over what is left of a column and begins the next one; false where there is none.
    pub(crate) fn next(&mut self, session: &mut Session<'_>) -> Result<Attempt<bool>, Failed> {
        self.tracked(session, Self::begin)
    }

    /// The next token of the column; none at its end.
    pub(crate) fn token(&mut self, session: &mut Session<'_>) -> Result<Attempt<Option<Detached>>, Failed> {
        self.tracked(session, Self::next_token)
    }

    /// Columns of the answer.
    pub(crate) const fn count(&self) -> u64 {
        self.count
    }

    /// Columns before this one.
    pub(crate) const fn index(&self) -> u64 {
        (self.count - self.left).saturating_sub(1)
    }

    /// The name of the column, empty where it has none.
    pub(crate) fn name<'s>(&self, session: &'s Session<'_>) -> Result<Text<'s>, Error<Infallible>> {
        let (needed, available) = (self.names_needed, session.incoming.capacity() as u64);
        if needed > available {
            return Err(Error::Capacity { what: Storage::Receive, needed, available });
        }
        Ok(Text(session.incoming.taken(self.name)))
    }

    /// Runs a step, unless somebody else has read in the answer.
    #[inline]
    pub(crate) fn tracked<X>(
        &mut self,
        session: &mut Session<'_>,
        step: impl FnOnce(&mut Self, &mut Session<'_>) -> Result<Attempt<X>, Failed>,
    ) -> Result<Attempt<X>, Failed> {
        if !session.is_in_value() || self.at != session.incoming.decoder().offset() {
            return Err(session.failed(Error::Request(RequestError::AlreadyRead)));
        }
        let result = step(self, session);
        self.at = session.incoming.decoder().offset();
        result
    }

    fn heads(&mut self, session: &mut Session<'_>) -> Result<Attempt<()>, Failed> {
        if self.stage == Stage::Start {
            match peek(session)? {
                Attempt::NeedInput => return Ok(Attempt::NeedInput),
                Attempt::Done(Tag::Table | Tag::Dict | Tag::List | Tag::Null) => self.stage = Stage::Heads,
                // By itself it is a column.
                Attempt::Done(_) => self.set_columns(1),
            }
        }
        while self.stage == Stage::Heads {
            let token = match session.token()? {
                Attempt::Done(Some(token)) => token,
                Attempt::Done(None) => break,
                Attempt::NeedInput => return Ok(Attempt::NeedInput),
            };
            match token.token() {
                Token::Null => self.set_columns(0),
                Token::Dict => self.set_columns(2),
                // The value, or what holds a table's columns.
                Token::List { count } => self.set_columns(count),
                Token::Names(_) => self.keep(session, token, false),
                Token::Text { last, .. } => self.keep(session, token, last),
                _ => {}
            }
        }
        Ok(Attempt::Done(()))
    }

    const fn set_columns(&mut self, count: u64) {
        (self.stage, self.count, self.left) = (Stage::Columns, count, count);
    }

    /// Keeps names, all of them or none.
    fn keep(&mut self, session: &mut Session<'_>, names: Detached, ends: bool) {
        self.names_len += names.bytes.len() as u64 + u64::from(ends);
        self.names_needed = if self.names_needed > session.incoming.capacity() as u64 {
            self.names_needed.max(self.names_len + Incoming::NAMES_EXTRA as u64)
        } else {
            session.incoming.keep_names(names, ends, self.names_len)
        };
    }

    fn begin(&mut self, session: &mut Session<'_>) -> Result<Attempt<bool>, Failed> {
        while !self.is_at_end(session) {
            if let Attempt::NeedInput = session.token()? {
                return Ok(Attempt::NeedInput);
            }
        }
        self.is_in_text = false;
        let Some(left) = self.left.checked_sub(1) else {
            // Whether the payload ends, too.
            return Ok(match session.token()? {
                Attempt::NeedInput => Attempt::NeedInput,
                Attempt::Done(_) => Attempt::Done(false),
            });
        };
        let Attempt::Done(tag) = peek(session)? else { return Ok(Attempt::NeedInput) };
        let mut head = Head { tag, count: 1, attr: 0, due: false };
        if let Tag::Vector(_) | Tag::List = tag {
            let Attempt::Done(token) = session.token()? else { return Ok(Attempt::NeedInput) };
            if let Some(Token::Vector { count, attr, .. }) = token.map(|token| token.token()) {
                (head.count, head.attr) = (count, attr);
            } else if let Some(Token::List { count }) = token.map(|token| token.token()) {
                head.count = count;
            }
            head.due = true;
        }
        (self.column, self.left) = (head, left);
        let names = session.incoming.names().get(self.next_name..).unwrap_or_default();
        let len = names.iter().position(|byte| *byte == 0);
        self.name = Region { start: self.next_name, end: self.next_name + len.unwrap_or(0) };
        self.next_name = self.name.end + usize::from(len.is_some());
        Ok(Attempt::Done(true))
    }

    fn next_token(&mut self, session: &mut Session<'_>) -> Result<Attempt<Option<Detached>>, Failed> {
        let Head { tag, count, attr, due } = self.column;
        if due {
            self.column.due = false;
            let head = match tag {
                Tag::Vector(ty) => Token::Vector { ty, count, attr },
                _ => Token::List { count },
            };
            return Ok(Attempt::Done(Some(Detached::new(head, &[], 0))));
        }
        if self.is_at_end(session) {
            return Ok(Attempt::Done(None));
        }
        let token = session.token()?;
        if let Attempt::Done(Some(token)) = token {
            self.is_in_text = matches!(token.token(), Token::Text { last: false, .. });
        }
        Ok(token)
    }

    /// Whether nothing of the column is left.
    #[inline]
    pub(crate) const fn is_at_end(&self, session: &Session<'_>) -> bool {
        let decoder = session.incoming.decoder();
        decoder.is_between() && decoder.owed() <= self.left
    }

    /// Elements or a text of the column were taken: its head is of no use any more.
    #[inline]
    pub(crate) const fn begun(&mut self) {
        self.column.due = false;
    }

    /// What is there instead of what was asked for.
    #[cold]
    pub(crate) fn mismatch(expected: Tag, found: Tag) -> Error<Infallible> {
        Error::Mismatch(Mismatch { expected: Shape::Value(expected), found: Shape::Value(found) })
    }
}

/// The tag of the value that begins next; nothing is taken.
#[inline]
pub(crate) fn peek(session: &mut Session<'_>) -> Result<Attempt<Tag>, Failed> {
    let byte = match session.incoming.tag()? {
        Attempt::NeedInput => return Ok(Attempt::NeedInput),
        Attempt::Done(byte) => byte,
    };
    match byte.and_then(|byte| session.generation().tag(byte)) {
        Some(tag) => Ok(Attempt::Done(tag)),
        // The decoder says what is wrong with it.
        None => session.token().map(|_| Attempt::NeedInput),
    }
}
