//! Connects, asks, subscribes, and connects again.

use core::fmt;
use core::future::pending;
use core::net::SocketAddr;
use core::ops::ControlFlow;
use core::sync::atomic::{AtomicI32, Ordering};
use core::time::Duration;

use embassy_net::Stack;
use embassy_net::tcp::Error as TcpError;
use embassy_net::tcp::client::{TcpClient, TcpClientState, TcpConnection};
use embassy_time::Instant;
use embedded_nal_async::TcpConnect;
use rayforce_ipc::Error;
use rayforce_ipc::client::asynch::{Connect, Connection, Push, Timer};
use rayforce_ipc::client::{Backoff, Buffers, Clock, Options, Topic};
use rayforce_ipc::transports::adapters::TimedError;
use rayforce_ipc::transports::timed::Timed;
use static_cell::{ConstStaticCell, StaticCell};

/// A socket whose waits end.
type Socket<'c> = Timed<TcpConnection<'c, SOCKET_COUNT, SOCKET_LEN, SOCKET_LEN>, EmbassyTime>;
type Failure = Error<TimedError<TcpError>>;

static SOCKETS: StaticCell<TcpClientState<SOCKET_COUNT, SOCKET_LEN, SOCKET_LEN>> = StaticCell::new();
static MEMORY: ConstStaticCell<Buffers<RECEIVE_LEN, TRANSMIT_LEN>> = ConstStaticCell::new(Buffers::new());
static TOPICS: ConstStaticCell<[Topic<'static>; 1]> = ConstStaticCell::new([const { Topic::new() }; 1]);
/// What was published last, for the other parts of the firmware.
pub static LAST: AtomicI32 = AtomicI32::new(0);

/// Follows the topic for ever. Its memory is that of the statics, so that it runs once.
pub async fn follow(stack: Stack<'static>) -> ! {
    // Sockets have their buffers from here, and give them back: so a connection outlives them.
    let client = TcpClient::new(stack, SOCKETS.init(TcpClientState::new()));
    let server = Server { client: &client, address: SERVER };
    let mut connection = Connection::closed(MEMORY.take().lend());
    connection.lend_topics(TOPICS.take());
    let mut backoff = Backoff::new(SERIAL_NUMBER);
    let options = Options::new();
    loop {
        stack.wait_config_up().await;
        let observer = |_: rayforce_ipc::client::Retry<'_, _>| ControlFlow::Continue(());
        let opened = connection.reconnect(&server, &options, &mut backoff, observer).await;
        let ended = match opened {
            Ok(()) => talk(&mut connection, &mut backoff).await,
            Err(error) => Err(error),
        };
        if let Err(error) = ended
            && !error.is_transient()
        {
            // Trying again at once would not help.
            EmbassyTime.sleep(Duration::from_secs(30)).await;
        }
    }
}

/// One question, and then what is published, until the connection fails.
async fn talk(
    connection: &mut Connection<'static, Socket<'_>>,
    backoff: &mut Backoff,
) -> Result<(), Failure> {
    let answer = connection.execute("(+ 1 2)").await?.value().await?.as_i64()?;
    LAST.store(answer as i32, Ordering::Relaxed);
    // The connection has proved to work.
    backoff.reset();
    connection.subscribe("alarms").await?;
    loop {
        match connection.next_push().await? {
            Some(Push::Message { mut payload, .. }) => {
                LAST.store(payload.value().await?.as_i64()? as i32, Ordering::Relaxed);
            }
            Some(_) => {}
            // A server that went away shows at a request only.
            None => connection.execute("1").await.map(drop)?,
        }
    }
}

/// Connects to one server.
struct Server<'c> {
    client: &'c TcpClient<'c, SOCKET_COUNT, SOCKET_LEN, SOCKET_LEN>,
    address: SocketAddr,
}

impl<'c> Connect for Server<'c> {
    type Transport = Socket<'c>;
    type Timer = EmbassyTime;

    async fn connect(&self, limit: Duration) -> Result<Self::Transport, TimedError<TcpError>> {
        Timed::connect(self.client.connect(self.address), EmbassyTime, limit).await
    }

    fn timer(&self) -> &EmbassyTime {
        &EmbassyTime
    }
}

impl fmt::Display for Server<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.address)
    }
}

/// embassy's time.
#[derive(Clone, Copy, Debug)]
pub struct EmbassyTime;

impl Clock for EmbassyTime {
    fn uptime(&self) -> Duration {
        Instant::now().duration_since(Instant::MIN).into()
    }
}

impl Timer for EmbassyTime {
    async fn sleep(&self, duration: Duration) {
        // What is later than time itself never comes.
        let duration = embassy_time::Duration::try_from(duration).ok();
        match duration.and_then(|duration| Instant::now().checked_add(duration)) {
            Some(end) => embassy_time::Timer::at(end).await,
            None => pending().await,
        }
    }
}

const SERVER: SocketAddr =
    SocketAddr::new(core::net::IpAddr::V4(core::net::Ipv4Addr::new(192, 168, 1, 2)), 5000);
/// Draws the waits between attempts: another for each device.
const SERIAL_NUMBER: u64 = 17;
const SOCKET_COUNT: usize = 1;
const SOCKET_LEN: usize = 1024;
const RECEIVE_LEN: usize = 512;
const TRANSMIT_LEN: usize = 128;
