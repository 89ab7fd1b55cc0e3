//! The stack that all streams share.

use core::cell::{Cell, RefCell};
use core::fmt;
use core::time::Duration;

use smoltcp::iface::{
    Interface, PollIngressSingleResult, PollResult, SocketHandle, SocketSet, SocketStorage,
};
use smoltcp::phy::{Device, Medium};
use smoltcp::socket::AnySocket as _;
use smoltcp::socket::tcp::{ConnectError, Socket, SocketBuffer, State};
use smoltcp::time::Instant;
use smoltcp::wire::{IpAddress, IpEndpoint};

use crate::client::{Buffers, Clock, Memory};
use crate::transports::smoltcp::SocketError;
use crate::transports::smoltcp::slot::{Slot, User};
use crate::wire::Timestamp;

/// An interface, its device, a clock, and sockets for `N` streams at once.
///
/// It is moved forward by whoever waits in a call on one of its streams; between calls, [`poll`](Stack::poll) does it. It
/// belongs to one thread, or to a main loop: only [handles](super::Handle) go elsewhere.
pub struct Stack<'a, D, C, const N: usize> {
    core: RefCell<Core<'a, D>>,
    slots: [Slot; N],
    clock: C,
    #[allow(clippy::type_complexity)] // as in `on_idle`
    idle: Option<&'a dyn Fn(&Stack<'a, D, C, N>, Option<Duration>)>,
    last_port: Cell<u16>,
}

/// What smoltcp needs for everything.
struct Core<'a, D> {
    interface: Interface,
    device: D,
    sockets: SocketSet<'a>,
    /// The last poll left something to do.
    is_behind: bool,
}

impl<'a, D: Device, C: Clock, const N: usize> Stack<'a, D, C, N> {
    /// Over an interface that was made of the device, with its addresses and routes (which may also come later).
    ///
    /// `storage` has a place for each of the `N` sockets and for those that you [add](Stack::with_interface) yourself;
    /// too few do not compile. `memory` has the sockets' buffers: `RX` is the window that the other host may fill
    /// without being read, `TX` what may be under way without being acknowledged. Both from 1 byte; from the size of a
    /// segment (1,460) and of a request on they cost no round trips.
    ///
    /// `seed` chooses where local ports begin. It should be another one after each start of the device: a server may still hold
    /// a connection of the time before by its port.
    pub fn new<const RX: usize, const TX: usize, const M: usize>(
        interface: Interface,
        device: D,
        clock: C,
        storage: &'a mut [SocketStorage<'a>; M],
        memory: &'a mut [Buffers<RX, TX>; N],
        seed: u16,
    ) -> Self {
        Stack::from_memory(interface, device, clock, storage, memory.each_mut().map(Buffers::lend), seed)
    }

    /// The same with buffers of any length.
    pub fn from_memory<const M: usize>(
        interface: Interface,
        device: D,
        clock: C,
        storage: &'a mut [SocketStorage<'a>; M],
        memory: [Memory<'a>; N],
        seed: u16,
    ) -> Self {
        const { assert!(M >= N, "there is a place for each socket") }
        let mut sockets = SocketSet::new(&mut storage[..]);
        let slots = memory.map(|memory| {
            let mut socket =
                Socket::new(SocketBuffer::new(memory.receive), SocketBuffer::new(memory.transmit));
            // A frame of a request is written as a whole, and nothing follows it until it is answered.
            socket.set_nagle_enabled(false);
            Slot::new(sockets.add(socket))
        });
        let core = RefCell::new(Core { interface, device, sockets, is_behind: false });
        Stack { core, slots, clock, idle: None, last_port: Cell::new(seed) }
    }

    /// Has a call that waits run `idle`, instead of asking the device all the time, with how long that may last at most:
    /// `Some(ZERO)` where there is something to do at once, `None` where nothing is due by time. To return early costs nothing.
    ///
    /// It is for a device to sleep: until a frame comes in, or the time is over. **Frames that the device holds already are to
    /// be looked for after its interrupts are masked**, or the one that came last is slept over. It is also the place to serve
    /// other sockets, as the stack can be [used](Stack::with_interface) in it.
    #[must_use]
    pub fn on_idle(self, idle: &'a dyn Fn(&Self, Option<Duration>)) -> Self {
        Stack { idle: Some(idle), ..self }
    }

    /// Moves the stack forward without waiting: takes frames that came in, 64 at most, and sends what is due, so that also
    /// between calls on streams the other hosts are answered and kept alive. How soon it wants to be polled again if no frame
    /// comes in before; `None` where nothing is due. Within [`with_interface`](Stack::with_interface) it does nothing.
    pub fn poll(&self) -> Option<Duration> {
        match self.forward() {
            Ok(()) => self.delay(),
            Err(_) => Some(Duration::ZERO),
        }
    }

    /// Runs a closure with the interface, the device and all sockets: to set addresses and routes, or to use sockets of your
    /// own, such as one for DHCP. The sockets of streams are in the set, too, and are to be left alone.
    ///
    /// Streams cannot be used in it: their calls fail by [`SocketError::Busy`], and one that is dropped is reset later.
    ///
    /// # Errors
    /// [`SocketError::Busy`] within another such closure.
    pub fn with_interface<R>(
        &self,
        run: impl FnOnce(&mut Interface, &mut D, &mut SocketSet<'a>) -> R,
    ) -> Result<R, SocketError> {
        let mut core = self.core.try_borrow_mut().map_err(|_| SocketError::Busy)?;
        let Core { interface, device, sockets, .. } = &mut *core;
        Ok(run(interface, device, sockets))
    }

    /// Slots that a new stream can have now.
    pub fn free_count(&self) -> usize {
        self.slots.iter().filter(|slot| slot.user.get() != User::Stream).count()
    }

    /// The clock.
    pub const fn clock(&self) -> &C {
        &self.clock
    }

    fn now(&self) -> Instant {
        Instant::from_micros(i64::try_from(self.clock.uptime().as_micros()).unwrap_or(i64::MAX))
    }

    fn forward(&self) -> Result<(), SocketError> {
        let mut core = self.core.try_borrow_mut().map_err(|_| SocketError::Busy)?;
        let Core { interface, device, sockets, is_behind } = &mut *core;
        let now = self.now();
        self.tend(sockets);
        interface.poll_maintenance(now);
        let mut frames = 0..FRAMES;
        loop {
            let before = frames.len();
            while frames.next().is_some() {
                match interface.poll_ingress_single(now, device, sockets) {
                    PollIngressSingleResult::None => break,
                    _ => continue,
                }
            }
            // What closes a socket when a frame comes in is a reset, and when nothing does, it is time.
            self.note_ends(sockets, |_| SocketError::Reset);
            while let PollResult::SocketStateChanged = interface.poll_egress(now, device, sockets) {}
            self.note_ends(sockets, |slot| match slot.address.get() {
                Some(address) if !interface.has_ip_addr(address) => SocketError::AddressLost,
                _ => SocketError::Silent,
            });
            *is_behind = frames.is_empty();
            if before - frames.len() <= 1 {
                return Ok(());
            }
        }
    }
}

impl<'a, D: Device, C: Clock, const N: usize> Stack<'a, D, C, N> {
    /// Sees to the sockets that no stream has any more.
    fn tend(&self, sockets: &mut SocketSet<'a>) {
        for slot in self.slots.iter().filter(|slot| slot.user.get() != User::Stream) {
            match socket(sockets, slot.socket) {
                Some(socket) if slot.user.get() == User::Past => socket.abort(),
                Some(socket) => discard(socket),
                None => {}
            }
            slot.user.set(User::Nobody);
        }
    }

    /// Keeps why sockets were closed, where that is not known yet.
    fn note_ends(&self, sockets: &mut SocketSet<'a>, why: impl Fn(&Slot) -> SocketError) {
        for slot in
            self.slots.iter().filter(|slot| slot.user.get() == User::Stream && slot.end.get().is_none())
        {
            if socket(sockets, slot.socket).is_some_and(|socket| socket.state() == State::Closed) {
                slot.end.set(Some(why(slot)));
            }
        }
    }

    fn delay(&self) -> Option<Duration> {
        let Ok(mut core) = self.core.try_borrow_mut() else { return Some(Duration::ZERO) };
        let Core { interface, sockets, is_behind, .. } = &mut *core;
        if *is_behind {
            return Some(Duration::ZERO);
        }
        interface.poll_delay(self.now(), sockets).map(Duration::from)
    }

    /// A port that was not the last one, and that no socket has.
    fn next_port(&self, sockets: &SocketSet<'a>) -> u16 {
        loop {
            let port = self.last_port.get().wrapping_add(1) | EPHEMERAL;
            self.last_port.set(port);
            let mut sockets = sockets.iter().filter_map(|(_, socket)| Socket::downcast(socket));
            if !sockets.any(|socket| socket.local_endpoint().is_some_and(|local| local.port == port)) {
                return port;
            }
        }
    }

    /// A slot that no stream uses: one whose socket has nothing left to do, if there is any.
    fn vacant(&self, sockets: &mut SocketSet<'a>) -> Option<&Slot> {
        let free = || self.slots.iter().filter(|slot| slot.user.get() == User::Nobody);
        let mut is_closed =
            |slot: &&Slot| socket(sockets, slot.socket).is_some_and(|socket| socket.state() == State::Closed);
        free().find(|slot| is_closed(slot)).or_else(|| free().next())
    }
}

/// What streams need of their stack, whatever its device and clock are.
pub(super) trait Port: Clock {
    /// Moves the stack forward without waiting.
    fn advance(&self) -> Result<(), SocketError>;

    /// Passes time until something may have happened, or until so much has passed.
    fn pass(&self, left: Option<Duration>);

    /// Begins to connect. The slot is the caller's then.
    fn dial(
        &self,
        remote: IpEndpoint,
        keepalive: Option<smoltcp::time::Duration>,
    ) -> Result<&Slot, SocketError>;

    /// Does something with a slot's socket.
    fn visit(&self, slot: &Slot, run: &mut dyn FnMut(&mut Socket<'_>)) -> Result<(), SocketError>;
}

impl<'a, D: Device, C: Clock, const N: usize> Port for Stack<'a, D, C, N> {
    fn advance(&self) -> Result<(), SocketError> {
        self.forward()
    }

    fn pass(&self, left: Option<Duration>) {
        let Some(idle) = self.idle else { return core::hint::spin_loop() };
        let limit = match (left, self.delay()) {
            (Some(left), Some(delay)) => Some(left.min(delay)),
            (left, delay) => left.or(delay),
        };
        idle(self, limit);
    }

    fn dial(
        &self,
        remote: IpEndpoint,
        keepalive: Option<smoltcp::time::Duration>,
    ) -> Result<&Slot, SocketError> {
        // Resets that are owed are sent before their sockets are used again.
        self.forward()?;
        let mut core = self.core.try_borrow_mut().map_err(|_| SocketError::Busy)?;
        let Core { interface, device, sockets, .. } = &mut *core;
        if device.capabilities().medium == Medium::Ethernet && !has_way(interface, remote.addr) {
            return Err(SocketError::Unreachable);
        }
        let slot = self.vacant(sockets).ok_or(SocketError::NoSlot { capacity: N })?;
        let port = self.next_port(sockets);
        let socket = socket(sockets, slot.socket).ok_or(SocketError::Closed)?;
        // One that was closed in good order may wait for the other host to do the same. It is forgotten at once, so that
        // no reset is sent after what the other host may not have read yet.
        socket.abort();
        socket.connect(interface.context(), remote, port).map_err(|error| match error {
            ConnectError::Unaddressable => SocketError::Unreachable,
            ConnectError::InvalidState => SocketError::Closed,
        })?;
        socket.set_keep_alive(keepalive);
        // There is a deadline until the other host has accepted.
        socket.set_timeout(None);
        slot.begin(socket.local_endpoint().map(|local| local.addr));
        Ok(slot)
    }

    fn visit(&self, slot: &Slot, run: &mut dyn FnMut(&mut Socket<'_>)) -> Result<(), SocketError> {
        let mut core = self.core.try_borrow_mut().map_err(|_| SocketError::Busy)?;
        run(socket(&mut core.sockets, slot.socket).ok_or(SocketError::Closed)?);
        Ok(())
    }
}

impl<'a, D, C: Clock, const N: usize> Clock for Stack<'a, D, C, N> {
    fn uptime(&self) -> Duration {
        self.clock.uptime()
    }

    fn wall(&self) -> Option<Timestamp> {
        self.clock.wall()
    }
}

impl<D, C, const N: usize> fmt::Debug for Stack<'_, D, C, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stack").field("slots", &self.slots).finish_non_exhaustive()
    }
}

fn socket<'s, 'a>(sockets: &'s mut SocketSet<'a>, handle: SocketHandle) -> Option<&'s mut Socket<'a>> {
    let mut sockets = sockets.iter_mut();
    sockets.find(|(own, _)| *own == handle).and_then(|(_, socket)| Socket::downcast_mut(socket))
}

/// Throws away what came in, for a host that would wait in a write for ever.
pub(super) fn discard(socket: &mut Socket<'_>) {
    while let Ok(1..) = socket.recv(|bytes| (bytes.len(), bytes.len())) {}
}

/// Whether an address is in a network of the interface, or has a route.
fn has_way(interface: &mut Interface, address: IpAddress) -> bool {
    let mut has_way = interface.ip_addrs().iter().any(|network| network.contains_addr(&address));
    interface.routes_mut().update(|routes| {
        has_way |= routes.iter().any(|route| route.cidr.contains_addr(&address));
    });
    has_way
}

/// The most frames that are taken in before the deadline is looked at again.
const FRAMES: usize = 64;
/// Local ports have these bits, as RFC 6335 reserves them for this.
const EPHEMERAL: u16 = 0xc000;
