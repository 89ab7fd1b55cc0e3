//! One program with one server.

use std::fmt;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use xtask::server::{Options, Server};

use super::TARGET;
use crate::qemu::QEMU;

/// A program, the server that it is run against, and what it is told to do.
#[derive(Clone, Copy)]
pub struct Run {
    pub firmware: &'static str,
    pub version: &'static str,
    pub mode: Mode,
}

/// What a program is told to do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Everything, with one restart of the server in it.
    Day,
    /// Inserting, with so many restarts of the server.
    Restarts(u32),
    /// Inserting, over a network that loses and corrupts frames.
    Faults,
}

impl Run {
    /// What the program reports, if all went well.
    pub fn execute(self) -> Result<String, String> {
        let start = Instant::now();
        let options = Options { journal: self.keeps(), ..Options::default() };
        let mut server = Server::start_with(self.version, &options).map_err(|error| error.to_string())?;
        let errors = self.errors()?;
        let mut emulator = self.emulator(server.port(), &errors)?;
        let heard = self.listen(&mut emulator, &mut server);
        // Behind the end of its output it is at its own end, or made to be by its time limit.
        let status = emulator.wait().map_err(|e| format!("the emulator was lost: {e}"))?;
        let heard = heard?;
        if let Some(problem) = heard.problem {
            return Err(problem);
        }
        if !status.success() {
            let said = heard.lines.join("; ");
            let complaints = fs::read_to_string(&errors).unwrap_or_default();
            let reason = if status.code() == Some(TIMED_OUT) { "ran out of time" } else { "ended badly" };
            return Err(format!("the emulator {reason}, {status}; it said: {said}; {}", complaints.trim()));
        }
        if heard.kills != self.restarts() {
            let said = heard.lines.join("; ");
            return Err(format!("the server was restarted {} times only; it said: {said}", heard.kills));
        }
        let _ = fs::remove_file(errors);
        let mended = match server.mended() {
            0 => String::new(),
            count => format!("; {count} journals torn by the kill and cut"),
        };
        // A list may be long.
        let (lists, said): (Vec<_>, Vec<_>) = heard.lines.into_iter().partition(|line| line.ends_with(']'));
        let lists: String = lists.iter().map(|list| format!("\n       {list}")).collect();
        Ok(format!("{}{mended}; {:.1} s{lists}", said.join("; "), start.elapsed().as_secs_f32()))
    }

    /// Takes what the program says until its end, and restarts the server in the midst of each life that it tells of.
    fn listen(self, emulator: &mut Child, server: &mut Server) -> Result<Heard, String> {
        let output = emulator.stdout.take().ok_or("the emulator has no output")?;
        let mut heard = Heard::default();
        let mut random = Random(SEED);
        for line in BufReader::new(output).lines() {
            let line = line.map_err(|e| format!("the emulator's output is broken: {e}"))?;
            if !line.starts_with("life ") {
                heard.lines.push(line);
            } else if heard.kills < self.restarts() {
                sleep(random.up_to(MIDST));
                match server.restart() {
                    Ok(()) => heard.kills += 1,
                    // The program is to say what it makes of that.
                    Err(error) => heard.problem = Some(error.to_string()),
                }
            }
        }
        Ok(heard)
    }

    fn emulator(self, port: u16, errors: &PathBuf) -> Result<Child, String> {
        let elf = xtask::root().join("firmware/target").join(TARGET).join("release").join(self.firmware);
        let errors = File::create(errors).map_err(|e| format!("{} cannot be made: {e}", errors.display()))?;
        let mut command = Command::new("timeout");
        command.arg("--kill-after=5").arg(self.limit().as_secs().to_string());
        command.args([QEMU, "-M", "lm3s6965evb", "-display", "none", "-monitor", "none"]);
        command.args(self.wires(port)).args(["-semihosting-config", &self.arguments(port)]);
        command.arg("-kernel").arg(elf);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(errors);
        command.spawn().map_err(|e| format!("`timeout qemu-system-arm` cannot be run: {e}"))
    }

    /// What the board is connected to.
    fn wires(self, port: u16) -> Vec<String> {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect();
        if self.firmware != "serial" {
            return words("-serial none -nic user,model=stellaris");
        }
        // Each byte is a segment of its own, and each line a connection, which is made anew a second after it was lost.
        let line = |id| {
            format!(
                "-chardev socket,id={id},host=127.0.0.1,port={port},nodelay=on,reconnect=1 -serial chardev:{id}"
            )
        };
        words(&format!("-nic none {} {}", line("first"), line("second")))
    }

    /// The words that the program gets.
    fn arguments(self, port: u16) -> String {
        let keeps = if self.keeps() { "keeps" } else { "forgets" };
        // The emulator's own network has the host by this address.
        let words = format!("{} 10.0.2.2 {port} {keeps} {}", self.firmware, self.mode);
        let words = words.split(' ').map(|word| format!(",arg={word}"));
        "enable=on,target=native".to_owned() + &words.collect::<String>()
    }

    /// Whether the server has its tables again after a restart.
    fn keeps(self) -> bool {
        self.version.starts_with("2.")
    }

    fn restarts(self) -> u32 {
        match self.mode {
            Mode::Day => 1,
            Mode::Restarts(count) => count,
            Mode::Faults => 0,
        }
    }

    fn limit(self) -> Duration {
        match self.mode {
            Mode::Day => Duration::from_secs(60),
            Mode::Restarts(count) => Duration::from_secs(60) + Duration::from_secs(1) * count,
            Mode::Faults => Duration::from_secs(300),
        }
    }

    /// Where the emulator's own words go.
    fn errors(self) -> Result<PathBuf, String> {
        let directory = xtask::root().join("target/firmware");
        fs::create_dir_all(&directory).map_err(|e| format!("{} cannot be made: {e}", directory.display()))?;
        let mode = self.mode.to_string().replace(' ', "-");
        Ok(directory.join(format!("{}-{}-{mode}.log", self.firmware, self.version)))
    }
}

/// As the program takes it.
impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Mode::Day => f.write_str("day"),
            Mode::Restarts(count) => write!(f, "restarts {count}"),
            Mode::Faults => f.write_str("faults"),
        }
    }
}

/// As the beginning of a line.
impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}  {:<14}  {:<11}", self.version, self.firmware, self.mode.to_string())
    }
}

#[derive(Default)]
struct Heard {
    lines: Vec<String>,
    /// How many times the server was restarted.
    kills: u32,
    /// Why it could not be.
    problem: Option<String>,
}

/// SplitMix64: the moments at which servers are killed are the same in each run, as far as that can be.
struct Random(u64);

impl Random {
    fn up_to(&mut self, most: Duration) -> Duration {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let part = f64::from((mixed >> 32) as u32) / f64::from(u32::MAX);
        most.mul_f64(part)
    }
}

const SEED: u64 = 17;
/// The longest time between a program's word that it works with the server and the end of that.
const MIDST: Duration = Duration::from_millis(20);
/// What `timeout` says.
const TIMED_OUT: i32 = 124;
