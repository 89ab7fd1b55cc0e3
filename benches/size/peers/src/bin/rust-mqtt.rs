//! rust-mqtt: CONNECT, one PUBLISH of QoS 1, and its PUBACK.

#![no_std]
#![no_main]

use board::block_on;
use board::wire::Wire;
use peers::{ACCEPTED, TAKEN};
use rust_mqtt::Bytes;
use rust_mqtt::buffer::BumpBuffer;
use rust_mqtt::client::Client;
use rust_mqtt::client::event::Event;
use rust_mqtt::client::options::{ConnectOptions, PublicationOptions, TopicReference};
use rust_mqtt::types::{MqttString, TopicName};

board::program!(run);

fn run() -> Option<u32> {
    block_on(publish(&[ACCEPTED, TAKEN]))
}

async fn publish(said: &'static [&'static [u8]]) -> Option<u32> {
    let mut memory = [0; 256];
    let mut buffer = BumpBuffer::new(&mut memory);
    let mut client = Client::<'_, '_, _, _, 1, 1, 1, 1, 0, 0, 0>::new(&mut buffer);
    let name = MqttString::from_str("board").ok()?;
    client.connect(Wire::new(said), &ConnectOptions::new().clean_start(), Some(name)).await.ok()?;
    let topic = TopicName::new(MqttString::from_str("readings").ok()?)?;
    let options = PublicationOptions::new(TopicReference::Name(topic)).at_least_once();
    client.publish(&options, Bytes::from(&b"20.5"[..])).await.ok()?;
    matches!(client.poll().await, Ok(Event::PublishAcknowledged(_))).then_some(256)
}
