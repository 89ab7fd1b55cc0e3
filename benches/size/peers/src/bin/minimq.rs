//! minimq: CONNECT, one PUBLISH of QoS 1, and its PUBACK.

#![no_std]
#![no_main]

use board::block_on;
use board::wire::Wire;
use minimq::{Buffers, ConfigBuilder, Publication, QoS, Session};
use peers::{ACCEPTED, TAKEN};

board::program!(run);

fn run() -> Option<u32> {
    block_on(publish(&[ACCEPTED, TAKEN]))
}

async fn publish(said: &'static [&'static [u8]]) -> Option<u32> {
    let (mut receive, mut transmit) = ([0; 128], [0; 256]);
    let buffers = Buffers::new(&mut receive, &mut transmit);
    let mut session = Session::new(ConfigBuilder::new(buffers).client_id("board").ok()?);
    let mut connection = session.connect(Wire::new(said)).await.ok()?;
    let publication = Publication::bytes("readings", b"20.5").qos(QoS::AtLeastOnce);
    let operation = connection.publish(publication).await.ok()??;
    while !connection.is_complete(&operation) {
        connection.poll().await.ok()?;
    }
    Some(128 + 256)
}
