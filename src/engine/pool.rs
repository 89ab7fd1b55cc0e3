//! Which connections are lent, and which are at home.

use heapless::Vec;

use crate::engine::pooled::Pooled;
use crate::engine::slot::Kept;
use crate::error::CloseReason;

/// As many places as connections. The connections themselves stay in the slots that the caller lent; what moves is the
/// one reference to each.
pub(crate) struct Pool<'p, K: Pooled, const N: usize> {
    places: Vec<Place<'p, K>, N>,
    /// The number of the connection that was opened last.
    last_id: u32,
}

/// What the pool knows of a connection.
struct Place<'p, K: Pooled> {
    /// The connection, while nobody holds it. An open one has an identity.
    home: Option<&'p mut Kept<K>>,
    /// What ends the stream of one that somebody holds, while it is open.
    handle: Option<K::Handle>,
    /// Whether somebody holds it open.
    open: bool,
    /// Whether it was disposed of while somebody held it, and is to be closed whatever they do.
    disposed: bool,
}

/// A connection out of its place.
pub(crate) struct Lent<'p, K> {
    pub(crate) index: usize,
    pub(crate) kept: &'p mut Kept<K>,
}

/// What was disposed of.
pub(crate) enum Taken<'p, K: Pooled> {
    Idle(Lent<'p, K>),
    Held(Option<K::Handle>),
}

impl<'p, K: Pooled, const N: usize> Pool<'p, K, N> {
    pub(crate) fn new(homes: impl Iterator<Item = &'p mut Kept<K>>) -> Self {
        let mut places = Vec::new();
        for home in homes {
            let place = Place { home: Some(home), handle: None, open: false, disposed: false };
            // There is one for each slot.
            let _ = places.push(place);
        }
        Pool { places, last_id: 0 }
    }

    /// Gives a connection out, an open one if there is any. The handle of an idle one is taken anew by its holder.
    pub(crate) fn lend(&mut self) -> Option<Lent<'p, K>> {
        let idle = self.places.iter().position(Place::is_idle);
        let index = idle.or_else(|| self.places.iter().position(Place::is_home))?;
        self.take(index)
    }

    /// Gives a connection out that is open, and that nobody holds.
    pub(crate) fn take_idle(&mut self, index: usize) -> Option<Lent<'p, K>> {
        if self.places.get(index)?.is_idle() { self.take(index) } else { None }
    }

    /// Connections that nobody holds.
    #[cfg(feature = "std")]
    pub(crate) fn free_count(&self) -> usize {
        self.places.iter().filter(|place| place.is_home()).count()
    }

    /// A lent connection is open: keeps what ends it, in place of what ended its stream before.
    ///
    /// # Errors
    /// What ends it, where it was disposed of meanwhile.
    pub(crate) fn opened(&mut self, index: usize, new: K::Handle) -> Result<Option<K::Handle>, K::Handle> {
        match self.places.get_mut(index) {
            Some(place) if !place.disposed => {
                place.open = true;
                Ok(place.handle.replace(new))
            }
            _ => Err(new),
        }
    }

    /// A lent connection is closed; its holder keeps it. Handles are given out of the lock, for dropping one may run
    /// code of the transport's.
    pub(crate) fn closed(&mut self, index: usize) -> Option<K::Handle> {
        let place = self.places.get_mut(index)?;
        place.open = false;
        place.handle.take()
    }

    /// Whether a lent connection was disposed of.
    pub(crate) fn is_disposed(&self, index: usize) -> bool {
        self.places.get(index).is_some_and(|place| place.disposed)
    }

    /// Takes an open connection back, unless it was disposed of meanwhile: then it comes back.
    pub(crate) fn release(&mut self, lent: Lent<'p, K>) -> (Option<Lent<'p, K>>, Option<K::Handle>) {
        match self.is_disposed(lent.index) {
            true => (Some(lent), None),
            false => (None, self.put_back(lent)),
        }
    }

    /// Takes a connection back.
    pub(crate) fn put_back(&mut self, lent: Lent<'p, K>) -> Option<K::Handle> {
        let place = self.places.get_mut(lent.index)?;
        place.home = Some(lent.kept);
        (place.open, place.disposed) = (false, false);
        place.handle.take()
    }

    /// Takes what has to be ended, if the place has any.
    pub(crate) fn dispose(&mut self, index: usize) -> Option<Taken<'p, K>> {
        if let Some(lent) = self.take_idle(index) {
            return Some(Taken::Idle(lent));
        }
        let place = self.places.get_mut(index)?;
        if place.is_home() {
            return None;
        }
        place.disposed = true;
        core::mem::take(&mut place.open).then(|| Taken::Held(place.handle.take()))
    }

    pub(crate) fn open_count(&self) -> usize {
        self.places.iter().filter(|place| place.open || place.is_idle()).count()
    }

    pub(crate) fn next_id(&mut self) -> u32 {
        self.last_id = self.last_id.wrapping_add(1);
        self.last_id
    }

    fn take(&mut self, index: usize) -> Option<Lent<'p, K>> {
        let kept = self.places.get_mut(index)?.home.take()?;
        Some(Lent { index, kept })
    }
}

impl<K: Pooled, const N: usize> Drop for Pool<'_, K, N> {
    fn drop(&mut self) {
        // The slots may live on.
        for home in self.places.iter_mut().filter_map(|place| place.home.take()) {
            home.connection.close_with(CloseReason::Owner);
        }
    }
}

impl<K: Pooled> Place<'_, K> {
    const fn is_home(&self) -> bool {
        self.home.is_some()
    }

    fn is_idle(&self) -> bool {
        self.home.as_ref().is_some_and(|kept| kept.identity.is_some())
    }
}
