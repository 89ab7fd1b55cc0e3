//! Connections of the async front, and what tests ask of them.

use std::ops::ControlFlow;
use std::time::Duration;

use rayforce_ipc::client::asynch::{self, Connect, Transport};
use rayforce_ipc::client::{Backoff, Buffers, Memory, Options};
use rayforce_ipc::codec::Encode;
use rayforce_ipc::transports::tcp::TcpError;
use rayforce_ipc::transports::tokio::{Connector, Stream};
use xtask::server::Server;

use crate::support::start;

pub type Connection<'b> = asynch::Connection<'b, Stream>;
pub type Push<'c, 'b> = asynch::Push<'c, 'b, Stream>;
pub type Error = rayforce_ipc::Error<TcpError>;

pub fn dialer(server: &Server) -> Connector {
    Connector::new("127.0.0.1", server.port())
}

pub async fn dial(server: &Server) -> Stream {
    dialer(server).connect(Duration::from_secs(5)).await.unwrap()
}

pub async fn connect<'b>(server: &Server, memory: Memory<'b>) -> Connection<'b> {
    connect_with(server, memory, &Options::new()).await
}

pub async fn connect_with<'b>(server: &Server, memory: Memory<'b>, options: &Options<'_>) -> Connection<'b> {
    Connection::open(dial(server).await, memory, options).await.unwrap()
}

/// Dials until the connection is open; how many attempts it took.
pub async fn come_back(connection: &mut Connection<'_>, dialer: &Connector, seed: u64) -> u32 {
    let millis = Duration::from_millis;
    let mut backoff = Backoff::new(seed).first_delay(millis(1)).greatest_delay(millis(5));
    let mut attempts = 0;
    connection
        .reconnect(dialer, &Options::new(), &mut backoff, |retry| {
            assert!(retry.cause.is_none_or(Error::is_transient));
            attempts = retry.attempt;
            ControlFlow::Continue(())
        })
        .await
        .unwrap();
    attempts
}

/// Runs a test on a fresh server of each version, over a connection that has room for small values.
pub async fn on_each(versions: &[&str], test: impl AsyncFn(&Server, &mut Connection<'_>)) {
    for version in versions {
        // Shown where the test fails.
        println!("--- {version}");
        let server = start(version);
        let mut buffers = Box::new(Buffers::<0x4_0000, 0x1000>::new());
        test(&server, &mut connect(&server, buffers.lend()).await).await;
    }
}

/// The answer in the form of `Debug`: its type and its value.
pub async fn answer<T: Transport>(connection: &mut asynch::Connection<'_, T>, expression: &str) -> String {
    match connection.execute(expression).await {
        Ok(mut reply) => format!("{:?}", reply.value().await.unwrap()),
        Err(error) => panic!("{expression}: {error}"),
    }
}

/// The answer to a request, which is a number.
pub async fn number<T: Transport>(connection: &mut asynch::Connection<'_, T>, request: &dyn Encode) -> i64 {
    connection.execute(request).await.unwrap().value().await.unwrap().as_i64().unwrap()
}
