//! A device's day over the Ethernet of an LM3S6965 and smoltcp, with a pool of two connections, without a heap.
#![no_std]
#![no_main]

use core::time::Duration;

use board::clock::Uptime;
use board::port::{Frames, Port};
use board::{console, mac, stack};
use cortex_m_rt::entry;
use day::plan::Mode;
use day::{CONNECTION_COUNT, Mind, Plan, RECEIVE_LEN, TRANSMIT_LEN};
use rayforce_ipc::client::{Buffers, Clock as _, Connection, Topic};
use rayforce_ipc::transports::smoltcp::{Connector, Stack, Stream};
use rayforce_ipc::{Engine, Slot};
use smoltcp::iface::{Config, Interface, SocketStorage};
use smoltcp::phy::FaultInjector;
use smoltcp::time::Instant;
use smoltcp::wire::{EthernetAddress, IpAddress, IpCidr};
use static_cell::{ConstStaticCell, StaticCell};

/// The MAC behind what loses and corrupts frames, which does nothing unless it is told to.
type Device = FaultInjector<Port<'static>>;
type Network = Stack<'static, Device, Uptime, CONNECTION_COUNT>;
type Pool = Engine<'static, Connector<'static>, CONNECTION_COUNT>;
type Slots = [Slot<Connection<'static, Stream<'static>>, RECEIVE_LEN, TRANSMIT_LEN>; CONNECTION_COUNT];

static FRAMES: ConstStaticCell<Frames> = ConstStaticCell::new(Frames::new());
static SOCKETS: StaticCell<[SocketStorage<'static>; CONNECTION_COUNT]> = StaticCell::new();
static WINDOWS: ConstStaticCell<[Buffers<WINDOW_LEN, WINDOW_LEN>; CONNECTION_COUNT]> =
    ConstStaticCell::new([const { Buffers::new() }; CONNECTION_COUNT]);
static NETWORK: StaticCell<Network> = StaticCell::new();
static ENGINE: StaticCell<Pool> = StaticCell::new();
static SLOTS: StaticCell<Slots> = StaticCell::new();
static TOPICS: ConstStaticCell<[Topic<'static>; 1]> = ConstStaticCell::new(day::topics());
static MIND: ConstStaticCell<Mind> = ConstStaticCell::new(Mind::new());

#[entry]
fn main() -> ! {
    let mut words = [0; 80];
    let well = match Plan::parse(console::command_line(&mut words)) {
        Some(plan) => live(&plan).unwrap_or(false),
        None => false,
    };
    console::say(format_args!("{} of {} bytes of stack", stack::used(), stack::size()));
    console::end(well)
}

/// Whether the day ended well; none where there was one before.
fn live(plan: &Plan) -> Option<bool> {
    board::start()?;
    let engine = connect(plan, start(plan)?)?;
    let ended = day::blocking::run(engine, plan, MIND.try_take()?, TOPICS.try_take()?, console::say);
    Some(day::tell(ended, console::say))
}

/// Starts the network. (What that takes of the stack is free again when it is done.)
#[inline(never)]
fn start(plan: &Plan) -> Option<&'static Network> {
    let mut device = FaultInjector::new(Port::start(HARDWARE_ADDRESS, FRAMES.try_take()?)?, SEED);
    let config = Config::new(EthernetAddress(HARDWARE_ADDRESS).into());
    let mut interface = Interface::new(config, &mut device, now());
    let mut has_address = false;
    interface.update_ip_addrs(|addresses| has_address = addresses.push(ADDRESS).is_ok());
    has_address.then_some(())?;
    if plan.mode == Mode::Faults {
        device.set_drop_chance(FAULT_PERCENT);
        device.set_corrupt_chance(FAULT_PERCENT);
    }
    let sockets = SOCKETS.try_init_with(|| [SocketStorage::EMPTY; CONNECTION_COUNT])?;
    let windows = WINDOWS.try_take()?;
    let network = NETWORK.try_init_with(|| {
        Stack::new(interface, device, Uptime, sockets, windows, SEED as u16).on_idle(&sleep)
    })?;
    Some(network)
}

/// Makes the engine. (So here.)
#[inline(never)]
fn connect(plan: &Plan, network: &'static Network) -> Option<&'static Pool> {
    let server = (*plan.server.ip(), plan.server.port());
    let connector = Connector::new(network, server).keepalive(SILENCE);
    let slots = SLOTS.try_init_with(day::slots)?;
    let options = day::options(plan.mode);
    let engine = ENGINE.try_init_with(|| Engine::with_options(connector, slots, options))?;
    Some(engine)
}

/// Sleeps until a frame comes in, a millisecond at most, for so often does the clock interrupt.
fn sleep(_network: &Network, limit: Option<Duration>) {
    if limit != Some(Duration::ZERO) {
        mac::sleep();
    }
}

fn now() -> Instant {
    Instant::from_millis(Uptime.uptime().as_millis() as i64)
}

/// Given by nobody.
const HARDWARE_ADDRESS: [u8; 6] = [2, 0, 0, 0, 0, 1];
/// In the network that the emulator makes.
const ADDRESS: IpCidr = IpCidr::new(IpAddress::v4(10, 0, 2, 15), 24);
/// Bytes of a socket's buffer in each direction.
const WINDOW_LEN: usize = 2920;
/// Of the first port number, and of the faults: a board would draw it by lot.
const SEED: u32 = 17;
/// Where many frames are lost, a server may be silent for long.
const SILENCE: Option<Duration> = Some(Duration::from_secs(60));
const FAULT_PERCENT: u8 = 15;
