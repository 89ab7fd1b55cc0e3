//! The session within a payload: its value as a whole or by tokens, and what an error says.

use crate::client::incoming::{Attempt, Whole};
use crate::client::session::failure::Failed;
use crate::client::session::{Session, Stage};
use crate::client::topics::envelope::Recognised;
use crate::codec::Text;
use crate::codec::function::trimmed;
use crate::codec::token::{Detached, Token};
use crate::codec::value::Value;
use crate::error::{Error, PeerError, RequestError, Storage};
use crate::events;

impl Session<'_> {
    /// The most plain bytes that a packed answer, push or question may announce, from now on: 256 MiB as long as nothing
    /// else is said. One that announces more is [`Fault::Unpacked`](crate::error::Fault::Unpacked).
    pub fn set_unpack_limit(&mut self, limit: u64) {
        self.incoming.set_unpack_limit(limit);
    }

    /// The next piece of the value, to be [attached](Session::attach); none when it is complete.
    pub(crate) fn token(&mut self) -> Result<Attempt<Option<Detached>>, Failed> {
        self.token_within(usize::MAX)
    }

    /// The same, of no more bytes than `limit`, which it must fit into.
    #[inline]
    pub(crate) fn token_within(&mut self, limit: usize) -> Result<Attempt<Option<Detached>>, Failed> {
        if !self.is_in_value() {
            return Ok(Attempt::Done(None));
        }
        self.incoming.token_within(limit, |_| {})
    }

    /// Whether a payload is being read that is no error.
    pub(crate) const fn is_in_value(&self) -> bool {
        matches!(self.stage, Stage::Answer | Stage::Pushed)
    }

    pub(crate) fn attach(&self, token: Detached) -> Token<'_> {
        self.incoming.attach(token)
    }

    /// Brings the payload together, so that [`value`](Session::value) can be had.
    ///
    /// # Errors
    /// [`Error::Capacity`] where the receive buffer is too small: nothing is consumed, and the answer can still be
    /// read by tokens. [`Error::Request`] where tokens were taken already.
    pub(crate) fn whole(&mut self) -> Result<Attempt<()>, Failed> {
        if self.incoming.has_begun() || !self.is_in_value() {
            return Err(self.failed(Error::Request(RequestError::AlreadyRead)));
        }
        match self.incoming.whole()? {
            Attempt::NeedInput => Ok(Attempt::NeedInput),
            Attempt::Done(Whole::Ready) => Ok(Attempt::Done(())),
            Attempt::Done(Whole::TooSmall { needed }) => {
                let available = self.incoming.capacity() as u64;
                Err(self.failed(Error::Capacity { what: Storage::Receive, needed, available }))
            }
        }
    }

    /// The value, whose payload is together.
    pub(crate) fn value(&self) -> Result<Value<'_>, PeerError> {
        Value::decode(self.generation(), self.incoming.bytes())
    }

    /// Looks for the envelope of a publication in a push, of which as many bytes are looked at. A payload that cannot be
    /// unpacked has none.
    pub(crate) fn recognise(&mut self, most: usize) -> Attempt<Recognised<'_>> {
        match self.incoming.peek(most) {
            Ok(Attempt::NeedInput) => Attempt::NeedInput,
            Ok(Attempt::Done(())) => Attempt::Done(self.incoming.envelope()),
            Err(_) => Attempt::Done(Recognised::Other),
        }
    }

    /// Throws away what is left of an answer, a push or a question; whether it is at its end.
    pub fn drain(&mut self) -> bool {
        match self.stage {
            Stage::Answer | Stage::Failing | Stage::Pushed => {
                let drained = self.incoming.drain();
                if drained {
                    if let Stage::Pushed = self.stage
                        && !self.incoming.is_taken()
                    {
                        self.skipped = self.skipped.saturating_add(1);
                        events::skipped(self.skipped);
                    }
                    self.stage = Stage::Between;
                }
                drained
            }
            _ => true,
        }
    }

    /// Bytes of the answer, push or question that were not consumed, as they travel.
    pub const fn left(&self) -> u64 {
        match self.stage {
            Stage::Answer | Stage::Failing | Stage::Pushed => self.incoming.left(),
            _ => 0,
        }
    }

    /// The text of the last answer, if it was an error that came with one (wire 1, dialect 1a), until the next
    /// request, or until a table is read by its columns; what did not fit into the receive buffer is missing at its end.
    pub fn error_text(&self) -> Option<Text<'_>> {
        let text = trimmed(self.incoming.kept());
        (!text.is_empty()).then_some(Text(text))
    }

    /// One more token of an error.
    pub(crate) fn failing(&mut self, token: Detached) {
        match token.token() {
            Token::Error(error) if self.error.is_none() => self.error = Some(error),
            Token::Details(_) => {
                let details = self.incoming.taken(token.bytes);
                if let Some(error) = &mut self.error {
                    let rest = error.detail_mut().get_mut(usize::from(self.details)..).unwrap_or_default();
                    for (target, byte) in rest.iter_mut().zip(details) {
                        *target = *byte;
                    }
                }
                // Dialect 1b sends 24 bytes.
                self.details = self.details.saturating_add(details.len() as u8);
            }
            Token::Text { .. } => self.incoming.keep(token),
            _ => {}
        }
    }
}
