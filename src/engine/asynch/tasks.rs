//! Tasks that wait for a slot.

use core::task::Waker;

use heapless::Vec;

use crate::engine::lock::Lock;
use crate::engine::pooled::Waiters;

/// Whoever finds no slot leaves a waker. A slot that becomes free wakes them all, so that a task that has lost interest
/// takes no wake-up along that another one needs.
pub(crate) struct Tasks(Lock<Queue>);

#[derive(Default)]
struct Queue {
    wakers: Vec<Waker, WAKER_COUNT>,
    /// Calls that wait, woken or not.
    waiting: usize,
}

/// So many tasks wait asleep. With more, they wake each other in turn.
const WAKER_COUNT: usize = 16;

impl Tasks {
    /// One more call waits; and whether others do already.
    pub(crate) fn enter(&self) -> (Waiting<'_>, bool) {
        let others = self.0.with(|queue| {
            queue.waiting += 1;
            queue.waiting > 1
        });
        (Waiting(self), others.unwrap_or(false))
    }

    /// Wakes a task when a slot becomes free. Where there is no room for its waker, all others make room and look
    /// themselves.
    pub(crate) fn register(&self, waker: &Waker) {
        let waker = waker.clone();
        // No waker is woken or dropped under the lock: both run code of the executor's.
        let others = self.0.with(|queue| {
            if queue.wakers.iter().any(|known| known.will_wake(&waker)) {
                return Err(waker);
            }
            let others = if queue.wakers.is_full() { core::mem::take(&mut queue.wakers) } else { Vec::new() };
            // There is room now.
            queue.wakers.push(waker).map(|()| others)
        });
        if let Some(Ok(others)) = others {
            others.into_iter().for_each(Waker::wake);
        }
    }
}

impl Default for Tasks {
    fn default() -> Self {
        Tasks(Lock::new(Queue::default()))
    }
}

impl Waiters for Tasks {
    fn freed(&self) {
        let woken = self.0.with(|queue| core::mem::take(&mut queue.wakers));
        woken.into_iter().flatten().for_each(Waker::wake);
    }
}

/// A call that waits, until it is dropped.
pub(crate) struct Waiting<'t>(&'t Tasks);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        // With the last call the wakers go, too: they keep tasks alive.
        let forgotten = self.0.0.with(|queue| {
            queue.waiting = queue.waiting.saturating_sub(1);
            (queue.waiting == 0).then(|| core::mem::take(&mut queue.wakers))
        });
        drop(forgotten);
    }
}
