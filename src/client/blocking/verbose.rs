//! The answer to a request that asks for what is printed, too.

use crate::client::blocking::Connection;
use crate::client::blocking::reply::Reply;
use crate::client::debug::debug;
use crate::client::reading::printed::Printed;
use crate::client::transport::Transport;
use crate::error::Error;

/// An answer that tells what the evaluation printed, on standard output and error, before its value. Wire 3 only.
///
/// Dropping it half-read loses nothing: the next request on the connection reads the rest away.
///
/// ```
/// use rayforce_ipc::client::{Buffers, Connection, Options};
/// use rayforce_ipc::transports::duplex::{Duplex, Step};
///
/// // As 2.4.0 plays it.
/// let server = Duplex::new(&[
///     Step::Expect(&[3, 0]),
///     Step::Say(&[3, 0]),
///     Step::Expect(b"\xfa\xde\xfa\xce\x03\x04\0\x01\x20\0\0\0\0\0\0\0\xf3\0\x16\0\0\0\0\0\0\0"),
///     Step::Expect(b"(do (println \"hi\") 42)"),
///     Step::Say(b"\xfa\xde\xfa\xce\x03\0\0\x02\x21\0\0\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0"),
///     Step::Say(b"\xf3\0\x03\0\0\0\0\0\0\0hi\n\xfb\0\x2a\0\0\0\0\0\0\0"),
/// ]);
/// let mut buffers = Buffers::<64, 64>::new();
/// let mut connection = Connection::open(server, buffers.lend(), &Options::new())?;
///
/// let mut verbose = connection.execute_verbose("(do (println \"hi\") 42)")?;
/// let mut printed = [0; 80];
/// assert_eq!(verbose.read(&mut printed)?, 3);
/// assert_eq!(&printed[..3], b"hi\n");
/// assert_eq!(verbose.result()?.value()?.as_i64()?, 42);
/// # Ok::<(), rayforce_ipc::Error<rayforce_ipc::transports::duplex::DuplexError>>(())
/// ```
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Verbose<'c, 'b, T: Transport> {
    connection: &'c mut Connection<'b, T>,
    printed: Printed,
}

impl<'c, 'b, T: Transport> Verbose<'c, 'b, T> {
    pub(crate) const fn new(connection: &'c mut Connection<'b, T>) -> Self {
        Verbose { connection, printed: Printed::Unread }
    }

    /// Copies bytes of what was printed into `chunk`, and says how many; 0 at the end. Waits for one byte, then takes
    /// what is there: like `std::io::Read`, it may give fewer than `chunk` takes, though more are to come.
    ///
    /// # Errors
    /// [`Error::Mismatch`] for an answer that no request of this kind has. [`Error::Peer`] where it cannot be decoded:
    /// the connection goes on. [`Error::TimedOut`], [`Error::Disconnected`] and [`Error::Transport`] close it.
    pub fn read(&mut self, chunk: &mut [u8]) -> Result<usize, Error<T::Error>> {
        self.connection.wait(|session| self.printed.read(session, chunk))
    }

    /// The value, once what was not read of the printed text is passed over. Waits for it to begin.
    ///
    /// # Errors
    /// [`Error::Server`] where it is an error. Else as [`read`](Verbose::read).
    pub fn result(mut self) -> Result<Reply<'c, 'b, T>, Error<T::Error>> {
        self.connection.wait(|session| self.printed.finish(session))?;
        self.connection.begin_again()?;
        Ok(Reply::new(self.connection))
    }
}

debug!(Verbose<'_, '_>: connection printed);
