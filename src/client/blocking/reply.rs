//! The answer to a request, or what comes unasked.

use crate::client::blocking::Connection;
use crate::client::blocking::columns::Columns;
use crate::client::debug::debug;
use crate::client::reading::cursor::Cursor;
#[cfg(feature = "alloc")]
use crate::client::reading::owned::OwnedValue;
use crate::client::transport::Transport;
use crate::codec::token::Token;
use crate::codec::value::Value;
use crate::error::Error;

/// A value that has begun to arrive: an answer, or what a [`Push`](crate::client::Push) brings. It can be read as a
/// whole, by columns or by tokens.
///
/// Dropping it half-read loses nothing: the next request on the connection reads the rest away, or closes the
/// connection where more is to come than [`drain_limit`](crate::client::Options::drain_limit).
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Reply<'c, 'b, T: Transport> {
    connection: &'c mut Connection<'b, T>,
    cursor: Cursor,
}

impl<'c, 'b, T: Transport> Reply<'c, 'b, T> {
    pub(crate) const fn new(connection: &'c mut Connection<'b, T>) -> Self {
        Reply { connection, cursor: Cursor::new() }
    }

    pub(crate) const fn reborrow(&mut self) -> Reply<'_, 'b, T> {
        Reply { connection: self.connection, cursor: self.cursor }
    }

    pub(crate) const fn into_connection(self) -> &'c mut Connection<'b, T> {
        self.connection
    }

    /// The whole value, in the receive buffer. Waits for the rest of the frame; may be called again.
    ///
    /// # Errors
    /// [`Error::Capacity`] where the payload is longer than the receive buffer (a packed one needs the plain length
    /// and 16 bytes, and room for what of a next frame came along): nothing is consumed, and
    /// [`next_token`](Reply::next_token) still reads it from its start. [`Error::Peer`] where it cannot be decoded:
    /// the connection goes on. [`Error::Request`] where tokens were taken before. [`Error::TimedOut`] and
    /// [`Error::Transport`] close the connection.
    pub fn value(&mut self) -> Result<Value<'_>, Error<T::Error>> {
        self.connection.value()
    }

    /// The next piece of the value; `None` when it is complete. Waits for one piece, and needs no more than 16 bytes
    /// of receive buffer for a value of any size.
    ///
    /// # Errors
    /// [`Error::Peer`] where the payload cannot be decoded: the connection goes on, this reply does not.
    /// [`Error::TimedOut`] and [`Error::Transport`] close the connection.
    pub fn next_token(&mut self) -> Result<Option<Token<'_>>, Error<T::Error>> {
        self.connection.next_token()
    }

    /// The columns of the value one after the other, for a value of any size: see [`Columns`]. Waits for what is in
    /// front of the first one: of a table, the names. Called again, it goes on where the columns before were left.
    ///
    /// # Errors
    /// [`Error::Request`] where tokens were taken by [`next_token`](Reply::next_token). Else as there.
    pub fn columns(&mut self) -> Result<Columns<'_, 'b, T>, Error<T::Error>> {
        self.connection.wait(|session| self.cursor.open(session))?;
        Ok(Columns::new(self.connection, &mut self.cursor))
    }

    /// The whole value, in memory of its own: one allocation of as many bytes as the payload announces, of a packed one
    /// the plain length. Waits for the rest of the frame; 16 bytes of receive buffer do.
    ///
    /// # Errors
    /// [`Error::Capacity`] where more than `limit` bytes are announced ([`Storage::Limit`](crate::error::Storage::Limit))
    /// or the heap has not so many ([`Storage::Heap`](crate::error::Storage::Heap)): nothing is consumed, and the reply
    /// can still be read by columns or tokens. [`Error::Request`] where it was read in part before. [`Error::Peer`] where
    /// it cannot be decoded: the connection goes on. [`Error::TimedOut`], [`Error::Disconnected`] and
    /// [`Error::Transport`] close the connection.
    #[cfg(feature = "alloc")]
    pub fn read_to_vec(&mut self, limit: usize) -> Result<OwnedValue, Error<T::Error>> {
        let mut owned = OwnedValue::empty();
        self.connection.wait(|session| owned.reserve(session, limit))?;
        self.connection.wait(|session| owned.fill(session))?;
        Ok(owned)
    }

    /// Bytes of the payload that were not taken yet, as they travel: packed, where they are.
    pub const fn remaining_len(&self) -> u64 {
        self.connection.left()
    }
}

debug!(Reply<'_, '_>: connection);
