//! The Python client of a version, with a Python that runs it.

use std::path::PathBuf;
use std::process::Command;

use crate::error::Error;
use crate::wheel::{check_version, create_dir, directory, finish, lock, pip};

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
    if packages.join("rayforce").is_dir() {
        return Ok(packages);
    }
    // Installed beside its place and moved there: a broken download never looks complete.
    let part = all.join(format!("{version}.part"));
    let _ = std::fs::remove_dir_all(&part);
    let (program, arguments) = pip()?.split_first().map(|(p, a)| (*p, a.to_vec())).unwrap_or_default();
    eprintln!("fetching the Python client {version}");
    let mut command = Command::new(program);
    command.args(arguments).args([
        "install",
        "--only-binary=:all:",
        "--disable-pip-version-check",
        "--no-input",
    ]);
    command.args(["--progress-bar", "off", "--target"]).arg(&part).arg(format!("rayforce-py=={version}"));
    finish(
        &mut command,
        &format!("pip could not install rayforce-py {version} (it needs Python 3.11 or newer)"),
    )?;
    let _ = std::fs::remove_dir_all(&packages);
    std::fs::rename(&part, &packages)
        .map_err(|e| Error::caused(format!("cannot move it to {}", packages.display()), e))?;
    Ok(packages)
}

fn python() -> Result<&'static str, Error> {
    crate::wheel::python().ok_or_else(|| Error::new("Python 3 is needed to run the Python client"))
}
