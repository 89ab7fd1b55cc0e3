//! Threads that wait for a slot (feature `std`; without it, none do).

use crate::engine::pooled::Waiters;

#[cfg(feature = "std")]
use std::{
    sync::atomic::{AtomicUsize, Ordering},
    sync::{Condvar, PoisonError},
    time::Instant,
};

#[cfg(feature = "std")]
use crate::engine::{lock::Lock, pooled::Pooled, slot::Lent, slot::Pool};

/// Whoever finds no slot queues. A slot that becomes free wakes one of the queue; who comes later leaves it to them.
#[derive(Default)]
pub(crate) struct Threads {
    #[cfg(feature = "std")]
    freed: Condvar,
    /// How many are in the queue. Changed under the pool's lock only.
    #[cfg(feature = "std")]
    waiting: AtomicUsize,
}

impl Waiters for Threads {
    fn freed(&self) {
        // Who is not counted yet has not looked at the pool yet either.
        #[cfg(feature = "std")]
        if self.waiting.load(Ordering::Relaxed) > 0 {
            self.freed.notify_one();
        }
    }
}

#[cfg(feature = "std")]
impl Threads {
    /// Moves a connection out, and waits for one where all are lent; without a deadline for ever.
    ///
    /// As many of the queue are awake as slots are free, or all of it: each slot that becomes free wakes one, and
    /// whoever is awake takes a slot if there is one. So no slot stays free while somebody sleeps.
    pub(crate) fn lend<K: Pooled, const N: usize>(
        &self,
        pool: &Lock<Pool<K, N>>,
        deadline: Option<Instant>,
    ) -> Option<Lent<K>> {
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
