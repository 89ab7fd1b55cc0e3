//! What comes unasked.

use crate::client::drive::{Drive, Event, Op};
use crate::client::failure::Failed;
use crate::client::session::Progress;

impl Drive<'_> {
    /// Goes on to the next frame; what is not the answer is told where the call is watched.
    pub(super) fn before_answer(&mut self, op: Op<'_>) -> Result<Result<Progress, Event>, Failed> {
        let watches = matches!(op, Op::Watch);
        if watches && let Some(event) = self.noticed() {
            return Ok(Err(event));
        }
        Ok(match self.next_frame()? {
            Progress::Push if watches => Err(self.pushed()),
            Progress::Question if watches => Err(Event::Question),
            progress => Ok(progress),
        })
    }

    /// What is to be said before the next frame.
    pub(super) fn noticed(&mut self) -> Option<Event> {
        (self.subscribing?.noticed)(self)
    }

    /// What a push is that has begun, and goes to the caller.
    pub(super) fn pushed(&mut self) -> Event {
        self.subscribing.map_or(Event::Push, |subscribing| (subscribing.pushed)(self))
    }

    /// Goes on to the next frame, and into none but where it may be a publication.
    pub(super) fn next_frame(&mut self) -> Result<Progress, Failed> {
        match self.subscribing {
            Some(subscribing) => (subscribing.next_frame)(self),
            None => self.next_plain_frame(),
        }
    }

    /// Goes on to the next frame, and into none.
    pub(super) fn next_plain_frame(&mut self) -> Result<Progress, Failed> {
        let begun = self.session.is_answering();
        let progress = self.session.next_frame()?;
        match progress {
            Progress::Question => self.asked = true,
            Progress::Answer if !begun => {
                self.handed = self.unwanted & 1 != 0;
                self.unwanted >>= 1;
            }
            _ => {}
        }
        Ok(progress)
    }
}
