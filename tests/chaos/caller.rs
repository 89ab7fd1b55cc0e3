//! What is done with a connection, whichever front it has, and what must hold after each call.

use std::collections::VecDeque;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use rayforce_ipc::error::{self, CloseReason, Outcome, RequestError};
use rayforce_ipc::wire::Generation;

use super::asked::{self, Ask, UNASKED};
use super::lots::Lots;
use super::sim::Sim;
use super::stream::{Fault, Marked};
use crate::support::front::{Hear, Opens, Reading, Reads, Unasked};
use crate::support::joined::Joined;

pub type Error = error::Error<Fault>;

/// Somebody who uses connections.
pub struct Caller {
    pub sim: Sim,
    pub lots: Lots,
    /// Calls can be given up, and waits are no calls.
    pub is_async: bool,
    /// How many requests may be under way at once.
    pub depth: u8,
    /// Requests that were sent, and whose answers are to be received.
    pub sent: VecDeque<i64>,
    pub tally: Tally,
}

/// What came of the requests.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    pub begun: u64,
    /// Answered by a value, or by an error.
    pub answered: u64,
    /// The server has seen nothing.
    pub not_sent: u64,
    pub unknown: u64,
    pub given_up: u64,
    pub pushes: u64,
}

/// What is known before a call.
#[derive(Clone, Copy)]
struct Before {
    start: Duration,
    /// The stream; none where the connection is closed.
    stream: Option<usize>,
    /// Bytes of a frame that the server has heard before.
    heard: usize,
    deadline: Option<Duration>,
    /// Answers that were awaited, and the request of the call, if it has one.
    request: Option<i64>,
}

/// What a call was to do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Request,
    Receive,
    Other,
}

impl Caller {
    pub fn new(sim: &Sim, lots: Lots, is_async: bool, depth: u8) -> Caller {
        let (sent, tally) = (VecDeque::new(), Tally::default());
        Caller { sim: sim.clone(), lots, is_async, depth, sent, tally }
    }

    /// One call, of whatever kind.
    pub async fn act<'b, S: Marked, F: Opens<'b, S, Fault = Fault>>(&mut self, connection: &mut F) {
        self.any(connection).await;
        if !connection.is_open() {
            self.sent.clear();
        }
    }

    async fn any<'b, S: Marked, F: Opens<'b, S, Fault = Fault>>(&mut self, connection: &mut F) {
        let odds = self.sim.server(|server, _| server.mood.aborts);
        if self.lots.hits(odds)
            && let Some(stream) = connection.stream()
        {
            let id = stream.id();
            self.sim.server(|server, now| server.abort_soon(id, now));
        }
        if !self.sent.is_empty() && self.lots.hits(400) {
            return self.receive(connection, false).await;
        }
        match self.lots.below(20) {
            0..5 => self.execute(connection).await,
            5..8 => self.execute_with(connection).await,
            8..11 => self.send(connection).await,
            11..14 => self.receive(connection, false).await,
            14 => self.receive(connection, true).await,
            15 | 16 => self.next_push(connection).await,
            17 => self.send_async(connection).await,
            18 => {
                let idle = self.lots.millis(30);
                self.idle(idle).await;
            }
            _ if self.lots.hits(100) => {
                let before = self.before(connection, None);
                let polls = self.polls();
                let closed = given_up(polls, connection.close()).await;
                self.timely(&before);
                if polls != Some(0) {
                    assert!(
                        !connection.is_open() && connection.stream().is_none(),
                        "RULE: open after {closed:?}"
                    );
                }
            }
            _ => self.execute(connection).await,
        }
    }

    /// Opens it again; whether it is open then.
    pub async fn open<'b, S, F>(&mut self, connection: &mut F, stream: S, options: &Opening) -> bool
    where
        S: Marked,
        F: Opens<'b, S, Fault = Fault>,
    {
        self.sent.clear();
        let (start, id) = (self.sim.now(), stream.id());
        let before = Before { start, stream: Some(id), heard: 0, deadline: None, request: None };
        let polls = self.polls();
        let Some(opened) = given_up(polls, connection.open(stream, options)).await else {
            return connection.is_open();
        };
        self.sim.trace(|| format!("stream {id}: opened: {opened:?}"));
        self.timely(&before);
        match opened {
            Ok(()) => assert!(connection.is_open()),
            Err(error) => {
                assert_eq!(error.outcome(), Outcome::NotSent, "RULE: {error:?} of a handshake");
                self.settled(connection, &before, &error);
                assert!(!connection.is_open(), "RULE: open after {error:?} of a handshake");
            }
        }
        connection.is_open()
    }

    pub async fn idle(&mut self, time: Duration) {
        #[cfg(feature = "async")]
        if self.is_async {
            return self.sim.until(self.sim.now() + time).await;
        }
        self.sim.pass(time);
    }

    pub async fn execute<'b, S: Marked, F: Opens<'b, S, Fault = Fault>>(&mut self, connection: &mut F) {
        let ask = self.ask();
        let before = self.before(connection, Some(ask.number));
        let polls = self.polls();
        let done = match given_up(polls, connection.execute(&ask)).await {
            None => None,
            Some(Err(error)) => Some(Err(error)),
            Some(Ok(mut reply)) => {
                self.begun(&before, ask.number);
                Some(Ok(self.read(&mut reply, Some(ask.number)).await))
            }
        };
        self.done(connection, &before, Kind::Request, done);
    }

    async fn execute_with<'b, S: Marked, F: Opens<'b, S, Fault = Fault>>(&mut self, connection: &mut F) {
        let ask = self.ask();
        let before = self.before(connection, Some(ask.number));
        let polls = self.polls();
        let mut hearer = self.hearer(&before);
        let done = match given_up(polls, connection.execute_with(&ask, &mut hearer)).await {
            None => None,
            Some(Err(error)) => Some(Err(error)),
            Some(Ok(mut reply)) => {
                self.begun(&before, ask.number);
                Some(Ok(self.read(&mut reply, Some(ask.number)).await))
            }
        };
        self.tally.pushes += hearer.caller.tally.pushes;
        self.done(connection, &before, Kind::Request, done);
    }

    async fn send<'b, S: Marked, F: Opens<'b, S, Fault = Fault>>(&mut self, connection: &mut F) {
        let ask = self.ask();
        let before = self.before(connection, Some(ask.number));
        let polls = self.polls();
        let done = given_up(polls, connection.send(&ask)).await;
        if let Some(Ok(())) = done {
            self.sent.push_back(ask.number);
        }
        self.done(connection, &before, Kind::Request, done.map(|done| done.map(|()| None)));
    }

    async fn send_async<'b, S: Marked, F: Opens<'b, S, Fault = Fault>>(&mut self, connection: &mut F) {
        let ask = self.ask();
        let before = self.before(connection, Some(ask.number));
        let polls = self.polls();
        let done = given_up(polls, connection.send_async(&ask)).await;
        self.done(connection, &before, Kind::Request, done.map(|done| done.map(|()| None)));
    }

    async fn receive<'b, S: Marked, F: Opens<'b, S, Fault = Fault>>(
        &mut self,
        connection: &mut F,
        watches: bool,
    ) {
        let oldest = self.sent.front().copied();
        let before = self.before(connection, oldest);
        let polls = self.polls();
        let done = if watches {
            let mut hearer = self.hearer(&before);
            let received = given_up(polls, connection.receive_with(&mut hearer)).await;
            self.received(&before, received).await
        } else {
            let received = given_up(polls, connection.receive()).await;
            self.received(&before, received).await
        };
        self.done(connection, &before, Kind::Receive, done);
    }

    async fn received<R: Reading<Fault = Fault>>(
        &mut self,
        before: &Before,
        received: Option<Result<R, Error>>,
    ) -> Option<Result<Option<Error>, Error>> {
        match received? {
            Err(error) => Some(Err(error)),
            Ok(mut reply) => {
                let oldest = self.sent.pop_front().expect("RULE: an answer to a request that was sent");
                self.begun(before, oldest);
                Some(Ok(self.read(&mut reply, Some(oldest)).await))
            }
        }
    }

    async fn next_push<'b, S: Marked, F: Opens<'b, S, Fault = Fault>>(&mut self, connection: &mut F) {
        let before = self.before(connection, None);
        let polls = self.polls();
        let mut hearer = self.hearer(&before);
        let done = match given_up(polls, connection.next_push()).await {
            None => None,
            Some(Err(error)) => Some(Err(error)),
            Some(Ok(None)) => {
                self.forgive(&before);
                Some(Ok(None))
            }
            Some(Ok(Some(push))) => {
                self.timely(&before);
                Some(hearer.hear(push).await.map(|()| None))
            }
        };
        self.tally.pushes += hearer.caller.tally.pushes;
        self.done(connection, &before, Kind::Other, done);
    }

    /// Whatever is read of a value, it is of its number. An error that may have closed the connection.
    async fn read<R: Reading<Fault = Fault>>(
        &mut self,
        value: &mut R,
        expected: Option<i64>,
    ) -> Option<Error> {
        let mut reader = Reader { caller: self.child(), expected, number: None, error: None };
        reader.read(value).await;
        let tally = reader.caller.tally;
        self.tally.given_up += tally.given_up;
        reader.error
    }

    /// What is done when a call is over: it ended in time, and its error says what is true.
    fn done<'b, S: Marked, F: Opens<'b, S, Fault = Fault>>(
        &mut self,
        connection: &mut F,
        before: &Before,
        kind: Kind,
        done: Option<Result<Option<Error>, Error>>,
    ) {
        self.sim.trace(|| format!("{kind:?} {:?} on {:?}: {done:?}", before.request, before.stream));
        match done {
            None => {
                self.tally.given_up += 1;
                return;
            }
            Some(Ok(None)) => {
                self.timely_or_read(before);
                if let (Kind::Request, Some(_)) = (kind, before.request) {
                    self.tally.answered += 1;
                }
            }
            Some(Ok(Some(error))) => self.settled(connection, before, &error),
            Some(Err(error)) => {
                self.timely(before);
                self.failed(connection, before, kind, &error);
                self.settled(connection, before, &error);
            }
        }
        if connection.is_open() {
            assert_eq!(usize::from(connection.pending()), self.sent.len(), "RULE: answers are still awaited");
        }
    }

    /// Holds what an error says against what the server knows.
    fn failed<'b, S: Marked, F: Opens<'b, S, Fault = Fault>>(
        &mut self,
        connection: &F,
        before: &Before,
        kind: Kind,
        error: &Error,
    ) {
        self.sim.trace(|| format!("failed: {error}"));
        let answers = matches!(error, Error::Server(_)) || is_confined(error);
        if kind == Kind::Receive && answers {
            self.sent.pop_front();
        }
        match error {
            Error::Server(error) => {
                let code = match error.number() {
                    None => error.code().to_owned(),
                    Some(_) => connection.text().unwrap_or_default(),
                };
                let name = asked::name(before.request.expect("RULE: an answer to a request"));
                // What does not fit into a small receive buffer is missing at its end, or as a whole.
                let is_same = match connection_generation(&self.sim) {
                    Generation::V1 => name.starts_with(code.trim_matches('"')),
                    Generation::V3 => code == name,
                };
                assert!(is_same, "RULE: the error {code} is the answer to {name}");
            }
            Error::Request(RequestError::Pending) => {
                assert!(!self.sent.is_empty(), "RULE: nothing is pending")
            }
            Error::Request(RequestError::TooManyPending { .. }) => {
                let depth = match connection_generation(&self.sim) {
                    Generation::V1 => 1,
                    Generation::V3 => usize::from(self.depth),
                };
                assert!(self.sent.len() >= depth, "RULE: {} are not too many", self.sent.len());
            }
            Error::Request(RequestError::NothingPending) => {
                assert!(
                    kind == Kind::Receive && self.sent.is_empty(),
                    "RULE: {} are pending",
                    self.sent.len()
                );
            }
            Error::Request(_) | Error::Capacity { .. } | Error::Mismatch(_) | Error::Auth(_) => {
                panic!("RULE: {error:?} of a request like others")
            }
            Error::Exhausted { .. } => panic!("RULE: a connection has no slots"),
            Error::Peer(_) => self.assert_blamed(before, error),
            _ => {}
        }
        let Some(number) = before.request else { return };
        let (outcome, stream, heard) = (error.outcome(), before.stream, before.heard);
        self.sim.server(|server, _| match outcome {
            Outcome::NotSent if kind == Kind::Request => {
                assert!(
                    !server.seen.contains(&number),
                    "RULE: {number} was seen, but {error:?} says not sent"
                );
                let part = stream.is_some_and(|id| server.has_part(id, number, heard));
                assert!(!part, "RULE: a part of {number} was heard, but {error:?} says not sent");
            }
            Outcome::Answered => {
                assert!(
                    server.answered.contains(&number),
                    "RULE: {number} was not answered, but {error:?} says so"
                );
            }
            _ => {}
        });
        if kind == Kind::Request {
            match outcome {
                Outcome::NotSent => self.tally.not_sent += 1,
                Outcome::Unknown => self.tally.unknown += 1,
                Outcome::Answered => self.tally.answered += 1,
            }
        }
    }

    /// An honest server is not blamed.
    fn assert_blamed(&self, before: &Before, error: &Error) {
        self.sim.server(|server, _| {
            let lied = before.stream.is_some_and(|id| server.streams[id].has_lied);
            let damaged = before.request.is_some_and(|number| server.damaged.contains(&number));
            assert!(lied || damaged && is_confined(error), "RULE: an honest server is blamed: {error:?}");
        });
    }

    /// After doubt the connection is closed, and its stream not used any more; else it goes on.
    fn settled<'b, S: Marked, F: Opens<'b, S, Fault = Fault>>(
        &self,
        connection: &F,
        before: &Before,
        error: &Error,
    ) {
        let doubts = match error {
            Error::Transport { .. } | Error::TimedOut(_) | Error::Disconnected(_) | Error::Aborted(_) => true,
            Error::Closed(_) | Error::Auth(_) => true,
            Error::Peer(error) => error.closes(),
            _ => false,
        };
        if let Some(id) = before.stream
            && doubts
        {
            self.sim.server(|server, _| {
                server.streams[id].doubt.get_or_insert_with(|| format!("a call gave {error:?}"));
            });
        }
        if doubts {
            assert!(!connection.is_open(), "RULE: open after {error:?}");
            assert!(connection.stream().is_none(), "RULE: the stream is kept after {error:?}");
        } else if before.stream.is_some() {
            let reason = connection.close_reason();
            let only_half_sent = matches!(reason, None | Some(CloseReason::HalfSent));
            assert!(only_half_sent, "RULE: closed by {reason:?} after {error:?}");
        }
    }

    /// The answer to a request has begun.
    fn begun(&mut self, before: &Before, number: i64) {
        self.timely(before);
        self.sim.server(|server, _| {
            assert!(server.answered.contains(&number), "RULE: {number} was not answered");
        });
    }

    /// It ended no later than its limits and a tick.
    fn timely(&self, before: &Before) {
        let Some(id) = before.stream else {
            assert_eq!(self.sim.now(), before.start, "RULE: a closed connection waits for nothing");
            return;
        };
        self.sim.server(|server, now| {
            let stream = &server.streams[id];
            stream.assert_limits();
            let latest = stream.latest(before.start, before.deadline);
            assert!(now <= latest, "RULE: it took from {:?} to {now:?}: {:?}", before.start, stream.limits);
        });
    }

    /// The same; where an answer was read, what came before that was held against it already.
    fn timely_or_read(&self, before: &Before) {
        if before.stream.is_some() {
            self.sim.server(|server, _| server.streams[before.stream.unwrap()].assert_limits());
        }
    }

    /// An idle wait that came to its end leaves no doubt.
    fn forgive(&self, before: &Before) {
        if let Some(id) = before.stream {
            self.sim.server(|server, _| {
                let stream = &mut server.streams[id];
                if std::mem::take(&mut stream.is_late) {
                    stream.doubt = None;
                }
            });
        }
    }

    fn before<'b, S: Marked, F: Opens<'b, S, Fault = Fault>>(
        &self,
        connection: &F,
        request: Option<i64>,
    ) -> Before {
        let stream = connection.stream().map(Marked::id);
        let (heard, deadline) = match stream {
            None => (0, None),
            Some(id) => self.sim.server(|server, _| {
                let stream = &mut server.streams[id];
                stream.limits.clear();
                (stream.heard.len(), stream.deadline)
            }),
        };
        Before { start: self.sim.now(), stream, heard, deadline, request }
    }

    fn ask(&mut self) -> Ask {
        self.tally.begun += 1;
        let len = if self.lots.hits(100) { 1 + self.lots.below(60) } else { 1 };
        Ask { number: self.sim.server(|server, _| server.next_request()), len: len as usize }
    }

    /// How often the next future is polled before it is given up; none: to its end.
    pub fn polls(&mut self) -> Option<u64> {
        let odds = self.sim.server(|server, _| server.mood.drops);
        (self.is_async && self.lots.hits(odds)).then(|| self.lots.below(8))
    }

    fn hearer(&mut self, before: &Before) -> Hearer {
        Hearer { caller: self.child(), before: *before }
    }

    /// Somebody else for a part of a call.
    fn child(&mut self) -> Caller {
        Caller::new(&self.sim, Lots::new(self.lots.next()), self.is_async, self.depth)
    }
}

/// What a connection is opened with.
pub type Opening = rayforce_ipc::client::Options<'static>;

/// Whether nothing but a payload is at fault.
const fn is_confined(error: &Error) -> bool {
    matches!(error, Error::Peer(error) if !error.closes())
}

fn connection_generation(sim: &Sim) -> Generation {
    sim.server(|server, _| server.mood.generation)
}

/// Polls so often; none where it was given up.
pub async fn given_up<T>(polls: Option<u64>, future: impl Future<Output = T>) -> Option<T> {
    let Some(mut left) = polls else { return Some(future.await) };
    let mut future = pin!(future);
    std::future::poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match future.as_mut().poll(context) {
            Poll::Ready(value) => Poll::Ready(Some(value)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// Reads a value in one of several ways.
struct Reader {
    caller: Caller,
    /// The number that it must have; none where it came unasked.
    expected: Option<i64>,
    /// The number that it had, if it was read so far.
    number: Option<i64>,
    error: Option<Error>,
}

impl Reads<Fault> for Reader {
    async fn read(&mut self, value: &mut impl Reading<Fault = Fault>) {
        match self.caller.lots.below(10) {
            0 => {}
            1..6 => {
                if self.whole(value).await {
                    self.tokens(value, u64::MAX).await;
                }
            }
            6..9 => self.tokens(value, u64::MAX).await,
            _ => {
                let most = self.caller.lots.below(3);
                self.tokens(value, most).await;
            }
        }
        if let Some(number) = self.number {
            let is_right = self.expected.map_or(number > UNASKED, |expected| number == expected);
            assert!(is_right, "RULE: {number} is the answer to {:?}", self.expected);
        }
    }
}

impl Reader {
    /// By value; whether there is no room for it.
    async fn whole(&mut self, value: &mut impl Reading<Fault = Fault>) -> bool {
        loop {
            let polls = self.caller.polls();
            let whole = async { value.value().await.map(|value| asked::number(&value)) };
            match given_up(polls, whole).await {
                None => {
                    self.caller.tally.given_up += 1;
                    if self.caller.lots.hits(300) {
                        return false;
                    }
                }
                Some(Ok(number)) => {
                    self.number = Some(number.expect("RULE: a value is made of one number"));
                    return false;
                }
                Some(Err(Error::Capacity { needed, available, .. })) if needed > available => return true,
                Some(Err(error)) => {
                    self.failed(error);
                    return false;
                }
            }
        }
    }

    /// So many tokens.
    async fn tokens(&mut self, value: &mut impl Reading<Fault = Fault>, most: u64) {
        let mut joined = Joined::default();
        let mut count = 0;
        while count < most {
            let polls = self.caller.polls();
            let token = async { value.next_token().await.map(|token| token.map(|token| joined.push(token))) };
            match given_up(polls, token).await {
                None if self.caller.lots.hits(100) => break,
                None => self.caller.tally.given_up += 1,
                Some(Ok(Some(()))) => count += 1,
                Some(Ok(None)) => {
                    let number = asked::number_of(&joined.pieces);
                    self.number = Some(number.expect("RULE: a value is made of one number"));
                    return;
                }
                Some(Err(error)) => {
                    self.failed(error);
                    break;
                }
            }
        }
        self.number = asked::number_of(&joined.pieces);
    }

    fn failed(&mut self, error: Error) {
        if let Some(number) = self.expected {
            assert_eq!(error.outcome(), Outcome::Answered, "RULE: {error:?} of an answer that has begun");
            if is_confined(&error) {
                let damaged = self.caller.sim.server(|server, _| server.damaged.contains(&number));
                assert!(damaged, "RULE: the sound answer to {number} cannot be read: {error:?}");
            }
        }
        self.error = Some(error);
    }
}

/// Hears what comes unasked.
struct Hearer {
    caller: Caller,
    before: Before,
}

impl Hear<Fault> for Hearer {
    async fn hear(&mut self, mut push: impl Unasked<Fault = Fault>) -> Result<(), Error> {
        let caller = &mut self.caller;
        let id = self.before.stream.expect("RULE: a closed connection hears nothing");
        caller.tally.pushes += 1;
        let child = caller.child();
        let mut reader = Reader { caller: child, expected: None, number: None, error: None };
        push.read(&mut reader).await;
        if let Some(error) = reader.error {
            let lied = caller.sim.server(|server, _| server.streams[id].has_lied);
            assert!(lied || !is_confined(&error), "RULE: a sound push cannot be read: {error:?}");
            return if is_confined(&error) { Ok(()) } else { Err(error) };
        }
        if let Some(number) = reader.number {
            caller.sim.trace(|| format!("stream {id}: heard {number}"));
            caller.sim.server(|server, _| server.has_had(id, number));
        }
        if !push.is_question() {
            return Ok(());
        }
        let polls = caller.polls();
        let answered = match (caller.lots.below(4), reader.number) {
            (0, _) => None,
            (1, _) | (_, None) => given_up(polls, push.refuse()).await,
            (_, Some(number)) => given_up(polls, push.answer(&number)).await,
        };
        match answered {
            // Whoever does not care goes on; the call finds out by itself.
            Some(Err(_)) if caller.lots.hits(500) => Ok(()),
            Some(answered) => answered,
            None => Ok(()),
        }
    }
}
