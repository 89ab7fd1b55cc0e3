//! A reply of any size by its columns.

use crate::client::asynch::{Connection, Transport};
use crate::client::debug::debug;
use crate::client::drive::widen;
use crate::client::reading::cursor::Cursor;
use crate::codec::Text;
use crate::codec::cell::Scalar;
use crate::codec::token::Token;
use crate::error::Error;
use crate::wire::Tag;

/// The columns of a reply, one after the other: those of the [blocking front](crate::client::Columns), which tells what
/// the columns of a value are, and how much memory it takes.
///
/// ```
/// use rayforce_ipc::client::asynch::Connection;
/// use rayforce_ipc::client::{Buffers, Options};
/// use rayforce_ipc::transports::duplex::{Duplex, DuplexError, Step};
///
/// async fn sum(server: Duplex<'_>) -> Result<i64, rayforce_ipc::Error<DuplexError>> {
///     let mut buffers = Buffers::<16, 64>::new();
///     let mut connection = Connection::open(server, buffers.lend(), &Options::new()).await?;
///     let mut reply = connection.execute("numbers").await?;
///     let mut columns = reply.columns().await?;
///     let (mut sum, mut chunk) = (0, [0i64; 8]);
///     while let Some(mut column) = columns.next().await? {
///         while let n @ 1.. = column.read(&mut chunk).await? {
///             sum += chunk[..n].iter().sum::<i64>();
///         }
///     }
///     Ok(sum)
/// }
///
/// // A vector of 1 and 2, which is a column by itself.
/// let server = Duplex::new(&[
///     Step::Expect(&[3, 0]),
///     Step::Say(&[3, 0]),
///     Step::Expect(b"\xfa\xde\xfa\xce\x03\0\0\x01\x11\0\0\0\0\0\0\0\xf3\0\x07\0\0\0\0\0\0\0numbers"),
///     Step::Say(b"\xfa\xde\xfa\xce\x03\0\0\x02\x1a\0\0\0\0\0\0\0\x05\0\x02\0\0\0\0\0\0\0"),
///     Step::Say(b"\x01\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0"),
/// ]);
/// # let mut context = std::task::Context::from_waker(std::task::Waker::noop());
/// # let sum = std::pin::pin!(sum(server)).poll(&mut context);
/// # let std::task::Poll::Ready(Ok(sum)) = sum else { panic!() };
/// # assert_eq!(sum, 3);
/// ```
///
/// Dropping this, a column, or a future of theirs loses nothing but what [`next_text`](Column::next_text) says: the
/// reply goes on where they were.
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Columns<'r, 'b, T: Transport> {
    connection: &'r mut Connection<'b, T>,
    cursor: &'r mut Cursor,
}

impl<'r, 'b, T: Transport> Columns<'r, 'b, T> {
    pub(super) const fn new(connection: &'r mut Connection<'b, T>, cursor: &'r mut Cursor) -> Self {
        Columns { connection, cursor }
    }

    /// How many columns the reply announces, those that were read included.
    pub const fn column_count(&self) -> u64 {
        self.cursor.count()
    }

    /// The next column; `None` behind the last one. Passes over what is left of the one before, then waits for the
    /// head of the next. Dropped, it goes on at the next call.
    ///
    /// # Errors
    /// [`Error::Peer`] where the payload cannot be decoded: the connection goes on, this reply does not.
    /// [`Error::TimedOut`], [`Error::Disconnected`] and [`Error::Transport`] close the connection.
    pub async fn next(&mut self) -> Result<Option<Column<'_, 'b, T>>, Error<T::Error>> {
        let is_there = self.connection.wait(|session| self.cursor.next(session)).await?;
        Ok(is_there.then_some(Column { connection: self.connection, cursor: self.cursor }))
    }
}

debug!(Columns<'_, '_>: connection cursor);

/// One column of a reply: that of the [blocking front](crate::client::Column), which tells what its calls read.
///
/// Dropping it with cells unread is fine: [`Columns::next`] passes over them.
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Column<'r, 'b, T: Transport> {
    connection: &'r mut Connection<'b, T>,
    cursor: &'r mut Cursor,
}

impl<T: Transport> Column<'_, '_, T> {
    /// Columns before it.
    pub const fn index(&self) -> u64 {
        self.cursor.index()
    }

    /// Its name in a table; empty where it has none, as all columns of other values.
    ///
    /// # Errors
    /// [`Error::Capacity`] where the receive buffer is too small for the names of all columns and 32 bytes more,
    /// or for what came along with names that are packed to a part of their length. Nothing is lost: columns are still
    /// had by their index.
    pub fn name(&self) -> Result<Text<'_>, Error<T::Error>> {
        self.cursor.name(self.connection.session()).map_err(widen)
    }

    /// What it is: a vector or a list most often.
    pub const fn tag(&self) -> Tag {
        self.cursor.column.tag
    }

    /// How many cells it announces, those that were read included: of vectors and lists their elements, of anything
    /// else 1.
    pub const fn count(&self) -> u64 {
        self.cursor.column.count
    }

    /// Copies cells of a fixed width into `chunk`, from its front on, and says how many; 0 at the end of the column
    /// (or for an empty `chunk`). Waits for one cell at least, then takes what is there. Dropped, it has taken none.
    ///
    /// # Errors
    /// [`Error::Mismatch`] where cells are of another type: nothing is taken. Else as [`Columns::next`].
    pub async fn read<E: Scalar>(&mut self, chunk: &mut [E]) -> Result<usize, Error<T::Error>> {
        self.connection.wait(|session| self.cursor.elements(session, chunk)).await
    }

    /// Copies the next symbol or string into `buffer`; `None` at the end of the column. Waits for all of it. Dropped
    /// when a part of it was copied, the text is lost: the next call passes over its rest and says so.
    ///
    /// # Errors
    /// [`Error::Capacity`] with [`Storage::Text`](crate::error::Storage::Text) where `buffer` is too small: this text is
    /// passed over, the column goes on with the next one. [`Error::Request`] where a part of it was taken before:
    /// likewise. [`Error::Mismatch`] where the next cell is no text: nothing is taken. Else as [`Columns::next`].
    pub async fn next_text<'t>(&mut self, buffer: &'t mut [u8]) -> Result<Option<Text<'t>>, Error<T::Error>> {
        let mut copying = self.cursor.begin_text();
        let len = self.connection.wait(|session| self.cursor.text(session, &mut copying, buffer)).await?;
        Ok(len.map(|len| Text(buffer.get(..len).unwrap_or_default())))
    }

    /// The next token of the column, whatever it is: its head first, unless cells were read. `None` at its end. Waits
    /// for one piece. Dropped, it has taken none.
    ///
    /// # Errors
    /// As [`Columns::next`].
    pub async fn next_token(&mut self) -> Result<Option<Token<'_>>, Error<T::Error>> {
        let token = self.connection.wait(|session| self.cursor.token(session)).await?;
        Ok(token.map(|token| self.connection.session().attach(token)))
    }
}

debug!(Column<'_, '_>: connection cursor);
