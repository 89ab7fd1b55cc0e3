//! Two hosts in memory. The server is served, and time passes, while the client waits.
//!
//! Nothing in here is ever freed, so that all of it can know each other.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::net::Ipv4Addr;
use std::rc::Rc;
use std::time::Duration;

use rayforce_ipc::client::{Clock, Connect as _, Connection, Memory, Options};
use rayforce_ipc::codec::Value;
use rayforce_ipc::transports::smoltcp::{Connector, Stack, Stream};
use rayforce_ipc::wire::{Generation, Header, MessageType};
use rayforce_ipc::{Engine, Slot};
use smoltcp::iface::{Config, Interface, PollIngressSingleResult, PollResult, SocketSet, SocketStorage};
use smoltcp::phy::{self, Device, DeviceCapabilities, FaultInjector, Medium};
use smoltcp::socket::tcp::{Socket, SocketBuffer, State};
use smoltcp::time::Instant;
use smoltcp::wire::{EthernetAddress, HardwareAddress, IpCidr};

use crate::support::codec::sent;
use crate::support::script::frame;

pub const CLIENT: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 15);
pub const SERVER: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 2);
pub const PORT: u16 = 5000;

pub type Faulty = FaultInjector<Wire>;
pub type Client<const N: usize> = Stack<'static, Faulty, Ticks, N>;

/// Frames on their way.
type Queue = Rc<RefCell<VecDeque<Vec<u8>>>>;
type Serve = Box<dyn FnMut(&mut Socket<'static>, &mut Peer)>;
type Event = (usize, Box<dyn FnOnce()>);

/// The server, the wire and the clock.
pub struct World {
    pub server: RefCell<Server>,
    medium: Medium,
    wire: [Queue; 2],
    now: Cell<Duration>,
    /// What happens in so many turns.
    event: RefCell<Option<Event>>,
    /// Frames are thrown away.
    pub is_cut: Cell<bool>,
}

impl World {
    /// With a server of so many sockets that has buffers of so many bytes.
    pub fn new(
        medium: Medium,
        sockets: usize,
        buffers: [usize; 2],
        serve: impl FnMut(&mut Socket<'static>, &mut Peer) + 'static,
    ) -> &'static World {
        let wire = [Queue::default(), Queue::default()];
        let device = Wire { medium, inbox: wire[1].clone(), outbox: wire[0].clone() };
        let mut device = FaultInjector::new(device, 1);
        let interface = interface(&mut device, medium, SERVER);
        let mut set = SocketSet::new(Vec::new());
        for _ in 0..sockets {
            let [receive, transmit] = buffers.map(|len| SocketBuffer::new(vec![0; len]));
            let mut socket = Socket::new(receive, transmit);
            socket.set_nagle_enabled(false);
            set.add(socket);
        }
        let peers = (0..sockets).map(|_| Peer::default()).collect();
        let mut server = Server { interface, device, set, peers, serve: Box::new(serve), resets: 0 };
        server.serve_sockets();
        let world = World {
            server: RefCell::new(server),
            medium,
            wire,
            now: Cell::default(),
            event: RefCell::default(),
            is_cut: Cell::new(false),
        };
        Box::leak(Box::new(world))
    }

    /// Ethernet, and a server that has room.
    pub fn ethernet(
        sockets: usize,
        serve: impl FnMut(&mut Socket<'static>, &mut Peer) + 'static,
    ) -> &'static World {
        World::new(Medium::Ethernet, sockets, [8192, 8192], serve)
    }

    pub fn client<const N: usize>(&'static self, receive: usize, transmit: usize) -> &'static Client<N> {
        self.client_with(receive, transmit, |_| ())
    }

    pub fn client_with<const N: usize>(
        &'static self,
        receive: usize,
        transmit: usize,
        change: impl FnOnce(&mut Faulty),
    ) -> &'static Client<N> {
        let wire = Wire { medium: self.medium, inbox: self.wire[0].clone(), outbox: self.wire[1].clone() };
        let mut device = FaultInjector::new(wire, 1);
        change(&mut device);
        let interface = interface(&mut device, self.medium, CLIENT);
        let storage = Box::leak(Box::new([const { SocketStorage::EMPTY }; 4]));
        let memory = core::array::from_fn(|_| Memory { receive: room(receive), transmit: room(transmit) });
        let idle = move |_: &Client<N>, limit: Option<Duration>| self.turn(limit);
        let stack = Stack::from_memory::<4>(interface, device, Ticks(self), storage, memory, 7);
        Box::leak(Box::new(stack.on_idle(Box::leak(Box::new(idle)))))
    }

    /// Something happens after so many turns.
    pub fn after(&self, turns: usize, event: impl FnOnce() + 'static) {
        self.event.replace(Some((turns, Box::new(event))));
    }

    /// Frames that the client has sent since the last turn.
    pub fn sent_count(&self) -> usize {
        self.wire[1].borrow().len()
    }

    /// Frames on their way to the client.
    pub fn coming_count(&self) -> usize {
        self.wire[0].borrow().len()
    }

    /// So many frames of no meaning on their way to the client.
    pub fn flood(&self, count: usize) {
        self.wire[0].borrow_mut().extend(std::iter::repeat_n(vec![0; 60], count));
    }

    pub fn now(&self) -> Duration {
        self.now.get()
    }

    /// Serves the server; where nothing is on its way then, time passes.
    pub fn turn(&self, limit: Option<Duration>) {
        let delay = self.serve();
        let event = self.event.borrow_mut().take();
        match event {
            Some((0, event)) => event(),
            event => *self.event.borrow_mut() = event.map(|(turns, event)| (turns - 1, event)),
        }
        if self.wire.iter().all(|queue| queue.borrow().is_empty()) {
            let step = [limit, delay].into_iter().flatten().min().expect("somebody waits for something");
            self.now.set(self.now.get() + step.max(Duration::from_millis(1)));
        }
    }

    fn serve(&self) -> Option<Duration> {
        if self.is_cut.get() {
            self.wire.iter().for_each(|queue| queue.borrow_mut().clear());
        }
        self.server.borrow_mut().serve(instant(self.now.get()))
    }
}

fn room(len: usize) -> &'static mut [u8] {
    Box::leak(vec![0; len].into_boxed_slice())
}

fn instant(now: Duration) -> Instant {
    Instant::from_micros(i64::try_from(now.as_micros()).unwrap())
}

fn interface(device: &mut Faulty, medium: Medium, address: Ipv4Addr) -> Interface {
    let hardware = match medium {
        Medium::Ethernet => HardwareAddress::Ethernet(EthernetAddress([2, 0, 0, 0, 0, address.octets()[3]])),
        Medium::Ip => HardwareAddress::Ip,
    };
    let mut config = Config::new(hardware);
    config.random_seed = u64::from(address.to_bits());
    let mut interface = Interface::new(config, device, Instant::ZERO);
    interface.update_ip_addrs(|addresses| addresses.push(IpCidr::new(address.into(), 24)).unwrap());
    interface
}

/// The client's time.
#[derive(Clone, Copy)]
pub struct Ticks(&'static World);

impl Clock for Ticks {
    fn uptime(&self) -> Duration {
        self.0.now()
    }
}

/// A host that listens on as many sockets as it has, for ever.
pub struct Server {
    interface: Interface,
    pub device: Faulty,
    pub set: SocketSet<'static>,
    pub peers: Vec<Peer>,
    serve: Serve,
    /// Connections that ended otherwise than by both sides' ends.
    pub resets: usize,
}

impl Server {
    pub fn with_sockets(&mut self, mut run: impl FnMut(&mut Socket<'static>)) {
        for (_, socket) in self.set.iter_mut() {
            let smoltcp::socket::Socket::Tcp(socket) = socket;
            run(socket);
        }
    }

    /// One frame after the other, so that a socket listens again before the next one comes.
    fn serve(&mut self, now: Instant) -> Option<Duration> {
        let mut is_over = false;
        while !is_over {
            let ingress = self.interface.poll_ingress_single(now, &mut self.device, &mut self.set);
            is_over = matches!(ingress, PollIngressSingleResult::None);
            self.serve_sockets();
            while let PollResult::SocketStateChanged =
                self.interface.poll_egress(now, &mut self.device, &mut self.set)
            {}
        }
        self.interface.poll_delay(now, &self.set).map(Duration::from)
    }

    fn serve_sockets(&mut self) {
        for ((_, socket), peer) in self.set.iter_mut().zip(&mut self.peers) {
            let smoltcp::socket::Socket::Tcp(socket) = socket;
            (self.serve)(socket, peer);
            match socket.state() {
                // An abort of its own is sent first.
                State::Closed if socket.remote_endpoint().is_some() => {}
                State::Closed => {
                    self.resets += usize::from(peer.port.is_some() && !peer.is_ended);
                    *peer = Peer::default();
                    socket.listen(PORT).unwrap();
                }
                State::Listen | State::SynReceived => {}
                _ => {
                    peer.port = socket.remote_endpoint().map(|remote| remote.port);
                    peer.is_ended |= !socket.may_send();
                }
            }
        }
    }
}

/// What the server knows of a connection.
#[derive(Default)]
pub struct Peer {
    pub port: Option<u16>,
    /// Shut down by the server.
    is_ended: bool,
    is_open: bool,
    pub heard: Vec<u8>,
    pub said: VecDeque<u8>,
}

impl Peer {
    /// Takes what came in, no more than so many bytes.
    pub fn hear(&mut self, socket: &mut Socket<'_>, limit: usize) -> usize {
        let mut bytes = vec![0; limit];
        let count = socket.recv_slice(&mut bytes).unwrap_or(0);
        self.heard.extend_from_slice(&bytes[..count]);
        count
    }

    pub fn is_open(&self) -> bool {
        self.is_open
    }

    /// The payload of the next request.
    pub fn request(&mut self) -> Option<Vec<u8>> {
        if !self.is_open && self.heard.len() >= 2 {
            assert_eq!(self.heard.drain(..2).collect::<Vec<_>>(), [3, 0]);
            self.said.extend([3, 0]);
            self.is_open = true;
        }
        let header = Header::parse(Generation::V3, self.heard.first_chunk()?).expect("a header");
        assert_eq!(header.message, MessageType::Sync);
        let len = Header::LEN + usize::try_from(header.size).unwrap();
        (self.heard.len() >= len).then(|| self.heard.drain(..len).skip(Header::LEN).collect())
    }

    /// Sends what there is room for; the end follows that of the client.
    pub fn say(&mut self, socket: &mut Socket<'_>) {
        while !self.said.is_empty() && socket.can_send() {
            let count = socket.send_slice(self.said.as_slices().0).unwrap();
            self.said.drain(..count);
        }
        if self.said.is_empty() && socket.state() == State::CloseWait && !socket.can_recv() {
            socket.close();
        }
    }
}

/// Lets clients in, and answers their requests by payloads.
pub fn answering(mut answer: impl FnMut(&[u8]) -> Vec<u8>) -> impl FnMut(&mut Socket<'static>, &mut Peer) {
    move |socket, peer| {
        peer.hear(socket, 4096);
        while let Some(payload) = peer.request() {
            peer.said.extend(frame(Generation::V3, MessageType::Response, &answer(&payload)));
        }
        peer.say(socket);
    }
}

/// Connects to the server.
pub fn connector<const N: usize>(stack: &'static Client<N>) -> Connector<'static> {
    Connector::new(stack, (SERVER, PORT))
}

/// One end of the wire.
pub struct Wire {
    medium: Medium,
    inbox: Queue,
    outbox: Queue,
}

impl Wire {
    /// One that leads nowhere.
    pub fn loose() -> Wire {
        Wire { medium: Medium::Ip, inbox: Queue::default(), outbox: Queue::default() }
    }
}

impl Device for Wire {
    type RxToken<'a> = Received;
    type TxToken<'a> = Sending<'a>;

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = self.medium;
        capabilities.max_transmission_unit = 1514;
        capabilities
    }

    fn receive(&mut self, _now: Instant) -> Option<(Received, Sending<'_>)> {
        let frame = self.inbox.borrow_mut().pop_front()?;
        Some((Received(frame), Sending(&self.outbox)))
    }

    fn transmit(&mut self, _now: Instant) -> Option<Sending<'_>> {
        Some(Sending(&self.outbox))
    }
}

pub struct Received(Vec<u8>);

impl phy::RxToken for Received {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, run: F) -> R {
        run(&self.0)
    }
}

pub struct Sending<'a>(&'a Queue);

impl phy::TxToken for Sending<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, run: F) -> R {
        let mut frame = vec![0; len];
        let result = run(&mut frame);
        self.0.borrow_mut().push_back(frame);
        result
    }
}

/// Longer than anything here takes.
pub const LONG: Duration = Duration::from_secs(60);

/// A connection over a new stream, with buffers of so many bytes.
pub fn connection(
    connector: Connector<'static>,
    buffers: [usize; 2],
    options: &Options<'_>,
) -> Connection<'static, Stream<'static>> {
    let stream = connector.connect(LONG).expect("the server is there");
    let memory = Memory { receive: room(buffers[0]), transmit: room(buffers[1]) };
    Connection::open(stream, memory, options).expect("the server lets us in")
}

/// A pool of `N` connections with small buffers.
pub fn engine<const N: usize>(
    connector: Connector<'static>,
) -> &'static Engine<'static, Connector<'static>, N> {
    let slots = Box::leak(Box::new([const { Slot::<_, 64, 64>::new() }; N]));
    Box::leak(Box::new(Engine::new(connector, slots)))
}

/// A server that answers 3, whatever it is asked.
pub fn three() -> impl FnMut(&mut Socket<'static>, &mut Peer) {
    answering(|_| sent(Generation::V3, &3i64))
}

/// One more exchange with such a server.
#[track_caller]
pub fn assert_goes_on(connection: &mut Connection<'static, Stream<'static>>) {
    assert_eq!(connection.execute("(+ 1 2)").unwrap().value().unwrap(), Value::I64(3));
}
