//! One lock for all features, held for short closures that never wait.

/// A value that is reached by a closure.
pub(crate) struct Lock<T>(Inner<T>);

#[cfg(feature = "std")]
type Inner<T> = std::sync::Mutex<T>;
#[cfg(all(feature = "critical-section", not(feature = "std")))]
type Inner<T> = critical_section::Mutex<core::cell::RefCell<T>>;
#[cfg(not(any(feature = "critical-section", feature = "std")))]
type Inner<T> = core::cell::RefCell<T>;

impl<T> Lock<T> {
    pub(crate) const fn new(value: T) -> Lock<T> {
        #[cfg(feature = "std")]
        return Lock(Inner::new(value));
        #[cfg(all(feature = "critical-section", not(feature = "std")))]
        return Lock(Inner::new(core::cell::RefCell::new(value)));
        #[cfg(not(any(feature = "critical-section", feature = "std")))]
        return Lock(Inner::new(value));
    }

    /// Runs a closure with the value; `None` where it runs in another closure of the same lock, which none does.
    #[cfg(feature = "std")]
    pub(crate) fn with<R>(&self, run: impl FnOnce(&mut T) -> R) -> Option<R> {
        Some(run(&mut self.lock()))
    }

    /// The value, for who is to be woken when it changes.
    #[cfg(feature = "std")]
    pub(crate) fn lock(&self) -> std::sync::MutexGuard<'_, T> {
        // Who panicked has not left the pool half-changed: each changes one slot by one move.
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Runs a closure with the value; `None` where it runs in another closure of the same lock, which none does.
    #[cfg(all(feature = "critical-section", not(feature = "std")))]
    pub(crate) fn with<R>(&self, run: impl FnOnce(&mut T) -> R) -> Option<R> {
        critical_section::with(|section| {
            self.0.borrow(section).try_borrow_mut().ok().map(|mut value| run(&mut value))
        })
    }

    /// Runs a closure with the value; `None` where it runs in another closure of the same lock, which none does.
    #[cfg(not(any(feature = "critical-section", feature = "std")))]
    pub(crate) fn with<R>(&self, run: impl FnOnce(&mut T) -> R) -> Option<R> {
        self.0.try_borrow_mut().ok().map(|mut value| run(&mut value))
    }
}
