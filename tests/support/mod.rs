//! What the test files share: the captured frames, and the words in which they are described.
//!
//! ```text
//!  hex      bytes as hex digits
//!  hostile  text that looks like code
//!  vectors  the frames of `tests/vectors/frames.jsonl`
//!  pack     payloads packed
//!  unpack   packed payloads made plain, by the description of the format alone
//!  shows    a value in the notation of the field `shows`
//!  python   the forms in which that notation writes floats, text and bytes
//!  joined   tokens joined as they come
//!  tokens   a payload read by tokens, in portions of any size
//!  codec    values sent and read back in memory
//!  script   servers that play a script in memory, and connections to them
//!  front    what a test does with a connection, whichever front it has
//!  yielding a stream that lets everybody wait once (async)
//!  lenient  a server that goes on after calls that were given up (async)
//!  opened   a session that has shaken hands
//!  transmit what a session writes, through a transmit buffer of any size
//!  sockets  servers on the loopback interface
//!  sessions the conversations of `tests/vectors/sessions.jsonl`
//! ```

#![allow(dead_code)] // No test file needs all of it.

pub mod codec;
pub mod front;
pub mod hex;
pub mod hostile;
pub mod joined;
#[cfg(feature = "async")]
pub mod lenient;
pub mod opened;
pub mod pack;
pub mod python;
pub mod script;
pub mod sessions;
pub mod shows;
#[cfg(feature = "std-tcp")]
pub mod sockets;
pub mod tokens;
pub mod transmit;
pub mod unpack;
pub mod vectors;
#[cfg(feature = "async")]
pub mod yielding;
