//! The words of the command line.

use xtask::server::{Options, VERSIONS, is_version};

use crate::bench::Mode as Bench;
use crate::size::Mode;
use crate::steps::{self, Step};
use crate::{firmware, fuzz, instructions, review};

pub const USAGE: &str = "\
usage: cargo xtask COMMAND

  test [STEP…]       prove the crate: every step, or only the named ones; stops at the first failure
  review [STEP…]     what takes longer, before a release: every pair of features, what is public, dependencies
  test --list, review --list
                     name the steps
  chaos [--seeds N]  100,000 requests in a simulated world for each of the seeds 1 to N (1)
  bench              run the benches of this package
  bench --peers [--json | --quick | --accept]
                     measure this crate beside a bare socket, memcpy and other clients, in turn;
                     --quick only shows that it works, --accept writes docs/performance.md
  demo [VERSION…]    run the examples against real servers (2.4.0 and 0.1.5)
  fuzz [--seconds N] [TARGET…]
                     run the fuzz targets, each for 30 seconds
  miri               interpret the tests that do no I/O: 64 bits, 32 bits, and the other byte order
  size [--json]      measure what the crate takes of a microcontroller, and compare it with what was accepted
  size --accept      accept what it takes now, and show it in the README
  instructions [--json]
                     count what the codec and an exchange take of a host, and compare it with what was accepted
  instructions --accept REASON
                     accept what they take now
  firmware [--restarts N]
                     run bare-metal programs in an emulated board, against 2.4.0 and 1.0.0;
                     in some runs the server is restarted N times (20)
  server VERSION [--port PORT] [--password PASSWORD [--restricted]]
                     run a RayforceDB server until Ctrl-C or the end of input
  fetch [VERSION…]   download servers (2.4.0, 2.0.0, 1.0.0 and 0.1.5)
  help               show this";

#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    Bench(Bench),
    Help,
    List(Suite),
    Chaos(u32),
    Fetch(Vec<String>),
    Demo(Vec<String>),
    Firmware(u32),
    /// The part of it that is done in a network namespace.
    FirmwareInside(u32),
    /// Seconds for each of the targets.
    Fuzz(u32, Vec<String>),
    Instructions(instructions::Mode),
    Miri,
    Server(String, Options),
    Size(Mode),
    Run(Suite, Vec<String>),
}

/// A list of steps that a command goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suite {
    Test,
    Review,
}

impl Suite {
    pub fn name(self) -> &'static str {
        match self {
            Suite::Test => "test",
            Suite::Review => "review",
        }
    }

    pub fn steps(self) -> &'static [Step] {
        match self {
            Suite::Test => &steps::STEPS,
            Suite::Review => &review::STEPS,
        }
    }
}

pub fn parse(words: &[String]) -> Result<Command, String> {
    let Some((command, rest)) = words.split_first() else { return Ok(Command::Help) };
    match (command.as_str(), rest) {
        ("help" | "--help" | "-h", []) => Ok(Command::Help),
        ("test", words) => suite(Suite::Test, words),
        ("review", words) => suite(Suite::Review, words),
        ("bench", words) => bench(words),
        ("chaos", []) => Ok(Command::Chaos(1)),
        ("chaos", [seeds, count]) if seeds == "--seeds" => count_of_seeds(count).map(Command::Chaos),
        ("size", []) => Ok(Command::Size(Mode::Check)),
        ("size", [json]) if json == "--json" => Ok(Command::Size(Mode::Json)),
        ("size", [accept]) if accept == "--accept" => Ok(Command::Size(Mode::Accept)),
        ("instructions", words) => instructions(words).map(Command::Instructions),
        ("firmware", []) => Ok(Command::Firmware(firmware::RESTARTS)),
        ("firmware", [option, count]) if option == "--restarts" => restarts(count).map(Command::Firmware),
        ("firmware", [option, count]) if option == firmware::INSIDE => {
            restarts(count).map(Command::FirmwareInside)
        }
        ("miri", []) => Ok(Command::Miri),
        ("fuzz", [option, seconds, names @ ..]) if option == "--seconds" => {
            let seconds = seconds.parse().ok().filter(|seconds| *seconds > 0);
            let seconds = seconds.ok_or("`--seconds` needs a number above 0")?;
            Ok(Command::Fuzz(seconds, names.to_vec()))
        }
        ("fuzz", [option, ..]) if option.starts_with('-') => Err(format!("`{option}` after `fuzz`")),
        ("fuzz", names) => Ok(Command::Fuzz(fuzz::SECONDS, names.to_vec())),
        ("demo", given) => versions(given, &["2.4.0", "0.1.5"]).map(Command::Demo),
        ("fetch", given) => versions(given, &VERSIONS).map(Command::Fetch),
        ("server", given) => server(given),
        ("help" | "--help" | "-h" | "size" | "miri", [word, ..]) => {
            Err(format!("`{word}` after `{command}`"))
        }
        ("firmware", _) => Err("`firmware` takes `--restarts N` only".to_owned()),
        _ => Err(format!("`{command}` is not a command")),
    }
}

fn instructions(words: &[String]) -> Result<instructions::Mode, String> {
    match words {
        [] => Ok(instructions::Mode::Check),
        [json] if json == "--json" => Ok(instructions::Mode::Json),
        [accept, reason @ ..] if accept == "--accept" && !reason.is_empty() => {
            Ok(instructions::Mode::Accept(reason.join(" ")))
        }
        _ => Err("`instructions` takes `--json` or `--accept REASON` only".to_owned()),
    }
}

fn bench(words: &[String]) -> Result<Command, String> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        [] => Ok(Command::Bench(Bench::Own)),
        ["--peers"] => Ok(Command::Bench(Bench::Peers)),
        ["--peers", "--json"] => Ok(Command::Bench(Bench::Json)),
        ["--peers", "--quick"] => Ok(Command::Bench(Bench::Quick)),
        ["--peers", "--accept"] => Ok(Command::Bench(Bench::Accept)),
        _ => Err("`bench` takes `--peers`, and behind it `--json`, `--quick` or `--accept`".to_owned()),
    }
}

/// No more than a firmware has room to note.
fn restarts(word: &str) -> Result<u32, String> {
    let count = word.parse().ok().filter(|count| (1..=1_000).contains(count));
    count.ok_or_else(|| format!("`{word}` is not a number from 1 to 1000"))
}

fn count_of_seeds(word: &str) -> Result<u32, String> {
    word.parse().ok().filter(|count| *count != 0).ok_or_else(|| format!("`{word}` is no number of seeds"))
}

fn suite(suite: Suite, words: &[String]) -> Result<Command, String> {
    if matches!(words, [list] if list == "--list") {
        return Ok(Command::List(suite));
    }
    match words.iter().find(|name| suite.steps().iter().all(|step| step.name != **name)) {
        Some(unknown) => {
            Err(format!("`{unknown}` is not a step (see `cargo xtask {} --list`)", suite.name()))
        }
        None => Ok(Command::Run(suite, words.to_vec())),
    }
}

fn versions(given: &[String], default: &[&str]) -> Result<Vec<String>, String> {
    if given.is_empty() {
        return Ok(default.iter().map(|v| (*v).to_owned()).collect());
    }
    given.iter().map(|word| version(word)).collect()
}

fn version(word: &str) -> Result<String, String> {
    if is_version(word) { Ok(word.to_owned()) } else { Err(format!("`{word}` is not a version")) }
}

fn server(words: &[String]) -> Result<Command, String> {
    let Some((first, mut rest)) = words.split_first() else {
        return Err("`server` needs a version".to_owned());
    };
    let mut options = Options::default();
    while let Some((option, after)) = rest.split_first() {
        let value = || after.split_first().ok_or_else(|| format!("`{option}` needs a value"));
        rest = match option.as_str() {
            "--restricted" => {
                options.restricted = true;
                after
            }
            "--port" => {
                let (port, after) = value()?;
                options.port = Some(parse_port(port)?);
                after
            }
            "--password" => {
                let (password, after) = value()?;
                options.password = Some(password.clone());
                after
            }
            _ => return Err(format!("`{option}` is not an option of `server`")),
        };
    }
    Ok(Command::Server(version(first)?, options))
}

fn parse_port(word: &str) -> Result<u16, String> {
    word.parse().ok().filter(|port| *port != 0).ok_or_else(|| format!("`{word}` is not a port"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command, String> {
        parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    fn owned(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn help_and_nothing_show_the_usage() {
        for line in ["", "help", "--help", "-h"] {
            assert_eq!(parsed(line), Ok(Command::Help), "{line}");
        }
    }

    #[test]
    fn defaults() {
        assert_eq!(parsed("demo"), Ok(Command::Demo(owned(&["2.4.0", "0.1.5"]))));
        assert_eq!(parsed("fetch"), Ok(Command::Fetch(owned(&VERSIONS))));
        assert_eq!(parsed("test"), Ok(Command::Run(Suite::Test, Vec::new())));
        assert_eq!(parsed("server 2.4.0"), Ok(Command::Server("2.4.0".to_owned(), Options::default())));
    }

    #[test]
    fn words_are_taken() {
        assert_eq!(parsed("demo 1.0.0"), Ok(Command::Demo(owned(&["1.0.0"]))));
        assert_eq!(parsed("test tree docs"), Ok(Command::Run(Suite::Test, owned(&["tree", "docs"]))));
        assert_eq!(parsed("test --list"), Ok(Command::List(Suite::Test)));
        assert_eq!(parsed("review deny"), Ok(Command::Run(Suite::Review, owned(&["deny"]))));
        assert_eq!(parsed("review --list"), Ok(Command::List(Suite::Review)));
        assert_eq!(parsed("chaos"), Ok(Command::Chaos(1)));
        assert_eq!(parsed("chaos --seeds 20"), Ok(Command::Chaos(20)));
        assert_eq!(parsed("bench"), Ok(Command::Bench(Bench::Own)));
        assert_eq!(parsed("bench --peers"), Ok(Command::Bench(Bench::Peers)));
        assert_eq!(parsed("bench --peers --json"), Ok(Command::Bench(Bench::Json)));
        assert_eq!(parsed("bench --peers --quick"), Ok(Command::Bench(Bench::Quick)));
        assert_eq!(parsed("bench --peers --accept"), Ok(Command::Bench(Bench::Accept)));
        assert_eq!(parsed("size"), Ok(Command::Size(Mode::Check)));
        assert_eq!(parsed("size --json"), Ok(Command::Size(Mode::Json)));
        assert_eq!(parsed("size --accept"), Ok(Command::Size(Mode::Accept)));
        assert_eq!(parsed("instructions"), Ok(Command::Instructions(instructions::Mode::Check)));
        assert_eq!(parsed("instructions --json"), Ok(Command::Instructions(instructions::Mode::Json)));
        let accept = instructions::Mode::Accept("it does more".to_owned());
        assert_eq!(parsed("instructions --accept it does more"), Ok(Command::Instructions(accept)));
        assert_eq!(parsed("firmware"), Ok(Command::Firmware(20)));
        assert_eq!(parsed("firmware --restarts 1000"), Ok(Command::Firmware(1_000)));
        assert_eq!(parsed("firmware --inside 20"), Ok(Command::FirmwareInside(20)));
        assert_eq!(parsed("miri"), Ok(Command::Miri));
        assert_eq!(parsed("fuzz"), Ok(Command::Fuzz(30, Vec::new())));
        assert_eq!(parsed("fuzz --seconds 5 decode"), Ok(Command::Fuzz(5, owned(&["decode"]))));
        let options = Options {
            password: Some("pw".to_owned()),
            restricted: true,
            port: Some(5000),
            ..Options::default()
        };
        assert_eq!(
            parsed("server 2.4.0 --port 5000 --password pw --restricted"),
            Ok(Command::Server("2.4.0".to_owned(), options))
        );
    }

    #[test]
    fn unknown_words_are_errors() {
        for line in [
            "tests",
            "help me",
            "bench --json",
            "bench --peers --fast",
            "size queries",
            "size --json --accept",
            "instructions --accept",
            "instructions now",
            "firmware 20",
            "firmware --restarts",
            "firmware --restarts 0",
            "firmware --restarts 1001",
            "miri queries",
            "fuzz --seconds",
            "fuzz --seconds 0",
            "fuzz --minutes 1",
            "test nothing",
            "test deny",
            "review tests",
            "test tree --list",
            "chaos 20",
            "chaos --seeds",
            "chaos --seeds 0",
            "demo latest",
            "fetch --all",
            "server",
            "server latest",
            "server 2.4.0 5000",
            "server 2.4.0 --port",
            "server 2.4.0 --port 70000",
            "server 2.4.0 --port 0",
            "server 2.4.0 --password",
        ] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }
}
