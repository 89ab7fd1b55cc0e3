//! A light that shows how it goes.

use core::sync::atomic::{AtomicU8, Ordering};

use embassy_time::Timer;

use crate::delivery::Event;

/// What a light shows, for a `static`.
///
/// | light | state |
/// |---|---|
/// | quick blinking | no connection |
/// | a short flash every two seconds | all goes well |
/// | steady | the server does not take what it is sent: look there |
pub struct Light(AtomicU8);

impl Light {
    /// No connection.
    pub const fn new() -> Self {
        Light(AtomicU8::new(OFFLINE))
    }

    /// Shows what has happened.
    pub fn show(&self, event: &Event) {
        let state = match event {
            Event::Offline => OFFLINE,
            Event::Refused(_) => REFUSED,
            Event::Online | Event::Inserted(_) => ONLINE,
            Event::Unknown(_) | Event::WasThere(_) | Event::WasMissing(_) => return,
        };
        self.0.store(state, Ordering::Relaxed);
    }

    /// Switches the light on and off, for ever.
    pub async fn run(&self, mut switch: impl FnMut(bool)) -> ! {
        loop {
            let (on_ms, off_ms) = match self.0.load(Ordering::Relaxed) {
                ONLINE => (50, 1950),
                REFUSED => (1000, 0),
                _ => (125, 125),
            };
            switch(true);
            Timer::after_millis(on_ms).await;
            if off_ms > 0 {
                switch(false);
                Timer::after_millis(off_ms).await;
            }
        }
    }
}

impl Default for Light {
    fn default() -> Self {
        Self::new()
    }
}

const OFFLINE: u8 = 0;
const ONLINE: u8 = 1;
const REFUSED: u8 = 2;
