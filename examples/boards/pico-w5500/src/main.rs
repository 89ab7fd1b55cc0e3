//! Inserts the temperature of an RP2040 into a table, once a second, over a W5500: the board W5500-EVB-Pico, or a
//! Raspberry Pi Pico with the same pins.
#![no_std]
#![no_main]

use core::net::{IpAddr, Ipv4Addr, SocketAddr};
use core::panic::PanicInfo;

use embassy_executor::Spawner;
use embassy_net::{Config, StackResources};
use embassy_net_wiznet::chip::W5500;
use embassy_rp::adc::{self, Adc, Channel};
use embassy_rp::clocks::RoscRng;
use embassy_rp::flash::{Blocking, Flash};
use embassy_rp::gpio::{Input, Level, Output, Pull};
use embassy_rp::peripherals::{DMA_CH0, DMA_CH1, SPI0};
use embassy_rp::spi::{self, Spi};
use embassy_rp::watchdog::Watchdog;
use embassy_rp::{bind_interrupts, dma};
use embassy_time::{Delay, Duration};
use embedded_hal_bus::spi::ExclusiveDevice;
use static_cell::{ConstStaticCell, StaticCell};
use station::delivery::Delivery;
use station::light::Light;
use station::network::{EmbassyTime, Server, Sockets};
use station::rayforce_ipc::client::{Backoff, Buffers, Clock, Options};
use station::readings::Readings;
use station::sampling::sample;

bind_interrupts!(struct Interrupts {
    ADC_IRQ_FIFO => adc::InterruptHandler;
    DMA_IRQ_0 => dma::InterruptHandler<DMA_CH0>, dma::InterruptHandler<DMA_CH1>;
});

type Chip = ExclusiveDevice<Spi<'static, SPI0, spi::Async>, Output<'static>, Delay>;
type Network = embassy_net_wiznet::Runner<'static, W5500, Chip, Input<'static>, Output<'static>>;

static READINGS: Readings<READING_COUNT> = Readings::new();
static LIGHT: Light = Light::new();
static FRAMES: ConstStaticCell<embassy_net_wiznet::State<4, 4>> =
    ConstStaticCell::new(embassy_net_wiznet::State::new());
/// One socket for the client, one for DHCP.
static RESOURCES: StaticCell<StackResources<2>> = StaticCell::new();
static SOCKETS: StaticCell<Sockets> = StaticCell::new();
static BUFFERS: ConstStaticCell<Buffers<RECEIVE_LEN, TRANSMIT_LEN>> = ConstStaticCell::new(Buffers::new());

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    let board = embassy_rp::init(Default::default());

    let mut config = spi::Config::default();
    config.frequency = 10_000_000;
    let bus = Spi::new(
        board.SPI0,
        board.PIN_18,
        board.PIN_19,
        board.PIN_16,
        board.DMA_CH0,
        board.DMA_CH1,
        Interrupts,
        config,
    );
    let select = Output::new(board.PIN_17, Level::High);
    let reset = Output::new(board.PIN_20, Level::High);
    let interrupt = Input::new(board.PIN_21, Pull::Up);
    let mut serial_number = [0; 8];
    // Where it cannot be read, it stays 0: an address that works as long as there is one such board.
    let _ = Flash::<_, Blocking, FLASH_LEN>::new_blocking(board.FLASH).blocking_unique_id(&mut serial_number);
    let Ok(chip) = ExclusiveDevice::new(bus, select, Delay);
    let Ok((device, network)) =
        embassy_net_wiznet::new(address(serial_number), FRAMES.take(), chip, interrupt, reset).await
    else {
        // No chip answers.
        cortex_m::peripheral::SCB::sys_reset()
    };
    let resources = RESOURCES.init(StackResources::new());
    let config = Config::dhcpv4(Default::default());
    let (stack, stack_runner) = embassy_net::new(device, config, resources, RoscRng.next_u64());

    let adc = Adc::new(board.ADC, Interrupts, adc::Config::default());
    let sensor = Channel::new_temp_sensor(board.ADC_TEMP_SENSOR);
    let led = Output::new(board.PIN_25, Level::Low);

    // Each has room for one, and is begun once.
    run_network(network).into_iter().for_each(|task| spawner.spawn(task));
    run_stack(stack_runner).into_iter().for_each(|task| spawner.spawn(task));
    measure(adc, sensor, Watchdog::new(board.WATCHDOG)).into_iter().for_each(|task| spawner.spawn(task));
    shine(led).into_iter().for_each(|task| spawner.spawn(task));

    let server = Server::new(stack, SOCKETS.init(Sockets::new()), SERVER);
    // One bit less, for numbers of the server have a sign.
    let run = (RoscRng.next_u64() >> 1) as i64;
    let backoff = Backoff::new(u64::from_le_bytes(serial_number));
    let memory = BUFFERS.take().lend();
    Delivery::<_, BATCH_COUNT>::new(&READINGS, DEVICE, run)
        .run(&&server, memory, &Options::new(), backoff, |event| LIGHT.show(&event))
        .await
}

#[embassy_executor::task]
async fn run_network(network: Network) -> ! {
    network.run().await
}

#[embassy_executor::task]
async fn run_stack(mut stack: embassy_net::Runner<'static, embassy_net_wiznet::Device<'static>>) -> ! {
    stack.run().await
}

#[embassy_executor::task]
async fn measure(
    mut adc: Adc<'static, adc::Async>,
    mut sensor: Channel<'static>,
    mut watchdog: Watchdog,
) -> ! {
    watchdog.start(WATCHDOG);
    sample(&READINGS, async || {
        if READINGS.is_alive(EmbassyTime.uptime()) {
            watchdog.feed(WATCHDOG);
        }
        let volts = f32::from(adc.read(&mut sensor).await.ok()?) * 3.3 / 4096.0;
        // Section 4.9.5 of the chip's data sheet.
        Some(27.0 - (volts - 0.706) / 0.001_721)
    })
    .await
}

#[embassy_executor::task]
async fn shine(mut led: Output<'static>) -> ! {
    LIGHT.run(|on| led.set_level(on.into())).await
}

#[panic_handler]
fn panic(_info: &PanicInfo<'_>) -> ! {
    cortex_m::peripheral::SCB::sys_reset()
}

/// An Ethernet address that is given by nobody, another for each serial number.
fn address(serial_number: [u8; 8]) -> [u8; 6] {
    let [_, _, _, a, b, c, d, e] = serial_number;
    [2, a, b, c, d, e]
}

const SERVER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 168, 1, 2)), 5000);
/// What its readings are known by in the table.
const DEVICE: &str = "pico";
/// Readings that are kept while there is no connection: those of an hour, in 57.6 KB.
const READING_COUNT: usize = 3600;
/// Readings of one request.
const BATCH_COUNT: usize = 30;
const RECEIVE_LEN: usize = 64;
const TRANSMIT_LEN: usize = 256;
const WATCHDOG: Duration = Duration::from_secs(8);
const FLASH_LEN: usize = 0x20_0000;
