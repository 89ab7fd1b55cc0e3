//! A program that does what it is told, and tells how long it took.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

/// A running program. It ends when this is dropped.
pub struct Process {
    child: Child,
    /// Until the program is told to end.
    input: Option<ChildStdin>,
    answers: Receiver<String>,
}

/// What some repetitions took, in ns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    pub wall: f64,
    pub cpu: f64,
}

impl Process {
    /// # Errors
    /// What cannot be run.
    pub fn start(command: &mut Command) -> Result<Process, String> {
        let name = command.get_program().to_string_lossy().into_owned();
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|e| format!("{name} cannot be run: {e}"))?;
        let input = child.stdin.take();
        let output = child.stdout.take().ok_or_else(|| format!("{name} has no output"))?;
        let (sender, answers) = mpsc::channel();
        // So that an answer can be waited for with an end.
        thread::spawn(move || {
            let lines = BufReader::new(output).lines().map_while(Result::ok);
            lines.map(|line| sender.send(line)).take_while(Result::is_ok).for_each(drop);
        });
        Ok(Process { child, input, answers })
    }

    /// # Errors
    /// A program that has ended, or does not answer.
    pub fn ask(&mut self, order: &str) -> Result<String, String> {
        let input = self.input.as_mut().ok_or("it was told to end")?;
        let sent = writeln!(input, "{order}").and_then(|()| input.flush());
        sent.map_err(|e| format!("`{order}`: it has ended: {e}"))?;
        self.answer(order)
    }

    /// What it says next.
    ///
    /// # Errors
    /// As of [`ask`](Process::ask).
    pub fn answer(&mut self, order: &str) -> Result<String, String> {
        self.answers.recv_timeout(LONGEST).map_err(|_| match self.child.try_wait() {
            Ok(Some(status)) => format!("`{order}`: it ended with {status}"),
            _ => format!("`{order}`: no answer"),
        })
    }

    /// # Errors
    /// As of [`ask`](Process::ask), and an answer that is none.
    pub fn sample(&mut self, name: &str, warm: u32, times: u32) -> Result<Sample, String> {
        let order = format!("{name} {warm} {times}");
        let answer = self.ask(&order)?;
        sample(&answer).ok_or_else(|| format!("`{order}`: it answers `{answer}`"))
    }

    /// Ends its input, and waits for it.
    ///
    /// # Errors
    /// A program that fails.
    pub fn end(mut self) -> Result<(), String> {
        self.input = None;
        match self.child.wait() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("it ended with {status}")),
            Err(e) => Err(e.to_string()),
        }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn sample(answer: &str) -> Option<Sample> {
    let (wall, cpu) = answer.split_once(' ')?;
    let number = |word: &str| word.parse::<u64>().ok().map(|number| number as f64);
    Some(Sample { wall: number(wall)?, cpu: number(cpu)? })
}

const LONGEST: Duration = Duration::from_secs(120);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_two_numbers() {
        assert_eq!(sample("120 7"), Some(Sample { wall: 120.0, cpu: 7.0 }));
        for answer in ["", "120", "120 x", "120 7 3", "-1 7"] {
            assert_eq!(sample(answer), None, "{answer}");
        }
    }

    #[test]
    #[cfg(unix)]
    fn a_program_that_ends_gives_no_answer() {
        let mut process = Process::start(&mut Command::new("true"));
        let asked = process.as_mut().map(|process| process.ask("measures").is_err());
        assert_eq!(asked, Ok(true));
        let mut echo = Process::start(&mut Command::new("cat"));
        assert_eq!(echo.as_mut().map(|echo| echo.ask("1 2")), Ok(Ok("1 2".to_owned())));
    }
}
