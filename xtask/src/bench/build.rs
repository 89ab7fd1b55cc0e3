//! Builds the programs, and says of those that cannot be built why.

use std::path::PathBuf;
use std::process::Command;

use super::measures::Subject;
use crate::line::Line;

/// The workspace of the programs.
pub const WITHIN: &str = "benches/peers";
/// The server that they talk to.
pub const SERVER: &str = "2.4.0";

/// A program that is there.
pub struct Program {
    pub subject: Subject,
    path: PathBuf,
    /// Whether it is a script of Python.
    is_script: bool,
}

impl Program {
    /// Runs it on a core, where that can be chosen.
    ///
    /// # Errors
    /// Where there is no Python.
    pub fn command(&self, port: u16, core: Option<usize>) -> Result<Command, String> {
        let plain = match self.is_script {
            true => {
                let mut python = xtask::python::client(SERVER).map_err(|e| e.to_string())?;
                python.arg(&self.path);
                python
            }
            false => Command::new(&self.path),
        };
        let Some(core) = core else { return Ok(with_port(plain, port)) };
        let mut pinned = Command::new("taskset");
        pinned.arg("-c").arg(core.to_string()).arg(plain.get_program()).args(plain.get_args());
        pinned.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
        Ok(with_port(pinned, port))
    }
}

fn with_port(mut command: Command, port: u16) -> Command {
    command.arg(port.to_string());
    command
}

/// Those that are there, and why the others are not.
pub fn all() -> (Vec<Program>, Vec<String>) {
    let (mut programs, mut missing) = (Vec::new(), Vec::new());
    for subject in Subject::ALL {
        match program(subject) {
            Ok(program) => programs.push(program),
            Err(problem) => missing.push(format!("{}: {problem}", subject.name())),
        }
    }
    (programs, missing)
}

fn program(subject: Subject) -> Result<Program, String> {
    let root = xtask::root().join(WITHIN);
    if subject == Subject::Python {
        // Installs it where it is not there yet.
        xtask::python::client(SERVER).map_err(|e| e.to_string())?;
        return Ok(Program { subject, path: root.join("python/subject.py"), is_script: true });
    }
    let package = subject.package();
    let line = Line::new(&format!("cargo build --quiet --locked --release --package {package}"));
    told(&with_tools(line, subject)?.within(WITHIN))?;
    Ok(Program { subject, path: root.join("target/release").join(package), is_script: false })
}

/// The official crate needs libclang and its headers, and a C compiler, which it looks for as `clang`.
///
/// # Errors
/// Where one of them is missing and cannot be had.
pub fn with_tools(line: Line, subject: Subject) -> Result<Line, String> {
    if subject != Subject::Official {
        return Ok(line);
    }
    let Some(libclang) = xtask::libclang::directory().map_err(|e| e.to_string())? else { return Ok(line) };
    let line = line.variable("LIBCLANG_PATH", libclang.display().to_string());
    if Line::new("clang --version").succeeds() {
        return Ok(line);
    }
    let headers = Line::new("gcc -print-file-name=include").output()?;
    let line = line.variable("BINDGEN_EXTRA_CLANG_ARGS", format!("-I{}", headers.trim()));
    Ok(line.variable("CC", "gcc"))
}

/// Runs a command and shows it beside the output, which may be meant for a program.
///
/// # Errors
/// Everything but success.
pub fn told(line: &Line) -> Result<(), String> {
    eprintln!("$ {line}");
    match line.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{line}` ended with {status}")),
        Err(e) => Err(format!("`{line}` cannot be run: {e}")),
    }
}
