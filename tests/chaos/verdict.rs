//! What must hold after each call.

use rayforce_ipc::error::{CloseReason, Outcome, RequestError};
use rayforce_ipc::wire::Generation;

use super::asked;
use super::caller::{Before, Caller, Error, Kind};
use super::sim::Sim;
use super::stream::{Fault, Marked};
use crate::support::front::Opens;

impl Caller {
    /// What is done when a call is over: it ended in time, and its error says what is true.
    pub fn done<'b, S: Marked, F: Opens<'b, S, Fault = Fault>>(
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
                let number = before.request.expect("RULE: an answer to a request");
                self.assert_heard(number);
                let name = asked::name(number);
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
    pub fn settled<'b, S: Marked, F: Opens<'b, S, Fault = Fault>>(
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
    pub fn begun(&mut self, before: &Before, number: i64) {
        self.timely(before);
        self.assert_heard(number);
    }

    /// It was answered, behind a header.
    fn assert_heard(&self, number: i64) {
        self.sim.server(|server, _| {
            assert!(server.answered.contains(&number), "RULE: {number} was not answered");
            assert!(!server.forged.contains(&number), "RULE: {number} was answered behind no header");
        });
    }

    /// It ended no later than its limits and a tick.
    pub fn timely(&self, before: &Before) {
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
    pub fn timely_or_read(&self, before: &Before) {
        if before.stream.is_some() {
            self.sim.server(|server, _| server.streams[before.stream.unwrap()].assert_limits());
        }
    }

    /// An idle wait that came to its end leaves no doubt.
    pub fn forgive(&self, before: &Before) {
        if let Some(id) = before.stream {
            self.sim.server(|server, _| {
                let stream = &mut server.streams[id];
                if std::mem::take(&mut stream.is_late) {
                    stream.doubt = None;
                }
            });
        }
    }
}

/// Whether nothing but a payload is at fault.
pub const fn is_confined(error: &Error) -> bool {
    matches!(error, Error::Peer(error) if !error.closes())
}

fn connection_generation(sim: &Sim) -> Generation {
    sim.server(|server, _| server.mood.generation)
}
