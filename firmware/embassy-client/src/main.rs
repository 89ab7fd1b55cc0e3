//! A subscriber on embassy's network stack: asks a server for a value, and then follows a topic, for ever and over any
//! number of connections, without a heap.
//!
//! ```text
//!  main    the stack, its task and that of the client
//!  client  connects, asks, subscribes, and connects again
//!  time    milliseconds since the start, as embassy's time
//!  device  where the board's network device belongs: one that leads nowhere
//! ```
#![no_std]
#![no_main]

mod client;
mod device;
mod time;

use core::panic::PanicInfo;

use embassy_executor::Spawner;
use embassy_net::{Config, Runner, StackResources};
use static_cell::StaticCell;

use crate::device::Nowhere;

/// One socket for the client, one for DHCP.
static RESOURCES: StaticCell<StackResources<2>> = StaticCell::new();

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    if let Some(peripherals) = cortex_m::Peripherals::take() {
        time::start(peripherals.SYST);
    }
    let config = Config::dhcpv4(Default::default());
    let resources = RESOURCES.init(StackResources::new());
    let (stack, runner) = embassy_net::new(Nowhere, config, resources, SEED);
    // Each has room for one, and is begun once.
    network(runner).into_iter().for_each(|task| spawner.spawn(task));
    follow(stack).into_iter().for_each(|task| spawner.spawn(task));
}

#[embassy_executor::task]
async fn network(mut runner: Runner<'static, Nowhere>) -> ! {
    runner.run().await
}

#[embassy_executor::task]
async fn follow(stack: embassy_net::Stack<'static>) -> ! {
    client::follow(stack).await
}

#[panic_handler]
fn panic(_info: &PanicInfo<'_>) -> ! {
    cortex_m::peripheral::SCB::sys_reset()
}

/// Of the stack's port numbers: a board would draw it by lot.
const SEED: u64 = 17;
