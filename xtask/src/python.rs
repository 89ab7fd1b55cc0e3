//! The Python client of a version, with a Python that runs it.

use std::path::PathBuf;
use std::process::Command;

use crate::error::Error;
use crate::wheel::{check_version, create_dir, directory, lock, pip_install};

/// A command that runs Python 3 with `rayforce-py` of `version` installed for it, which is done when it isn't there yet
/// (`target/servers/python/VERSION`).
///
/// # Errors
///
/// No Python 3 or pip, no wheel for it, or a download that failed.
pub fn client(version: &str) -> Result<Command, Error> {
    let packages = install(version)?;
    let mut command = Command::new(python()?);
    command.env("PYTHONPATH", packages);
    Ok(command)
}

fn install(version: &str) -> Result<PathBuf, Error> {
    check_version(version)?;
    let all = directory().join("python");
    let packages = all.join(version);
    if packages.join("rayforce").is_dir() {
        return Ok(packages);
    }
    create_dir(&all)?;
    let _lock = lock(&all.join("lock"))?;
    if !packages.join("rayforce").is_dir() {
        eprintln!("fetching the Python client {version}");
        pip_install(&format!("rayforce-py=={version}"), &packages)?;
    }
    Ok(packages)
}

fn python() -> Result<&'static str, Error> {
    crate::wheel::python().ok_or_else(|| Error::new("Python 3 is needed to run the Python client"))
}
