//! Threads that wait for a slot (feature `std`).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, PoisonError};
use std::time::Instant;

use crate::engine::lock::Lock;
use crate::engine::pool::{Lent, Pool};
use crate::engine::pooled::{Pooled, Waiters};

/// Whoever finds no slot queues. A slot that becomes free wakes one of the queue; who comes later leaves it to them.
#[derive(Default)]
pub(crate) struct Threads {
    freed: Condvar,
    /// How many are in the queue. Changed under the pool's lock only.
    waiting: AtomicUsize,
}

impl Waiters for Threads {
    fn freed(&self) {
        // Who is not counted yet has not looked at the pool yet either.
        if self.waiting.load(Ordering::Relaxed) > 0 {
            self.freed.notify_one();
        }
    }
}

impl Threads {
    /// Gives a connection out, and waits for one where all are lent; without a deadline for ever.
    ///
    /// As many of the queue are awake as slots are free, or all of it: each slot that becomes free wakes one, and
    /// whoever is awake takes a slot if there is one. So no slot stays free while somebody sleeps.
    pub(crate) fn lend<'p, K: Pooled, const N: usize>(
        &self,
        pool: &Lock<Pool<'p, K, N>>,
        deadline: Option<Instant>,
    ) -> Option<Lent<'p, K>> {
        let mut pool = pool.lock();
        let waiting = self.waiting.load(Ordering::Relaxed);
        if pool.free_count() > waiting {
            return pool.lend();
        }
        self.waiting.store(waiting + 1, Ordering::Relaxed);
        let lent = loop {
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            pool = match left {
                Some(left) => {
                    let waited = self.freed.wait_timeout(pool, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.freed.wait(pool).unwrap_or_else(PoisonError::into_inner),
            };
            let lent = pool.lend();
            if lent.is_some() || left.is_some_and(|left| left.is_zero()) {
                break lent;
            }
        };
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        lent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::thread;
    use std::time::Duration;

    use crate::engine::{Engine, PooledConnection, Slot};
    use crate::error::{CloseReason, Error};
    use crate::transports::duplex::{Connector, Step};

    const SCRIPT: &[Step<'_>] = &[Step::Expect(&[3, 0]), Step::Say(&[3, 0])];
    /// Longer than any test.
    const LONG: Duration = Duration::from_secs(600);

    type Pool<'p> = Engine<'p, Connector<'static>, 1>;
    type Held<'e, 'p> = PooledConnection<'e, 'p, Connector<'static>, 1>;

    /// Somebody waits for the only connection while its holder lets go of it; the number of the one that they get.
    fn handed_on(let_go: impl for<'e, 'p> FnOnce(&'e Pool<'p>, Held<'e, 'p>)) -> u32 {
        let mut slots = [const { Slot::<_, 64, 64>::new() }; 1];
        let engine = Engine::new(Connector::new(SCRIPT), &mut slots);
        let start = Instant::now();
        let id = thread::scope(|scope| {
            let held = engine.acquire().unwrap();
            let waiting = scope.spawn(|| engine.acquire_within(LONG).unwrap().id());
            asleep(&engine, 1);
            let_go(&engine, held);
            waiting.join().unwrap()
        });
        assert!(start.elapsed() < LONG / 10);
        assert_eq!(engine.shared.waiters.waiting.load(Ordering::Relaxed), 0);
        id
    }

    /// Waits until so many wait. Who is counted holds the lock until it sleeps.
    fn asleep<const N: usize>(engine: &Engine<'_, Connector<'static>, N>, count: usize) {
        while engine.shared.waiters.waiting.load(Ordering::Relaxed) < count {
            thread::yield_now();
        }
        drop(engine.shared.pool.lock());
    }

    #[test]
    fn a_guard_that_is_dropped_wakes() {
        assert_eq!(handed_on(|_, held| drop(held)), 2);
    }

    #[test]
    fn a_connection_that_is_released_wakes() {
        assert_eq!(handed_on(|_, held| held.release()), 1);
    }

    #[test]
    fn a_connection_that_is_closed_and_dropped_wakes() {
        assert_eq!(
            handed_on(|engine, mut held| {
                held.close().unwrap();
                // It keeps its slot until then.
                asleep(engine, 1);
            }),
            2
        );
    }

    #[test]
    fn a_connection_that_was_disposed_of_wakes_when_it_is_dropped() {
        assert_eq!(
            handed_on(|engine, mut held| {
                assert_eq!(engine.dispose_connections().held, 1);
                asleep(engine, 1);
                assert!(matches!(held.execute("1"), Err(Error::Closed(CloseReason::Aborted))));
            }),
            2
        );
    }

    #[test]
    fn who_comes_later_leaves_a_free_slot_to_the_queue() {
        let mut slots = [const { Slot::<_, 64, 64>::new() }; 1];
        let engine = Engine::new(Connector::new(SCRIPT), &mut slots);
        // As if one of the queue was woken, and did not come to it yet.
        engine.shared.waiters.waiting.store(1, Ordering::Relaxed);
        thread::scope(|scope| {
            let later = scope.spawn(|| engine.acquire_within(LONG).unwrap().id());
            asleep(&engine, 2);
            let first = engine.acquire().unwrap();
            engine.shared.waiters.waiting.fetch_sub(1, Ordering::Relaxed);
            first.release();
            assert_eq!(later.join().unwrap(), 1);
        });
    }

    #[test]
    fn each_slot_that_becomes_free_wakes_one() {
        let mut slots = [const { Slot::<_, 64, 64>::new() }; 3];
        let engine = Engine::new(Connector::new(SCRIPT), &mut slots);
        thread::scope(|scope| {
            let held = [(); 3].map(|()| engine.acquire().unwrap());
            let waiting = [(); 3].map(|()| scope.spawn(|| engine.acquire_within(LONG).map(|_| ()).is_ok()));
            asleep(&engine, 3);
            drop(held);
            assert!(waiting.into_iter().all(|waiting| waiting.join().unwrap()));
        });
    }
}
