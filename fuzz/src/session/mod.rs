//! Calls on a connection, and a peer that answers what it likes.
//!
//! ```text
//!  world   the peer, and what is known of the connection
//!  player  the calls, on either front
//!  reply   what a reply must be, whichever way it is read
//! ```

pub mod player;
pub mod reply;
pub mod world;

use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use rayforce_ipc::client::{Memory, Options, Packing, Topic};

use self::world::World;
use crate::input::{Input, generation};

/// What a connection is made of.
#[derive(Debug)]
pub struct Scene<'b> {
    /// Its memory.
    pub memory: Memory<'b>,
    /// What it is lent one after the other.
    pub slots: Vec<&'b mut [Topic<'b>]>,
    /// The other side.
    pub world: Rc<RefCell<World>>,
    /// How it behaves.
    pub options: Options<'static>,
}

/// Plays what the input says.
///
/// # Panics
/// Where a property does not hold.
pub fn session(input: &[u8]) {
    let mut input = Input(input);
    let choice = input.byte();
    let (receive, transmit) = (input.size().max(Memory::LEAST_RECEIVE), input.size());
    let mut world = World::new();
    world.generation = generation(choice);
    world.most = (input.size(), input.size());
    world.waits = choice >> 2 & 1;
    world.interrupted = if choice & 8 == 0 { 0 } else { 3 };
    let packing = if choice & 16 == 0 { Packing::NEVER } else { Packing::ALWAYS };
    let drain_limit = if choice & 32 == 0 { Options::new().drain_limit } else { 100 };
    let depth = if choice & 64 == 0 { 64 } else { 3 };
    let options = Options { packing, drain_limit, depth, ..Options::new() };
    let (mut receive, mut transmit) = (vec![0; receive], vec![0; transmit]);
    let mut slots = [const { [const { Topic::new() }; 2] }; 2];
    let scene = Scene {
        memory: Memory { receive: &mut receive, transmit: &mut transmit },
        slots: slots.iter_mut().map(|slots| &mut slots[..]).collect(),
        world: Rc::new(RefCell::new(world)),
        options,
    };
    if choice & 2 == 0 {
        player::blocking::play(scene, &mut input);
    } else {
        player::asynch::play(scene, &mut input);
    }
}

/// Polls a call to its end, or so often, after which it is dropped.
pub fn polled<T>(future: impl Future<Output = T>, polls: Option<usize>) -> Option<T> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    let mut count = 0;
    while polls.is_none_or(|polls| count < polls) {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return Some(value);
        }
        count += 1;
    }
    None
}

/// Topics that are subscribed to.
const TOPICS: [&str; 3] = ["t", "topic", "---------------- topic"];
