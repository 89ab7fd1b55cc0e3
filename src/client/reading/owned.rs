//! A reply in memory of its own.

use alloc::vec::Vec;
use core::fmt;

use crate::client::incoming::Attempt;
use crate::client::session::Session;
use crate::client::session::failure::Failed;
use crate::codec::Value;
use crate::error::{Error, RequestError, Storage};
use crate::wire::Generation;

/// A value with the bytes of its payload, which are on the heap: by
/// [`Reply::read_to_vec`](crate::client::Reply::read_to_vec). It takes as many bytes as the payload announced.
///
/// `Debug` is that of the value.
///
/// ```
/// use rayforce_ipc::client::{Buffers, Connection, Options};
/// use rayforce_ipc::transports::duplex::{Duplex, Step};
///
/// let server = Duplex::new(&[
///     Step::Expect(&[3, 0]),
///     Step::Say(&[3, 0]),
///     Step::Expect(b"\xfa\xde\xfa\xce\x03\0\0\x01\x0f\0\0\0\0\0\0\0\xf3\0\x05\0\0\0\0\0\0\0names"),
///     Step::Say(b"\xfa\xde\xfa\xce\x03\0\0\x02\x12\0\0\0\0\0\0\0\x0c\0\x03\0\0\0\0\0\0\0a\0bcd\0e\0"),
/// ]);
/// let mut buffers = Buffers::<16, 64>::new();
/// let mut connection = Connection::open(server, buffers.lend(), &Options::new())?;
///
/// let names = connection.execute("names")?.read_to_vec(1 << 20)?; // 18 bytes, and 1 MiB at the most
/// drop(connection);
/// assert!(names.value().vector()?.symbols()?.eq(["a", "bcd", "e"]));
/// # Ok::<(), rayforce_ipc::Error<rayforce_ipc::transports::duplex::DuplexError>>(())
/// ```
#[derive(Clone)]
pub struct OwnedValue {
    generation: Generation,
    payload: Vec<u8>,
}

impl OwnedValue {
    /// The value. The bytes were checked when they came in; their heads are read again by each call.
    pub fn value(&self) -> Value<'_> {
        // What the decoder has taken, a value can be made of.
        Value::decode(self.generation, &self.payload).unwrap_or(Value::Null)
    }

    pub(crate) const fn empty() -> OwnedValue {
        OwnedValue { generation: Generation::V3, payload: Vec::new() }
    }

    /// Reserves memory for an answer of which nothing was taken.
    pub(crate) fn reserve(&mut self, session: &mut Session<'_>, limit: usize) -> Result<Attempt<()>, Failed> {
        if !session.is_in_value() || session.incoming.has_begun() {
            return Err(session.failed(Error::Request(RequestError::AlreadyRead)));
        }
        let needed = match session.incoming.plain_len()? {
            Attempt::Done(len) => len,
            Attempt::NeedInput => return Ok(Attempt::NeedInput),
        };
        let len = usize::try_from(needed).ok().filter(|len| *len <= limit);
        let too_small = |what, available| Error::Capacity { what, needed, available };
        let len = len.ok_or_else(|| session.failed(too_small(Storage::Limit, limit as u64)))?;
        let reserved = self.payload.try_reserve_exact(len);
        reserved.map_err(|_| session.failed(too_small(Storage::Heap, 0)))?;
        self.generation = session.generation();
        Ok(Attempt::Done(()))
    }

    /// Takes what is there of the answer that memory was reserved for, and checks it.
    pub(crate) fn fill(&mut self, session: &mut Session<'_>) -> Result<Attempt<()>, Failed> {
        // Never more than was announced, so that no memory is asked for.
        let mut took = |bytes: &[u8]| self.payload.extend_from_slice(bytes);
        loop {
            match session.incoming.token_within(usize::MAX, &mut took)? {
                Attempt::Done(Some(_)) => {}
                Attempt::Done(None) => return Ok(Attempt::Done(())),
                Attempt::NeedInput => return Ok(Attempt::NeedInput),
            }
        }
    }
}

impl fmt::Debug for OwnedValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value().fmt(f)
    }
}
