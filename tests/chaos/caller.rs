//! What is done with a connection, whichever front it has.

use std::collections::VecDeque;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use rayforce_ipc::error::{self, Outcome};

use super::asked::Ask;
use super::lots::Lots;
use super::reader::{Hearer, Reader};
use super::sim::Sim;
use super::stream::{Fault, Marked};
use crate::support::front::{Hear, Opens, Reading, Reads};

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
pub struct Before {
    pub start: Duration,
    /// The stream; none where the connection is closed.
    pub stream: Option<usize>,
    /// Bytes of a frame that the server has heard before.
    pub heard: usize,
    pub deadline: Option<Duration>,
    /// Answers that were awaited, and the request of the call, if it has one.
    pub request: Option<i64>,
}

/// What a call was to do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
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
    pub fn child(&mut self) -> Caller {
        Caller::new(&self.sim, Lots::new(self.lots.next()), self.is_async, self.depth)
    }
}

/// What a connection is opened with.
pub type Opening = rayforce_ipc::client::Options<'static>;

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
