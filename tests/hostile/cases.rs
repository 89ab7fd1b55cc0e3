//! How a case is written.

use rayforce_ipc::client::Options;
use rayforce_ipc::error::{CloseReason, Error, Fault, PeerError};
use rayforce_ipc::transports::duplex::DuplexError;
use rayforce_ipc::wire::{Generation, MessageType};

use super::play;
use crate::support::hex::unhex;
use crate::support::script::{frame, packed_frame};

pub const V1: Generation = Generation::V1;
pub const V3: Generation = Generation::V3;

/// What the client must make of what it hears.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Then {
    /// This error, and the connection is closed for this reason.
    Closes(Error<DuplexError>, CloseReason),
    /// The answer is no value, and the connection goes on.
    Confined(Fault, u64),
    /// The same for a name that does not end before this byte, where the payload does: how far it was had already
    /// depends on how it came.
    Unended(u64),
    /// The odd thing means nothing: the answer is read to its end, and the connection goes on.
    Passes,
}

/// The peer broke the protocol: nothing behind it can be trusted.
pub const fn breaks(fault: Fault, offset: u64) -> Then {
    Then::Closes(Error::Peer(PeerError { fault, offset }), CloseReason::Peer(fault))
}

/// One case.
#[derive(Debug)]
pub struct Case {
    pub name: String,
    /// What the server says, line by line.
    pub lines: Vec<Vec<u8>>,
    /// Whether it is silent at the end, and not gone.
    pub silent: bool,
    pub then: Then,
    /// What it says where it is asked for the whole value, if that is something else than piece by piece.
    pub whole: Option<Then>,
    /// Whether it takes a client that has read on before it asks.
    pub at_once: bool,
    /// What the smallest client makes of it, where that is something else; none where it cannot tell.
    pub small: Option<Then>,
}

impl Case {
    /// Bytes in hex, with a `|` wherever the server hears something first.
    pub fn new(name: &str, said: &str, then: Then) -> Case {
        let lines = said.split('|').map(unhex).collect();
        Case {
            name: name.into(),
            lines,
            silent: false,
            then,
            whole: None,
            at_once: false,
            small: Some(small(then)),
        }
    }

    pub fn with(mut self, silent: bool, small: Option<Then>) -> Case {
        (self.silent, self.small) = (silent, small);
        self
    }

    /// An answer whose value is these bytes.
    pub fn payload(name: &str, generation: Generation, payload: &str, then: Then) -> Case {
        let reply = frame(generation, MessageType::Response, &unhex(payload));
        Case::reply(name, generation, reply, then)
    }

    /// An answer whose packed value is these bytes.
    pub fn packed(name: &str, payload: &str, then: Then) -> Case {
        Case::reply(name, V3, packed_frame(MessageType::Response, &unhex(payload)), then)
    }

    /// These bytes in answer to the request.
    pub fn reply(name: &str, generation: Generation, reply: Vec<u8>, then: Then) -> Case {
        let name = format!("{name} ({generation:?})");
        Case { lines: vec![opening(generation), reply], ..Case::new(&name, "", then) }
    }
}

/// What lets the client in.
pub fn opening(generation: Generation) -> Vec<u8> {
    match generation {
        V1 => vec![1],
        V3 => vec![3, 0],
    }
}

/// A value that can be read.
pub fn good(generation: Generation) -> Vec<u8> {
    let payload = match generation {
        V1 => unhex("fb 0300000000000000"),
        V3 => unhex("fb 00 0300000000000000"),
    };
    frame(generation, MessageType::Response, &payload)
}

/// What the smallest client says: it knows that a value is none, not where; and bytes behind one, and packing.
const fn small(then: Then) -> Then {
    match then {
        Then::Confined(Fault::TrailingBytes(count), offset) => {
            Then::Confined(Fault::TrailingBytes(count), offset)
        }
        Then::Confined(Fault::Packing, _) => Then::Confined(Fault::Packing, 0),
        Then::Confined(..) | Then::Unended(_) => Then::Confined(Fault::Value, 0),
        other => other,
    }
}

/// Plays all cases to all clients.
pub fn play_all(cases: &[Case]) {
    play_all_with(cases, &Options::new());
}

pub fn play_all_with(cases: &[Case], options: &Options<'_>) {
    for case in cases {
        play::each(case, options);
    }
    println!("{} cases", cases.len());
}
