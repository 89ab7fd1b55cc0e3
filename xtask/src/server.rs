//! A RayforceDB server as a child process.
//!
//! The servers come out of the Python wheels of `rayforce-py` (see [`fetch`]); each one runs in a working
//! directory of its own below `target/servers/run` and writes to a log in `target/servers/logs`.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::Duration;

pub use crate::error::Error;
pub use crate::launch::Options;
pub use crate::wheel::{VERSIONS, fetch, is_version};

use crate::journal;
use crate::launch::launch;
use crate::listen;
use crate::process::{Attempt, Place, Process};
use crate::wheel::{create_dir, directory};

const ATTEMPTS: u32 = 5;

/// A server of our own on 127.0.0.1, which is stopped when this is dropped (and, where there is a shell,
/// also when the whole process is killed).
///
/// The server itself listens on all interfaces of the host: the first generations know nothing else.
#[derive(Debug)]
pub struct Server {
    // First, because it must be gone before its files are removed.
    process: Option<Process>,
    version: String,
    options: Options,
    binary: PathBuf,
    port: u16,
    mended: u32,
    files: Files,
}

impl Server {
    /// Starts an open server of `version` on a free port and waits until it accepts connections.
    ///
    /// # Errors
    ///
    /// The server cannot be fetched or doesn't start.
    pub fn start(version: &str) -> Result<Self, Error> {
        Self::start_with(version, &Options::default())
    }

    /// Starts a server of `version` and waits until it accepts connections.
    ///
    /// # Errors
    ///
    /// The server cannot be fetched, doesn't know the options or doesn't start.
    pub fn start_with(version: &str, options: &Options) -> Result<Self, Error> {
        // Bad options are better reported before than after a download.
        launch(version, 0, options)?;
        let binary = fetch(version)?;
        let (version, options) = (version.to_owned(), options.clone());
        let files = Files::create(&version)?;
        let mut server = Self { process: None, version, options, binary, port: 0, mended: 0, files };
        server.start_process()?;
        Ok(server)
    }

    /// The port that the server listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The address that the server listens on.
    pub fn address(&self) -> SocketAddr {
        listen::address(self.port)
    }

    /// The version that was asked for.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The process id, unless the server was stopped by [`Server::kill`].
    pub fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(Process::id)
    }

    /// The server binary.
    pub fn binary(&self) -> &Path {
        &self.binary
    }

    /// What the server printed; the file is removed with the server, except in a test that fails.
    pub fn log(&self) -> &Path {
        &self.files.log
    }

    /// How many times a journal had to be cut off behind its last whole entry, because [`Server::kill`] came while the next
    /// one was written.
    pub fn mended(&self) -> u32 {
        self.mended
    }

    /// Whether the process is alive.
    pub fn is_running(&mut self) -> bool {
        self.process.as_mut().is_some_and(Process::is_alive)
    }

    /// Kills the server, without a chance to say goodbye, and waits for its end.
    pub fn kill(&mut self) {
        self.process = None;
    }

    /// Starts the server again on the same port, after killing it if it still runs.
    ///
    /// # Errors
    ///
    /// The server doesn't start, for example because somebody else has taken the port.
    pub fn restart(&mut self) -> Result<(), Error> {
        self.kill();
        self.start_on(self.port)
    }

    fn start_process(&mut self) -> Result<(), Error> {
        if let Some(port) = self.options.port {
            return self.start_on(port);
        }
        // Between the choice of a port and its use by the server somebody else can take it.
        for _ in 1..ATTEMPTS {
            if self.attempt(free_port()?)?.is_none() {
                return Ok(());
            }
        }
        self.attempt(free_port()?)?.map_or(Ok(()), Err)
    }

    fn start_on(&mut self, port: u16) -> Result<(), Error> {
        for attempt in 1..ATTEMPTS {
            let Some(error) = self.attempt(port)? else { return Ok(()) };
            if self.options.journal && journal::mend(&self.files.directory, &error.to_string()) {
                self.mended += 1;
                continue;
            }
            // The connections of a server that was killed can hold its port for a moment.
            sleep(Duration::from_millis(50) * attempt);
        }
        self.attempt(port)?.map_or(Ok(()), Err)
    }

    /// `None` is success, an inner error one that may pass.
    fn attempt(&mut self, port: u16) -> Result<Option<Error>, Error> {
        let launch = launch(&self.version, port, &self.options)?;
        let place = Place { binary: &self.binary, directory: &self.files.directory, log: &self.files.log };
        match Process::start(place, &launch, port)? {
            Attempt::Listens(process) => {
                (self.process, self.port) = (Some(process), port);
                Ok(None)
            }
            Attempt::Failed(error) => Ok(Some(error)),
        }
    }
}

fn free_port() -> Result<u16, Error> {
    listen::free_port().map_err(|e| Error::caused("there is no free port", e))
}

/// The working directory and the log of one server.
#[derive(Debug)]
struct Files {
    directory: PathBuf,
    log: PathBuf,
}

impl Files {
    fn create(version: &str) -> Result<Self, Error> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("{version}-{}-{count}", std::process::id());
        let logs = directory().join("logs");
        let files = Self { directory: directory().join("run").join(&name), log: logs.join(name + ".log") };
        // What an earlier process with the same id has left behind would look like this server's own.
        files.remove(true);
        create_dir(&logs)?;
        create_dir(&files.directory)?;
        Ok(files)
    }

    fn remove(&self, with_log: bool) {
        let _ = fs::remove_dir_all(&self.directory);
        if with_log {
            let _ = fs::remove_file(&self.log);
        }
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        self.remove(!std::thread::panicking());
    }
}
