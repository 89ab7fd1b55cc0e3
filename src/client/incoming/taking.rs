//! The payload piece by piece.

use crate::client::incoming::{Attempt, Incoming, Unpacking};
use crate::client::session::failure::Failed;
use crate::codec::decoder::Decoder;
use crate::codec::token::{Detached, Token};
use crate::wire::region::Region;

impl Incoming<'_> {
    /// Takes the next token; none when the value is complete.
    pub(crate) fn token(&mut self) -> Result<Attempt<Option<Detached>>, Failed> {
        self.token_within(usize::MAX, |_| {})
    }

    /// The same, of no more bytes than `limit`, which the token must fit into; `took` sees the bytes that are taken.
    #[inline]
    pub(crate) fn token_within(
        &mut self,
        limit: usize,
        mut took: impl FnMut(&[u8]),
    ) -> Result<Attempt<Option<Detached>>, Failed> {
        loop {
            let (token, taken) = self.step(limit)?;
            took(taken.of(self.buffer));
            match token {
                Some(token) => return Ok(Attempt::Done(Some(token))),
                None if self.decoder.is_done() && self.is_unpacked() => return Ok(Attempt::Done(None)),
                // Room that was made may let more come out of a packed frame.
                None if !taken.is_empty() && !matches!(self.unpacking, Unpacking::Plain) => {}
                None => return Ok(Attempt::NeedInput),
            }
        }
    }

    /// One step of the decoder, and where the bytes are that it took.
    #[inline]
    fn step(&mut self, limit: usize) -> Result<(Option<Detached>, Region), Failed> {
        self.inflate()?;
        let payload = self.payload();
        if matches!(self.unpacking, Unpacking::Announced) {
            return Ok((None, Region::at(payload.start)));
        }
        let all = payload.of(self.buffer);
        let bytes = all.get(..limit).unwrap_or(all);
        let mut input = bytes;
        let token = match self.decoder.next(&mut input) {
            Ok(token) => token.map(|token| Detached::new(token, bytes, payload.start)),
            Err(error) => return Err(self.failed(error)),
        };
        let taken = bytes.len() - input.len();
        self.consume(taken);
        Ok((token, Region { start: payload.start, end: payload.start + taken }))
    }

    /// A token that [`token`](Incoming::token) has taken, with its bytes.
    pub(crate) fn attach(&self, token: Detached) -> Token<'_> {
        token.attach(self.buffer)
    }

    /// Bytes of the whole plain payload.
    #[cfg(feature = "alloc")]
    pub(crate) fn plain_len(&mut self) -> Result<Attempt<u64>, Failed> {
        self.inflate()?;
        Ok(match self.unpacking {
            Unpacking::Announced => Attempt::NeedInput,
            _ => Attempt::Done(self.decoder.len()),
        })
    }

    /// Takes the next name of a symbol vector, if all of it is there.
    #[inline]
    pub(crate) fn next_name(&mut self) -> Result<Option<Region>, Failed> {
        self.inflate()?;
        let payload = self.payload();
        let Some(len) = self.decoder.next_name(payload.of(self.buffer)) else { return Ok(None) };
        self.consume(len + 1);
        Ok(Some(Region { start: payload.start, end: payload.start + len }))
    }

    /// What was not taken is the payload from now on: one value.
    pub(crate) const fn begin_again(&mut self) {
        self.decoder = self.decoder.again(self.decoder.left());
    }

    /// How far the value was taken.
    pub(crate) const fn decoder(&self) -> &Decoder {
        &self.decoder
    }

    /// The bytes of something that was taken, until more input is asked for.
    pub(crate) fn taken(&self, place: Region) -> &[u8] {
        place.of(self.buffer)
    }
}
