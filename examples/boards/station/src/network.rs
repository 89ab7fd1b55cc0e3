//! Connections over embassy's network stack.

use core::fmt;
use core::future::pending;
use core::net::SocketAddr;
use core::time::Duration;

use embassy_net::Stack;
use embassy_net::tcp::Error as TcpError;
use embassy_net::tcp::client::{TcpClient, TcpClientState, TcpConnection};
use embassy_time::Instant;
use embedded_nal_async::TcpConnect;
use rayforce_ipc::client::Clock;
use rayforce_ipc::client::asynch::{Connect, Timer};
use rayforce_ipc::transports::adapters::TimedError;
use rayforce_ipc::transports::timed::Timed;

/// Connects to one server, as soon as the network has an address.
pub struct Server<'s> {
    stack: Stack<'s>,
    client: TcpClient<'s, SOCKET_COUNT, SEND_LEN, RECEIVE_LEN>,
    address: SocketAddr,
}

/// The buffers of a socket, for a `static`.
pub type Sockets = TcpClientState<SOCKET_COUNT, SEND_LEN, RECEIVE_LEN>;

impl<'s> Server<'s> {
    /// The server at an address.
    pub fn new(stack: Stack<'s>, sockets: &'s Sockets, address: SocketAddr) -> Self {
        Server { stack, client: TcpClient::new(stack, sockets), address }
    }
}

impl<'s> Connect for &'s Server<'s> {
    type Transport = Timed<TcpConnection<'s, SOCKET_COUNT, SEND_LEN, RECEIVE_LEN>, EmbassyTime>;
    type Timer = EmbassyTime;

    async fn connect(&self, limit: Duration) -> Result<Self::Transport, TimedError<TcpError>> {
        let connected = async {
            self.stack.wait_config_up().await;
            self.client.connect(self.address).await
        };
        Timed::connect(connected, EmbassyTime, limit).await
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

const SOCKET_COUNT: usize = 1;
/// Room for a batch of 30, which takes 1.3 KB: it is sent without waiting for an acknowledgement in between.
const SEND_LEN: usize = 1536;
/// Answers are numbers and moments.
const RECEIVE_LEN: usize = 256;
