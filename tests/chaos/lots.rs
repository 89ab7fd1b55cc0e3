//! What is drawn from a seed.

use std::time::Duration;

use rayforce_ipc::client::Timeouts;
use rayforce_ipc::transports::faulty::Odds;
use rayforce_ipc::wire::Generation;

/// What a question whether a stream is ready takes.
pub const TICK: Duration = Duration::from_millis(1);

/// Numbers by lot (SplitMix64).
#[derive(Clone, Debug)]
pub struct Lots(u64);

impl Lots {
    pub const fn new(seed: u64) -> Lots {
        Lots(seed)
    }

    /// The lots of a part of a run: unlike those of its neighbours.
    pub fn of(seed: u64, part: u64) -> Lots {
        Lots(Lots(seed).next() ^ Lots(part.wrapping_mul(0x2545_f491_4f6c_dd1d)).next())
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Below `bound`, which is not 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// Whether it happens, with so many thousandths.
    pub fn hits(&mut self, odds: u64) -> bool {
        self.below(1000) < odds
    }

    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }

    /// Up to so many milliseconds.
    pub fn millis(&mut self, most: u64) -> Duration {
        Duration::from_millis(self.below(most + 1))
    }
}

/// How bad a world is: thousandths, but where something else is said.
#[derive(Clone, Copy, Debug)]
pub struct Mood {
    pub generation: Generation,
    /// Of streams.
    pub odds: Odds,
    /// A request is answered late, or never.
    pub late: u64,
    pub never: u64,
    /// An answer comes a few bytes at a time.
    pub trickles: u64,
    /// The server stops taking bytes for a while.
    pub deaf: u64,
    /// A push or a question comes with a request, before or behind its answer.
    pub unasked: u64,
    /// Milliseconds between those that come by themselves, on each stream.
    pub every: u64,
    /// An answer is an error, cannot be decoded, or is behind a header that lies.
    pub errors: u64,
    pub damaged: u64,
    pub lies: u64,
    /// The server ends the stream behind an answer.
    pub ends: u64,
    /// Milliseconds between restarts.
    pub restarts: u64,
    /// A connection is aborted from elsewhere while a call waits.
    pub aborts: u64,
    /// A call is given up, where that can be.
    pub drops: u64,
    /// An attempt to connect fails.
    pub refuses: u64,
    /// A transport tells that the server has gone away.
    pub tells: bool,
}

impl Mood {
    pub fn drawn(lots: &mut Lots) -> Mood {
        // What does not happen at all in a world lets the rest be seen all the more.
        let mut odds = |most: u64| if lots.hits(350) { 0 } else { lots.below(most + 1) };
        let streams = Odds {
            short: odds(500) as u16,
            interrupt: odds(150) as u16,
            trickle: odds(5) as u16,
            half_close: odds(4) as u16,
            reset: odds(4) as u16,
        };
        let mut mood = Mood {
            odds: streams,
            late: odds(60),
            never: odds(10),
            trickles: odds(100),
            deaf: odds(40),
            unasked: odds(300),
            errors: odds(150),
            damaged: odds(60),
            lies: odds(15),
            ends: odds(20),
            aborts: odds(10),
            drops: odds(250),
            refuses: odds(200),
            ..Mood::calm(Generation::V3)
        };
        mood.every = lots.pick(&[u64::MAX, 100, 20, 5]);
        mood.restarts = lots.pick(&[u64::MAX, 5_000, 1_000, 300]);
        mood.generation = lots.pick(&[Generation::V3, Generation::V3, Generation::V1]);
        mood.tells = lots.hits(500);
        mood
    }

    /// A world in which all is well.
    pub fn calm(generation: Generation) -> Mood {
        Mood {
            generation,
            odds: Odds::default(),
            late: 0,
            never: 0,
            trickles: 0,
            deaf: 0,
            unasked: 0,
            every: u64::MAX,
            errors: 0,
            damaged: 0,
            lies: 0,
            ends: 0,
            restarts: u64::MAX,
            aborts: 0,
            drops: 0,
            refuses: 0,
            tells: true,
        }
    }
}

/// The limits of the phases, of which no two are alike.
pub const LIMITS: Timeouts = Timeouts {
    connect: Duration::from_millis(10),
    handshake: Duration::from_millis(15),
    write: Duration::from_millis(20),
    first_byte: Duration::from_millis(30),
    reply: Duration::from_millis(40),
    idle: Duration::from_millis(25),
};
