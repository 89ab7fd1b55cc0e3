//! The answer to a request that asks for what is printed, too.

use crate::client::asynch::{Connection, Reply, Transport};
use crate::client::debug::debug;
use crate::client::reading::printed::Printed;
use crate::error::Error;

/// An answer that tells what the evaluation printed, on standard output and error, before its value. Wire 3 only.
///
/// Dropping it half-read loses nothing: the next request on the connection reads the rest away.
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
    pub async fn read(&mut self, chunk: &mut [u8]) -> Result<usize, Error<T::Error>> {
        self.connection.wait(|session| self.printed.read(session, chunk)).await
    }

    /// The value, once what was not read of the printed text is passed over. Waits for it to begin.
    ///
    /// # Errors
    /// [`Error::Server`] where it is an error. Else as [`read`](Verbose::read).
    pub async fn result(mut self) -> Result<Reply<'c, 'b, T>, Error<T::Error>> {
        self.connection.wait(|session| self.printed.finish(session)).await?;
        self.connection.begin_again().await?;
        Ok(Reply::new(self.connection))
    }
}

debug!(Verbose<'_, '_>: connection printed);
