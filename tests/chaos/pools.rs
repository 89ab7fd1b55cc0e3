//! Lives of a pool and its guards: what is given back, dropped, dialled again or disposed of.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::rc::Rc;

use rayforce_ipc::client::{Backoff, Memory, Options};
use rayforce_ipc::engine::{Disposed, PooledConnection};
use rayforce_ipc::error::Outcome;
use rayforce_ipc::{Engine, Slot};

use super::caller::{Caller, Error};
use super::dialer::Dialer;
use super::lots::{LIMITS, Lots, Mood, TICK};
use super::runs::{self, OPEN_CALLS};
use super::sim::Sim;
use super::singles;
use super::stream::Marked;
use crate::support::front::now;

/// Slots of a pool.
pub const SLOTS: usize = 3;
/// Calls of each connection when all goes well again: some are asked something first, and have to say that they do not know.
pub const CALM_CALLS: usize = 4;

type Pool = Engine<'static, Dialer, SLOTS>;
type Guard<'e> = PooledConnection<'e, 'static, Dialer, SLOTS>;

/// A guard, and the requests that were sent by it.
struct Held<'e> {
    guard: Guard<'e>,
    sent: VecDeque<i64>,
}

/// Slots that are never given back, so that a pool can be disposed of from within a call.
pub fn slots<K>() -> &'static mut [Slot<K>; SLOTS] {
    Box::leak(Box::new([const { Slot::new() }; SLOTS]))
}

/// Memory for each of them.
pub fn memory(lots: &mut Lots) -> [Memory<'static>; SLOTS] {
    std::array::from_fn(|_| Box::leak(Box::new(singles::lent(lots))).lend())
}

#[test]
fn pool() {
    runs::all("pool", |mut lots| {
        let sim = Sim::new(Mood::drawn(&mut lots), Lots::new(lots.next()));
        let options = Options { drain_limit: 1 << 20, ..singles::options(&mut lots) };
        let engine: Rc<Pool> =
            Rc::new(Engine::from_memory(Dialer(sim.clone()), slots(), memory(&mut lots), options));
        let mut life = Life { caller: Caller::new(&sim, lots, false, options.depth), sim, engine: &engine };
        let mut held = Vec::new();
        for _ in 0..OPEN_CALLS {
            life.step(&mut held);
        }
        life.ends(held);
        life.caller.tally
    });
}

struct Life<'e> {
    sim: Sim,
    engine: &'e Rc<Pool>,
    caller: Caller,
}

impl<'e> Life<'e> {
    fn step(&mut self, held: &mut Vec<Held<'e>>) {
        if held.is_empty() || self.caller.lots.hits(120) {
            return self.acquire(held);
        }
        let at = self.caller.lots.below(held.len() as u64) as usize;
        match self.caller.lots.below(40) {
            0 => drop(held.swap_remove(at)),
            1 | 2 => held.swap_remove(at).guard.release(),
            3 => {
                held[at].sent.clear();
                let reconnected = held[at].guard.reconnect();
                self.dialled(&held[at].guard, reconnected);
            }
            4 => {
                held[at].sent.clear();
                let mut backoff = Backoff::new(self.caller.lots.next()).attempt_limit(Some(3));
                let reconnected = held[at].guard.reconnect_with(&mut backoff, |_| ControlFlow::Continue(()));
                self.dialled(&held[at].guard, reconnected);
            }
            5 => {
                held[at].guard.abort();
                assert!(!held[at].guard.is_open(), "RULE: open after it was aborted");
            }
            6 => self.dispose(),
            7 => _ = self.engine.check_idle(),
            8 => {
                // While somebody waits.
                let (engine, sim) = (Rc::downgrade(self.engine), self.sim.clone());
                let time = self.caller.lots.millis(40);
                self.sim.soon(time, move || {
                    if let Some(engine) = engine.upgrade() {
                        dispose(&sim, || engine.dispose_connections());
                    }
                });
            }
            _ => {
                let Held { guard, sent } = &mut held[at];
                std::mem::swap(&mut self.caller.sent, sent);
                if let Ok(connection) = guard.connection() {
                    now(self.caller.act(connection));
                }
                std::mem::swap(&mut self.caller.sent, sent);
            }
        }
    }

    fn acquire(&mut self, held: &mut Vec<Held<'e>>) {
        let (start, gone) = self.sim.server(|server, now| (now, server.gone(now)));
        let acquired = self.engine.acquire();
        let took = self.sim.now() - start;
        assert!(took <= LIMITS.connect + LIMITS.handshake + 2 * TICK, "RULE: acquiring took {took:?}");
        match acquired {
            Ok(mut guard) => {
                assert!(held.len() < SLOTS, "RULE: more are lent than there are");
                if let Ok(connection) = guard.connection() {
                    assert_eq!(connection.pending(), 0, "RULE: answers are awaited on a new connection");
                    assert_there(connection.transport(), &gone);
                }
                held.push(Held { guard, sent: VecDeque::new() });
            }
            Err(Error::Exhausted { capacity }) => {
                assert_eq!((held.len(), capacity), (SLOTS, SLOTS), "RULE: a slot was lost");
            }
            Err(error) => assert_eq!(error.outcome(), Outcome::NotSent, "RULE: {error:?} of dialling"),
        }
    }

    fn dialled(&self, guard: &Guard<'_>, dialled: Result<(), Error>) {
        assert_eq!(guard.is_open(), dialled.is_ok(), "RULE: {dialled:?} of dialling again");
    }

    fn dispose(&self) {
        dispose(&self.sim, || self.engine.dispose_connections());
    }

    /// When all is given back, all slots are there.
    fn ends(&mut self, held: Vec<Held<'e>>) {
        self.sim.forget_hook();
        drop(held);
        self.dispose();
        assert_eq!(self.engine.pool_size(), 0, "RULE: open after all were disposed of");
        self.sim.server(|server, now| server.calm_down(now));
        let mut all = Vec::new();
        for _ in 0..SLOTS {
            self.acquire(&mut all);
        }
        assert_eq!(all.len(), SLOTS, "RULE: a slot was lost");
        for Held { guard, .. } in &mut all {
            for _ in 0..CALM_CALLS {
                let answered = self.caller.tally.answered;
                now(self.caller.execute(guard.connection().expect("RULE: a new connection is open")));
                assert_eq!(self.caller.tally.answered, answered + 1, "RULE: nothing goes wrong any more");
            }
        }
        self.acquire(&mut all);
    }
}

/// A connection whose server was known to be gone is not lent.
pub fn assert_there(stream: Option<&impl Marked>, gone: &[usize]) {
    let is_there = stream.is_none_or(|stream| !gone.contains(&stream.id()));
    assert!(is_there, "RULE: a connection is lent whose server has gone");
}

/// Disposes of all connections: whatever stream there is, the pool has dropped or aborted it.
pub fn dispose(sim: &Sim, dispose: impl FnOnce() -> Disposed) {
    dispose();
    sim.trace(|| "all are disposed of".into());
    sim.server(|server, _| {
        for (id, stream) in server.streams.iter().enumerate() {
            assert!(stream.is_dropped || stream.is_aborted, "RULE: stream {id} was not disposed of");
        }
    });
}
