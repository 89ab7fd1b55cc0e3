//! The async front on tokio, against a server that is already running:
//!
//! ```text
//! cargo run --example tokio --features tokio -- 127.0.0.1 5000
//! ```
//!
//! One task has a connection of `transports::tokio`; the other shows what any other async stream needs, here by
//! embedded-io-adapters.

use std::ops::ControlFlow;
use std::time::Duration;

use embedded_io_adapters::tokio_1::FromTokio;
use rayforce_ipc::client::asynch::{Connection, Push};
use rayforce_ipc::client::{Backoff, Buffers, Options, Topic};
use rayforce_ipc::codec::literal::{Call, Symbols, Table};
use rayforce_ipc::codec::{Encode, Symbol};
use rayforce_ipc::query::{col, from, table};
use rayforce_ipc::transports::timed::Timed;
use rayforce_ipc::transports::tokio::{Connector, Stream, Timer};
use rayforce_ipc::wire::Generation;
use tokio::net::TcpStream;

type Problem = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Problem> {
    let mut arguments = std::env::args().skip(1);
    let host = arguments.next().unwrap_or_else(|| "localhost".into());
    let port = arguments.next().map_or(Ok(5000), |port| port.parse())?;
    // Futures over a stream that is `Send` are, too: this one goes from thread to thread.
    tokio::spawn(talk(Connector::new(host.clone(), port), (host, port))).await?
}

async fn talk(server: Connector, address: (String, u16)) -> Result<(), Problem> {
    let mut buffers = Buffers::<4096, 512>::new();
    let mut topics = [const { Topic::new() }; 1];
    let mut connection = Connection::closed(buffers.lend());
    connection.lend_topics(&mut topics);
    dial(&mut connection, &server).await?;
    println!("{server}: {:?}", connection.generation());
    println!("(+ 1 2) is {:?}", connection.execute("(+ 1 2)").await?.value().await?);

    let rows: [&dyn Encode; 2] = [&Symbols(&["oven", "fridge"]), &[180.5, 4.25]];
    connection.execute(&from(Table::new(&["sensor", "celsius"], &rows)).save("readings")).await?;
    let hot = table("readings").filter(col("celsius").gt(100));
    let mut reply = connection.execute(&hot).await?;
    for row in reply.value().await?.table()?.rows::<(&str, f64)>()? {
        let (sensor, celsius) = row?;
        println!("hot: {sensor} at {celsius} °C");
    }

    give_up(&mut connection).await?;
    if connection.generation() == Generation::V3 {
        listen(&mut connection, address).await?;
    }
    connection.close().await?;
    Ok(())
}

async fn dial(connection: &mut Connection<'_, Stream>, server: &Connector) -> Result<(), Problem> {
    let mut backoff = Backoff::new(1).attempt_limit(Some(3));
    let options = Options::new();
    let dialing = connection.reconnect(server, &options, &mut backoff, |retry| {
        println!("attempt {} after {:?}", retry.attempt, retry.delay);
        ControlFlow::Continue(())
    });
    Ok(dialing.await?)
}

/// A call that takes too long is dropped, and the next one reads its answer away.
async fn give_up(connection: &mut Connection<'_, Stream>) -> Result<(), Problem> {
    let slow = connection.execute("(sum (map (fn [x] (* x x)) (til 1000000)))");
    match tokio::time::timeout(Duration::from_millis(2), slow).await {
        Ok(reply) => println!("a long query: {:?}", reply?.value().await?),
        Err(_) => println!("a long query: given up"),
    }
    println!("(* 6 7) is {:?}", connection.execute("(* 6 7)").await?.value().await?);
    Ok(())
}

/// Subscribes to a topic, to which another task publishes.
async fn listen(connection: &mut Connection<'_, Stream>, address: (String, u16)) -> Result<(), Problem> {
    connection.subscribe("alarms").await?;
    let publisher = tokio::spawn(publish(address));
    for _ in 0..3 {
        match connection.next_push().await? {
            Some(Push::Message { topic, sequence, mut payload }) => {
                println!("{topic} {sequence}: {:?}", payload.value().await?);
            }
            _ => return Err("expected a message".into()),
        }
    }
    publisher.await??;
    // Nothing more comes: the wait is dropped, and nothing is lost by it.
    let waiting = tokio::time::timeout(Duration::from_millis(20), connection.next_push());
    println!("another: {}", if waiting.await.is_err() { "none yet" } else { "come" });
    connection.unsubscribe("alarms").await?;
    Ok(())
}

async fn publish((host, port): (String, u16)) -> Result<(), Problem> {
    let making = async {
        let stream = TcpStream::connect((host, port)).await?;
        // A small request is not to wait for the next one.
        stream.set_nodelay(true)?;
        std::io::Result::Ok(FromTokio::new(stream))
    };
    let stream = Timed::connect(making, Timer::new(), Duration::from_secs(5)).await?;
    let mut buffers = Buffers::<256, 256>::new();
    let mut connection = Connection::open(stream, buffers.lend(), &Options::new()).await?;
    for number in 1..=3i64 {
        let publication: [&dyn Encode; 2] = [&Symbol::quoted("alarms"), &number];
        connection.execute(&Call(".mc.pub", &publication)).await?;
    }
    connection.close().await?;
    Ok(())
}
