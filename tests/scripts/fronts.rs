//! The scripts on both fronts: small and large buffers, streams that cut, shorten and interrupt.

use rayforce_ipc::client::Connection;
use rayforce_ipc::transports::duplex::Duplex;
use rayforce_ipc::transports::faulty::{Faults, Faulty};

use super::perform::{Drops, Run, perform, told};
use super::scene::{Call, Scene};
use super::scenes;
use super::words;
use crate::support::front::{Opens, now};
use crate::support::script::Lent;

/// The memory of a connection, and what goes wrong in its stream.
#[derive(Clone, Copy, Debug)]
pub struct Conditions {
    pub receive: usize,
    pub transmit: usize,
    pub faults: Faults,
}

/// Plays a script to its end; whether the connection is still open.
async fn play<'b, S, F: Opens<'b, S>>(
    front: &mut F,
    stream: S,
    scene: &Scene,
    conditions: Conditions,
) -> bool {
    let run = Run::new(scene.generation, Drops::default());
    let context = format!("{}, {conditions:?}", scene.name);
    let opened = front.open(stream, &scene.options).await;
    let opened = opened.map_or_else(|error| words::error(&error), |()| "open".into());
    assert_eq!(opened, scene.opening, "{context}");
    let mut pending = 0;
    for (number, (call, expected)) in scene.calls.iter().enumerate() {
        run.reset();
        let given = perform(front, call, &run).await.expect("no call is dropped");
        let failed = given.starts_with("request");
        let given = shortened(conditions, told(&run, given));
        assert_eq!(given, shortened(conditions, expected.clone()), "call {number} of {context}");
        match call {
            Call::Send(_) if given == "sent" => pending += 1,
            Call::Receive(_) | Call::ReceiveWatching(..)
                if !failed && !given.ends_with(words::HANDLER_FAILED) =>
            {
                pending = pending.max(1) - 1;
            }
            _ => {}
        }
        if front.is_open() {
            assert_eq!(front.pending(), pending, "after call {number} of {context}");
        }
    }
    front.is_open()
}

/// There is no room for the text of an error in a small buffer.
fn shortened(conditions: Conditions, words: String) -> String {
    match words.split_once(": ") {
        Some((error, _)) if conditions.receive < 128 => error.into(),
        _ => words,
    }
}

/// Plays a script on both fronts.
fn play_both(scene: &Scene, conditions: Conditions) {
    let steps = scene.server.steps();
    let stream = || Faulty::new(Duplex::new(&steps), conditions.faults);
    let Conditions { receive, transmit, .. } = conditions;
    let mut lent = Lent::new(receive, transmit);
    let mut connection = <Connection<'_, _> as Opens<'_, _>>::closed(lent.lend());
    if now(play(&mut connection, stream(), scene, conditions)) {
        assert!(connection.stream().is_some_and(|stream| stream.get_ref().is_done()), "{}", scene.name);
    }
    #[cfg(feature = "async")]
    {
        use crate::support::yielding::Yielding;
        let mut lent = Lent::new(receive, transmit);
        let mut connection =
            <rayforce_ipc::client::asynch::Connection<'_, _> as Opens<'_, _>>::closed(lent.lend());
        if now(play(&mut connection, Yielding(stream()), scene, conditions)) {
            assert!(connection.stream().is_some_and(|stream| stream.0.get_ref().is_done()), "{}", scene.name);
        }
    }
}

#[test]
fn both_fronts_go_by_the_scripts_through_any_buffers() {
    for scene in scenes::all() {
        for receive in [16, 17, 64, 4096] {
            for transmit in [1, 7, 64] {
                play_both(&scene, Conditions { receive, transmit, faults: Faults::default() });
            }
        }
    }
}

#[test]
fn both_fronts_go_by_the_scripts_byte_by_byte_and_with_interruptions() {
    let moved = [(Some(1), None), (None, Some(1)), (Some(1), Some(1)), (Some(3), Some(5)), (None, None)];
    for scene in scenes::all() {
        for (read_at_most, write_at_most) in moved {
            for interrupt in [false, true] {
                for (receive, transmit) in [(16, 64), (17, 1), (4096, 64)] {
                    let faults = Faults { read_at_most, write_at_most, interrupt, ..Faults::default() };
                    play_both(&scene, Conditions { receive, transmit, faults });
                }
            }
        }
    }
}

#[test]
fn both_fronts_go_by_the_scripts_wherever_a_read_is_cut() {
    for scene in scenes::all() {
        for at in places(scene.server.said_len()) {
            let faults = Faults { split_read_at: Some(at), ..Faults::default() };
            play_both(&scene, Conditions { receive: 4096, transmit: 64, faults });
        }
    }
}

#[test]
fn both_fronts_go_by_the_scripts_wherever_a_write_is_cut() {
    for scene in scenes::all() {
        for at in places(scene.server.heard_len()) {
            let faults = Faults { split_write_at: Some(at), ..Faults::default() };
            play_both(&scene, Conditions { receive: 64, transmit: 64, faults });
        }
    }
}

/// Every byte of a stream, of a long one every byte near its beginning.
pub fn places(len: usize) -> impl Iterator<Item = u64> {
    (1..len as u64).filter(|at| *at < 300 || at % 97 == 0)
}
