//! The commands that run servers.

use std::io::{Read, Write, stdin, stdout};
use std::path::Path;
use std::process::ExitCode;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use xtask::server::{self, Error, Options, Server};

use crate::line::Line;

pub fn fetch(versions: &[String]) -> Result<(), Error> {
    for version in versions {
        println!("{version}  {}", server::fetch(version)?.display());
    }
    Ok(())
}

/// Runs the examples against each version; the exit status of one that fails is the result.
pub fn demo(versions: &[String]) -> Result<u8, Error> {
    for version in versions {
        let server = Server::start(version)?;
        println!("--- RayforceDB {version} on {} ---", server.address());
        for (name, features) in EXAMPLES {
            let example = example(name, features, server.port());
            let status =
                example.status().map_err(|e| Error::new(format!("`{example}` cannot be run: {e}")))?;
            if !status.success() {
                eprintln!("error: `{example}` ended with {status}");
                return Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1));
            }
        }
    }
    Ok(0)
}

/// With the features that they need.
const EXAMPLES: [(&str, &str); 3] = [QUICKSTART, ("queries", "std-tcp"), ("tokio", "tokio")];
const QUICKSTART: (&str, &str) = ("quickstart", "std-tcp");

fn example(name: &str, features: &str, port: u16) -> Line {
    Line::new(&format!("cargo run --quiet --example {name} --features {features} -- 127.0.0.1 {port}"))
}

/// Runs a server until the end of input or its own end; Ctrl-C ends it together with this process.
pub fn foreground(version: &str, options: &Options) -> Result<ExitCode, Error> {
    let mut server = Server::start_with(version, options)?;
    println!("{}", introduction(&server, options));
    let _ = stdout().flush();
    let (ended, end_of_input) = channel();
    thread::spawn(move || {
        let mut buffer = [0; 256];
        while stdin().read(&mut buffer).is_ok_and(|count| count > 0) {}
        ended.send(())
    });
    while server.is_running() {
        if end_of_input.recv_timeout(Duration::from_millis(100)) != Err(RecvTimeoutError::Timeout) {
            println!("end of input: stopped");
            return Ok(ExitCode::SUCCESS);
        }
    }
    let log = std::fs::read(server.log()).unwrap_or_default();
    let log = String::from_utf8_lossy(&log);
    Err(Error::new(format!("the server ended by itself; its output was\n{}", log.trim_end())))
}

fn introduction(server: &Server, options: &Options) -> String {
    let port = server.port();
    let mut text = format!("RayforceDB {} listens on {}\n", server.version(), server.address());
    if let Some(password) = &options.password {
        text += &format!("  its password is {password}\n");
    } else {
        let (name, features) = QUICKSTART;
        text += &format!("  try it:      {}\n", example(name, features, port));
    }
    if server.version().starts_with("2.") {
        let login = options.password.as_ref().map(|password| format!(":user:{password}")).unwrap_or_default();
        let binary = shortened(server.binary());
        text += &format!("  its prompt:  {binary}, then (.repl.connect \"127.0.0.1:{port}{login}\")\n");
    }
    text + &format!("  its output:  {}\n  stop it:     Ctrl-C or end of input", shortened(server.log()))
}

fn shortened(path: &Path) -> String {
    path.strip_prefix(xtask::root()).unwrap_or(path).display().to_string()
}
