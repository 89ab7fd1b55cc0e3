//! Operations on a pool, held against a model of its slots.
//!
//! ```text
//!  mod     the operations
//!  slots   the model
//!  server  the other side
//! ```

pub mod server;
pub mod slots;

use std::cell::RefCell;
use std::collections::VecDeque;

use embedded_io::ErrorKind;
use rayforce_ipc::engine::{self, Disposed};
use rayforce_ipc::error::{Error, Outcome, RequestError};
use rayforce_ipc::{Engine, PooledConnection};

use self::server::{Answer, Connector, Dial, Server};
use self::slots::{Slot, Slots};
use crate::input::Input;

/// Connections of the pool.
pub const CAPACITY: usize = 3;

type Pool<'p, 's> = Engine<'p, Connector<'s>, CAPACITY>;
type Failure = Error<ErrorKind>;

/// Plays what the input says: see the README.
///
/// # Panics
/// Where a property does not hold.
pub fn engine(input: &[u8]) {
    let mut input = Input(input);
    let server = RefCell::new(Server::default());
    let mut slots = [const { engine::Slot::<_, 64, 32>::new() }; CAPACITY];
    let engine = Engine::new(Connector(&server), &mut slots);
    let mut play =
        Play { engine: &engine, server: &server, held: Vec::new(), slots: Slots::default(), number: 0 };
    while !input.0.is_empty() {
        play.step(&mut input);
        play.hold();
    }
    play.end();
    let lost = play.slots.lost_streams();
    drop(play);
    drop(engine);
    assert_eq!(
        server.borrow().streams.iter().filter(|line| line.is_held).count(),
        lost,
        "streams behind the pool"
    );
}

/// A guard, and what is known of it.
struct Held<'e, 'p, 's: 'p> {
    guard: PooledConnection<'e, 'p, Connector<'s>, CAPACITY>,
    slot: usize,
    /// Requests whose answer is to be received.
    pending: VecDeque<(i64, Answer)>,
    /// Whether the next holder can surely begin anew; else that is not known.
    is_clean: bool,
}

struct Play<'e, 'p, 's: 'p> {
    engine: &'e Pool<'p, 's>,
    server: &'s RefCell<Server>,
    held: Vec<Held<'e, 'p, 's>>,
    slots: Slots,
    number: i64,
}

impl Play<'_, '_, '_> {
    fn step(&mut self, input: &mut Input<'_>) {
        let op = input.byte();
        let index = usize::from(op >> 5);
        match op & 31 {
            0..=3 => self.acquire(),
            4 => {
                let dial =
                    [Dial::Refused, Dial::Silent, Dial::Ended, Dial::Stranger, Dial::Unreachable, Dial::Open];
                self.server.borrow_mut().dials.push_back(dial[index % dial.len()]);
            }
            5 => {
                let answer = ANSWERS[usize::from(input.byte()) % ANSWERS.len()];
                self.server.borrow_mut().answers.push_back(answer);
            }
            6 => {
                self.server.borrow_mut().streams.iter_mut().for_each(|line| line.is_ended = true);
            }
            7 => self.dispose(),
            8 => self.check_idle(),
            _ if self.held.is_empty() => {}
            op => {
                let index = index % self.held.len();
                match op {
                    9..=11 => self.execute(index),
                    12 => self.send(index),
                    13 => self.receive(index),
                    14 | 15 => self.release(index),
                    16 | 17 => {
                        let held = self.held.swap_remove(index);
                        drop(held.guard);
                        self.slots.freed(held.slot);
                    }
                    18 => {
                        let held = self.held.swap_remove(index);
                        std::mem::forget(held.guard);
                        self.slots.forgotten(held.slot);
                    }
                    19 => {
                        let held = &mut self.held[index];
                        let _ = held.guard.close();
                        self.slots.closed(held.slot);
                        assert_eq!(held.guard.close(), Ok(()), "closed twice");
                    }
                    20 => {
                        let held = &mut self.held[index];
                        held.guard.abort();
                        self.slots.closed(held.slot);
                    }
                    21 => self.reconnect(index),
                    22 => self.next_push(index),
                    23 => {
                        let held = &mut self.held[index];
                        if let Ok(connection) = held.guard.connection() {
                            let _ = connection.close();
                        }
                        self.touched(index);
                    }
                    _ => self.touched(index),
                }
            }
        }
    }

    /// What can be seen of the pool at any time.
    fn hold(&self) {
        assert_eq!(self.engine.pool_size(), self.slots.open_count(), "{:?}", self.slots);
        let shown = format!("IPCEngine(memory, pool_size: {})", self.slots.open_count());
        assert_eq!(self.engine.to_string(), shown);
        for held in &self.held {
            let is_open = self.slots.is_open(held.slot);
            assert_eq!(held.guard.is_open(), is_open, "{:?}", self.slots);
            assert_eq!(held.guard.close_reason().is_none(), is_open);
            assert_eq!(Some(held.guard.id()), self.slots.id(held.slot));
            let state = if is_open { "established" } else { "disposed" };
            assert!(held.guard.to_string().contains(state), "{} is {state}", held.guard);
        }
        let streams = self.server.borrow().streams.iter().filter(|line| line.is_held).count();
        assert_eq!(streams, self.slots.stream_count(), "{:?}", self.slots);
    }

    fn acquire(&mut self) {
        let acquired = self.engine.acquire();
        let Some(slot) = self.slots.next() else {
            assert_eq!(acquired.map(|_| ()), Err(Error::Exhausted { capacity: CAPACITY }));
            return;
        };
        if let Slot::Idle { id, stream } = self.slots.0[slot]
            && self.server.borrow().streams[stream].is_alive()
        {
            let guard = acquired.expect("an idle connection");
            assert_eq!(guard.id(), id, "another one was idle");
            self.slots.lend(slot, id, stream);
            self.held.push(Held { guard, slot, pending: VecDeque::new(), is_clean: true });
            return;
        }
        match acquired {
            Ok(guard) => {
                let id = self.slots.new_id();
                assert_eq!(guard.id(), id, "each connection has a number of its own");
                self.slots.lend(slot, id, self.newest());
                self.held.push(Held { guard, slot, pending: VecDeque::new(), is_clean: true });
            }
            Err(error) => {
                assert_eq!(error.outcome(), Outcome::NotSent, "{error:?}");
                self.slots.freed(slot);
            }
        }
    }

    /// The stream that was opened last.
    fn newest(&self) -> usize {
        self.server.borrow().streams.len() - 1
    }

    fn number(&mut self) -> (i64, Answer) {
        self.number += 1;
        (self.number, self.server.borrow().answers.front().copied().unwrap_or(Answer::Number))
    }

    fn execute(&mut self, index: usize) {
        let (number, answer) = self.number();
        let held = &mut self.held[index];
        let is_open = self.slots.is_open(held.slot);
        let has_ended = is_open && self.server.borrow().streams[self.slots.stream(held.slot)].is_ended;
        let result = match held.guard.execute(&number) {
            Ok(mut reply) => reply.value().map(|value| value.as_i64().ok()),
            Err(error) => Err(error),
        };
        let heard = self.server.borrow().heard.contains(&number);
        if !is_open {
            assert!(matches!(result, Err(Error::Closed(_))), "{result:?}");
            assert!(!heard, "sent over a connection that is closed");
            return self.slots.touched(held.slot);
        }
        if !held.pending.is_empty() {
            assert_eq!(result, Err(Error::Request(RequestError::Pending)));
            assert!(!heard, "sent in front of answers that are to come");
            return;
        }
        if has_ended {
            let error = result.expect_err("the stream has ended");
            assert!(!heard && error.outcome() == Outcome::NotSent, "{error:?}");
            return self.slots.closed(held.slot);
        }
        assert!(heard, "{number} did not arrive: {result:?}");
        answered(number, answer, &result);
        held.is_clean &= answer.is_whole();
        if !answer.is_survived() {
            self.slots.closed(held.slot);
        }
    }

    fn send(&mut self, index: usize) {
        let (number, answer) = self.number();
        let held = &mut self.held[index];
        let is_open = self.slots.is_open(held.slot);
        let sent = held.guard.connection().and_then(|connection| connection.send(&number));
        let heard = self.server.borrow().heard.contains(&number);
        assert_eq!(heard, sent.is_ok(), "{sent:?}");
        match sent {
            Ok(()) => {
                assert!(is_open, "sent over a connection that is closed");
                held.pending.push_back((number, answer));
            }
            Err(error) => assert_eq!(error.outcome(), Outcome::NotSent, "{error:?}"),
        }
        self.touched(index);
    }

    fn receive(&mut self, index: usize) {
        let held = &mut self.held[index];
        if !self.slots.is_open(held.slot) {
            return self.touched(index);
        }
        let Ok(connection) = held.guard.connection() else { panic!("it is open") };
        let result = match connection.receive() {
            Ok(mut reply) => reply.value().map(|value| value.as_i64().ok()),
            Err(error) => Err(error),
        };
        match held.pending.pop_front() {
            None => assert_eq!(result, Err(Error::Request(RequestError::NothingPending))),
            Some((number, answer)) => {
                let has_ended = self.server.borrow().streams[self.slots.stream(held.slot)].is_ended;
                match (answer, &result) {
                    // When the server has ended the stream, a question cannot be refused any more,
                    (Answer::BehindQuestion, Err(Error::Transport { .. })) if has_ended => {}
                    // and silence is an end.
                    (Answer::Nothing, Err(Error::Disconnected(_))) if has_ended => {}
                    _ => answered(number, answer, &result),
                }
                held.is_clean &= answer.is_whole();
            }
        }
        self.touched(index);
    }

    fn next_push(&mut self, index: usize) {
        let held = &mut self.held[index];
        if !self.slots.is_open(held.slot) || !held.pending.is_empty() {
            return self.touched(index);
        }
        let Ok(connection) = held.guard.connection() else { panic!("it is open") };
        // What it finds, and whether it closes the connection, is for the session's own target.
        let _ = connection.next_push().map(|_| ());
        held.is_clean = false;
        self.touched(index);
    }

    /// The guard is used once more, and the pool hears what became of its connection.
    fn touched(&mut self, index: usize) {
        let held = &mut self.held[index];
        match held.guard.connection() {
            Ok(connection) => {
                if !connection.is_open() {
                    self.slots.closed(held.slot);
                }
                assert!(!self.slots.is_disposed(held.slot));
            }
            Err(error) => {
                assert!(self.slots.is_disposed(held.slot), "{error:?}");
                assert!(matches!(error, Error::Closed(_)), "{error:?}");
                self.slots.touched(held.slot);
            }
        }
    }

    fn release(&mut self, index: usize) {
        let Held { guard, slot, pending, is_clean } = self.held.swap_remove(index);
        let (is_open, before) = (self.slots.is_open(slot), self.engine.pool_size());
        guard.release();
        let is_kept = is_open && self.engine.pool_size() == before;
        if is_open && pending.is_empty() && is_clean {
            assert!(is_kept, "a connection that is as good as new was dropped");
        }
        assert!(!is_kept || pending.is_empty(), "a connection was kept with answers to come");
        if is_kept {
            self.slots.idle(slot);
        } else {
            self.slots.freed(slot);
        }
    }

    fn reconnect(&mut self, index: usize) {
        let newest = self.server.borrow().streams.len();
        let held = &mut self.held[index];
        let reconnected = held.guard.reconnect();
        if self.slots.is_disposed(held.slot) {
            assert!(matches!(reconnected, Err(Error::Closed(_))), "{reconnected:?}");
            return self.slots.touched(held.slot);
        }
        held.pending.clear();
        held.is_clean = true;
        self.slots.closed(held.slot);
        match reconnected {
            Ok(()) => {
                let id = self.slots.new_id();
                assert_eq!(held.guard.id(), id);
                self.slots.lend(held.slot, id, newest);
            }
            Err(error) => {
                assert_eq!(error.outcome(), Outcome::NotSent, "{error:?}");
                // Nobody knows the number of a connection that was not opened.
                self.slots.set_id(held.slot, held.guard.id());
            }
        }
    }

    fn dispose(&mut self) {
        let expected = self.slots.dispose();
        assert_eq!(self.engine.dispose_connections(), expected);
        assert_eq!(self.engine.dispose_connections(), Disposed { idle: 0, held: 0 });
    }

    fn check_idle(&mut self) {
        let server = self.server.borrow();
        let gone = self.slots.drop_idle(|stream| !server.streams[stream].is_alive());
        drop(server);
        assert_eq!(self.engine.check_idle(), gone);
    }

    /// No slot is lost but those whose guards were forgotten, and none has more than its own answers.
    fn end(&mut self) {
        for held in self.held.drain(..) {
            drop(held.guard);
            self.slots.freed(held.slot);
        }
        self.hold();
        {
            let mut server = self.server.borrow_mut();
            server.dials.clear();
            server.answers.clear();
        }
        for _ in 0..CAPACITY - self.slots.lost_count() {
            self.acquire();
            self.hold();
        }
        assert_eq!(self.held.len(), CAPACITY - self.slots.lost_count());
        self.acquire();
        for index in 0..self.held.len() {
            self.execute(index);
            self.hold();
            assert!(self.slots.is_open(self.held[index].slot), "a good server was left");
        }
        for _ in 0..self.held.len() {
            self.release(0);
            self.hold();
        }
    }
}

/// A reply is that to its own request.
fn answered(number: i64, answer: Answer, result: &Result<Option<i64>, Failure>) {
    let is_right = match answer {
        Answer::Number | Answer::BehindPush | Answer::BeforePush | Answer::BehindQuestion => {
            *result == Ok(Some(number))
        }
        Answer::Error => matches!(result, Err(Error::Server(error)) if error.code() == "type"),
        Answer::Long => matches!(result, Err(Error::Capacity { .. })),
        Answer::Undecodable => matches!(result, Err(Error::Peer(error)) if !error.closes()),
        Answer::Nothing => matches!(result, Err(Error::TimedOut(_))),
        Answer::Half | Answer::End => matches!(result, Err(Error::Disconnected(_))),
        Answer::Noise => matches!(result, Err(Error::Peer(error)) if error.closes()),
    };
    assert!(is_right, "{number} by {answer:?}: {result:?}");
}

const ANSWERS: [Answer; 11] = [
    Answer::Number,
    Answer::Error,
    Answer::Long,
    Answer::Undecodable,
    Answer::BehindPush,
    Answer::BeforePush,
    Answer::BehindQuestion,
    Answer::Nothing,
    Answer::Half,
    Answer::End,
    Answer::Noise,
];
