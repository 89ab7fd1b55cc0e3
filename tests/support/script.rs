//! Servers that play a script in memory, and connections to them.

use std::fmt::Debug;

use rayforce_ipc::client::{Connection, Memory, Options, Reply, Transport};
use rayforce_ipc::codec::{Encode, Text, Value};
use rayforce_ipc::error::{CloseReason, Error};
use rayforce_ipc::transports::duplex::{Duplex, Step};
use rayforce_ipc::wire::{Generation, Header, MessageType, ServerError};

use super::codec::sent;
use super::tokens::{Joined, Piece};

/// A header and its payload, as they travel.
pub fn frame(generation: Generation, message: MessageType, payload: &[u8]) -> Vec<u8> {
    let header = Header { generation, message, packed: false, verbose: false, size: payload.len() as u64 };
    [&header.to_bytes(), payload].concat()
}

/// The same with a packed payload.
pub fn packed_frame(message: MessageType, payload: &[u8]) -> Vec<u8> {
    let header = Header {
        generation: Generation::V3,
        message,
        packed: true,
        verbose: false,
        size: payload.len() as u64,
    };
    [&header.to_bytes(), payload].concat()
}

/// What a server hears and says, line by line.
#[derive(Clone)]
pub struct Script {
    generation: Generation,
    lines: Vec<Line>,
}

#[derive(Clone)]
enum Line {
    Expect(Vec<u8>),
    Say(Vec<u8>),
    Close,
}

impl Script {
    /// No line yet.
    pub const fn new(generation: Generation) -> Script {
        Script { generation, lines: Vec::new() }
    }

    /// A server of the generation that has let the client in.
    pub fn opened(generation: Generation) -> Script {
        let answer: &[u8] = match generation {
            Generation::V1 => &[1],
            Generation::V3 => &[3, 0],
        };
        Script::new(generation).hears(&[3, 0]).says(answer)
    }

    pub fn hears(mut self, bytes: &[u8]) -> Script {
        self.lines.push(Line::Expect(bytes.to_vec()));
        self
    }

    /// What is said in a row can be read at once.
    pub fn says(mut self, bytes: &[u8]) -> Script {
        match self.lines.last_mut() {
            Some(Line::Say(before)) => before.extend_from_slice(bytes),
            _ => self.lines.push(Line::Say(bytes.to_vec())),
        }
        self
    }

    pub fn closes(mut self) -> Script {
        self.lines.push(Line::Close);
        self
    }

    /// The client sends program text as a request.
    pub fn asked(self, program: &str) -> Script {
        self.asked_value(&Text::from(program))
    }

    pub fn asked_value(self, value: &dyn Encode) -> Script {
        let bytes = frame(self.generation, MessageType::Sync, &sent(self.generation, value));
        self.hears(&bytes)
    }

    /// The client sends program text that is not answered.
    pub fn told(self, program: &str) -> Script {
        let payload = sent(self.generation, &Text::from(program));
        let bytes = frame(self.generation, MessageType::Async, &payload);
        self.hears(&bytes)
    }

    /// The client answers a question.
    pub fn replied(self, value: &dyn Encode) -> Script {
        let bytes = frame(self.generation, MessageType::Response, &sent(self.generation, value));
        self.hears(&bytes)
    }

    /// The client refuses a question.
    pub fn refused(self) -> Script {
        match self.generation {
            Generation::V1 => self.replied(&()),
            Generation::V3 => self.replied(&ServerError::new("nyi")),
        }
    }

    pub fn answers(self, value: &dyn Encode) -> Script {
        let payload = sent(self.generation, value);
        self.answers_payload(&payload)
    }

    pub fn answers_payload(self, payload: &[u8]) -> Script {
        let bytes = frame(self.generation, MessageType::Response, payload);
        self.says(&bytes)
    }

    /// The server sends what nobody asked for.
    pub fn pushes(self, value: &dyn Encode) -> Script {
        let bytes = frame(self.generation, MessageType::Async, &sent(self.generation, value));
        self.says(&bytes)
    }

    /// The server asks the client.
    pub fn questions(self, value: &dyn Encode) -> Script {
        let bytes = frame(self.generation, MessageType::Sync, &sent(self.generation, value));
        self.says(&bytes)
    }

    /// One more exchange: that of [`assert_goes_on`].
    pub fn goes_on(self) -> Script {
        self.asked("(+ 1 2)").answers(&3i64)
    }

    /// Bytes that the server says.
    pub fn said_len(&self) -> usize {
        self.lines.iter().map(|line| if let Line::Say(bytes) = line { bytes.len() } else { 0 }).sum()
    }

    /// Bytes that the server hears.
    pub fn heard_len(&self) -> usize {
        self.lines.iter().map(|line| if let Line::Expect(bytes) = line { bytes.len() } else { 0 }).sum()
    }

    pub fn steps(&self) -> Vec<Step<'_>> {
        self.lines.iter().map(Line::step).collect()
    }
}

impl Line {
    fn step(&self) -> Step<'_> {
        match self {
            Line::Expect(bytes) => Step::Expect(bytes),
            Line::Say(bytes) => Step::Say(bytes),
            Line::Close => Step::Close,
        }
    }
}

/// The memory of one connection.
pub struct Lent {
    receive: Vec<u8>,
    transmit: Vec<u8>,
}

impl Lent {
    pub fn new(receive: usize, transmit: usize) -> Lent {
        Lent { receive: vec![0; receive], transmit: vec![0; transmit] }
    }

    pub fn lend(&mut self) -> Memory<'_> {
        Memory { receive: &mut self.receive, transmit: &mut self.transmit }
    }
}

/// Opens a connection with a receive buffer of so many bytes, and runs a test over it. Where the connection is still
/// open then, all lines were heard and said.
#[track_caller]
pub fn play(script: &Script, receive: usize, run: impl for<'b, 's> FnOnce(&mut Connection<'b, Duplex<'s>>)) {
    play_with(script, receive, &Options::new(), run);
}

#[track_caller]
pub fn play_with(
    script: &Script,
    receive: usize,
    options: &Options<'_>,
    run: impl for<'b, 's> FnOnce(&mut Connection<'b, Duplex<'s>>),
) {
    let steps = script.steps();
    let mut lent = Lent::new(receive, 64);
    let mut connection =
        Connection::open(Duplex::new(&steps), lent.lend(), options).expect("the server lets us in");
    run(&mut connection);
    if let Some(server) = connection.transport() {
        assert!(server.is_done(), "{server:?}");
    }
}

/// A server that lets the client in and goes on.
#[track_caller]
pub fn assert_lets_in(script: &Script, receive: usize, options: &Options<'_>) {
    play_with(script, receive, options, |connection| assert_goes_on(connection));
}

/// The reply by tokens, however they were cut.
pub fn pieces<T: Transport>(reply: &mut Reply<'_, '_, T>) -> Result<Vec<Piece>, Error<T::Error>> {
    let mut joined = Joined::default();
    while let Some(token) = reply.next_token()? {
        joined.push(token);
    }
    Ok(joined.pieces)
}

/// The exchange of [`Script::goes_on`].
#[track_caller]
pub fn assert_goes_on<T: Transport<Error: Debug>>(connection: &mut Connection<'_, T>) {
    assert_eq!(connection.close_reason(), None);
    let mut reply = connection.execute("(+ 1 2)").expect("the connection goes on");
    let pieces = pieces(&mut reply).expect("the connection goes on");
    assert_eq!(pieces, [Piece::Head(rayforce_ipc::codec::Token::Atom(Value::I64(3)))]);
}

/// It says why it is closed, and is never used again.
#[track_caller]
pub fn assert_closed<T: Transport<Error: Debug>>(connection: &mut Connection<'_, T>, reason: CloseReason) {
    assert_eq!(connection.close_reason(), Some(reason));
    assert!(!connection.is_open());
    assert!(connection.transport().is_none());
    let closed = |error| matches!(error, Error::Closed(first) if first == reason);
    assert!(closed(connection.execute("(+ 1 2)").expect_err("a closed connection")));
    assert!(closed(connection.send_async("(+ 1 2)").expect_err("a closed connection")));
}
