//! A socket by embedded-io-adapters: what any other async stream needs.

use std::time::Duration;

use embedded_io_adapters::tokio_1::FromTokio;
use rayforce_ipc::client::asynch::Connection;
use rayforce_ipc::client::{Buffers, Options};
use rayforce_ipc::transports::timed::Timed;
use rayforce_ipc::transports::tokio::Timer;
use tokio::net::TcpStream;

use super::support::answer;
use crate::support::{ALL, start};

const LIMIT: Duration = Duration::from_secs(5);

#[tokio::test]
async fn a_stream_by_an_adapter_is_one_too() {
    for version in ALL {
        let server = start(version);
        let making = async { TcpStream::connect(server.address()).await.map(FromTokio::new) };
        let stream = Timed::connect(making, Timer::new(), LIMIT).await.unwrap();
        let mut buffers = Buffers::<256, 128>::new();
        let mut connection = Connection::open(stream, buffers.lend(), &Options::new()).await.unwrap();
        assert_eq!(answer(&mut connection, "(+ 1 2)").await, "I64(3)", "{version}");
        connection.close().await.unwrap();
    }
}
