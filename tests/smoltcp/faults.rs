//! Frames that are lost and damaged on their way, on both hosts.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use rayforce_ipc::client::{Options, Timeouts};
use rayforce_ipc::codec::Text;
use rayforce_ipc::wire::Generation;
use smoltcp::phy::{FaultInjector, Medium};

use super::world::{Faulty, World, answering, connection, connector};
use crate::support::codec::sent;

const V3: Generation = Generation::V3;
const SEEDS: u32 = 20;
const REQUESTS: usize = 60;
/// In percent, of what comes in and of what goes out.
const FAULTS: u8 = 15;

fn spoil(device: &mut Faulty, seed: u32) {
    let fresh = FaultInjector::new(std::mem::replace(device, placeholder()).into_inner(), seed);
    *device = fresh;
    device.set_drop_chance(FAULTS);
    device.set_corrupt_chance(FAULTS);
}

fn placeholder() -> Faulty {
    FaultInjector::new(super::world::Wire::loose(), 1)
}

fn run(medium: Medium, seed: u32) {
    println!("{medium:?}, seed {seed}");
    let heard: Rc<RefCell<Vec<Vec<u8>>>> = Rc::default();
    let hearing = heard.clone();
    let table: Vec<i64> = (0..10_000).collect();
    let large = sent(V3, &&table[..]);
    let asked = sent(V3, &Text::from("table"));
    let serve = answering(move |payload| {
        if payload == asked {
            return large.clone();
        }
        hearing.borrow_mut().push(payload.to_vec());
        payload.to_vec()
    });
    let world = World::new(medium, 1, [2048, 2048], serve);
    spoil(&mut world.server.borrow_mut().device, 2 * seed);
    let stack = world.client_with::<1>(512, 512, |device| spoil(device, 2 * seed + 1));
    let mut options = Options::new();
    options.timeouts = Timeouts::all(Duration::from_secs(36_000));
    let connector = connector(stack).keepalive(None);
    let mut connected = connection(connector, [64, 64], &options);
    let word = |at: usize| format!("(insert readings {at})");
    for at in 0..REQUESTS {
        let mut reply = connected.execute(word(at).as_str()).unwrap();
        assert_eq!(reply.value().unwrap().as_str(), Ok(word(at).as_str()));
    }
    let mut reply = connected.execute("table").unwrap();
    let mut columns = reply.columns().unwrap();
    let mut column = columns.next().unwrap().unwrap();
    let (mut read, mut chunk) = (Vec::new(), [0i64; 64]);
    while let count @ 1.. = column.read(&mut chunk).unwrap() {
        read.extend_from_slice(&chunk[..count]);
    }
    assert!(read == table);
    connected.close().unwrap();
    let expected: Vec<Vec<u8>> = (0..REQUESTS).map(|at| sent(V3, &Text::from(word(at).as_str()))).collect();
    assert!(*heard.borrow() == expected, "each once, in their order");
    assert!(world.now() > Duration::from_secs(10), "frames were lost: {:?}", world.now());
}

#[test]
fn everything_arrives_once_over_ethernet() {
    (1..=SEEDS).for_each(|seed| run(Medium::Ethernet, seed));
}

#[test]
fn everything_arrives_once_over_bare_ip() {
    (1..=SEEDS).for_each(|seed| run(Medium::Ip, seed));
}
