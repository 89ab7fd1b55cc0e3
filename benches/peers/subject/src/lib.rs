//! What every program that is measured has in common: it takes an order a line from its standard input, and answers a line.
//!
//! ```text
//!  measures                 →  round-trip connect fetch …
//!  round-trip 20 200        →  2912345 1712345          200 times after 20 untimed ones: wall and processor time, in ns
//! ```
//!
//! A program that cannot do what it is told ends, and says why at its standard error. So clients in any language are measured
//! in turn by one driver, each in a process of its own: processor time, memory and system calls are its own, too.

#[path = "../../../data/mod.rs"]
pub mod data;
pub mod frames;
pub mod inserts;

use std::io::{BufRead, Write};
use std::time::Instant;

use rustix::time::{ClockId, clock_gettime};

/// Something that can be done any number of times.
pub trait Work {
    /// What each sample begins with, untimed.
    fn prepare(&mut self) {}

    /// So many times, in one go: a call for each would be longer than what some do.
    fn repeat(&mut self, times: u32);
}

impl<F: FnMut()> Work for F {
    fn repeat(&mut self, times: u32) {
        for _ in 0..times {
            self();
        }
    }
}

/// The name of a measure, and what makes its work for the server at a port.
pub type Measure = (&'static str, fn(u16) -> Box<dyn Work>);

/// Takes orders until the input ends. The port of the server is the program's only argument.
pub fn serve(measures: &[Measure]) {
    let port = std::env::args().nth(1).expect("the port of a server").parse().expect("a port");
    let mut made: Vec<Option<Box<dyn Work>>> = measures.iter().map(|_| None).collect();
    let mut output = std::io::stdout();
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("a line");
        let words: Vec<&str> = line.split_whitespace().collect();
        let answer = match words[..] {
            ["measures"] => measures.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(" "),
            [name, warm, times] => {
                let at =
                    measures.iter().position(|(known, _)| *known == name).expect("a measure of this program");
                let work = made[at].get_or_insert_with(|| measures[at].1(port));
                sample(work.as_mut(), warm.parse().expect("a number"), times.parse().expect("a number"))
            }
            _ => panic!("`{line}` is no order"),
        };
        writeln!(output, "{answer}").and_then(|()| output.flush()).expect("an open output");
    }
}

fn sample(work: &mut dyn Work, warm: u32, times: u32) -> String {
    work.prepare();
    work.repeat(warm);
    let (start, cpu) = (Instant::now(), cpu_ns());
    work.repeat(times);
    let (wall, cpu) = (start.elapsed().as_nanos(), cpu_ns() - cpu);
    format!("{wall} {cpu}")
}

/// Processor time of this process, all threads.
fn cpu_ns() -> i64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec * 1_000_000_000 + time.tv_nsec
}
