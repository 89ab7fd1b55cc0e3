//! Numbers by lot.

/// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014): neighbouring seeds, as
/// serial numbers are, draw unlike numbers from the first on.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct Random(u64);

impl Random {
    /// Any seed will do, also 0.
    pub(crate) const fn new(seed: u64) -> Self {
        Random(seed)
    }

    /// From 0 up to `most`.
    pub(crate) fn up_to(&mut self, most: u32) -> u32 {
        let range = u64::from(most) + 1;
        ((u64::from(self.next()) * range) >> 32) as u32
    }

    fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 32) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_published_generator() {
        // The upper halves of the reference implementation's numbers for the seed 1234567.
        let mut random = Random(1_234_567);
        let numbers = [6_457_827_717_110_365_317u64, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        assert_eq!(numbers.map(|_| random.next()), numbers.map(|number| (number >> 32) as u32));
    }
}
