//! What the command line asks for.

use core::net::{Ipv4Addr, SocketAddrV4};

use crate::readings;

/// A day's plan: `PROGRAM HOST PORT keeps|forgets MODE`, where the mode is `day`, `restarts N` or `faults`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Plan {
    /// Where the server is. A serial line leads to one, whatever this says.
    pub server: SocketAddrV4,
    /// Whether the server's tables outlive it.
    pub keeps: bool,
    /// What to do.
    pub mode: Mode,
}

/// What to do with a server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mode {
    /// Everything that a device does, with one restart of the server in it.
    Day,
    /// Only inserting, while the server is restarted so many times.
    Restarts(u32),
    /// Only inserting, over a network that loses and corrupts frames.
    Faults,
}

impl Plan {
    /// Understands a command line; none where it is another.
    pub fn parse(line: &str) -> Option<Plan> {
        let mut words = line.split_ascii_whitespace();
        let _program = words.next()?;
        let host: Ipv4Addr = words.next()?.parse().ok()?;
        let server = SocketAddrV4::new(host, words.next()?.parse().ok()?);
        let keeps = match words.next()? {
            "keeps" => true,
            "forgets" => false,
            _ => return None,
        };
        let mode = match words.next()? {
            "day" => Mode::Day,
            "restarts" => Mode::Restarts(words.next()?.parse().ok()?),
            "faults" => Mode::Faults,
            _ => return None,
        };
        words.next().is_none().then_some(Plan { server, keeps, mode })
    }

    /// How many readings a batch has. Where a server is restarted often, its journal is to stay short, for it reads all of that
    /// each time.
    pub const fn batch_len(&self) -> u32 {
        match self.mode {
            Mode::Day | Mode::Faults => readings::BATCH_LEN as u32,
            Mode::Restarts(_) => 10,
        }
    }

    /// How many times the server is restarted.
    pub const fn restarts(&self) -> u32 {
        match self.mode {
            Mode::Day => 1,
            Mode::Restarts(count) => count,
            Mode::Faults => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_understood() {
        let server = SocketAddrV4::new(Ipv4Addr::new(10, 0, 2, 2), 5000);
        let plan = |keeps, mode| Some(Plan { server, keeps, mode });
        assert_eq!(Plan::parse("fw 10.0.2.2 5000 keeps day"), plan(true, Mode::Day));
        assert_eq!(Plan::parse("fw 10.0.2.2 5000 forgets restarts 20"), plan(false, Mode::Restarts(20)));
        assert_eq!(Plan::parse("fw 10.0.2.2 5000 forgets faults"), plan(false, Mode::Faults));
    }

    #[test]
    fn others_are_not() {
        for line in [
            "",
            "fw",
            "fw host 5000 keeps day",
            "fw 10.0.2.2 70000 keeps day",
            "fw 10.0.2.2 5000 day",
            "fw 10.0.2.2 5000 keeps",
            "fw 10.0.2.2 5000 keeps night",
            "fw 10.0.2.2 5000 keeps restarts",
            "fw 10.0.2.2 5000 keeps restarts many",
            "fw 10.0.2.2 5000 keeps day day",
        ] {
            assert_eq!(Plan::parse(line), None, "{line}");
        }
    }
}
