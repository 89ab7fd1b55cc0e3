//! Numbers from a seed.

/// How many cases a test has, unless `DIFFERENTIAL_CASES` says another number.
const CASES: u64 = 4000;
/// The seed, unless `DIFFERENTIAL_SEED` says another one.
const SEED: u64 = 20_000_101;

/// A sequence of numbers that its seed determines.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    /// Any number: the counter's bits, mixed.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        (self.bits() % end as u64) as usize
    }

    /// Whether one case of so many occurs.
    pub fn one_in(&mut self, cases: usize) -> bool {
        self.below(cases) == 0
    }

    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    /// Few more often than many.
    pub fn count(&mut self) -> usize {
        let most = self.pick(&[1, 2, 4, 8, 40]);
        self.below(most + 1)
    }
}

/// Runs a test for each case, with numbers of its own, and tells whether these are the cases of every run. Where the
/// test fails, the last line that is printed says how to repeat it.
pub fn each_case(mut test: impl FnMut(&mut Random)) -> bool {
    let number = |name: &str| {
        let text = std::env::var(name).ok()?;
        Some(text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
    };
    let (seed, cases) = (number("DIFFERENTIAL_SEED"), number("DIFFERENTIAL_CASES"));
    let (first, count) = (seed.unwrap_or(SEED), cases.unwrap_or(CASES));
    println!("seed {first}, {count} cases");
    for case in 0..count {
        let seed = first.wrapping_add(case);
        let _told = Told(seed);
        test(&mut Random::new(seed));
    }
    seed.is_none() && count >= CASES
}

/// Says how to repeat a case that fails.
struct Told(u64);

impl Drop for Told {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("to repeat it: DIFFERENTIAL_SEED={} DIFFERENTIAL_CASES=1", self.0);
        }
    }
}
