//! A device's day on embassy's network stack, over the Ethernet of an LM3S6965, without a heap.
//!
//! ```text
//!  main    the stack, its task and that of the day
//!  server  connects: what the crate needs of embassy
//! ```
#![no_std]
#![no_main]

mod server;

use board::port::{Frames, Port};
use board::{console, stack};
use day::{CONNECTION_COUNT, Mind, Plan, RECEIVE_LEN, TRANSMIT_LEN};
use embassy_executor::Spawner;
use embassy_net::tcp::client::{TcpClient, TcpClientState};
use embassy_net::{Config, Ipv4Address, Ipv4Cidr, Runner, Stack, StackResources, StaticConfigV4};
use rayforce_ipc::Slot;
use rayforce_ipc::client::Topic;
use rayforce_ipc::client::asynch::{Connect, Connection};
use rayforce_ipc::engine::asynch::Engine;
use static_cell::{ConstStaticCell, StaticCell};

use crate::server::{Client, SOCKET_LEN, Server};

type Slots = [Slot<Connection<'static, <Server<'static> as Connect>::Transport>, RECEIVE_LEN, TRANSMIT_LEN>;
    CONNECTION_COUNT];

static FRAMES: ConstStaticCell<Frames> = ConstStaticCell::new(Frames::new());
static RESOURCES: StaticCell<StackResources<CONNECTION_COUNT>> = StaticCell::new();
static SOCKETS: StaticCell<TcpClientState<CONNECTION_COUNT, SOCKET_LEN, SOCKET_LEN>> = StaticCell::new();
static CLIENT: StaticCell<Client<'static>> = StaticCell::new();
static SLOTS: StaticCell<Slots> = StaticCell::new();
static TOPICS: ConstStaticCell<[Topic<'static>; 1]> = ConstStaticCell::new(day::topics());
static MIND: ConstStaticCell<Mind> = ConstStaticCell::new(Mind::new());

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    let port = board::start().and_then(|()| Port::start(HARDWARE_ADDRESS, FRAMES.take()));
    let Some(port) = port else { console::end(false) };
    let config = StaticConfigV4 {
        address: Ipv4Cidr::new(ADDRESS, 24),
        gateway: None,
        dns_servers: Default::default(),
    };
    let (stack, runner) =
        embassy_net::new(port, Config::ipv4_static(config), RESOURCES.init_with(StackResources::new), SEED);
    // Each has room for one, and is begun once.
    network(runner).into_iter().for_each(|task| spawner.spawn(task));
    live(stack).into_iter().for_each(|task| spawner.spawn(task));
}

#[embassy_executor::task]
async fn network(mut runner: Runner<'static, Port<'static>>) -> ! {
    runner.run().await
}

#[embassy_executor::task]
async fn live(network: Stack<'static>) -> ! {
    let mut words = [0; 80];
    let well = match Plan::parse(console::command_line(&mut words)) {
        Some(plan) => spend(network, plan).await,
        None => false,
    };
    console::say(format_args!("{} of {} bytes of stack", stack::used(), stack::size()));
    console::end(well)
}

/// Whether the day ended well.
async fn spend(network: Stack<'static>, plan: Plan) -> bool {
    // Sockets have their buffers from here, and give them back: so a connection outlives them.
    let sockets = SOCKETS.init_with(TcpClientState::new);
    let server = Server { client: CLIENT.init(TcpClient::new(network, sockets)), address: plan.server };
    let engine = Engine::with_options(server, SLOTS.init_with(day::slots), day::options(plan.mode));
    let ended = day::asynch::run(&engine, &plan, MIND.take(), TOPICS.take(), console::say).await;
    day::tell(ended, console::say)
}

/// Given by nobody.
const HARDWARE_ADDRESS: [u8; 6] = [2, 0, 0, 0, 0, 1];
/// In the network that the emulator makes.
const ADDRESS: Ipv4Address = Ipv4Address::new(10, 0, 2, 15);
/// Of the stack's port numbers: a board would draw it by lot.
const SEED: u64 = 17;
