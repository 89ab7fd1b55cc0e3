//! The pool over async connections (feature `async`).
//!
//! All that the [blocking one](crate::engine) has, over what [`client::asynch`](crate::client::asynch) connects. A future
//! of it may be **dropped at any await**: a connection that was being dialled is dropped with it and its slot is free; a
//! call that waited for a slot leaves the queue, and takes nobody's wake-up along.
//!
//! Futures are `Send` where the transport's, the connector's and the timer's are, and the feature `std` or
//! `critical-section` is on.

mod guard;
mod tasks;

use core::fmt;
use core::pin::pin;
use core::task::Poll;
use core::time::Duration;

use embedded_io_async::ErrorType;

use crate::client::asynch::{Connect, Connection, Timer, Transport};
use crate::client::{Clock as _, Memory, Options, since};
use crate::engine::asynch::tasks::Tasks;
use crate::engine::lease::Lease;
use crate::engine::pooled::Pooled;
use crate::engine::shared::Shared;
use crate::engine::{Disposed, Slot};
use crate::error::{CloseReason, Error};

pub use guard::PooledConnection;

/// A bounded pool of up to `N` async connections to one server, over slots that the caller lends.
///
/// It opens a connection when one is [acquired](Engine::acquire), never by itself. With the feature `std`, or
/// `critical-section`, it is `Sync` and can be shared between threads or held in a `static`; without either it is not,
/// and is for the tasks of one executor.
///
/// `Display` is that of the Python client: `IPCEngine(host=localhost, port=5000, pool_size: 0)`.
///
/// ```
/// use rayforce_ipc::Error;
/// use rayforce_ipc::client::asynch::Connect;
/// use rayforce_ipc::engine::Slot;
/// use rayforce_ipc::engine::asynch::Engine;
/// # use core::time::Duration;
/// # use rayforce_ipc::client::{Clock, asynch::Timer};
/// # use rayforce_ipc::transports::duplex::{Duplex, DuplexError, Step};
/// # struct Server([Step<'static>; 4]);
/// # impl std::fmt::Display for Server {
/// #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("host=duplex, port=0") }
/// # }
/// # impl Clock for Server { fn uptime(&self) -> Duration { Duration::ZERO } }
/// # impl Timer for Server { async fn sleep(&self, _: Duration) {} }
/// # impl Connect for &'static Server {
/// #     type Transport = Duplex<'static>;
/// #     type Timer = Server;
/// #     async fn connect(&self, _: Duration) -> Result<Duplex<'static>, DuplexError> { Ok(Duplex::new(&self.0)) }
/// #     fn timer(&self) -> &Server { self }
/// # }
///
/// async fn sum<C: Connect>(engine: &Engine<'_, C, 2>) -> Result<i64, Error<<C::Transport as embedded_io::ErrorType>::Error>> {
///     let mut connection = engine.acquire().await?;
///     let sum = connection.execute("(+ 1 2)").await?.value().await?.as_i64()?;
///     connection.release();
///     Ok(sum)
/// }
/// # static SERVER: Server = Server([
/// #     Step::Expect(&[3, 0]),
/// #     Step::Say(&[3, 0]),
/// #     Step::Expect(b"\xfa\xde\xfa\xce\x03\0\0\x01\x11\0\0\0\0\0\0\0\xf3\0\x07\0\0\0\0\0\0\0(+ 1 2)"),
/// #     Step::Say(b"\xfa\xde\xfa\xce\x03\0\0\x02\x0a\0\0\0\0\0\0\0\xfb\0\x03\0\0\0\0\0\0\0"),
/// # ]);
/// # let mut slots = [const { Slot::<_, 64, 64>::new() }; 2];
/// # let engine = Engine::new(&SERVER, &mut slots);
/// # let mut context = std::task::Context::from_waker(std::task::Waker::noop());
/// # let sum = std::pin::pin!(sum(&engine)).poll(&mut context);
/// # let std::task::Poll::Ready(Ok(sum)) = sum else { panic!() };
/// # assert_eq!((sum, engine.pool_size()), (3, 1));
/// ```
pub struct Engine<'p, C: Connect, const N: usize> {
    connector: C,
    options: Options<'p>,
    shared: Shared<'p, Connection<'p, C::Transport>, N>,
}

/// The error of the transports that a connector makes.
pub(crate) type TransportError<C> = <<C as Connect>::Transport as ErrorType>::Error;

impl<'p, C: Connect, const N: usize> Engine<'p, C, N> {
    /// A pool of a connection for each slot, with the default [`Options`].
    #[inline(never)] // what it takes of the stack is not the caller's for good
    pub fn new<const RX: usize, const TX: usize>(
        connector: C,
        slots: &'p mut [Slot<Connection<'p, C::Transport>, RX, TX>; N],
    ) -> Self {
        Engine::with_options(connector, slots, Options::new())
    }

    /// A pool of a connection for each slot.
    pub fn with_options<const RX: usize, const TX: usize>(
        connector: C,
        slots: &'p mut [Slot<Connection<'p, C::Transport>, RX, TX>; N],
        options: Options<'p>,
    ) -> Self {
        let homes = slots.iter_mut().map(|slot| slot.fill(Connection::closed));
        Engine { connector, options, shared: Shared::new(homes) }
    }

    /// A pool whose connections have buffers of any length. The slots have none themselves.
    pub fn from_memory(
        connector: C,
        slots: &'p mut [Slot<Connection<'p, C::Transport>>; N],
        memory: [Memory<'p>; N],
        options: Options<'p>,
    ) -> Self {
        let lent = slots.iter_mut().zip(memory);
        let homes = lent.map(|(slot, memory)| slot.fill_with(Connection::closed(memory)));
        Engine { connector, options, shared: Shared::new(homes) }
    }

    /// Takes a connection: an idle one, which was [released](PooledConnection::release), or a new one, which dials
    /// and shakes hands within the [timeouts](crate::client::Timeouts). Never waits for another caller.
    ///
    /// An idle connection whose server went away is dropped and dialled anew, as far as the transport can tell
    /// [without waiting](crate::client::asynch::Transport::is_alive). Where it cannot, or the server goes right then, the
    /// first request fails by [`Error::Disconnected`] or [`Error::Transport`], and
    /// [`reconnect`](PooledConnection::reconnect) dials again. What a server has sent to an idle connection comes to its
    /// next holder, as pushes.
    ///
    /// # Errors
    /// [`Error::Exhausted`] where all `N` are lent, at once. Else as [`Connection::reopen`], and [`Error::Transport`] or
    /// [`Error::TimedOut`] in the phase [`Connect`](crate::error::Phase::Connect); [`Error::Closed`] where the
    /// engine [disposed](Engine::dispose_connections) of it meanwhile. Nothing is lent then.
    pub async fn acquire(&self) -> Result<PooledConnection<'_, 'p, C, N>, Error<TransportError<C>>> {
        let lease = self.shared.lend().ok_or(Error::Exhausted { capacity: N })?;
        let mut guard = PooledConnection::new(self, lease);
        guard.dial(|| Duration::MAX).await?;
        Ok(guard)
    }

    /// The same; where all `N` are lent, it waits for one of them to be dropped or released. `limit` is for all of it, by
    /// the connector's timer: what is left of it after the wait is the limit of dialling and shaking hands, where their
    /// own is longer. `Duration::MAX` waits for ever.
    ///
    /// A slot that becomes free wakes all that wait, the one that waits longest first. Who comes later lets them go first
    /// once; [`acquire`](Engine::acquire) does not. Up to 16 tasks wait asleep; with more they wake each other in turn, and
    /// keep the executor busy. (Closing a connection frees no slot, dropping it then does. So it is with one that was
    /// [disposed](Engine::dispose_connections) of.)
    ///
    /// # Errors
    /// As [`acquire`](Engine::acquire), [`Error::Exhausted`] after the limit; [`Error::TimedOut`] where the limit came
    /// while dialling or shaking hands.
    pub async fn acquire_within(
        &self,
        limit: Duration,
    ) -> Result<PooledConnection<'_, 'p, C, N>, Error<TransportError<C>>> {
        let timer = self.connector.timer();
        let start = timer.uptime();
        let left = || match limit {
            Duration::MAX => limit,
            limit => since(since(start, timer.uptime()), limit),
        };
        let lease = self.lend_within(limit).await.ok_or(Error::Exhausted { capacity: N })?;
        let mut guard = PooledConnection::new(self, lease);
        guard.dial(left).await?;
        Ok(guard)
    }

    /// Connections that are open now, lent or idle. (One that broke, or was closed by the connection
    /// [itself](PooledConnection::connection), counts until its holder uses the guard again or drops it; an idle one whose
    /// server went away until it is [looked at](Engine::check_idle).)
    pub fn pool_size(&self) -> usize {
        self.shared.open_count()
    }

    /// Drops idle connections whose server went away, as far as the transport can tell without waiting, and says how
    /// many they were. Each is out of its slot while it is looked at, as if it were lent.
    pub fn check_idle(&self) -> usize {
        self.shared.check_idle()
    }

    /// The most connections that can be open: `N`.
    pub const fn capacity(&self) -> usize {
        N
    }

    /// Drops all connections, idle ones and those that are lent, at once and without waiting. Who waits in one gets
    /// [`Error::Closed`], as soon as the transport's handle wakes it or its holder comes back to it. The engine stays
    /// usable.
    ///
    /// A lent connection keeps its memory until its holder drops it: until then [`acquire`](Engine::acquire) cannot
    /// use its slot.
    pub fn dispose_connections(&self) -> Disposed {
        self.shared.dispose()
    }

    /// The connector.
    pub const fn connector(&self) -> &C {
        &self.connector
    }

    pub(crate) const fn options(&self) -> &Options<'p> {
        &self.options
    }

    /// Waits for a slot; none after the limit.
    async fn lend_within(&self, limit: Duration) -> Option<Lease<'_, 'p, Connection<'p, C::Transport>, N>> {
        let shared = &self.shared;
        let mut sleep = pin!(self.connector.timer().sleep(limit));
        let mut waiting = None;
        core::future::poll_fn(|context| {
            if waiting.is_none() {
                let (entered, others) = shared.waiters.enter();
                waiting = Some(entered);
                if others {
                    // They may have been woken for the slot that is free.
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
            }
            if let Some(lease) = shared.lend() {
                return Poll::Ready(Some(lease));
            }
            shared.waiters.register(context.waker());
            // A slot that became free before the waker was there has woken nobody.
            if let Some(lease) = shared.lend() {
                return Poll::Ready(Some(lease));
            }
            if limit == Duration::MAX {
                return Poll::Pending;
            }
            sleep.as_mut().poll(context).map(|()| None)
        })
        .await
    }
}

impl<C: Connect, const N: usize> fmt::Display for Engine<'_, C, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IPCEngine({}, pool_size: {})", self.connector, self.pool_size())
    }
}

impl<C: Connect, const N: usize> fmt::Debug for Engine<'_, C, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<T: Transport> Pooled for Connection<'_, T> {
    type Handle = T::Handle;
    type Error = T::Error;
    type Waiters = Tasks;

    fn is_open(&self) -> bool {
        Connection::is_open(self)
    }

    fn is_alive(&mut self) -> bool {
        Connection::is_alive(self)
    }

    fn is_ready(&mut self) -> bool {
        Connection::is_ready(self)
    }

    fn close_reason(&self) -> Option<CloseReason> {
        Connection::close_reason(self)
    }

    fn handle(&self) -> Result<T::Handle, Error<T::Error>> {
        Connection::handle(self)
    }

    fn close_with(&mut self, reason: CloseReason) {
        Connection::close_with(self, reason);
    }

    fn end(&mut self) {
        self.close_with(CloseReason::Owner);
        self.lend_topics(&mut []);
    }
}
