//! A connector whose streams let everybody wait, with a timer that stands still until it is moved, and tasks that are
//! polled by hand.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use rayforce_ipc::client::Clock;
use rayforce_ipc::client::asynch::{Connect, Timer};
use rayforce_ipc::transports::duplex::{Duplex, DuplexError, Step};

use crate::support::yielding::{Yielding, wait_once};

pub struct Connector<'s> {
    steps: &'s [Step<'s>],
    /// How many streams it made.
    pub connected: Cell<usize>,
    now: Cell<Duration>,
    sleepers: RefCell<Vec<Waker>>,
}

impl<'s> Connector<'s> {
    pub const fn new(steps: &'s [Step<'s>]) -> Connector<'s> {
        let sleepers = RefCell::new(Vec::new());
        Connector { steps, connected: Cell::new(0), now: Cell::new(Duration::ZERO), sleepers }
    }

    /// Time goes by.
    pub fn pass(&self, duration: Duration) {
        self.now.set(self.now.get() + duration);
        self.sleepers.take().into_iter().for_each(Waker::wake);
    }
}

impl<'s> Connect for Connector<'s> {
    type Transport = Yielding<Duplex<'s>>;
    type Timer = Self;

    async fn connect(&self, _: Duration) -> Result<Yielding<Duplex<'s>>, DuplexError> {
        wait_once().await;
        self.connected.set(self.connected.get() + 1);
        Ok(Yielding(Duplex::new(self.steps)))
    }

    fn timer(&self) -> &Self {
        self
    }
}

impl Clock for Connector<'_> {
    fn uptime(&self) -> Duration {
        self.now.get()
    }
}

impl Timer for Connector<'_> {
    async fn sleep(&self, duration: Duration) {
        let end = self.now.get() + duration;
        poll_fn(|context| {
            if self.now.get() >= end {
                return Poll::Ready(());
            }
            self.sleepers.borrow_mut().push(context.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

impl fmt::Display for Connector<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("host=localhost, port=5000")
    }
}

/// A task that counts how often it is woken.
pub struct Task<F> {
    future: Pin<Box<F>>,
    woken: Arc<Count>,
}

struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl<F: Future> Task<F> {
    pub fn new(future: F) -> Task<F> {
        Task { future: Box::pin(future), woken: Arc::new(Count(AtomicUsize::new(0))) }
    }

    pub fn poll(&mut self) -> Poll<F::Output> {
        let waker = Waker::from(Arc::clone(&self.woken));
        self.future.as_mut().poll(&mut Context::from_waker(&waker))
    }

    /// Polls as long as it wakes itself.
    pub fn run(&mut self) -> Poll<F::Output> {
        loop {
            let before = self.woken();
            match self.poll() {
                Poll::Pending if self.woken() > before => {}
                polled => return polled,
            }
        }
    }

    pub fn woken(&self) -> usize {
        self.woken.0.load(Ordering::SeqCst)
    }
}

/// Runs to the end what always wakes itself.
#[track_caller]
pub fn now<T>(future: impl Future<Output = T>) -> T {
    let mut task = Task::new(future);
    match task.run() {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits for something"),
    }
}

/// Polls so many times, and drops it.
pub fn polled<T>(future: impl Future<Output = T>, count: usize) -> Poll<T> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    (0..count).map(|_| future.as_mut().poll(&mut context)).find(Poll::is_ready).unwrap_or(Poll::Pending)
}
