//! What the crate needs of embassy: a connector, and a timer.

use core::fmt;
use core::future::pending;
use core::net::{SocketAddr, SocketAddrV4};
use core::time::Duration;

use day::CONNECTION_COUNT;
use embassy_net::tcp::Error as TcpError;
use embassy_net::tcp::client::{TcpClient, TcpConnection};
use embassy_time::Instant;
use embedded_nal_async::TcpConnect;
use rayforce_ipc::client::Clock;
use rayforce_ipc::client::asynch::{Connect, Timer};
use rayforce_ipc::transports::adapters::TimedError;
use rayforce_ipc::transports::timed::Timed;

/// Bytes of a socket's buffer in each direction.
pub const SOCKET_LEN: usize = 1024;

/// What has the memory of the sockets.
pub type Client<'c> = TcpClient<'c, CONNECTION_COUNT, SOCKET_LEN, SOCKET_LEN>;
/// A socket whose waits end.
type Socket<'c> = Timed<TcpConnection<'c, CONNECTION_COUNT, SOCKET_LEN, SOCKET_LEN>, EmbassyTime>;

/// Connects to one server.
pub struct Server<'c> {
    /// Of whose sockets.
    pub client: &'c Client<'c>,
    /// Where the server listens.
    pub address: SocketAddrV4,
}

impl<'c> Connect for Server<'c> {
    type Transport = Socket<'c>;
    type Timer = EmbassyTime;

    async fn connect(&self, limit: Duration) -> Result<Self::Transport, TimedError<TcpError>> {
        let connecting = self.client.connect(SocketAddr::V4(self.address));
        Timed::connect(connecting, EmbassyTime, limit).await
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
