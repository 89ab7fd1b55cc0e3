//! Bare-metal programs in an emulated board, against real servers.
//!
//! ```text
//!  mod      builds, and runs everything
//!  network  a namespace of its own, with nothing but loopback
//!  run      one program with one server
//! ```

mod network;
mod run;

use std::sync::mpsc::channel;
use std::thread;
use std::time::Instant;

use xtask::server;

use crate::line::Line;
use crate::qemu;
use crate::steps::add_target;
use run::{Mode, Run};

/// How many times the server is restarted during a run, unless it is said.
pub const RESTARTS: u32 = 20;
const VERSIONS: [&str; 2] = ["2.4.0", "1.0.0"];
const TARGET: &str = "thumbv7m-none-eabi";

/// Builds all firmwares and runs them, in a network namespace of their own.
pub fn check(restarts: u32) -> Result<(), String> {
    // Before what takes a minute.
    let namespace = network::namespace()?;
    qemu::find()?;
    add_target(TARGET)?;
    for version in VERSIONS {
        server::fetch(version).map_err(|error| error.to_string())?;
    }
    Line::new("cargo test --locked --quiet --package day").within("firmware").run()?;
    Line::new(&format!("cargo build --locked --release --target {TARGET}")).within("firmware").run()?;
    network::alone(namespace, &["firmware", INSIDE, &restarts.to_string()])
}

/// Tells the command line that the network namespace is there.
pub const INSIDE: &str = "--inside";

/// Runs the firmwares that were built.
pub fn check_inside(restarts: u32) -> Result<(), String> {
    network::loopback()?;
    let start = Instant::now();
    // What loses frames waits most of the time: the others run beside it, one after the other.
    let lossy = VERSIONS.map(|version| vec![Run { firmware: "ethernet", version, mode: Mode::Faults }]);
    let others = VERSIONS.iter().flat_map(|version| {
        let run = |firmware, mode| Run { firmware, version, mode };
        [
            run("ethernet", Mode::Day),
            run("embassy-client", Mode::Day),
            run("serial", Mode::Day),
            run("ethernet", Mode::Restarts(restarts)),
            run("embassy-client", Mode::Restarts(restarts)),
        ]
    });
    let queues = lossy.into_iter().chain([others.collect()]);
    let (ended, ends) = channel();
    thread::scope(|scope| {
        for queue in queues {
            let ended = ended.clone();
            scope.spawn(move || {
                for run in queue {
                    // Nobody hears it only where this thread has ended.
                    let _ = ended.send((run, run.execute()));
                }
            });
        }
        drop(ended);
        let mut failed = 0;
        for (run, end) in ends {
            match end {
                Ok(report) => println!("{run}  {report}"),
                Err(problem) => {
                    failed += 1;
                    println!("{run}  FAILED: {problem}");
                }
            }
        }
        match failed {
            0 => {
                println!("all firmwares did their day, in {:.0} s", start.elapsed().as_secs_f32());
                Ok(())
            }
            count => Err(format!("{count} runs failed")),
        }
    })
}
