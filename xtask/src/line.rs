//! Command lines, shown in a form that can be pasted into a shell.

use std::fmt;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Output, Stdio};

/// A command that runs in the root of the workspace, or in a directory below it.
#[derive(Clone, Debug)]
pub struct Line {
    words: Vec<String>,
    variables: Vec<(&'static str, String)>,
    directory: Option<&'static str>,
    search_first: Option<&'static str>,
}

impl Line {
    /// The words of `text`, which are separated by blanks and cannot contain any.
    pub fn new(text: &str) -> Self {
        Self::of(text.split_whitespace().map(str::to_owned).collect())
    }

    /// These words, which may contain blanks.
    pub fn of(words: Vec<String>) -> Self {
        Self { words, variables: Vec::new(), directory: None, search_first: None }
    }

    pub fn variable(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.variables.push((name, value.into()));
        self
    }

    pub fn within(mut self, directory: &'static str) -> Self {
        self.directory = Some(directory);
        self
    }

    /// Looks for programs in this directory of the workspace before it looks where it usually does.
    pub fn search_first(mut self, directory: &'static str) -> Self {
        self.search_first = Some(directory);
        self
    }

    /// Shows the command, runs it, and turns everything but success into an error.
    pub fn run(&self) -> Result<(), String> {
        println!("$ {self}");
        self.ended()
    }

    /// The same, and shows it beside the output, which may be meant for a program.
    pub fn run_beside(&self) -> Result<(), String> {
        eprintln!("$ {self}");
        self.ended()
    }

    /// Runs the command without showing it.
    pub fn status(&self) -> io::Result<ExitStatus> {
        self.command().status()
    }

    /// Whether the command can be run and succeeds; nothing is shown.
    pub fn succeeds(&self) -> bool {
        let status = self.command().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    }

    /// What the command prints; its errors are shown.
    pub fn output(&self) -> Result<String, String> {
        let output = self.command().stderr(Stdio::inherit()).output();
        match output.map_err(|e| format!("`{self}` cannot be run: {e}"))? {
            output if output.status.success() => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
            output => Err(format!("`{self}` ended with {}", output.status)),
        }
    }

    /// What the command prints as bytes when it is given `input`; it is shown, and so are its errors.
    pub fn pipe(&self, input: &[u8]) -> Result<Vec<u8>, String> {
        println!("$ {self}");
        let piped = || -> io::Result<Output> {
            let mut command = self.command();
            let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
            if let Some(mut stdin) = child.stdin.take() {
                stdin.write_all(input)?;
            }
            child.wait_with_output()
        };
        match piped().map_err(|e| format!("`{self}` cannot be run: {e}"))? {
            output if output.status.success() => Ok(output.stdout),
            output => Err(format!("`{self}` ended with {}", output.status)),
        }
    }

    /// Whether the command succeeds, and all that it prints.
    pub fn captured(&self) -> Result<(bool, String), String> {
        let output = self.command().stdin(Stdio::null()).output();
        let output = output.map_err(|e| format!("`{self}` cannot be run: {e}"))?;
        let text = [output.stdout, output.stderr].concat();
        Ok((output.status.success(), String::from_utf8_lossy(&text).into_owned()))
    }

    fn ended(&self) -> Result<(), String> {
        match self.status() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("`{self}` ended with {status}")),
            Err(e) => Err(format!("`{self}` cannot be run: {e}")),
        }
    }

    fn command(&self) -> Command {
        let empty = String::new();
        let (program, arguments) = self.words.split_first().unwrap_or((&empty, &[]));
        let mut command = Command::new(program);
        let root = xtask::root();
        command.args(arguments).envs(self.variables.iter().map(|(name, value)| (name, value)));
        if let Some(first) = self.search_first {
            let usual = std::env::var_os("PATH").unwrap_or_default();
            let all = std::iter::once(root.join(first)).chain(std::env::split_paths(&usual));
            // Only a directory whose own name contains the separator cannot be joined.
            if let Ok(path) = std::env::join_paths(all.collect::<Vec<PathBuf>>()) {
                command.env("PATH", path);
            }
        }
        command.current_dir(self.directory.map_or(root.clone(), |directory| root.join(directory)));
        command
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(directory) = self.directory {
            write!(f, "cd {directory} && ")?;
        }
        if let Some(first) = self.search_first {
            write!(f, "PATH=\"$PWD/{first}:$PATH\" ")?;
        }
        for (name, value) in &self.variables {
            if value.contains(' ') {
                write!(f, "{name}=\"{value}\" ")?;
            } else {
                write!(f, "{name}={value} ")?;
            }
        }
        f.write_str(&self.words.join(" "))
    }
}

/// The version of the compiler.
pub fn compiler() -> Result<String, String> {
    let version = Line::new("rustc --version").output()?;
    Ok(version.split_whitespace().nth(1).unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_shown_as_a_shell_takes_it() {
        let line =
            Line::new("cargo doc  --no-deps").variable("RUSTDOCFLAGS", "-D warnings").within("firmware");
        assert_eq!(line.to_string(), "cd firmware && RUSTDOCFLAGS=\"-D warnings\" cargo doc --no-deps");
        let line = Line::new("cargo check").variable("CARGO_TARGET_DIR", "target/msrv");
        assert_eq!(line.to_string(), "CARGO_TARGET_DIR=target/msrv cargo check");
        let line = Line::new("cargo fuzz").search_first("target/tools/bin");
        assert_eq!(line.to_string(), "PATH=\"$PWD/target/tools/bin:$PATH\" cargo fuzz");
    }

    #[test]
    fn bytes_go_through_a_command() {
        assert_eq!(Line::new("cargo --quiet --version").pipe(b"").map(|bytes| bytes.is_empty()), Ok(false));
        if cfg!(unix) {
            assert_eq!(Line::new("cat").pipe(b"\xff\n"), Ok(b"\xff\n".to_vec()));
            assert!(Line::new("false").pipe(b"").is_err());
        }
    }

    #[test]
    fn a_missing_program_is_an_error() {
        let line = Line::new("no-such-program-anywhere");
        assert!(!line.succeeds());
        assert!(line.run().is_err_and(|e| e.contains("no-such-program-anywhere")));
        assert!(line.output().is_err());
        assert!(line.captured().is_err());
    }
}
