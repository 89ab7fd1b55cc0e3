//! The engine's serializer, in a process that may die of what it is given.

use std::io::{BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use rayforce_ipc::wire::{Generation, Header, MessageType};

use crate::support::script::frame;

/// What the engine makes of a message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// It takes it; this is the payload that it makes of the value.
    Taken(Vec<u8>),
    /// It says what is wrong.
    Refused(String),
    /// It is no more.
    Died,
}

/// The engine of a version.
pub struct Engine {
    version: &'static str,
    process: Process,
    /// Processes that have died.
    pub deaths: usize,
}

impl Engine {
    pub fn start(version: &'static str) -> Engine {
        Engine { version, process: Process::start(version), deaths: 0 }
    }

    pub fn generation(&self) -> Generation {
        if self.version.starts_with('2') { Generation::V3 } else { Generation::V1 }
    }

    /// Decodes a payload and encodes its value again.
    pub fn pass(&mut self, payload: &[u8]) -> Verdict {
        match self.ask(b'd', &frame(self.generation(), MessageType::Async, payload)) {
            // The package has no object for the null that its engine has decoded.
            Verdict::Refused(reason) if reason == NO_OBJECT && payload.first() == Some(&NULL) => {
                Verdict::Taken(vec![NULL])
            }
            verdict => verdict,
        }
    }

    /// Evaluates program text and encodes its value.
    pub fn evaluate(&mut self, program: &str) -> Verdict {
        self.ask(b'e', program.as_bytes())
    }

    fn ask(&mut self, kind: u8, message: &[u8]) -> Verdict {
        let Some((kind, mut answer)) = self.process.ask(kind, message) else {
            self.deaths += 1;
            self.process = Process::start(self.version);
            return Verdict::Died;
        };
        match kind {
            b'k' => Verdict::Taken(answer.split_off(Header::LEN)),
            _ => Verdict::Refused(String::from_utf8_lossy(&answer).into()),
        }
    }
}

struct Process {
    process: Child,
    directory: PathBuf,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Process {
    fn start(version: &str) -> Process {
        let mut command = xtask::python::client(version).unwrap_or_else(|error| panic!("{error}"));
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/differential/engine.py"));
        // Some versions leave files where they run.
        let directory = directory();
        std::fs::create_dir_all(&directory).unwrap();
        command.current_dir(&directory);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().unwrap();
        let (questions, answers) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        let mut process = Process { process, directory, questions, answers: BufReader::new(answers) };
        // One that does not even start is no verdict on what it is given.
        assert!(process.ask(b'e', b"1").is_some(), "the engine {version} does not start");
        process
    }

    fn ask(&mut self, kind: u8, message: &[u8]) -> Option<(u8, Vec<u8>)> {
        let question = [&[kind], &(message.len() as u32).to_le_bytes()[..], message].concat();
        self.questions.write_all(&question).ok()?;
        let mut head = [0; 5];
        self.answers.read_exact(&mut head).ok()?;
        let [kind, len @ ..] = head;
        let mut answer = vec![0; u32::from_le_bytes(len) as usize];
        self.answers.read_exact(&mut answer).ok()?;
        Some((kind, answer))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// One of its own for each process.
fn directory() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("engine-{}-{number}", std::process::id());
    [env!("CARGO_TARGET_TMPDIR"), &name].iter().collect()
}

/// The reason that the package gives where there is no value, or none that is an object.
pub const NO_OBJECT: &str = "serde: failed to deserialize object";
const NULL: u8 = 0x7e;
