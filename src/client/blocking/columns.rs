//! A reply of any size by its columns.

use crate::client::blocking::Connection;
use crate::client::debug::debug;
use crate::client::drive::widen;
use crate::client::reading::cursor::Cursor;
use crate::client::transport::Transport;
use crate::codec::Text;
use crate::codec::cell::Scalar;
use crate::codec::token::Token;
use crate::error::Error;
use crate::wire::Tag;

/// The columns of a reply, one after the other, through a receive buffer that may be smaller than any of them.
///
/// | the reply is | its columns are |
/// |---|---|
/// | a table | its columns, with their names |
/// | a dict | the keys, the values |
/// | a list | its elements, each of them one |
/// | null | none |
/// | anything else | itself: a vector, or an atom as a column of one cell |
///
/// ```
/// use rayforce_ipc::client::{Buffers, Connection, Options};
/// use rayforce_ipc::transports::duplex::{Duplex, Step};
///
/// let server = Duplex::new(&[
///     Step::Expect(&[3, 0]),
///     Step::Say(&[3, 0]),
///     Step::Expect(b"\xfa\xde\xfa\xce\x03\0\0\x01\x0f\0\0\0\0\0\0\0\xf3\0\x05\0\0\0\0\0\0\0table"),
///     // Two columns of two rows, captured from 2.4.0: a=1 2, b=x y.
///     Step::Say(b"\xfa\xde\xfa\xce\x03\0\0\x02\x42\0\0\0\0\0\0\0\x62\0\x0c\x03\x02\0\0\0\0\0\0\0a\0b\0"),
///     Step::Say(b"\0\0\x02\0\0\0\0\0\0\0\x05\0\x02\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0"),
///     Step::Say(b"\x0c\0\x02\0\0\0\0\0\0\0x\0y\0"),
/// ]);
/// let mut buffers = Buffers::<36, 64>::new(); // the names take 4 bytes, and 32 beside them
/// let mut connection = Connection::open(server, buffers.lend(), &Options::new())?;
///
/// let mut total = 0;
/// let mut reply = connection.execute("table")?;
/// let mut columns = reply.columns()?;
/// while let Some(mut column) = columns.next()? {
///     if column.name()? == "a" {
///         let mut chunk = [0i64; 64];
///         while let n @ 1.. = column.read(&mut chunk)? {
///             total += chunk[..n].iter().sum::<i64>();
///         }
///     } // a column that is not read, or not to its end, is passed over
/// }
/// assert_eq!(total, 3);
/// # Ok::<(), rayforce_ipc::Error<rayforce_ipc::transports::duplex::DuplexError>>(())
/// ```
///
/// The wire is column after column, so there is no way back, and no row of a table that is larger than memory.
///
/// The receive buffer needs 16 bytes; where the names of a table are wanted, their bytes, one more for each, and 32.
/// (They stay in it until the next request. Names with long runs of one letter may take twice as much where the reply is
/// packed.) Dropping this, or a column, loses nothing: the reply goes on where they
/// were, and what is left of it is read away by the next request.
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Columns<'r, 'b, T: Transport> {
    connection: &'r mut Connection<'b, T>,
    cursor: &'r mut Cursor,
}

impl<'r, 'b, T: Transport> Columns<'r, 'b, T> {
    pub(crate) const fn new(connection: &'r mut Connection<'b, T>, cursor: &'r mut Cursor) -> Self {
        Columns { connection, cursor }
    }

    /// How many columns the reply announces, those that were read included.
    pub const fn column_count(&self) -> u64 {
        self.cursor.count()
    }

    /// The next column; `None` behind the last one. Passes over what is left of the one before, then waits for the
    /// head of the next.
    ///
    /// # Errors
    /// [`Error::Peer`] where the payload cannot be decoded: the connection goes on, this reply does not.
    /// [`Error::TimedOut`], [`Error::Disconnected`] and [`Error::Transport`] close the connection.
    #[expect(clippy::should_implement_trait, reason = "a column borrows from what gives it")]
    pub fn next(&mut self) -> Result<Option<Column<'_, 'b, T>>, Error<T::Error>> {
        let is_there = self.connection.wait(|session| self.cursor.next(session))?;
        Ok(is_there.then_some(Column { connection: self.connection, cursor: self.cursor }))
    }
}

debug!(Columns<'_, '_>: connection cursor);

/// One column of a reply, whose cells are had by type: [`read`](Column::read) for those of fixed width,
/// [`next_text`](Column::next_text) for symbols and strings, and [`next_token`](Column::next_token) for anything. They
/// can be mixed; each goes on where the one before has stopped.
///
/// ```
/// use rayforce_ipc::client::{Buffers, Connection, Options};
/// use rayforce_ipc::transports::duplex::{Duplex, Step};
///
/// let server = Duplex::new(&[
///     Step::Expect(&[3, 0]),
///     Step::Say(&[3, 0]),
///     Step::Expect(b"\xfa\xde\xfa\xce\x03\0\0\x01\x0f\0\0\0\0\0\0\0\xf3\0\x05\0\0\0\0\0\0\0names"),
///     // A vector of symbols is a column by itself: a, bcd, e.
///     Step::Say(b"\xfa\xde\xfa\xce\x03\0\0\x02\x12\0\0\0\0\0\0\0\x0c\0\x03\0\0\0\0\0\0\0a\0bcd\0e\0"),
/// ]);
/// let mut buffers = Buffers::<16, 64>::new();
/// let mut connection = Connection::open(server, buffers.lend(), &Options::new())?;
///
/// let mut reply = connection.execute("names")?;
/// let mut columns = reply.columns()?;
/// let mut column = columns.next()?.expect("a column");
/// assert_eq!(column.count(), 3);
/// let (mut letters, mut text) = (0, [0; 8]);
/// while let Some(name) = column.next_text(&mut text)? {
///     letters += name.as_bytes().len();
/// }
/// assert_eq!(letters, 5);
/// # Ok::<(), rayforce_ipc::Error<rayforce_ipc::transports::duplex::DuplexError>>(())
/// ```
///
/// It takes no memory beside the receive buffer and what its calls are given. Dropping it with cells unread is fine:
/// [`Columns::next`] passes over them.
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

    /// Its name in a table; empty where it has none, as all columns of other values. Does not wait.
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
    /// (or for an empty `chunk`). Waits for one cell at least, then takes what is there: like `std::io::Read`, it may
    /// give fewer than `chunk` takes, though more are to come.
    ///
    /// `E` is any [`Element`](crate::wire::Element): `i64`, `f64`, [`Timestamp`](crate::wire::Timestamp) … Cells come as
    /// they are, nulls as the sentinel of the type. A vector of `E` is read so, an atom, and a list as far as its
    /// elements are atoms of `E`, or nulls.
    ///
    /// # Errors
    /// [`Error::Mismatch`] where cells are of another type: nothing is taken. Else as [`Columns::next`].
    pub fn read<E: Scalar>(&mut self, chunk: &mut [E]) -> Result<usize, Error<T::Error>> {
        self.connection.wait(|session| self.cursor.elements(session, chunk))
    }

    /// Copies the next symbol or string into `buffer`; `None` at the end of the column. Waits for all of it. The
    /// buffer must hold the longest one; what is in it behind the text is of no meaning.
    ///
    /// A vector of symbols or strings is read so, a symbol or string by itself, and a list as far as its elements are
    /// such (columns of strings are lists on wire 1). A null is empty.
    ///
    /// # Errors
    /// [`Error::Capacity`] with [`Storage::Text`](crate::error::Storage::Text) where `buffer` is too small: this text is
    /// passed over, the column goes on with the next one. [`Error::Request`] where tokens were taken of a part of it,
    /// or a call for it was dropped: likewise. [`Error::Mismatch`] where the next cell is no text: nothing is taken.
    /// Else as [`Columns::next`].
    pub fn next_text<'t>(&mut self, buffer: &'t mut [u8]) -> Result<Option<Text<'t>>, Error<T::Error>> {
        let mut copying = self.cursor.begin_text();
        let len = self.connection.wait(|session| self.cursor.text(session, &mut copying, buffer))?;
        Ok(len.map(|len| Text(buffer.get(..len).unwrap_or_default())))
    }

    /// The next token of the column, whatever it is: its head first, unless cells were read. `None` at its end. Waits
    /// for one piece.
    ///
    /// # Errors
    /// As [`Columns::next`].
    pub fn next_token(&mut self) -> Result<Option<Token<'_>>, Error<T::Error>> {
        let token = self.connection.wait(|session| self.cursor.token(session))?;
        Ok(token.map(|token| self.connection.session().attach(token)))
    }
}

debug!(Column<'_, '_>: connection cursor);
