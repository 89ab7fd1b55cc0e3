//! The scripts on the async front, with calls given up at every wait: each other call gives what the script has, or the
//! connection is closed and says why. No answer is taken for another, no push is lost to who watches, nothing hangs.

use std::cell::Cell;
use std::collections::VecDeque;
use std::task::{Context, Poll, Waker};

use rayforce_ipc::client::asynch::Connection;
use rayforce_ipc::error::CloseReason;
use rayforce_ipc::transports::faulty::{Faults, Faulty};

use super::model::Model;
use super::perform::{Drops, Run, perform};
use super::scene::{Call, Scene};
use super::{scenes, words};
use crate::support::front::Opens;
use crate::support::lenient::Lenient;
use crate::support::script::Lent;
use crate::support::yielding::Yielding;

type Fronted<'b> = Connection<'b, Yielding<Faulty<Lenient>>>;

/// The memory of a connection, and how its stream is cut.
#[derive(Clone, Copy, Debug)]
struct Conditions {
    receive: usize,
    transmit: usize,
    most: Option<usize>,
}

/// What came of a call.
enum Outcome {
    /// It gave this.
    Done(String),
    /// It was given up.
    Dropped,
}

struct Player<'p, 'b> {
    scene: &'p Scene,
    connection: Fronted<'b>,
    server: Lenient,
    run: Run,
    model: Model,
    /// Of the requests that the script sends to be received, whether they were given up.
    sent: VecDeque<bool>,
    /// Whether the caller's message was given up half-sent.
    half_sent: bool,
    /// Whether any call was given up.
    dropped: bool,
    /// Why the connection is closed.
    closed: Option<CloseReason>,
    conditions: Conditions,
    context: &'p str,
}

/// Plays a script with drops; how many waits there were.
fn play(scene: &Scene, conditions: Conditions, drops: &[usize], whole: bool) -> usize {
    let context = format!("{}, {conditions:?}, drops at {drops:?}, of whole calls: {whole}", scene.name);
    let steps = scene.server.steps();
    let server = Lenient::new(scene.generation, &steps, &scenes::probe());
    let faults =
        Faults { read_at_most: conditions.most, write_at_most: conditions.most, ..Faults::default() };
    let mut lent = Lent::new(conditions.receive, conditions.transmit);
    let mut player = Player {
        scene,
        connection: <Fronted<'_> as Opens<'_, _>>::closed(lent.lend()),
        server: server.clone(),
        run: Run::new(scene.generation, Drops::at(drops, whole)),
        model: Model::new(scene.generation, server.clone()),
        sent: VecDeque::new(),
        half_sent: false,
        dropped: false,
        closed: None,
        conditions,
        context: &context,
    };
    player.play(Yielding(Faulty::new(server, faults)));
    player.run.drops.waits()
}

/// Runs a future to its end.
fn finish<T>(context: &str, future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut task = Context::from_waker(Waker::noop());
    for _ in 0..1_000_000 {
        if let Poll::Ready(value) = future.as_mut().poll(&mut task) {
            return value;
        }
    }
    panic!("it hangs: {context}");
}

impl Player<'_, '_> {
    fn play(&mut self, stream: Yielding<Faulty<Lenient>>) {
        let opened = {
            let open = async {
                let drops = &self.run.drops;
                drops.call(drops.part(self.connection.open(stream, &self.scene.options))).await.flatten()
            };
            finish(self.context, open)
        };
        match opened {
            Some(opened) => {
                let opened = opened.map_or_else(|error| words::error(&error), |()| "open".into());
                assert_eq!(opened, self.scene.opening, "{}", self.context);
            }
            None => (self.half_sent, self.dropped) = (true, true),
        }
        for number in 0..self.scene.calls.len() {
            self.step(number);
        }
        let server = self.server.server();
        assert!(self.closed.is_some() || server.early.is_empty(), "{:?}: {}", server.early, self.context);
    }

    /// A call of the script; one that was given up is made again, unless its request was sent.
    fn step(&mut self, number: usize) {
        let (call, expected) = &self.scene.calls[number];
        if self.is_left_out(call, expected) {
            return;
        }
        loop {
            let asked = self.model.asked();
            let told = self.server.server().told;
            let sends = matches!(call, Call::Send(_) | Call::SendAsync(_));
            let skips = sends && self.model.owes_unwanted();
            let outcome = self.perform(call);
            if skips {
                self.model.may_skip();
            }
            match outcome {
                Outcome::Done(given) => return self.check(number, asked, given),
                Outcome::Dropped => {}
            }
            self.dropped = true;
            self.look_at_half_sent();
            let context = format!("call {number} given up: {}", self.context);
            let asks = matches!(call, Call::Execute(..) | Call::ExecuteWatching(..) | Call::Send(_));
            let request = self.own_request(asked).filter(|_| asks);
            if let Some(request) = request {
                self.model.give_up(request);
            }
            let had = match call {
                Call::Receive(_) | Call::ReceiveWatching(..) => self.model.oldest(),
                _ => request,
            };
            let begun = self.run.begun.get();
            let heard = self.run.heard.borrow().clone();
            if begun || !heard.is_empty() {
                let had = had.filter(|_| begun);
                self.model.hear(call, &heard, had).unwrap_or_else(|wrong| panic!("{wrong}, {context}"));
            }
            if !begun && !call.watches() && !matches!(call, Call::SendAsync(_)) || self.probed(asked) {
                self.model.may_skip();
            }
            if matches!(call, Call::Send(_)) && request.is_some() {
                self.sent.push_back(true);
            }
            let sent = request.is_some() || self.server.server().told > told;
            let taken = begun || matches!(call, Call::NextPush(_)) && !heard.is_empty();
            if self.half_sent || sent || taken || matches!(call, Call::Close) {
                return;
            }
            // It is made again, and hears the rest.
        }
    }

    fn perform(&mut self, call: &Call) -> Outcome {
        self.run.reset();
        let (run, connection) = (&self.run, &mut self.connection);
        let performed = async { run.drops.call(perform(connection, call, run)).await.flatten() };
        finish(self.context, performed).map_or(Outcome::Dropped, Outcome::Done)
    }

    /// Whether the script has the call only because of what came before, and that is not so any more.
    fn is_left_out(&mut self, call: &Call, expected: &str) -> bool {
        if self.closed.is_some() || self.half_sent {
            return false;
        }
        let pending = self.model.pending();
        let refused = expected.starts_with("request");
        match call {
            Call::Receive(_) | Call::ReceiveWatching(..) if !refused => {
                let given_up = self.sent.front().copied().unwrap_or(false);
                if !expected.ends_with(words::HANDLER_FAILED) {
                    self.sent.pop_front();
                }
                given_up
            }
            Call::Receive(_) | Call::ReceiveWatching(..) => pending > 0,
            _ if expected.contains("TooManyPending") => self.dropped && pending < self.limit(),
            _ if expected == "request Pending" => pending == 0,
            _ => false,
        }
    }

    fn limit(&self) -> usize {
        match self.scene.generation {
            rayforce_ipc::wire::Generation::V1 => 1,
            rayforce_ipc::wire::Generation::V3 => self.scene.options.depth.into(),
        }
    }

    /// The caller's request among those that were heard since.
    fn own_request(&self, asked: usize) -> Option<usize> {
        let server = self.server.server();
        (asked..server.asked.len()).rfind(|number| !server.asked[*number])
    }

    fn probed(&self, asked: usize) -> bool {
        self.server.server().asked[asked..].contains(&true)
    }

    /// The connection knows whether a message was left that cannot be gone on with.
    fn look_at_half_sent(&mut self) {
        let server = self.server.server();
        self.closed = self.connection.close_reason();
        if self.closed.is_some() {
            return;
        }
        self.half_sent |= !self.connection.is_open();
        if self.half_sent {
            assert!(!server.partial.is_empty() || server.lines_left(), "{}", self.context);
        } else {
            assert!(server.partial.is_empty() || server.hears_own(), "{}", self.context);
        }
    }

    fn check(&mut self, number: usize, asked: usize, given: String) {
        let (call, expected) = &self.scene.calls[number];
        let context = format!("call {number} gives {given} after {:?}: {}", self.run.heard(), self.context);
        if let Some(reason) = self.closed {
            let owner = matches!(call, Call::Close) && given == "closed";
            return assert!(owner || given == format!("closed {reason:?}"), "{context}");
        }
        if self.run.heard().iter().any(|heard| heard.ends_with("left")) {
            self.dropped = true;
            self.look_at_half_sent();
        }
        let half_sent = self.half_sent && !self.run.heard().iter().any(|heard| heard.ends_with("left"));
        self.closed = self.connection.close_reason();
        if matches!(call, Call::Close) {
            return assert_eq!(given, "closed", "{context}");
        }
        if half_sent {
            return assert_eq!(given, "closed HalfSent", "{context}");
        }
        if given.ends_with("closed HalfSent") {
            // An answer to a question was given up within the call.
            self.half_sent = true;
            return assert!(self.run.heard().iter().any(|heard| heard.ends_with("left")), "{context}");
        }
        if self.closed == Some(CloseReason::HalfSent)
            && self.run.heard().iter().any(|heard| heard.ends_with("left"))
        {
            // The same, found out before the next call.
            self.half_sent = true;
            return;
        }
        if self.closed.is_some() {
            // Where a script ends does not depend on who finds out.
            let closing = |(_, given): &(Call, String)| {
                given.split("; ").any(words::closes) || given.contains("disconnected")
            };
            let first = self.scene.calls.iter().position(closing);
            assert!(first.is_some_and(|first| self.dropped || first == number), "{context}");
            return assert!(
                words::closes(&given) || self.run.heard().iter().any(|heard| heard.contains("disconnected")),
                "{context}"
            );
        }
        let heard = self.run.heard.borrow().clone();
        let result = expected.rsplit("; ").next().unwrap();
        let request = match call {
            Call::NextPush(_) => {
                if given == "nothing" {
                    assert!(self.model.may_hear_nothing(), "{context}");
                }
                assert!(given.is_empty() || given == "nothing", "{context}");
                None
            }
            Call::Send(_) => {
                if given == "sent" {
                    let request = self.own_request(asked).expect("a request");
                    self.model.is_sent(request);
                    self.sent.push_back(false);
                }
                assert_eq!(given, result, "{context}");
                None
            }
            Call::Receive(_) | Call::ReceiveWatching(..) => {
                assert_eq!(self.shortened(&given), self.shortened(result), "{context}");
                self.model.oldest()
            }
            _ => {
                assert_eq!(self.shortened(&given), self.shortened(result), "{context}");
                self.own_request(asked)
            }
        };
        let failed = given.starts_with("request") || given == words::HANDLER_FAILED;
        if failed && matches!(call, Call::Execute(..) | Call::ExecuteWatching(..)) {
            request.into_iter().for_each(|request| self.model.give_up(request));
        }
        let had = request.filter(|_| !failed);
        if !matches!(call, Call::SendAsync(_) | Call::Send(_)) {
            self.model.hear(call, &heard, had).unwrap_or_else(|wrong| panic!("{wrong}, {context}"));
        }
        if failed && !call.watches() || self.probed(asked) && had.is_none() {
            self.model.may_skip();
        }
        assert_eq!(usize::from(self.connection.pending()), self.model.pending(), "{context}");
    }

    /// There is no room for the text of an error in a small buffer.
    fn shortened<'w>(&self, words: &'w str) -> &'w str {
        match words.split_once(": ") {
            Some((error, _)) if self.conditions.receive < 128 => error,
            _ => words,
        }
    }
}

/// Ways in which streams are cut.
const CONDITIONS: [Conditions; 3] = [
    Conditions { receive: 4096, transmit: 64, most: None },
    Conditions { receive: 16, transmit: 64, most: None },
    Conditions { receive: 128, transmit: 7, most: Some(9) },
];

/// Gives up one call after the other at each of its waits.
fn drop_everywhere(whole: bool) {
    for scene in scenes::all() {
        for conditions in CONDITIONS {
            let waits = play(&scene, conditions, &[], whole);
            // Of long scripts not every wait in the midst of the bytes.
            for at in (1..=waits).filter(|at| *at < 100 || at % 7 == 0) {
                play(&scene, conditions, &[at], whole);
            }
        }
    }
}

#[test]
fn futures_that_are_dropped_at_any_wait_take_no_bytes_with_them() {
    drop_everywhere(false);
}

#[test]
fn calls_that_are_given_up_at_any_wait_leave_the_others_what_is_theirs() {
    drop_everywhere(true);
}

#[test]
fn two_calls_that_are_given_up_leave_the_others_what_is_theirs() {
    let runs = Cell::new(0);
    for scene in scenes::all() {
        for whole in [false, true] {
            let conditions = CONDITIONS[0];
            let waits = play(&scene, conditions, &[], whole);
            if waits > 30 {
                continue;
            }
            for first in 1..=waits {
                for second in first + 1..=waits + 3 {
                    play(&scene, conditions, &[first, second], whole);
                    runs.set(runs.get() + 1);
                }
            }
        }
    }
    assert!(runs.get() > 1000, "{} runs", runs.get());
}
