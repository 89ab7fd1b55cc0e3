//! Steps that are done beside the others. They build in directories of their own, so that neither waits for the other's lock,
//! and one works where the other waits: for an emulator, a server, or a linker.

use std::fs::{self, File};
use std::process::{Child, Command, Stdio};

use crate::args::Suite;

/// Some steps under way in another process, the one after the other.
pub struct Beside {
    process: Child,
    names: Vec<&'static str>,
}

/// What they print, until it is shown.
const OUTPUT: &str = "target/beside.log";

impl Beside {
    /// Begins these steps of a suite.
    ///
    /// # Errors
    /// Where this program cannot be run once more.
    pub fn begin(suite: Suite, names: Vec<&'static str>) -> Result<Beside, String> {
        println!("\n=== {} begin beside what follows", names.join(", "));
        let start = || {
            let output = File::create(xtask::root().join(OUTPUT))?;
            let mut command = Command::new(std::env::current_exe()?);
            command.arg(suite.name()).args(&names).current_dir(xtask::root());
            command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output).spawn()
        };
        let process = start().map_err(|e: std::io::Error| format!("nothing can be run beside: {e}"))?;
        Ok(Beside { process, names })
    }

    /// Whether one of them has failed by now.
    pub fn has_failed(&mut self) -> bool {
        matches!(self.process.try_wait(), Ok(Some(status)) if !status.success())
    }

    /// Waits for all of them, and shows what they printed; what became of each.
    ///
    /// # Errors
    /// Where one failed.
    pub fn end(mut self) -> Result<Vec<(&'static str, String)>, String> {
        let status = self.process.wait().map_err(|e| format!("what was done beside is lost: {e}"))?;
        let output =
            fs::read(xtask::root().join(OUTPUT)).map_err(|e| format!("cannot read {OUTPUT}: {e}"))?;
        let output = String::from_utf8_lossy(&output);
        println!("\n=== beside that:\n{}", output.trim_end());
        if !status.success() {
            return Err("what was done beside failed, as is shown above".to_owned());
        }
        Ok(self.names.into_iter().map(|name| (name, ended(&output, name))).collect())
    }

    /// Ends what is under way, for nobody asks for it any more.
    pub fn stop(mut self) {
        // It may have ended by itself. Servers and emulators end with who started them.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What a step's last line says of it.
fn ended(output: &str, name: &str) -> String {
    let begin = format!("=== {name}: ");
    let end = output.lines().find_map(|line| line.strip_prefix(begin.as_str()));
    end.unwrap_or("passed").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_each_step_is_found() {
        let output =
            "\n=== size (small)\n=== size: passed in 57.5 s\n\n=== logs (told)\n=== logs: NOT RUN: none\n";
        assert_eq!(ended(output, "size"), "passed in 57.5 s");
        assert_eq!(ended(output, "logs"), "NOT RUN: none");
    }
}
