//! Runs: each of a seed, and of many lives.

use std::env;

use super::caller::Tally;
use super::lots::Lots;

/// Requests of one kind of life in a run; there are four kinds.
const REQUESTS: u64 = 25_000;
/// Calls of one life of a connection.
pub const OPEN_CALLS: usize = 200;
/// Lives that may have no request: what is above shows that nothing goes on.
const MOST_LIVES: u64 = 2_000;

/// Lives one after the other, until so many requests were made; for each of the seeds.
pub fn all(kind: &str, life: impl Fn(Lots) -> Tally) {
    let first = number("CHAOS_SEED").unwrap_or(1);
    let only = number("CHAOS_LIFE");
    for seed in first..first + number("CHAOS_SEEDS").unwrap_or(1) {
        let mut sum = Tally::default();
        for number in only.unwrap_or(0)..only.map_or(MOST_LIVES, |only| only + 1) {
            let _told = Told { kind, seed, number };
            sum.add(life(Lots::of(seed, number)));
            if sum.begun >= REQUESTS {
                break;
            }
        }
        println!("{kind}, seed {seed}: {sum:?}");
        if only.is_none() {
            sum.assert_all_seen(kind);
        }
    }
}

fn number(name: &str) -> Option<u64> {
    env::var(name).ok().map(|word| word.parse().unwrap_or_else(|_| panic!("{name}={word} is no number")))
}

/// Says on failure how to repeat it.
struct Told<'k> {
    kind: &'k str,
    seed: u64,
    number: u64,
}

impl Drop for Told<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let Told { kind, seed, number } = self;
            eprintln!(
                "once more: CHAOS_SEED={seed} CHAOS_LIFE={number} CHAOS_TRACE=1 cargo test --all-features --test chaos {kind}"
            );
        }
    }
}

impl Tally {
    pub fn add(&mut self, other: Tally) {
        self.begun += other.begun;
        self.answered += other.answered;
        self.not_sent += other.not_sent;
        self.unknown += other.unknown;
        self.given_up += other.given_up;
        self.pushes += other.pushes;
    }

    /// A run in which all went well, or nothing did, would show nothing.
    fn assert_all_seen(&self, kind: &str) {
        assert!(self.begun >= REQUESTS, "{kind}: too few requests: {self:?}");
        assert!(self.answered >= REQUESTS / 3, "{kind}: too few answers: {self:?}");
        assert!(self.not_sent >= REQUESTS / 50 && self.unknown >= REQUESTS / 200, "{kind}: {self:?}");
        assert!(self.pushes >= REQUESTS / 50, "{kind}: too little came unasked: {self:?}");
    }
}
