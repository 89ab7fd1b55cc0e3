//! Real RayforceDB servers for the tests, the demo and the command line of this project.
//!
//! ```no_run
//! use xtask::server::{Options, Server};
//!
//! let mut server = Server::start("2.4.0")?;
//! let stream = std::net::TcpStream::connect(server.address())?;
//! server.kill();
//! server.restart()?;
//!
//! let options = Options { password: Some("secret".into()), ..Options::default() };
//! let guarded = Server::start_with("2.4.0", &options)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod journal;
mod launch;
pub mod libclang;
mod listen;
mod process;
pub mod python;
pub mod server;
mod wheel;

use std::path::{Path, PathBuf};

/// The root of the workspace.
pub fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_path_buf()
}
