//! What is measured, and what it must not exceed.

/// A program of `benches/peers`, and the client that it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Subject {
    Bare,
    Ours,
    Official,
    Python,
    Kdb,
}

impl Subject {
    pub const ALL: [Subject; 5] =
        [Subject::Bare, Subject::Ours, Subject::Official, Subject::Python, Subject::Kdb];

    /// The name of the package.
    pub fn package(self) -> &'static str {
        match self {
            Subject::Bare => "bare",
            Subject::Ours => "ours",
            Subject::Official => "official",
            Subject::Python => "python",
            Subject::Kdb => "kdb",
        }
    }

    /// What it is called in tables.
    pub fn name(self) -> &'static str {
        match self {
            Subject::Bare => "bare",
            Subject::Ours => "rayforce-ipc",
            Subject::Official => "rayforce 1.4.0",
            Subject::Python => "rayforce-py 2.4.0",
            Subject::Kdb => "kdb_codec 1.1.0",
        }
    }
}

/// Where the programs run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Place {
    /// With the server on one core.
    Together,
    /// The server on one core, the programs on another, where there is one.
    Apart,
    /// In memory, with no server. What is compared is processor time.
    Memory,
}

pub struct Measure {
    /// As the programs know it.
    pub name: &'static str,
    pub about: &'static str,
    pub place: Place,
    pub base: Subject,
    /// Untimed repetitions at the start of a sample, and timed ones.
    pub warm: u32,
    pub times: u32,
    /// Samples of each program.
    pub rounds: usize,
    /// The most that this crate may take of the base's time.
    pub wall: Option<f64>,
    /// The same of processor time.
    pub cpu: Option<f64>,
}

pub const MEASURES: [Measure; 20] = [
    network("round-trip", "`(+ 1 2)` and its answer", Place::Together, (20, 300), 61, 1.03, Some(1.05)),
    network("connect", "connect, handshake, close", Place::Together, (2, 40), 61, 1.05, None),
    network("in-flight", "64 requests under way together", Place::Together, (1, 10), 61, 1.05, None),
    network(
        "fetch",
        "1,000,000 × 5 into one buffer, a column summed",
        Place::Apart,
        (0, 1),
        31,
        1.05,
        Some(1.1),
    ),
    network("fetch-64k", "the same, streamed through 64 KiB", Place::Apart, (0, 1), 31, 0.88, None),
    network("fetch-4k", "the same, streamed through 4 KiB", Place::Apart, (0, 1), 31, 0.88, None),
    network("insert-async", "insert 1,000,000 rows, no answers", Place::Apart, (0, 1), 21, 1.0, Some(1.3)),
    network(
        "insert-sync",
        "the same, an answer awaited after each batch",
        Place::Apart,
        (0, 1),
        21,
        1.05,
        None,
    ),
    network("insert-pipelined", "the same, 16 batches under way", Place::Apart, (0, 1), 21, 1.05, None),
    memory("decode-sum", "decode 1,000,000 × 5, sum a column", (0, 2), 31, 0.3),
    memory("cells", "decode it, look at every cell", (0, 1), 31, 2.5),
    memory("encode", "encode it from slices", (0, 1), 31, 3.5),
    memory("decode-small", "decode 10 × 3, UTF-8 checked", (100, 20_000), 61, 12.0),
    memory("build-small", "build it", (100, 20_000), 61, 12.0),
    memory("decode-atom", "payload to `i64`", (100, 200_000), 61, 3.0),
    memory("build-atom", "build it", (100, 200_000), 61, 3.0),
    memory("decode-tree", "decode the tree of a select", (100, 20_000), 61, 20.0),
    memory("build-tree", "build it", (100, 20_000), 61, 10.0),
    coder("inflate", "inflate the table of 1,000,000 × 5", 0.7),
    coder("deflate", "deflate it", 1.0),
];

/// Rounds of a run that only shows that it works.
pub const QUICK: usize = 3;

const fn network(
    name: &'static str,
    about: &'static str,
    place: Place,
    (warm, times): (u32, u32),
    rounds: usize,
    most: f64,
    cpu: Option<f64>,
) -> Measure {
    Measure { name, about, place, base: Subject::Bare, warm, times, rounds, wall: Some(most), cpu }
}

const fn memory(
    name: &'static str,
    about: &'static str,
    (warm, times): (u32, u32),
    rounds: usize,
    most: f64,
) -> Measure {
    let (place, wall) = (Place::Memory, Some(most));
    Measure { name, about, place, base: Subject::Bare, warm, times, rounds, wall, cpu: None }
}

const fn coder(name: &'static str, about: &'static str, most: f64) -> Measure {
    let (place, base, wall) = (Place::Memory, Subject::Official, Some(most));
    Measure { name, about, place, base, warm: 0, times: 1, rounds: 21, wall, cpu: None }
}
