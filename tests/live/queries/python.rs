//! The real Python client as a process.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

/// It answers one line for each expression.
pub struct Python {
    process: Child,
    expressions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Python {
    pub fn start(version: &str, port: u16) -> Python {
        let mut command = xtask::python::client(version).unwrap_or_else(|error| panic!("{error}"));
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/live/queries/client.py");
        command.arg(script).arg(port.to_string()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let (expressions, answers) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        Python { process, expressions, answers: BufReader::new(answers) }
    }

    /// What the server answers to the value of an expression.
    pub fn ask(&mut self, expression: &str) -> String {
        assert!(!expression.contains('\n'), "one line: {expression}");
        writeln!(self.expressions, "{expression}").unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        assert!(answer.ends_with('\n'), "the Python client ended at {expression}");
        answer.trim_end_matches('\n').to_owned()
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
