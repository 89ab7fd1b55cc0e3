//! How a connection behaves.

use core::fmt;
use core::time::Duration;

use crate::client::outgoing::{Deflating, Packs};
use crate::error::Phase;
use crate::wire::inflate::Inflater;
use crate::wire::{Credentials, Generation};

/// What a caller may choose. The default finds out the generation, has no credentials and waits half a minute.
///
/// A minor version may add a choice: name those that matter, and take the rest from [`new`](Options::new).
///
/// ```
/// use rayforce_ipc::client::{Options, Timeouts};
/// use rayforce_ipc::wire::Credentials;
///
/// let options = Options { credentials: Some(Credentials::new("bob", "s3cret")?), ..Options::new() };
/// # Ok::<(), rayforce_ipc::error::RequestError>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Options<'a> {
    /// The generation to demand; `None` finds out which one the server speaks.
    pub generation: Option<Generation>,
    /// For a server that asks for them.
    pub credentials: Option<Credentials<'a>>,
    /// How long each wait may take.
    pub timeouts: Timeouts,
    /// The most bytes of an unread reply that the next request reads away. Where more are to come, the connection
    /// is closed instead. Default: 64 MiB.
    pub drain_limit: u64,
    /// The most requests that are sent before the first of their answers is received, from 1 to
    /// [`MOST_DEPTH`](Options::MOST_DEPTH). On wire 1 it is 1, whatever is chosen: its servers lose answers when they
    /// cannot send them at once (seen on 0.1.5 and 1.0.0). Default: 64.
    pub depth: u8,
    /// The most plain bytes that a packed reply, push or question may announce; a few packed bytes make many plain ones
    /// (two make 127). Of one that announces more nothing is unpacked: it is read away,
    /// [`Fault::Unpacked`](crate::error::Fault::Unpacked) is said where it was to be read, and the connection goes on. What
    /// is read by columns or tokens takes no more memory for being long, only time. Default: 256 MiB, which is what
    /// servers of wire 3 accept; they send more than that (2.0.0 has packed a table of 320 MB), up to 4 GiB.
    pub unpack_limit: u64,
    /// Which frames are packed before they are sent. Default: none.
    pub packing: Packing,
}

impl Options<'_> {
    /// The most requests that can be under way at once.
    pub const MOST_DEPTH: u8 = 64;

    /// The defaults.
    #[inline(never)] // they are many stores
    pub const fn new() -> Self {
        Options {
            generation: None,
            credentials: None,
            timeouts: Timeouts::new(),
            drain_limit: 0x400_0000,
            depth: Options::MOST_DEPTH,
            unpack_limit: Inflater::ACCEPTED as u64,
            packing: Packing::NEVER,
        }
    }
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self::new()
    }
}

/// Which frames travel packed, to save bytes on the wire where it is slow.
///
/// The protocol's packing shortens runs of equal bytes, and of bytes with equal differences: zeros and columns of one bool
/// become a fiftieth, an `i64` below 100 takes 5 bytes, one below 30,000 takes 6; prices, moments, names and text hardly
/// become shorter. What is packed is encoded twice, first to know its length and then to send it, and goes through the
/// transmit buffer in windows of a quarter of it, which bound the runs: through 4 KiB it becomes as short as through more,
/// through 64 bytes less so (zeros an eighth, an `i64` below 100 takes 6 bytes).
///
/// Nothing but frames is ever packed, and these go plain all the same: those of wire 1, which has no packing, those sent
/// through a transmit buffer of less than [`LEAST_TRANSMIT`](Packing::LEAST_TRANSMIT) bytes, and those that would travel
/// as more than the 256 MiB which a server takes. Servers of wire 3 take packed frames of any size (seen on 2.0.0 and
/// 2.4.0).
///
/// The program of a microcontroller has the code for it only where [`above`](Packing::above) or
/// [`ALWAYS`](Packing::ALWAYS) is used.
#[derive(Clone, Copy)]
pub struct Packing {
    pub(crate) choice: Choice,
    pub(crate) packs: Option<&'static dyn Packs>,
}

/// Which frames are packed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) enum Choice {
    Never,
    Above(u64),
    Always,
}

impl Packing {
    /// None.
    pub const NEVER: Packing = Packing { choice: Choice::Never, packs: None };

    /// All, also where that makes them longer: by 4 bytes and one in 128, or one in each window that is shorter.
    pub const ALWAYS: Packing = Packing { choice: Choice::Always, packs: Some(&Deflating) };

    /// Those with a plain payload of more than so many bytes, where packing makes it shorter. Servers themselves try it
    /// above 2000 (seen on 2.0.0 and 2.4.0).
    pub const fn above(plain_len: u64) -> Packing {
        Packing { choice: Choice::Above(plain_len), packs: Some(&Deflating) }
    }

    /// The fewest bytes of a transmit buffer through which frames are packed.
    pub const LEAST_TRANSMIT: usize = 64;
}

impl Default for Packing {
    fn default() -> Self {
        Packing::NEVER
    }
}

impl fmt::Debug for Packing {
    /// As `Never` or `Above(2000)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.choice.fmt(f)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Packing {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{}", self.choice);
    }
}

impl PartialEq for Packing {
    fn eq(&self, other: &Self) -> bool {
        self.choice == other.choice
    }
}

impl Eq for Packing {}

/// The longest wait in each phase. `Duration::MAX` is for ever. A minor version may add a phase, as with [`Options`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Timeouts {
    /// For the transport's connection. Default: 5 s.
    pub connect: Duration,
    /// For the opening and the verdict on credentials. Default: 5 s.
    pub handshake: Duration,
    /// For a whole request to be taken, and for closing in good order. Default: 30 s.
    pub write: Duration,
    /// From the request to the first byte of its reply: how long a query may run. Of a request that was
    /// [sent](crate::client::Connection::send): from the call that receives its reply, and with reading away what was
    /// left of the one before. Default: 30 s.
    pub first_byte: Duration,
    /// For the rest of a reply or push, from its header on; it goes on while the caller reads piece by piece, also
    /// with what the caller does in between. Also for reading away what was left of an earlier one, in front of a
    /// request, and for an answer to a question of the server. Default: 30 s.
    pub reply: Duration,
    /// For the first byte of a push, where nothing else is waited for. That it passes is no failure. Default: 30 s.
    pub idle: Duration,
}

impl Timeouts {
    /// The defaults.
    pub const fn new() -> Self {
        let short = Duration::from_secs(5);
        let long = Duration::from_secs(30);
        Timeouts { connect: short, handshake: short, write: long, first_byte: long, reply: long, idle: long }
    }

    /// The same for every phase.
    pub const fn all(limit: Duration) -> Self {
        Timeouts {
            connect: limit,
            handshake: limit,
            write: limit,
            first_byte: limit,
            reply: limit,
            idle: limit,
        }
    }

    pub(crate) const fn of(&self, phase: Phase) -> Duration {
        match phase {
            Phase::Connect => self.connect,
            Phase::Handshake => self.handshake,
            Phase::Start | Phase::Write => self.write,
            Phase::FirstByte => self.first_byte,
            Phase::Drain | Phase::Reply | Phase::Push => self.reply,
            Phase::Idle => self.idle,
        }
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self::new()
    }
}
