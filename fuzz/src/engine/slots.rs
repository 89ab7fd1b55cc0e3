//! The slots of a pool, as they must be.

use rayforce_ipc::engine::Disposed;

use crate::engine::CAPACITY;

/// What is in a slot.
#[derive(Clone, Copy, Debug)]
pub enum Slot {
    /// Nobody holds it, and nothing is open.
    Free,
    /// An open connection that nobody holds, and the place of its stream.
    Idle {
        /// Its number.
        id: u32,
        /// Its stream.
        stream: usize,
    },
    /// One that somebody holds, or has forgotten.
    Lent(Lent),
}

/// What is known of a connection on loan.
#[derive(Clone, Copy, Debug)]
pub struct Lent {
    id: u32,
    stream: usize,
    is_open: bool,
    is_disposed: bool,
    /// Whether its stream was not dropped yet.
    has_stream: bool,
    is_forgotten: bool,
}

/// All of them, and the number of the connection that was opened last.
#[derive(Debug)]
pub struct Slots(pub [Slot; CAPACITY], u32);

impl Default for Slots {
    fn default() -> Slots {
        Slots([Slot::Free; CAPACITY], 0)
    }
}

impl Slots {
    /// The slot that is lent next: one that is open, if there is any.
    pub fn next(&self) -> Option<usize> {
        let idle = self.0.iter().position(|slot| matches!(slot, Slot::Idle { .. }));
        idle.or_else(|| self.0.iter().position(|slot| matches!(slot, Slot::Free)))
    }

    /// A connection was opened.
    pub fn new_id(&mut self) -> u32 {
        self.1 += 1;
        self.1
    }

    /// A guard has it, open.
    pub fn lend(&mut self, slot: usize, id: u32, stream: usize) {
        let lent =
            Lent { id, stream, is_open: true, is_disposed: false, has_stream: true, is_forgotten: false };
        self.0[slot] = Slot::Lent(lent);
    }

    /// Its guard is gone, and it is closed.
    pub fn freed(&mut self, slot: usize) {
        self.0[slot] = Slot::Free;
    }

    /// Its guard is gone, and it is open.
    pub fn idle(&mut self, slot: usize) {
        if let Slot::Lent(Lent { id, stream, .. }) = self.0[slot] {
            self.0[slot] = Slot::Idle { id, stream };
        }
    }

    /// Its guard was forgotten.
    pub fn forgotten(&mut self, slot: usize) {
        self.lent(slot, |lent| lent.is_forgotten = true);
    }

    /// It is closed, and its guard is there.
    pub fn closed(&mut self, slot: usize) {
        self.lent(slot, |lent| (lent.is_open, lent.has_stream) = (false, false));
    }

    /// Its guard was used: where it was disposed of, that has dropped the stream.
    pub fn touched(&mut self, slot: usize) {
        self.lent(slot, |lent| lent.has_stream &= !lent.is_disposed);
    }

    /// Its guard says another number.
    pub fn set_id(&mut self, slot: usize, id: u32) {
        self.lent(slot, |lent| lent.id = id);
    }

    /// All are disposed of.
    pub fn dispose(&mut self) -> Disposed {
        let mut disposed = Disposed::default();
        for slot in &mut self.0 {
            match slot {
                Slot::Free => {}
                Slot::Idle { .. } => {
                    *slot = Slot::Free;
                    disposed.idle += 1;
                }
                Slot::Lent(lent) => {
                    disposed.held += usize::from(lent.is_open && !lent.is_disposed);
                    lent.is_disposed = true;
                }
            }
        }
        disposed
    }

    /// Idle ones whose stream is gone are dropped: how many.
    pub fn drop_idle(&mut self, is_gone: impl Fn(usize) -> bool) -> usize {
        let mut count = 0;
        for slot in &mut self.0 {
            if matches!(slot, Slot::Idle { stream, .. } if is_gone(*stream)) {
                *slot = Slot::Free;
                count += 1;
            }
        }
        count
    }

    /// Open connections.
    pub fn open_count(&self) -> usize {
        let is_open = |slot: &&Slot| match slot {
            Slot::Free => false,
            Slot::Idle { .. } => true,
            Slot::Lent(lent) => lent.is_open && !lent.is_disposed,
        };
        self.0.iter().filter(is_open).count()
    }

    /// Streams that are not dropped.
    pub fn stream_count(&self) -> usize {
        let has_stream = |slot: &&Slot| match slot {
            Slot::Free => false,
            Slot::Idle { .. } => true,
            Slot::Lent(lent) => lent.has_stream,
        };
        self.0.iter().filter(has_stream).count()
    }

    /// Slots whose guards were forgotten.
    pub fn lost_count(&self) -> usize {
        self.0.iter().filter(|slot| matches!(slot, Slot::Lent(lent) if lent.is_forgotten)).count()
    }

    /// Streams in guards that were forgotten.
    pub fn lost_streams(&self) -> usize {
        let is_lost = |slot: &&Slot| matches!(slot, Slot::Lent(lent) if lent.is_forgotten && lent.has_stream);
        self.0.iter().filter(is_lost).count()
    }

    /// Whether requests can be sent by its guard.
    pub fn is_open(&self, slot: usize) -> bool {
        matches!(self.0[slot], Slot::Lent(lent) if lent.is_open && !lent.is_disposed)
    }

    /// Whether it was disposed of while somebody held it.
    pub fn is_disposed(&self, slot: usize) -> bool {
        matches!(self.0[slot], Slot::Lent(lent) if lent.is_disposed)
    }

    /// The number of its connection.
    pub fn id(&self, slot: usize) -> Option<u32> {
        match self.0[slot] {
            Slot::Free => None,
            Slot::Idle { id, .. } | Slot::Lent(Lent { id, .. }) => Some(id),
        }
    }

    /// The stream of a connection that somebody holds.
    pub fn stream(&self, slot: usize) -> usize {
        match self.0[slot] {
            Slot::Lent(lent) => lent.stream,
            other => panic!("{other:?} is not lent"),
        }
    }

    fn lent(&mut self, slot: usize, change: impl FnOnce(&mut Lent)) {
        match &mut self.0[slot] {
            Slot::Lent(lent) => change(lent),
            other => panic!("{other:?} is not lent"),
        }
    }
}
