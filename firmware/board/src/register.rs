//! Registers of the chip.

use core::ptr;

/// 32 bits at a fixed address.
#[derive(Clone, Copy, Debug)]
pub struct Register(usize);

impl Register {
    /// The register at an address.
    ///
    /// # Safety
    /// There must be one, and neither reading nor writing it may change memory.
    pub const unsafe fn at(address: usize) -> Register {
        Register(address)
    }

    /// What it says now.
    pub fn get(self) -> u32 {
        // SAFETY: there is a register, says who made this.
        unsafe { ptr::read_volatile(self.0 as *const u32) }
    }

    /// Writes all of it.
    pub fn set(self, value: u32) {
        // SAFETY: there is a register that changes no memory, says who made this.
        unsafe { ptr::write_volatile(self.0 as *mut u32, value) }
    }

    /// Clears some bits and then sets some, undisturbed by interrupts.
    pub fn modify(self, clear: u32, set: u32) {
        critical_section::with(|_| self.set(self.get() & !clear | set));
    }
}
