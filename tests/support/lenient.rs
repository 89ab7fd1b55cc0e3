//! A server that plays a script to clients that give up calls: what they leave out or put off is no fault.
//!
//! A question may be answered as the script has it, or refused; what comes before that answer is heard after it, as
//! a server does that waits; and a dialect that was asked for once may be asked for again.

use std::cell::{Ref, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use embedded_io_async::{ErrorType, Read, Write};
use rayforce_ipc::client::asynch::Transport;
use rayforce_ipc::transports::duplex::{DuplexError, Step};
use rayforce_ipc::wire::{Generation, Header, MessageType};

/// The client's end; clones see the same server.
#[derive(Clone, Debug)]
pub struct Lenient(Rc<RefCell<Server>>);

#[derive(Debug)]
pub struct Server {
    generation: Generation,
    lines: VecDeque<Line>,
    /// Answers that the script has to questions.
    responses: Vec<Vec<u8>>,
    /// The request by which the client asks for the dialect, and the answer, if the script has one.
    probe: Vec<u8>,
    probed: Option<Vec<u8>>,
    /// Bytes of a message that is not complete.
    pub partial: Vec<u8>,
    /// Frames that the script does not have yet.
    pub early: VecDeque<Vec<u8>>,
    said: VecDeque<u8>,
    ended: bool,
    /// Requests that were heard, and whether they are probes.
    pub asked: Vec<bool>,
    /// Messages that were heard and want no answer.
    pub told: usize,
    /// What was said after the handshake, frame by frame, with the payload.
    pub items: Vec<(MessageType, Vec<u8>)>,
}

#[derive(Clone, Debug)]
enum Line {
    Hear(Vec<u8>),
    Say(Vec<u8>),
    End,
}

impl Lenient {
    /// `probe` is the request by which a client of wire 1 asks for the dialect.
    pub fn new(generation: Generation, steps: &[Step<'_>], probe: &[u8]) -> Lenient {
        let line = |step: &Step<'_>| match step {
            Step::Expect(bytes) => Line::Hear(bytes.to_vec()),
            Step::Say(bytes) => Line::Say(bytes.to_vec()),
            Step::Close => Line::End,
        };
        let lines: VecDeque<Line> = steps.iter().map(line).collect();
        let refusal = super::script::Script::new(generation).refused();
        let expected = lines.iter().filter_map(|line| match line {
            Line::Hear(bytes) => Some(bytes.clone()),
            _ => None,
        });
        let refused = refusal.steps().iter().map(line).collect::<Vec<_>>();
        let refused = refused.into_iter().filter_map(|line| match line {
            Line::Hear(bytes) => Some(bytes),
            _ => None,
        });
        let responses = expected.chain(refused).filter(|bytes| is(bytes, MessageType::Response)).collect();
        let asked = steps.iter().position(|step| matches!(step, Step::Expect(asked) if *asked == probe));
        let said = steps.iter().skip(asked.unwrap_or(steps.len())).filter_map(|step| match step {
            Step::Say(bytes) => Some(*bytes),
            _ => None,
        });
        let mut said = said.flat_map(|bytes| cut(generation, bytes));
        let answer = said.find(|frame| is(frame, MessageType::Response));
        let (probe, probed) = (probe.to_vec(), answer.map(<[u8]>::to_vec));
        let server = Server {
            generation,
            lines,
            responses,
            probe,
            probed,
            partial: Vec::new(),
            early: VecDeque::new(),
            said: VecDeque::new(),
            ended: false,
            asked: Vec::new(),
            told: 0,
            items: Vec::new(),
        };
        let server = Lenient(Rc::new(RefCell::new(server)));
        server.0.borrow_mut().speak();
        server
    }

    pub fn server(&self) -> Ref<'_, Server> {
        self.0.borrow()
    }
}

impl Server {
    /// The client's bytes so far are the beginning of a message that the connection sends by itself.
    pub fn hears_own(&self) -> bool {
        let refusal = super::script::Script::new(self.generation).refused();
        let steps = refusal.steps();
        let refusal =
            steps.iter().any(|step| matches!(step, Step::Expect(own) if own.starts_with(&self.partial)));
        refusal || self.probe.starts_with(&self.partial)
    }

    /// Whether the script has more to be heard or said.
    pub fn lines_left(&self) -> bool {
        !self.lines.is_empty()
    }

    fn hear(&mut self, bytes: &[u8]) -> Result<usize, DuplexError> {
        self.partial.extend(bytes);
        loop {
            match self.lines.front() {
                Some(Line::Hear(raw)) if raw.len() < Header::LEN => {
                    if self.partial.len() < raw.len() {
                        break;
                    }
                    let heard: Vec<u8> = self.partial.drain(..raw.len()).collect();
                    if heard != *raw {
                        return Err(UNEXPECTED);
                    }
                    self.lines.pop_front();
                    self.speak();
                }
                _ => {
                    let Some(bytes) = self.partial.first_chunk() else { break };
                    let size = Header::parse(self.generation, bytes).map_err(|_| UNEXPECTED)?.size as usize;
                    if self.partial.len() < Header::LEN + size {
                        break;
                    }
                    self.early.push_back(self.partial.drain(..Header::LEN + size).collect());
                    self.take()?;
                }
            }
        }
        Ok(bytes.len())
    }

    /// Goes on with the frames that were heard: with the first answer to a question, or the first of the others, that
    /// the script has before the server speaks.
    fn take(&mut self) -> Result<(), DuplexError> {
        loop {
            let heard = self.lines.iter().map_while(|line| match line {
                Line::Hear(frame) => Some(frame.as_slice()),
                _ => None,
            });
            let heard: Vec<&[u8]> = heard.collect();
            let place = |frame: &[u8]| {
                let response = is(frame, MessageType::Response);
                heard.iter().position(|line| is(line, MessageType::Response) == response)
            };
            let probed = self.probed.is_some() && self.asked.contains(&true);
            let known =
                |frame: &[u8], at: usize| heard[at] == frame || self.responses.iter().any(|own| own == frame);
            let next = self.early.iter().enumerate().find_map(|(number, frame)| match place(frame) {
                Some(at) if known(frame, at) => Some((number, Some(at))),
                _ if probed && *frame == self.probe => Some((number, None)),
                _ => None,
            });
            let Some((number, at)) = next else {
                let wrong = self.early.iter().any(|frame| place(frame).is_some());
                return if wrong { Err(UNEXPECTED) } else { Ok(()) };
            };
            let frame = self.early.remove(number).unwrap();
            if is(&frame, MessageType::Sync) {
                self.asked.push(frame == self.probe);
            } else if is(&frame, MessageType::Async) {
                self.told += 1;
            }
            match at {
                Some(at) => {
                    self.lines.remove(at);
                    self.speak();
                }
                None => {
                    let answer = self.probed.clone().unwrap();
                    self.say(&answer);
                }
            }
        }
    }

    fn speak(&mut self) {
        while let Some(Line::Say(_) | Line::End) = self.lines.front() {
            match self.lines.pop_front() {
                Some(Line::Say(bytes)) => self.say(&bytes),
                _ => self.ended = true,
            }
        }
    }

    /// Says the next answer, whose request was heard, before what the script has heard first: a client waits for it that
    /// would otherwise speak.
    fn hasten(&mut self) {
        let answers = self.items.iter().filter(|(message, _)| *message == MessageType::Response).count();
        let waits = |line: &Line| matches!(line, Line::Hear(frame) if !is(frame, MessageType::Response));
        let Some(at) = self.lines.iter().position(|line| !waits(line)) else { return };
        let Line::Say(bytes) = &self.lines[at] else { return };
        if answers >= self.asked.len() || self.frames(bytes).is_empty() {
            return;
        }
        let first = cut(self.generation, bytes).first().map_or(0, |frame| frame.len());
        let (first, rest) = bytes.split_at(first);
        let (first, rest) = (first.to_vec(), rest.to_vec());
        if rest.is_empty() {
            self.lines.remove(at);
        } else {
            self.lines[at] = Line::Say(rest);
        }
        self.say(&first);
    }

    fn say(&mut self, bytes: &[u8]) {
        self.said.extend(bytes);
        let frames = self.frames(bytes);
        self.items.extend(frames);
    }

    /// The frames of a line, behind the answer to the opening.
    fn frames(&self, bytes: &[u8]) -> Vec<(MessageType, Vec<u8>)> {
        let opening = if self.items.is_empty() {
            bytes.windows(MAGIC.len()).position(|bytes| *bytes == MAGIC)
        } else {
            Some(0)
        };
        let frames = cut(self.generation, &bytes[opening.unwrap_or(bytes.len())..]);
        let frame = |bytes: &[u8]| {
            let header = header(self.generation, bytes).unwrap();
            let travelled = &bytes[Header::LEN..];
            let unpacked = header.packed && header.message != MessageType::Response;
            let payload = if unpacked { super::unpack::unpack(travelled) } else { travelled.to_vec() };
            (header.message, payload)
        };
        frames.into_iter().map(frame).collect()
    }
}

/// The frames in bytes that begin with one, up to the first that is none.
fn cut(generation: Generation, bytes: &[u8]) -> Vec<&[u8]> {
    let mut rest = bytes;
    let mut frames = Vec::new();
    while let Some(header) = header(generation, rest) {
        let end = (Header::LEN + header.size as usize).min(rest.len());
        frames.push(&rest[..end]);
        rest = &rest[end..];
    }
    frames
}

fn is(frame: &[u8], message: MessageType) -> bool {
    const MESSAGE: usize = 7;
    let number = match message {
        MessageType::Async => 0,
        MessageType::Sync => 1,
        MessageType::Response => 2,
    };
    frame.len() >= Header::LEN && frame[MESSAGE] == number
}

fn header(generation: Generation, bytes: &[u8]) -> Option<Header> {
    Header::parse(generation, bytes.first_chunk()?).ok()
}

const MAGIC: [u8; 4] = [0xfa, 0xde, 0xfa, 0xce];
const UNEXPECTED: DuplexError = DuplexError::Unexpected { step: 0, offset: 0 };

impl ErrorType for Lenient {
    type Error = DuplexError;
}

impl Read for Lenient {
    async fn read(&mut self, target: &mut [u8]) -> Result<usize, DuplexError> {
        let mut server = self.0.borrow_mut();
        if server.said.is_empty() {
            server.hasten();
        }
        if server.said.is_empty() {
            return if server.ended { Ok(0) } else { Err(DuplexError::Silent) };
        }
        let count = target.len().min(server.said.len());
        for (target, byte) in target.iter_mut().zip(server.said.drain(..count)) {
            *target = byte;
        }
        Ok(count)
    }
}

impl Write for Lenient {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, DuplexError> {
        self.0.borrow_mut().hear(bytes)
    }

    async fn flush(&mut self) -> Result<(), DuplexError> {
        Ok(())
    }
}

impl Transport for Lenient {
    type Handle = ();

    fn set_deadline(&mut self, _limit: Duration) {}

    fn handle(&self) -> Result<(), DuplexError> {
        Ok(())
    }
}
