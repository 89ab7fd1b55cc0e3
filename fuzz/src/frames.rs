//! Calls on the smallest client, and a peer that answers what it likes.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use embedded_io::ErrorKind;
use rayforce_ipc::client::frames::{Frame, Frames};
use rayforce_ipc::codec::Value;
use rayforce_ipc::error::{Error, Outcome};
use rayforce_ipc::wire::MessageType;

use crate::input::{Input, generation};
use crate::session::world::{Plan, Said, Stream, World};

/// Plays what the input says: see the README.
///
/// # Panics
/// Where a property does not hold.
pub fn frames(input: &[u8]) {
    let mut input = Input(input);
    let choice = input.byte();
    let room = input.size().max(16);
    let mut world = World::new();
    world.connected(generation(choice));
    world.most = (input.size(), input.size());
    world.interrupted = if choice & 2 == 0 { 0 } else { 3 };
    let world = Rc::new(RefCell::new(world));
    let mut buffer = vec![0; room];
    let Ok(mut frames) = Frames::open(Stream(world.clone()), &mut buffer, None) else {
        panic!("a handshake with a peer that is well");
    };
    let unpacks = choice & 4 != 0;
    if unpacks {
        frames.set_unpacking();
    }
    let mut player = Player { world, room, unpacks, pending: VecDeque::new(), skipped: 0 };
    while !input.0.is_empty() {
        player.step(&mut frames, &mut input);
    }
    player.end(&mut frames);
}

struct Player {
    world: Rc<RefCell<World>>,
    room: usize,
    unpacks: bool,
    /// Requests whose answer was not looked at.
    pending: VecDeque<u64>,
    /// Questions that came as a frame, which the caller leaves unanswered.
    skipped: usize,
}

type Failure = Error<ErrorKind>;

impl Player {
    fn step(&mut self, frames: &mut Frames<'_, Stream>, input: &mut Input<'_>) {
        {
            let mut world = self.world.borrow_mut();
            (world.calls, world.moved) = (0, 0);
        }
        match input.byte() & 15 {
            0..=2 => self.execute(frames, input.size()),
            3 => self.send(frames, input.size()),
            4 => self.send_async(frames, input.size()),
            5 => self.receive(frames),
            6 | 7 => {
                let plan = plan(input);
                self.world.borrow_mut().plans.push_back(plan);
            }
            8 => {
                let plan = plan(input);
                self.world.borrow_mut().push(&plan);
            }
            9 => self.world.borrow_mut().ask(),
            10 => self.world.borrow_mut().babble(input.bytes()),
            11 => {
                let damage = (usize::from(input.byte()), input.byte());
                self.world.borrow_mut().damage = Some(damage);
            }
            12 => self.world.borrow_mut().is_ended = true,
            13 => {
                let raw = Some(input.bytes().to_vec());
                let plan = Plan { raw, ..plan(input) };
                self.world.borrow_mut().plans.push_back(plan);
            }
            _ => {
                let raw = Some(input.bytes().to_vec());
                let plan = Plan { raw, ..plan(input) };
                self.world.borrow_mut().push(&plan);
            }
        }
    }

    fn request(&self, size: usize) -> (u64, String) {
        let number = self.world.borrow_mut().number();
        (number, format!("{number}{}", " ".repeat(size)))
    }

    fn is_wild(&self) -> bool {
        self.world.borrow().is_wild
    }

    fn execute(&mut self, frames: &mut Frames<'_, Stream>, size: usize) {
        let (number, request) = self.request(size);
        let executed = frames.execute(request.as_str());
        let arrived = self.world.borrow().heard.contains(&number);
        if arrived {
            self.pending.push_back(number);
        }
        match executed {
            Ok(frame) => {
                assert!(self.is_wild() || frame.header().message == MessageType::Response);
                self.answer(&frame);
            }
            Err(error) => {
                assert!(!arrived || error.outcome() != Outcome::NotSent, "{number} has arrived: {error:?}");
                self.lost_answer(&error);
                self.failed(frames, &error);
            }
        }
    }

    fn send(&mut self, frames: &mut Frames<'_, Stream>, size: usize) {
        let (number, request) = self.request(size);
        let sent = frames.send(MessageType::Sync, request.as_str());
        self.sent(frames, number, sent);
        if self.world.borrow().heard.contains(&number) {
            self.pending.push_back(number);
        }
    }

    fn send_async(&mut self, frames: &mut Frames<'_, Stream>, size: usize) {
        let (number, request) = self.request(size);
        let sent = frames.send(MessageType::Async, request.as_str());
        self.sent(frames, number, sent);
    }

    fn sent(&mut self, frames: &mut Frames<'_, Stream>, number: u64, sent: Result<(), Failure>) {
        let arrived = self.world.borrow().heard.contains(&number);
        match sent {
            Ok(()) => assert!(arrived, "{number} did not arrive"),
            Err(error) => {
                assert!(!arrived || error.outcome() != Outcome::NotSent, "{number} has arrived: {error:?}");
                self.failed(frames, &error);
            }
        }
    }

    fn receive(&mut self, frames: &mut Frames<'_, Stream>) {
        match frames.receive() {
            Ok(frame) => match frame.header().message {
                MessageType::Response => self.answer(&frame),
                MessageType::Async => {
                    if !self.is_wild() {
                        let said = self.pushes_up_to(frame.payload());
                        self.hold(&frame, &said);
                    }
                }
                MessageType::Sync => self.skipped += 1,
            },
            Err(error) => {
                // Of which frame it is, is not said.
                if !matches!(error, Error::Closed(_)) && frames.closed().is_none() {
                    self.world.borrow_mut().is_wild = true;
                }
                self.failed(frames, &error);
            }
        }
    }

    /// The push that came, behind those that an exchange has thrown away.
    fn pushes_up_to(&self, payload: &[u8]) -> Said {
        let mut world = self.world.borrow_mut();
        while let Some(said) = world.pushed.pop_front() {
            if said.payload.as_deref().is_none_or(|known| known == payload) {
                return said;
            }
        }
        panic!("a push that nobody said");
    }

    fn answer(&mut self, frame: &Frame<'_>) {
        let number = self.pending.pop_front();
        if self.is_wild() {
            return;
        }
        let number = number.expect("an answer to a request");
        self.world.borrow_mut().is_given(number);
        let said = self.world.borrow().answered.get(&number).cloned();
        let said = said.unwrap_or_else(|| panic!("an answer that was not given to {number}"));
        self.hold(frame, &said);
    }

    /// What came is what was said.
    fn hold(&self, frame: &Frame<'_>, said: &Said) {
        let Some(payload) = &said.payload else { return };
        assert!(frame.payload() == payload, "{frame:?} is not {said:?}");
        let (value, expected) = (frame.value(), Value::decode(said.generation, payload));
        match (value, expected) {
            (Ok(value), Ok(expected)) => {
                assert_eq!(format!("{value:?}"), format!("{expected:?}"));
                if let Ok(leaf) = frame.leaf() {
                    assert_eq!(format!("{leaf:?}"), format!("{expected:?}"));
                }
            }
            (value, expected) => assert_eq!(value.is_ok(), expected.is_ok(), "{value:?} {expected:?}"),
        }
    }

    /// An exchange failed and the stream goes on: then it was its answer that could not be had.
    fn lost_answer(&mut self, error: &Failure) {
        let (is_packed, plain_len, payload_len) = match error {
            Error::Capacity { .. } | Error::Peer(_) => {
                let Some(number) = self.pending.pop_front() else { return };
                if self.is_wild() {
                    return;
                }
                self.world.borrow_mut().is_given(number);
                let world = self.world.borrow();
                let said = world
                    .answered
                    .get(&number)
                    .unwrap_or_else(|| panic!("{error:?} of no answer to {number}"));
                let plain_len = said.payload.as_ref().map(Vec::len);
                (said.packed, plain_len, plain_len.unwrap_or(0))
            }
            _ => return,
        };
        match error {
            Error::Capacity { needed, available, .. } => {
                assert_eq!(*available, self.room as u64);
                assert!(needed > available);
                let fits = if is_packed {
                    plain_len.is_some_and(|len| len + 64 <= self.room)
                } else {
                    payload_len <= self.room
                };
                assert!(!fits, "an answer of {plain_len:?} bytes into {}: {error:?}", self.room);
            }
            _ => assert!(
                is_packed && (!self.unpacks || plain_len.is_none()),
                "{error:?} of what was not packed"
            ),
        }
    }

    fn failed(&self, frames: &Frames<'_, Stream>, error: &Failure) {
        match error {
            Error::Closed(reason) => assert_eq!(frames.closed(), Some(*reason)),
            Error::Peer(peer) => assert_eq!(frames.closed().is_some(), peer.closes(), "{error:?}"),
            Error::Transport { .. } | Error::TimedOut(_) | Error::Disconnected(_) => {
                assert!(frames.closed().is_some(), "{error:?} leaves it open");
            }
            Error::Capacity { .. } => assert_eq!(frames.closed(), None, "{error:?}"),
            other => panic!("{other:?}"),
        }
    }

    /// One that says that it is open gives the right answer to one more request; one that is closed says why, always.
    fn end(&mut self, frames: &mut Frames<'_, Stream>) {
        if let Some(reason) = frames.closed() {
            for _ in 0..2 {
                assert_eq!(frames.execute("1").map(|_| ()), Err(Error::Closed(reason)));
                assert_eq!(frames.receive().map(|_| ()), Err(Error::Closed(reason)));
            }
            return;
        }
        if self.is_wild() || self.world.borrow().is_ended {
            return;
        }
        {
            let mut world = self.world.borrow_mut();
            world.plans.clear();
            world.damage = None;
        }
        let waiting = self.pending.len();
        for _ in 0..=waiting {
            self.begin();
            self.execute(frames, 1);
            assert_eq!(frames.closed(), None, "it was open");
        }
    }

    fn begin(&self) {
        let mut world = self.world.borrow_mut();
        (world.calls, world.moved) = (0, 0);
    }
}

fn plan(input: &mut Input<'_>) -> Plan {
    let kind = input.byte();
    let size = input.size().min(300);
    Plan { kind: kind & 0x7f, size, packed: kind & 0x80 != 0, raw: None }
}
