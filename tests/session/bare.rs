//! The conversations against the state machine alone, which does no I/O.

use std::collections::VecDeque;

use rayforce_ipc::client::{Progress, Session};
use rayforce_ipc::codec::{Encode, Value};
use rayforce_ipc::error::{AuthError, CloseReason, Error, Phase};
use rayforce_ipc::wire::{Credentials, MessageType, ServerError};

use super::not_ours::ours;
use crate::support::script::Lent;
use crate::support::sessions::{Conversation, Frame, Step};

/// What the session says of what came in.
#[derive(Debug, PartialEq)]
enum Event {
    Ready,
    Credentials,
    Refused,
    Answer,
    Failed(ServerError),
    Question,
    Ended,
}

/// How much is moved at once.
#[derive(Clone, Copy)]
struct Portions {
    transmit: usize,
    receive: usize,
    /// The most bytes that one read gives.
    read: usize,
    /// No read goes across this byte of the stream.
    cut: usize,
}

struct Driver<'b> {
    session: Session<'b>,
    portions: Portions,
    /// Bytes that the server sent and the session has not got.
    under_way: VecDeque<u8>,
    got: usize,
}

impl Driver<'_> {
    /// All bytes of a message.
    fn send(&mut self, value: &dyn Encode) -> Vec<u8> {
        let mut sent = Vec::new();
        loop {
            let bytes = self.session.transmit(value).expect("the same value as was begun");
            if bytes.is_empty() {
                return sent;
            }
            assert!(bytes.len() <= self.portions.transmit);
            // Half of what could be written, to have short writes too.
            let count = bytes.len().div_ceil(2);
            sent.extend_from_slice(&bytes[..count]);
            self.session.sent(count);
        }
    }

    /// Reads once; false where nothing is under way.
    fn read(&mut self) -> bool {
        if self.under_way.is_empty() {
            return false;
        }
        let window = self.session.receive_window();
        assert!(!window.is_empty(), "input is wanted, and there is no room for it");
        let to_cut = self.portions.cut.checked_sub(self.got).filter(|left| *left > 0);
        let most = self.portions.read.min(window.len()).min(to_cut.unwrap_or(usize::MAX));
        let count = most.min(self.under_way.len());
        for (target, byte) in window.iter_mut().zip(self.under_way.drain(..count)) {
            *target = byte;
        }
        self.got += count;
        self.session.received(count);
        true
    }

    fn drain(&mut self) {
        while !self.session.drain() {
            assert!(self.read(), "the answer ends early");
        }
    }

    /// What the session makes of bytes.
    fn hear(&mut self, bytes: &[u8]) -> Vec<Event> {
        self.under_way.extend(bytes);
        let mut events = Vec::new();
        loop {
            let event = match self.session.poll() {
                Ok(Progress::NeedInput) if self.read() => continue,
                Ok(Progress::NeedInput) => return events,
                Ok(Progress::Ready) => Event::Ready,
                Ok(Progress::Credentials) => Event::Credentials,
                Ok(Progress::Push) => continue,
                Ok(Progress::Question) => Event::Question,
                Ok(Progress::Answer) => Event::Answer,
                Ok(Progress::Failed(error)) => Event::Failed(error),
                Err(Error::Auth(AuthError::Refused)) => {
                    events.push(Event::Refused);
                    return events;
                }
                other => panic!("{other:?}"),
            };
            if matches!(event, Event::Answer | Event::Failed(_) | Event::Question) {
                self.drain();
            }
            events.push(event);
        }
    }
}

/// What must be said of bytes, by the decoder alone; and how many frames in them are pushed.
fn expected(conversation: &Conversation, bytes: &[u8]) -> (Vec<Event>, u32) {
    let Some(frames) = conversation.frames(bytes) else {
        let event = match bytes {
            [3, 0] | [1] if conversation.credentials().is_none() => Event::Ready,
            [3, 1] => Event::Credentials,
            [0] => Event::Ready,
            [1] => Event::Refused,
            other => panic!("no frame and no handshake: {other:02x?}"),
        };
        return (vec![event], 0);
    };
    let pushed = frames.iter().filter(|frame| !frame.is(MessageType::Response)).count();
    let asked = frames.into_iter().filter(|frame| !frame.is(MessageType::Async));
    let event =
        |frame: Frame| match (frame.header.message, Value::decode(conversation.generation, &frame.payload)) {
            (MessageType::Sync, _) => Event::Question,
            (_, Ok(Value::Error(error))) => Event::Failed(error.error()),
            _ => Event::Answer,
        };
    (asked.map(event).collect(), pushed as u32)
}

fn replay(conversation: &Conversation, portions: Portions) {
    let mut lent = Lent::new(portions.receive, portions.transmit);
    let mut driver =
        Driver { session: Session::new(lent.lend()), portions, under_way: VecDeque::new(), got: 0 };
    driver.session.open(conversation.demanded()).unwrap();
    let opening = driver.session.opening();
    assert_eq!(driver.send(&opening), conversation.opening);
    let mut pushed = 0;
    for step in &conversation.steps {
        match step {
            Step::Client(bytes) => assert_eq!(send(&mut driver, conversation, bytes), *bytes),
            Step::Server(bytes) => {
                let (events, pushes) = expected(conversation, bytes);
                pushed += pushes;
                assert_eq!(driver.hear(bytes), events, "{}", conversation.id);
                assert_eq!(driver.session.skipped(), pushed);
            }
            Step::ServerCloses => assert_eq!(end(&mut driver.session), Event::Ended),
        }
    }
    assert!(!driver.session.is_half_sent());
    assert_eq!(driver.session.left(), 0);
}

/// Sends a step of the client.
fn send(driver: &mut Driver<'_>, conversation: &Conversation, step: &[u8]) -> Vec<u8> {
    let Some(frames) = conversation.frames(step) else {
        let (user, password) = conversation.credentials().expect("credentials");
        let credentials = Credentials::new(user, password).unwrap();
        let credentials = driver.session.authenticate(Some(credentials)).unwrap();
        return driver.send(&credentials);
    };
    let mut bytes = Vec::new();
    for frame in frames {
        let value = Value::decode(conversation.generation, &frame.payload).unwrap();
        match frame.header.verbose {
            true => driver.session.begin_verbose(&value).unwrap(),
            false => driver.session.begin(frame.header.message, &value).unwrap(),
        }
        bytes.extend(driver.send(&value));
    }
    bytes
}

fn end(session: &mut Session<'_>) -> Event {
    let refused = session.closed();
    let phase = Phase::FirstByte;
    assert_eq!(session.ended(phase), Error::Disconnected(phase));
    assert_eq!(session.closed(), refused.or(Some(CloseReason::Disconnected(phase))));
    Event::Ended
}

/// Every conversation, by small and by large buffers; `portions` says how one is cut.
fn replay_all(portions: impl Fn(&Conversation) -> Vec<(usize, usize)>) {
    for conversation in ours() {
        for (read, cut) in portions(&conversation) {
            for transmit in [1, 7, 64] {
                for receive in [16, 4096] {
                    replay(&conversation, Portions { transmit, receive, read, cut });
                }
            }
        }
    }
}

#[test]
fn real_conversations_go_through_however_the_bytes_are_cut() {
    replay_all(|conversation| {
        let len = conversation.steps.iter().map(|step| match step {
            Step::Server(bytes) => bytes.len(),
            _ => 0,
        });
        (0..len.sum()).map(|cut| (usize::MAX, cut)).collect()
    });
}

#[test]
fn real_conversations_go_through_byte_by_byte() {
    replay_all(|_| (1..=3).map(|read| (read, 0)).collect());
}

#[test]
fn a_session_that_is_not_open_says_so() {
    let mut lent = Lent::new(16, 1);
    let mut session = Session::new(lent.lend());
    assert_eq!(session.closed(), Some(CloseReason::NeverOpened));
    assert_eq!(session.poll(), Err(Error::Closed(CloseReason::NeverOpened)));
}
