//! Numbers by lot, and calls that are given up after so many polls.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

/// Polls a future no more than so many times; none where it was given up.
pub async fn in_polls<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let (mut future, mut left) = (pin!(future), polls);
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match future.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// SplitMix64: the same seed draws the same numbers.
pub struct Lot(u64);

impl Lot {
    pub fn new(seed: u64) -> Lot {
        // Shown where the test fails.
        println!("seed {seed}");
        Lot(seed)
    }

    /// Below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % end as u64) as usize
    }

    /// How often a call is polled: most often a few times, seldom up to 256.
    pub fn polls(&mut self) -> usize {
        let bits = self.below(9);
        self.below(1 << bits)
    }
}
