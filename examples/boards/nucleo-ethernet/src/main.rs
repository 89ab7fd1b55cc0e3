//! Inserts the temperature of an STM32F429 into a table, once a second, over the Ethernet of the board NUCLEO-F429ZI.
#![no_std]
#![no_main]

use core::net::{IpAddr, Ipv4Addr, SocketAddr};
use core::panic::PanicInfo;

use embassy_executor::Spawner;
use embassy_net::{Config, Runner, StackResources};
use embassy_stm32::adc::{Adc, SampleTime, Temperature};
use embassy_stm32::eth::{self, Ethernet, GenericPhy, PacketQueue, Sma};
use embassy_stm32::gpio::{Level, Output, Speed};
use embassy_stm32::peripherals::{ADC1, ETH, ETH_SMA, IWDG, RNG};
use embassy_stm32::rcc::{
    AHBPrescaler, APBPrescaler, Hse, HseMode, Pll, PllMul, PllPDiv, PllPreDiv, PllQDiv, PllSource, Sysclk,
};
use embassy_stm32::rng::{self, Rng};
use embassy_stm32::time::Hertz;
use embassy_stm32::wdg::IndependentWatchdog;
use embassy_stm32::{bind_interrupts, uid};
use static_cell::{ConstStaticCell, StaticCell};
use station::delivery::Delivery;
use station::light::Light;
use station::network::{EmbassyTime, Server, Sockets};
use station::rayforce_ipc::client::{Backoff, Buffers, Clock, Options};
use station::readings::Readings;
use station::sampling::sample;

bind_interrupts!(struct Interrupts {
    ETH => eth::InterruptHandler;
    HASH_RNG => rng::InterruptHandler<RNG>;
});

type Device = Ethernet<'static, ETH, GenericPhy<Sma<'static, ETH_SMA>>>;

static READINGS: Readings<READING_COUNT> = Readings::new();
static LIGHT: Light = Light::new();
static FRAMES: ConstStaticCell<PacketQueue<4, 4>> = ConstStaticCell::new(PacketQueue::new());
/// One socket for the client, one for DHCP.
static RESOURCES: StaticCell<StackResources<2>> = StaticCell::new();
static SOCKETS: StaticCell<Sockets> = StaticCell::new();
static BUFFERS: ConstStaticCell<Buffers<RECEIVE_LEN, TRANSMIT_LEN>> = ConstStaticCell::new(Buffers::new());

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    let board = embassy_stm32::init(clocks());

    let serial_number = uid::uid();
    let device = Ethernet::new(
        FRAMES.take(),
        board.ETH,
        Interrupts,
        board.PA1,
        board.PA7,
        board.PC4,
        board.PC5,
        board.PG13,
        board.PB13,
        board.PG11,
        address(serial_number),
        board.ETH_SMA,
        board.PA2,
        board.PC1,
    );
    let mut random = Rng::new(board.RNG, Interrupts);
    let resources = RESOURCES.init(StackResources::new());
    let config = Config::dhcpv4(Default::default());
    let (stack, stack_runner) = embassy_net::new(device, config, resources, random.next_u64());

    let adc = Adc::new(board.ADC1);
    let sensor = adc.enable_temperature();
    let led = Output::new(board.PB0, Level::Low, Speed::Low);
    let watchdog = IndependentWatchdog::new(board.IWDG, WATCHDOG_MICROS);

    // Each has room for one, and is begun once.
    run_stack(stack_runner).into_iter().for_each(|task| spawner.spawn(task));
    measure(adc, sensor, watchdog).into_iter().for_each(|task| spawner.spawn(task));
    shine(led).into_iter().for_each(|task| spawner.spawn(task));

    let server = Server::new(stack, SOCKETS.init(Sockets::new()), SERVER);
    // One bit less, for numbers of the server have a sign.
    let run = (random.next_u64() >> 1) as i64;
    let backoff = Backoff::new(random.next_u64());
    let memory = BUFFERS.take().lend();
    Delivery::<_, BATCH_COUNT>::new(&READINGS, DEVICE, run)
        .run(&&server, memory, &Options::new(), backoff, |event| LIGHT.show(&event))
        .await
}

#[embassy_executor::task]
async fn run_stack(mut stack: Runner<'static, Device>) -> ! {
    stack.run().await
}

#[embassy_executor::task]
async fn measure(
    mut adc: Adc<'static, ADC1>,
    mut sensor: Temperature,
    mut watchdog: IndependentWatchdog<'static, IWDG>,
) -> ! {
    watchdog.unleash();
    sample(&READINGS, async || {
        if READINGS.is_alive(EmbassyTime.uptime()) {
            watchdog.pet();
        }
        let volts = f32::from(adc.blocking_read(&mut sensor, SampleTime::CYCLES480)) * 3.3 / 4096.0;
        // The typical values of the chip's data sheet; each chip has its own in its memory.
        Some((volts - 0.76) / 0.0025 + 25.0)
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

/// 168 MHz, and the 48 MHz of the random numbers, out of the 8 MHz that the board's programmer gives.
fn clocks() -> embassy_stm32::Config {
    let mut config = embassy_stm32::Config::default();
    config.rcc.hse = Some(Hse { freq: Hertz(8_000_000), mode: HseMode::Bypass });
    config.rcc.pll_src = PllSource::HSE;
    config.rcc.pll = Some(Pll {
        prediv: PllPreDiv::DIV4,
        mul: PllMul::MUL168,
        divp: Some(PllPDiv::DIV2),
        divq: Some(PllQDiv::DIV7),
        divr: None,
    });
    config.rcc.ahb_pre = AHBPrescaler::DIV1;
    config.rcc.apb1_pre = APBPrescaler::DIV4;
    config.rcc.apb2_pre = APBPrescaler::DIV2;
    config.rcc.sys = Sysclk::PLL1_P;
    config
}

/// An Ethernet address that is given by nobody, most likely another for each serial number.
fn address(serial_number: [u8; 12]) -> [u8; 6] {
    let [a, _, b, _, c, .., d, e, _] = serial_number;
    [2, a, b, c, d, e]
}

const SERVER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 168, 1, 2)), 5000);
/// What its readings are known by in the table.
const DEVICE: &str = "nucleo";
/// Readings that are kept while there is no connection: those of an hour, in 57.6 KB.
const READING_COUNT: usize = 3600;
/// Readings of one request.
const BATCH_COUNT: usize = 30;
const RECEIVE_LEN: usize = 64;
const TRANSMIT_LEN: usize = 256;
const WATCHDOG_MICROS: u32 = 8_000_000;
