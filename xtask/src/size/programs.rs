//! What is measured, and what it should not exceed.

/// The targets, the one whose limits are stated first.
pub const TARGETS: [Target; 3] = [
    Target { triple: "thumbv7m-none-eabi", is_run: true },
    Target { triple: "thumbv6m-none-eabi", is_run: true },
    Target { triple: "riscv32imac-unknown-none-elf", is_run: false },
];

pub struct Target {
    pub triple: &'static str,
    /// Whether the emulated board has such a processor.
    pub is_run: bool,
}

impl Target {
    /// The part of the triple that tells it from others.
    pub fn name(&self) -> &'static str {
        self.triple.split('-').next().unwrap_or_default()
    }
}

/// A program of `benches/size`, or of `benches/size/peers`.
pub struct Program {
    pub name: &'static str,
    pub about: &'static str,
    /// The most bytes of `.text` and `.rodata` over those of [`EMPTY`], on the first target.
    pub flash: Option<u64>,
    /// The most bytes of stack beyond what the program lends.
    pub stack: Option<u64>,
}

/// What is subtracted from all others.
pub const EMPTY: &str = "empty";

pub const PROGRAMS: [Program; 13] = [
    limited("exchange", "`client::frames`: connect, ask by text, any atom or vector", 4096),
    limited("everything", "the same with tables, symbols, errors, pushes, packed answers", 8192),
    program("connection", "a connection, text, and a value"),
    program("tokens", "a connection, text, and tokens: answers of any size"),
    program("async", "`connection` over the async front"),
    program("fronts", "`connection` over both fronts"),
    program("packed", "`connection`, packed both ways"),
    program("pool", "`connection` by a pool of two, with deadlines"),
    program("subscriber", "`connection` with tables, symbols, errors, topics"),
    program("values", "`tokens`, and a table and a row sent"),
    program("queries", "`values`, and eight different queries"),
    program("device", "a pool with all of that, columns and dialling again"),
    program("wire", "the stream alone, which all of these contain"),
];

pub const PEERS: [Program; 2] = [
    program("minimq", "minimq 0.13: CONNECT, one PUBLISH of QoS 1, its PUBACK"),
    program("rust-mqtt", "rust-mqtt 0.6: the same"),
];

/// The programs that must not contain a way to panic: what they have of the crate is in no other one either.
pub const UNPANICKING: [&str; 2] = ["everything", "device"];

/// What eight queries may add to [`PROGRAMS`]' `values`, in bytes of `.text` on [`QUERIES_TARGET`].
pub const QUERIES: u64 = 2_765;
pub const QUERIES_TARGET: &str = "thumbv6m-none-eabi";

/// The section of the instructions among the figures.
pub const COUNTED: &str = "instructions";

/// The program that counts instructions.
pub const COUNTING: &str = "instructions";

/// The ways in which it is built: the name of the figure, and the profile.
pub const PROFILES: [(&str, &str); 2] = [("opt-z", "release"), ("opt-3", "quick")];

/// What is counted, and how many instructions it may take.
pub const COUNTS: [(&str, &str, Most); 6] = [
    ("request", "`client::frames`: encode `(+ 1 2)`, with its header", Most::Instructions(700)),
    ("exchange", "encode, write, read and decode: `(+ 1 2)` and its `i64`", Most::Instructions(1_500)),
    ("insert", "encode an insert of 100 rows of 3 columns", Most::HalvesPerByte(3)),
    ("connection-request", "a connection: encode `(+ 1 2)`", Most::Instructions(700)),
    ("connection-exchange", "`(+ 1 2)` and its `i64`", Most::Instructions(1_500)),
    ("connection-insert", "encode the insert", Most::HalvesPerByte(3)),
];

#[derive(Clone, Copy)]
pub enum Most {
    Instructions(u64),
    /// Half instructions for each byte of the frame.
    HalvesPerByte(u64),
}

impl Most {
    /// In instructions, for a frame of so many bytes.
    pub fn instructions(self, bytes: u64) -> u64 {
        match self {
            Most::Instructions(most) => most,
            Most::HalvesPerByte(halves) => bytes * halves / 2,
        }
    }
}

const fn program(name: &'static str, about: &'static str) -> Program {
    Program { name, about, flash: None, stack: None }
}

const fn limited(name: &'static str, about: &'static str, flash: u64) -> Program {
    Program { name, about, flash: Some(flash), stack: Some(512) }
}
