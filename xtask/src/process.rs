//! The process of a server, which ends with its owner.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::error::{Error, tail};
use crate::launch::Launch;
use crate::listen::{accepts, listens};

const START_LIMIT: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(5);

/// A server that listens.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    _stdin: Option<ChildStdin>,
    guard: Option<Child>,
}

/// What became of an attempt to start a server.
pub(crate) enum Attempt {
    Listens(Process),
    /// It didn't get as far as listening, for example because the port was taken: another port may do.
    Failed(Error),
}

/// Where a server runs and what it writes to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    pub binary: &'a Path,
    pub directory: &'a Path,
    pub log: &'a Path,
}

impl Process {
    /// Starts a server and waits until it listens on `port`.
    pub fn start(place: Place<'_>, launch: &Launch, port: u16) -> Result<Attempt, Error> {
        // A connection to somebody else would look like success where the system doesn't tell who listens.
        if accepts(port) {
            return Ok(Attempt::Failed(Error::new(format!("somebody else listens on port {port} already"))));
        }
        let old_log = fs::metadata(place.log).map_or(0, |m| m.len());
        let mut process = Self::spawn(place, launch)?;
        let deadline = Instant::now() + START_LIMIT;
        loop {
            let log = || log_since(place.log, old_log);
            if let Some(status) = process.ended() {
                return Ok(Attempt::Failed(failure(port, &format!("ended with {status}"), &log())));
            }
            if process.is_ready(port, log) {
                return Ok(Attempt::Listens(process));
            }
            if reports_taken_port(&log()) {
                return Ok(Attempt::Failed(failure(port, "could not listen", &log())));
            }
            if Instant::now() > deadline {
                let problem = format!("did not listen within {} s", START_LIMIT.as_secs());
                return Err(failure(port, &problem, &log()));
            }
            sleep(POLL);
        }
    }

    fn spawn(place: Place<'_>, launch: &Launch) -> Result<Self, Error> {
        // A file, because a pipe that nobody reads fills and stops the server.
        let log = File::options().create(true).append(true).open(place.log);
        let (out, err) = log
            .and_then(|log| Ok((log.try_clone()?, log)))
            .map_err(|e| Error::caused(format!("cannot open {}", place.log.display()), e))?;
        let mut command = Command::new(place.binary);
        command.args(&launch.arguments).current_dir(place.directory).stdout(out).stderr(err);
        command.stdin(if launch.holds_stdin { Stdio::piped() } else { Stdio::null() });
        let mut child = command.spawn().map_err(|e| spawn_error(place.binary, &e))?;
        let stdin = child.stdin.take();
        let guard = guard(child.id(), place.directory);
        Ok(Self { child, _stdin: stdin, guard })
    }

    fn is_ready(&mut self, port: u16, log: impl Fn() -> String) -> bool {
        match listens(self.child.id(), port) {
            Some(listens) => listens && accepts(port),
            None if accepts(port) => {
                // Without word from the system, give a server that found its port taken time to say so.
                sleep(10 * POLL);
                self.is_alive() && !reports_taken_port(&log())
            }
            None => false,
        }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn is_alive(&mut self) -> bool {
        self.ended().is_none()
    }

    fn ended(&mut self) -> Option<ExitStatus> {
        let status = self.child.try_wait().ok().flatten();
        if status.is_some() {
            // The process id is free again, and must not be killed by the guard.
            self.dismiss_guard();
        }
        status
    }

    fn dismiss_guard(&mut self) {
        if let Some(mut guard) = self.guard.take() {
            let _ = guard.kill();
            let _ = guard.wait();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // First, so that it cannot meet a process id that is free again.
        self.dismiss_guard();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A shell that waits for the end of its input, which comes when this process ends in whatever way, and
/// then kills the server and clears its directory: a test run that is killed leaves neither behind.
/// Without a shell there is no guard.
fn guard(server: u32, directory: &Path) -> Option<Child> {
    // The signals of a terminal reach the whole process group, and would end the guard too early.
    let script = r#"trap "" INT TERM HUP; read -r line; kill -9 "$0"; rm -rf "$1""#;
    let mut command = Command::new("sh");
    command.args(["-c", script]).arg(server.to_string()).arg(directory);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().ok()
}

fn reports_taken_port(log: &str) -> bool {
    log.contains("ailed to listen")
}

fn log_since(path: &Path, start: u64) -> String {
    let bytes = fs::read(path).unwrap_or_default();
    let start = usize::try_from(start).unwrap_or(usize::MAX);
    String::from_utf8_lossy(bytes.get(start..).unwrap_or_default()).into_owned()
}

fn failure(port: u16, problem: &str, log: &str) -> Error {
    let said = tail(log, 8);
    let said = if said.is_empty() { "without a word".to_owned() } else { format!("it said\n{said}") };
    Error::new(format!("the RayforceDB server for port {port} {problem}; {said}"))
}

fn spawn_error(binary: &Path, cause: &std::io::Error) -> Error {
    let hint = if cause.kind() == std::io::ErrorKind::NotFound && binary.is_file() {
        " (the file exists, so its loader is missing: it needs glibc)"
    } else {
        ""
    };
    Error::new(format!("cannot start {}: {cause}{hint}", binary.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recognises_a_taken_port() {
        for log in [
            "Failed to listen on port 46367\n",
            "failed to listen on port 46931: Address already in use\n",
            "failed to listen on *:60921: Address already in use\n",
        ] {
            assert!(reports_taken_port(log), "{log}");
        }
        assert!(!reports_taken_port("listening on port 46931\n"));
    }

    #[test]
    fn a_failure_quotes_the_log() {
        assert_eq!(
            failure(5000, "ended", "a\nb\n").to_string(),
            "the RayforceDB server for port 5000 ended; it said\n    a\n    b"
        );
        assert!(failure(5000, "ended", "\n").to_string().ends_with("without a word"));
    }
}
