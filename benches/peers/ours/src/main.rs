//! This crate, by its public interface: a blocking connection over TCP, and the codec.

mod codec;
mod inserts;
mod network;
mod wire;

fn main() {
    let measures = [&network::MEASURES[..], &inserts::MEASURES[..], &codec::MEASURES[..]].concat();
    subject::serve(&measures);
}
