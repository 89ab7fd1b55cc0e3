//! A server in memory, to which connecting fails as it is told.

use std::cell::RefCell;
use std::collections::{BTreeSet, VecDeque};
use std::fmt;
use std::time::Duration;

use embedded_io::{ErrorKind, ErrorType, Read, Write};
use rayforce_ipc::client::{Abort, Clock, Connect, Transport};
use rayforce_ipc::codec::literal::Call;
use rayforce_ipc::codec::{Encode, Value, Writer};
use rayforce_ipc::wire::{Generation, Header, MessageType, ServerError};

/// What becomes of an attempt to connect.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Dial {
    /// It is open.
    Open,
    /// It is refused.
    Refused,
    /// Nobody shakes hands.
    Silent,
    /// The stream ends before hands are shaken.
    Ended,
    /// Somebody else answers.
    Stranger,
    /// There is no handle for the stream.
    Unreachable,
}

/// What a request is answered by.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Answer {
    /// Its number.
    Number,
    /// An error.
    Error,
    /// More than the receive buffer holds.
    Long,
    /// What is no value.
    Undecodable,
    /// Its number, behind a push.
    BehindPush,
    /// Its number, in front of a push.
    BeforePush,
    /// Its number, behind a question.
    BehindQuestion,
    /// Nothing, from now on.
    Nothing,
    /// Half a frame and the end of the stream.
    Half,
    /// The end of the stream.
    End,
    /// What is no frame.
    Noise,
}

impl Answer {
    /// Whether the connection is open behind it.
    pub const fn is_survived(self) -> bool {
        !matches!(self, Answer::Nothing | Answer::Half | Answer::End | Answer::Noise)
    }

    /// Whether it leaves nothing behind but what its request was answered by.
    pub const fn is_whole(self) -> bool {
        matches!(self, Answer::Number | Answer::Error | Answer::Undecodable | Answer::BehindPush)
    }
}

/// The server and all streams to it.
#[derive(Debug, Default)]
pub struct Server {
    /// What becomes of the next attempts to connect.
    pub dials: VecDeque<Dial>,
    /// What the next requests are answered by.
    pub answers: VecDeque<Answer>,
    /// Streams that somebody has, or had.
    pub streams: Vec<Line>,
    /// Requests that arrived.
    pub heard: BTreeSet<i64>,
}

/// One stream as the server sees it.
#[derive(Debug)]
pub struct Line {
    dial: Dial,
    inbox: Vec<u8>,
    out: VecDeque<u8>,
    is_shaken: bool,
    is_silent: bool,
    /// Whether the server has ended it.
    pub is_ended: bool,
    is_aborted: bool,
    /// Whether the client still has it.
    pub is_held: bool,
}

impl Line {
    /// Whether a look at it does not show its end.
    pub fn is_alive(&self) -> bool {
        !self.is_ended || !self.out.is_empty()
    }

    fn say(&mut self, message: MessageType, payload: &[u8]) {
        let header =
            Header { generation: V3, message, packed: false, verbose: false, size: payload.len() as u64 };
        self.out.extend(header.to_bytes());
        self.out.extend(payload);
    }

    fn answer(&mut self, number: i64, answer: Answer) {
        if self.is_silent || self.is_ended {
            return;
        }
        let own = encoded(&number);
        match answer {
            Answer::Number => self.say(MessageType::Response, &own),
            Answer::Error => self.say(MessageType::Response, &encoded(&ServerError::new("type"))),
            Answer::Long => self.say(MessageType::Response, &encoded(&[number; 20])),
            Answer::Undecodable => self.say(MessageType::Response, &[0x55]),
            Answer::BehindPush => {
                self.say(MessageType::Async, &encoded(&-number));
                self.say(MessageType::Response, &own);
            }
            Answer::BeforePush => {
                self.say(MessageType::Response, &own);
                self.say(MessageType::Async, &encoded(&-number));
            }
            Answer::BehindQuestion => {
                self.say(MessageType::Sync, &encoded(&Call("+", &[&1i64, &2i64])));
                self.say(MessageType::Response, &own);
            }
            Answer::Nothing => self.is_silent = true,
            Answer::Half => {
                self.say(MessageType::Response, &own);
                self.out.truncate(self.out.len() - own.len() - 3);
                self.is_ended = true;
            }
            Answer::End => self.is_ended = true,
            Answer::Noise => self.out.extend([0xff; 16]),
        }
    }
}

/// The way to the server. (No stream owns memory, so that one that is forgotten leaks none.)
#[derive(Clone, Copy, Debug)]
pub struct Connector<'s>(pub &'s RefCell<Server>);

/// The client's end of a stream.
#[derive(Debug)]
pub struct Stream<'s> {
    server: &'s RefCell<Server>,
    index: usize,
}

/// What ends a stream from elsewhere.
#[derive(Debug)]
pub struct Handle<'s>(&'s RefCell<Server>, usize);

/// It is always the same time.
#[derive(Clone, Copy, Debug)]
pub struct Noon;

impl Clock for Noon {
    fn uptime(&self) -> Duration {
        Duration::ZERO
    }
}

impl fmt::Display for Connector<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("memory")
    }
}

impl<'s> Connect for Connector<'s> {
    type Transport = Stream<'s>;
    type Clock = Noon;

    fn connect(&self, _: Duration) -> Result<Stream<'s>, ErrorKind> {
        let mut server = self.0.borrow_mut();
        let dial = server.dials.pop_front().unwrap_or(Dial::Open);
        if dial == Dial::Refused {
            return Err(ErrorKind::ConnectionRefused);
        }
        server.streams.push(Line {
            dial,
            inbox: Vec::new(),
            out: VecDeque::new(),
            is_shaken: false,
            is_silent: false,
            is_ended: dial == Dial::Ended,
            is_aborted: false,
            is_held: true,
        });
        Ok(Stream { server: self.0, index: server.streams.len() - 1 })
    }

    fn clock(&self) -> &Noon {
        &Noon
    }
}

impl Stream<'_> {
    fn with<T>(&self, call: impl FnOnce(&mut Line) -> T) -> T {
        call(&mut self.server.borrow_mut().streams[self.index])
    }

    /// What came in, frame by frame.
    fn hear(&self) {
        let mut server = self.server.borrow_mut();
        let server = &mut *server;
        let line = &mut server.streams[self.index];
        if !line.is_shaken {
            if line.inbox.len() < 2 {
                return;
            }
            line.inbox.drain(..2);
            line.is_shaken = true;
            match line.dial {
                Dial::Silent => line.is_silent = true,
                Dial::Stranger => line.out.push_back(b'H'),
                _ => line.out.extend([3, 0]),
            }
        }
        while let Some(head) = line.inbox.first_chunk() {
            let header = Header::parse(V3, head).expect("what the client sends is a frame");
            let end = Header::LEN + header.size as usize;
            if line.inbox.len() < end {
                return;
            }
            let frame: Vec<u8> = line.inbox.drain(..end).collect();
            let value = Value::decode(V3, &frame[Header::LEN..]).expect("what the client sends is a value");
            if header.message == MessageType::Sync {
                let number = value.as_i64().expect("the number of a request");
                assert!(server.heard.insert(number), "{number} came twice");
                line.answer(number, server.answers.pop_front().unwrap_or(Answer::Number));
            }
        }
    }
}

impl ErrorType for Stream<'_> {
    type Error = ErrorKind;
}

impl Read for Stream<'_> {
    fn read(&mut self, target: &mut [u8]) -> Result<usize, ErrorKind> {
        assert!(!target.is_empty(), "input is wanted, and there is no room for it");
        self.with(|line| {
            if line.is_aborted {
                return Err(ErrorKind::ConnectionAborted);
            }
            let count = target.len().min(line.out.len());
            target.iter_mut().zip(line.out.drain(..count)).for_each(|(target, byte)| *target = byte);
            if count == 0 && !line.is_ended { Err(ErrorKind::TimedOut) } else { Ok(count) }
        })
    }
}

impl Write for Stream<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        assert!(!bytes.is_empty(), "nothing is to be written");
        self.with(|line| {
            if line.is_aborted {
                return Err(ErrorKind::ConnectionAborted);
            }
            if line.is_ended {
                return Err(ErrorKind::BrokenPipe);
            }
            line.inbox.extend(bytes);
            Ok(())
        })?;
        self.hear();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        self.with(|line| if line.is_aborted { Err(ErrorKind::ConnectionAborted) } else { Ok(()) })
    }
}

impl<'s> Transport for Stream<'s> {
    type Handle = Handle<'s>;

    fn set_deadline(&mut self, _: Duration) {}

    fn handle(&self) -> Result<Handle<'s>, ErrorKind> {
        if self.with(|line| line.dial == Dial::Unreachable) {
            return Err(ErrorKind::Other);
        }
        Ok(Handle(self.server, self.index))
    }

    fn is_alive(&mut self) -> bool {
        self.with(|line| line.is_alive())
    }
}

impl Abort for Handle<'_> {
    fn abort(&self) {
        self.0.borrow_mut().streams[self.1].is_aborted = true;
    }
}

impl Drop for Stream<'_> {
    fn drop(&mut self) {
        self.with(|line| {
            assert!(line.is_held, "dropped twice");
            line.is_held = false;
        });
    }
}

fn encoded(value: &dyn Encode) -> Vec<u8> {
    let mut buffer = vec![0; 1024];
    let len = Writer::encode(V3, value, &mut buffer).expect("a value that can be sent").len();
    buffer.truncate(len);
    buffer
}

const V3: Generation = Generation::V3;
