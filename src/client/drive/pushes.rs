//! What comes unasked.

use crate::client::drive::{Drive, Event, Op};
use crate::client::session::Stop;
use crate::client::session::failure::Failed;

impl Drive<'_> {
    /// Goes on to the next frame; what is not the answer is told where the call is watched.
    pub(super) fn before_answer(&mut self, op: Op<'_>) -> Result<Stop, Failed> {
        let watches = matches!(op, Op::Watch);
        if watches && self.noticed() {
            return Ok(Stop::Told);
        }
        let stop = self.next_frame()?;
        match stop {
            Stop::Push if watches => self.pushed(),
            Stop::Question if watches => self.event = Event::Question,
            stop => return Ok(stop),
        }
        Ok(Stop::Told)
    }

    /// Whether there is something to be told before the next frame.
    pub(super) fn noticed(&mut self) -> bool {
        self.subscribing.is_some_and(|subscribing| (subscribing.noticed)(self))
    }

    /// Tells what a push is that has begun.
    pub(super) fn pushed(&mut self) {
        match self.subscribing {
            Some(subscribing) => (subscribing.pushed)(self),
            None => self.event = Event::Push,
        }
    }

    /// Goes on to the next frame, and into none but where it may be a publication.
    pub(super) fn next_frame(&mut self) -> Result<Stop, Failed> {
        match self.subscribing {
            Some(subscribing) => (subscribing.next_frame)(self),
            None => self.next_plain_frame(),
        }
    }

    /// Goes on to the next frame, and into none.
    pub(super) fn next_plain_frame(&mut self) -> Result<Stop, Failed> {
        let begun = self.session.is_answering();
        let progress = self.session.next_frame()?;
        match progress {
            Stop::Question => self.asked = true,
            Stop::Answer if !begun => {
                self.handed = self.unwanted & 1 != 0;
                self.unwanted >>= 1;
            }
            _ => {}
        }
        Ok(progress)
    }
}
