//! Measures once a second.

use embassy_time::{Duration, Instant, Ticker};

use crate::readings::Readings;

/// Measures once a second, for ever. A measurement that fails is left out, and shows as a missing second.
pub async fn sample<const N: usize>(
    readings: &Readings<N>,
    mut celsius: impl AsyncFnMut() -> Option<f32>,
) -> ! {
    let mut second = Ticker::every(Duration::from_secs(1));
    loop {
        second.next().await;
        if let Some(celsius) = celsius().await {
            readings.push(Instant::now().duration_since(Instant::MIN).into(), celsius);
        }
    }
}
