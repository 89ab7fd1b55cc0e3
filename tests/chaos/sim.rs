//! The world: a time that passes only where somebody waits, tasks, and one server.

use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::rc::Rc;
use std::time::Duration;

#[cfg(feature = "async")]
use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use rayforce_ipc::client::Clock;

use super::lots::{Lots, Mood};
use super::server::Server;

/// A world; clones are the same one.
#[derive(Clone)]
pub struct Sim(Rc<World>);

struct World {
    now: Cell<Duration>,
    server: RefCell<Server>,
    /// What happens at a time while somebody waits.
    hook: RefCell<Option<Hook>>,
    timers: RefCell<BinaryHeap<Reverse<Timer>>>,
    timed: Cell<u64>,
    traces: bool,
}

type Hook = (Duration, Box<dyn FnOnce()>);

/// Somebody is woken at a time; the order of those at the same time is that in which they began to wait.
struct Timer {
    at: (Duration, u64),
    #[cfg(feature = "async")]
    waker: Waker,
}

impl Sim {
    pub fn new(mood: Mood, lots: Lots) -> Sim {
        let traces = std::env::var_os("CHAOS_TRACE").is_some();
        Sim(Rc::new(World {
            now: Cell::new(Duration::ZERO),
            server: RefCell::new(Server::new(mood, lots)),
            hook: RefCell::new(None),
            timers: RefCell::new(BinaryHeap::new()),
            timed: Cell::new(0),
            traces,
        }))
    }

    pub fn now(&self) -> Duration {
        self.0.now.get()
    }

    /// The server, to which everything happens that is due by now.
    pub fn server<V>(&self, with: impl FnOnce(&mut Server, Duration) -> V) -> V {
        let now = self.now();
        let mut server = self.0.server.borrow_mut();
        server.advance(now);
        with(&mut server, now)
    }

    /// Time passes, and what is to happen meanwhile does.
    pub fn pass(&self, time: Duration) {
        let end = self.now() + time;
        let due = self.0.hook.borrow_mut().take_if(|hook| hook.0 <= end);
        if let Some((at, hook)) = due {
            self.0.now.set(at.max(self.now()));
            hook();
        }
        self.0.now.set(end.max(self.now()));
    }

    /// This happens once so much time has passed.
    pub fn soon(&self, time: Duration, hook: impl FnOnce() + 'static) {
        *self.0.hook.borrow_mut() = Some((self.now() + time, Box::new(hook)));
    }

    pub fn forget_hook(&self) {
        self.0.hook.borrow_mut().take();
    }

    pub fn trace(&self, what: impl FnOnce() -> String) {
        if self.0.traces {
            println!("{:>8?}  {}", self.now(), what());
        }
    }
}

impl Clock for Sim {
    fn uptime(&self) -> Duration {
        self.now()
    }

    fn wait(&self, duration: Duration) {
        self.pass(duration);
    }
}

impl Timer {
    const fn key(&self) -> (Duration, u64) {
        self.at
    }
}

impl Ord for Timer {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for Timer {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Timer {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Timer {}

/// A task; it is polled only after it was woken.
#[cfg(feature = "async")]
pub type Task<'t> = Pin<Box<dyn Future<Output = ()> + 't>>;

#[cfg(feature = "async")]
struct Woken(AtomicBool);

#[cfg(feature = "async")]
impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[cfg(feature = "async")]
impl Sim {
    pub fn wake_at(&self, at: Duration, waker: &Waker) {
        let number = self.0.timed.get();
        self.0.timed.set(number + 1);
        self.0.timers.borrow_mut().push(Reverse(Timer { at: (at, number), waker: waker.clone() }));
    }

    pub async fn until(&self, end: Duration) {
        std::future::poll_fn(|context| {
            if self.now() >= end {
                return Poll::Ready(());
            }
            self.wake_at(end, context.waker());
            Poll::Pending
        })
        .await;
    }

    /// Runs tasks to their ends; which of those that were woken is polled first is drawn. Where all wait, time passes
    /// until somebody is woken.
    pub fn run(&self, tasks: Vec<Task<'_>>, lots: &mut Lots) {
        let mut tasks: Vec<_> =
            tasks.into_iter().map(|task| (task, Arc::new(Woken(AtomicBool::new(true))))).collect();
        while !tasks.is_empty() {
            let ready: Vec<usize> =
                (0..tasks.len()).filter(|at| tasks[*at].1.0.load(Ordering::Relaxed)).collect();
            if ready.is_empty() {
                let timer = self.0.timers.borrow_mut().pop();
                let Reverse(timer) = timer.expect("RULE: somebody waits for ever");
                let now = self.now();
                self.pass(timer.at.0.saturating_sub(now));
                timer.waker.wake();
                // Whoever waits for the same time is woken once, however often it asked for it.
                let mut timers = self.0.timers.borrow_mut();
                while timers.peek().is_some_and(|next| next.0.at.0 <= self.now()) {
                    timers.pop().into_iter().for_each(|Reverse(timer)| timer.waker.wake());
                }
                continue;
            }
            let at = lots.pick(&ready);
            let (task, woken) = &mut tasks[at];
            woken.0.store(false, Ordering::Relaxed);
            let waker = Waker::from(Arc::clone(woken));
            if task.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
                drop(tasks.swap_remove(at));
            }
        }
        self.0.timers.borrow_mut().clear();
    }
}

#[cfg(feature = "async")]
impl rayforce_ipc::client::asynch::Timer for Sim {
    async fn sleep(&self, duration: Duration) {
        self.until(self.now().saturating_add(duration)).await;
    }
}
