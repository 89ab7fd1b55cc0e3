//! Lives of an async pool and its tasks, whose calls are given up.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::ops::ControlFlow;
use std::time::Duration;

use rayforce_ipc::client::{Backoff, Options};
use rayforce_ipc::engine::asynch::{Engine, PooledConnection};
use rayforce_ipc::error::Outcome;

use super::caller::{Caller, Error, Tally, given_up};
use super::dialer::Dialer;
use super::lots::{LIMITS, Lots, Mood, TICK};
use super::pools::{CALM_CALLS, SLOTS, assert_there, dispose, memory, slots};
use super::runs;
use super::sim::{Sim, Task};
use super::singles;

type Pool = Engine<'static, Dialer, SLOTS>;
type Guard<'e> = PooledConnection<'e, 'static, Dialer, SLOTS>;

/// What the tasks know of each other.
#[derive(Default)]
struct Board {
    tally: RefCell<Tally>,
    /// Numbers of connections that were opened.
    opened: RefCell<HashSet<u32>>,
    /// When a slot became free last.
    freed_at: Cell<Duration>,
}

const TASKS: usize = 5;
const ROUNDS: usize = 20;

#[test]
fn tasks() {
    runs::all("tasks", |mut lots| {
        let sim = Sim::new(Mood::drawn(&mut lots), Lots::new(lots.next()));
        let options = Options { drain_limit: 1 << 20, ..singles::options(&mut lots) };
        let engine: Pool = Engine::from_memory(Dialer(sim.clone()), slots(), memory(&mut lots), options);
        let board = Board::default();
        let callers = (0..TASKS).map(|_| Caller::new(&sim, Lots::new(lots.next()), true, options.depth));
        let tasks = callers.map(|caller| Box::pin(rounds(&engine, caller, &board)) as Task<'_>).collect();
        sim.run(tasks, &mut lots);
        dispose(&sim, || engine.dispose_connections());
        assert_eq!(engine.pool_size(), 0, "RULE: open after all were disposed of");
        sim.server(|server, now| server.calm_down(now));
        let caller = Caller::new(&sim, Lots::new(lots.next()), true, options.depth);
        sim.run(vec![Box::pin(all_there(&engine, caller, &board))], &mut lots);
        board.tally.into_inner()
    });
}

/// A task acquires a connection, does this and that with it, and gives it back, again and again.
async fn rounds(engine: &Pool, mut caller: Caller, board: &Board) {
    for _ in 0..ROUNDS {
        let wait = caller.lots.millis(15);
        caller.idle(wait).await;
        let Some(mut guard) = acquire(engine, &mut caller, board).await else { continue };
        caller.sent.clear();
        if let Ok(connection) = guard.connection() {
            assert_eq!(connection.pending(), 0, "RULE: answers are awaited on a new connection");
        }
        for _ in 0..caller.lots.below(8) {
            round(engine, &mut caller, &mut guard, board).await;
        }
        board.opened.borrow_mut().insert(guard.id());
        match caller.lots.below(4) {
            0 => drop(guard),
            1 => {
                let polls = caller.polls();
                let _ = given_up(polls, guard.close()).await;
                drop(guard);
            }
            _ => guard.release(),
        }
        board.freed_at.set(caller.sim.now());
    }
    board.tally.borrow_mut().add(caller.tally);
}

async fn round(engine: &Pool, caller: &mut Caller, guard: &mut Guard<'_>, board: &Board) {
    match caller.lots.below(30) {
        0 => {
            let polls = begun(caller);
            if let Some(Err(error)) = given_up(polls, guard.reconnect()).await {
                assert!(!guard.is_open(), "RULE: open after {error:?} of dialling again");
            }
        }
        1 => {
            let polls = begun(caller);
            let mut backoff = Backoff::new(caller.lots.next()).attempt_limit(Some(3));
            let dialled = guard.reconnect_with(&mut backoff, |_| ControlFlow::Continue(()));
            if let Some(Err(error)) = given_up(polls, dialled).await {
                assert!(!guard.is_open(), "RULE: open after {error:?} of dialling again");
            }
        }
        2 if caller.lots.hits(300) => {
            dispose(&caller.sim, || engine.dispose_connections());
            board.freed_at.set(caller.sim.now());
        }
        3 => {
            engine.check_idle();
            board.freed_at.set(caller.sim.now());
        }
        _ => {
            if let Ok(connection) = guard.connection() {
                caller.act(connection).await;
            }
        }
    }
}

/// How often dialling again is polled. Once it is, the connection before is gone.
fn begun(caller: &mut Caller) -> Option<u64> {
    let polls = caller.polls();
    if polls != Some(0) {
        caller.sent.clear();
    }
    polls
}

/// At once, or by waiting for it; no slot stays free while somebody waits.
async fn acquire<'e>(engine: &'e Pool, caller: &mut Caller, board: &Board) -> Option<Guard<'e>> {
    let (start, gone) = caller.sim.server(|server, now| (now, server.gone(now)));
    let polls = caller.polls();
    let (acquired, limit) = if caller.lots.hits(300) {
        (given_up(polls, engine.acquire()).await, LIMITS.connect + LIMITS.handshake + TICK)
    } else {
        let limit = Duration::from_millis(caller.lots.pick(&[0, 10, 50, 200]));
        (given_up(polls, engine.acquire_within(limit)).await, limit)
    };
    let now = caller.sim.now();
    assert!(now - start <= limit + TICK, "RULE: acquiring took {:?} of {limit:?}", now - start);
    match acquired {
        Some(Ok(mut guard)) => {
            if let Ok(connection) = guard.connection() {
                assert_there(connection.transport(), &gone);
            }
            // One that was not dialled was had in the moment in which it was free.
            let is_dialled = board.opened.borrow_mut().insert(guard.id());
            let in_time = is_dialled || now == start || now == board.freed_at.get();
            assert!(in_time, "RULE: a slot was free from {:?} to {now:?}", board.freed_at);
            return Some(guard);
        }
        Some(Err(Error::Exhausted { .. })) => {
            let at_once = given_up(Some(1), engine.acquire()).await;
            assert!(
                matches!(at_once, Some(Err(Error::Exhausted { .. }))),
                "RULE: a slot was free all the time"
            );
        }
        Some(Err(error)) => {
            assert_eq!(error.outcome(), Outcome::NotSent, "RULE: {error:?} of dialling");
            board.freed_at.set(now);
        }
        None => board.freed_at.set(now),
    }
    None
}

/// When all is given back, all slots are there.
async fn all_there(engine: &Pool, mut caller: Caller, board: &Board) {
    let mut all = Vec::new();
    for _ in 0..SLOTS {
        all.push(engine.acquire().await.expect("RULE: a slot was lost"));
    }
    for guard in &mut all {
        for _ in 0..CALM_CALLS {
            let answered = caller.tally.answered;
            caller.execute(guard.connection().expect("RULE: a new connection is open")).await;
            assert_eq!(caller.tally.answered, answered + 1, "RULE: nothing goes wrong any more");
        }
    }
    let one_more = engine.acquire().await;
    assert!(matches!(one_more, Err(Error::Exhausted { capacity: SLOTS })), "RULE: {one_more:?} of one more");
    board.tally.borrow_mut().add(caller.tally);
}
