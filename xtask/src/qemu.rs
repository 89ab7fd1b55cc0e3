//! The emulator of the board that firmware runs on.

use crate::debian;

/// The emulator.
pub const QEMU: &str = "qemu-system-arm";

/// Makes sure that the emulator is there: installs Debian's where it may.
///
/// # Errors
/// How to install it, where that cannot be done from here.
pub fn find() -> Result<(), String> {
    if debian::has(QEMU, "qemu-system-arm") {
        return Ok(());
    }
    Err(format!(
        "{QEMU} is missing: install it by `sudo apt-get install qemu-system-arm`, or `brew install qemu` on macOS"
    ))
}
