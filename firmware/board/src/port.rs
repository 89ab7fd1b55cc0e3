//! The MAC as the network device of a TCP/IP stack, with room for a frame in each direction.

use crate::mac::{FRAME_LEN, Mac};

/// Memory of a port: zeroed, so that a `static` of it takes no flash.
#[derive(Clone, Debug)]
pub struct Frames {
    received: [u8; FRAME_LEN],
    sent: [u8; FRAME_LEN],
}

impl Frames {
    /// Zeroed.
    pub const fn new() -> Self {
        Frames { received: [0; FRAME_LEN], sent: [0; FRAME_LEN] }
    }
}

impl Default for Frames {
    fn default() -> Self {
        Self::new()
    }
}

/// A MAC with its frames.
#[derive(Debug)]
pub struct Port<'f> {
    mac: Mac,
    frames: &'f mut Frames,
    address: [u8; 6],
}

impl<'f> Port<'f> {
    /// Starts the MAC. None where that was done before.
    pub fn start(address: [u8; 6], frames: &'f mut Frames) -> Option<Self> {
        Some(Port { mac: Mac::start(address)?, frames, address })
    }

    /// Its hardware address.
    pub const fn address(&self) -> [u8; 6] {
        self.address
    }

    /// The MAC.
    pub const fn mac(&self) -> &Mac {
        &self.mac
    }

    fn take(&mut self) -> Option<(Received<'_>, Sending<'_>)> {
        let len = self.mac.receive(&mut self.frames.received)?;
        let frame = self.frames.received.get_mut(..len)?;
        Some((Received { frame }, Sending { mac: &mut self.mac, frame: &mut self.frames.sent }))
    }

    fn room(&mut self) -> Option<Sending<'_>> {
        self.mac.can_send().then_some(Sending { mac: &mut self.mac, frame: &mut self.frames.sent })
    }
}

/// A frame that was received.
#[derive(Debug)]
pub struct Received<'p> {
    frame: &'p mut [u8],
}

/// Room for a frame that is to be sent.
#[derive(Debug)]
pub struct Sending<'p> {
    mac: &'p mut Mac,
    frame: &'p mut [u8; FRAME_LEN],
}

impl Sending<'_> {
    fn send<R>(self, len: usize, write: impl FnOnce(&mut [u8]) -> R) -> R {
        // No stack makes a frame that is longer than what the device says to take.
        let (frame, _) = self.frame.split_at_mut(len.min(FRAME_LEN));
        let result = write(frame);
        self.mac.send(frame);
        result
    }
}

#[cfg(feature = "smoltcp")]
mod smoltcp {
    use smoltcp::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
    use smoltcp::time::Instant;

    use super::{Port, Received, Sending};
    use crate::mac::FRAME_LEN;

    impl<'f> Device for Port<'f> {
        type RxToken<'a>
            = Received<'a>
        where
            Self: 'a;
        type TxToken<'a>
            = Sending<'a>
        where
            Self: 'a;

        fn receive(&mut self, _now: Instant) -> Option<(Received<'_>, Sending<'_>)> {
            self.take()
        }

        fn transmit(&mut self, _now: Instant) -> Option<Sending<'_>> {
            self.room()
        }

        fn capabilities(&self) -> DeviceCapabilities {
            let mut capabilities = DeviceCapabilities::default();
            capabilities.medium = Medium::Ethernet;
            capabilities.max_transmission_unit = FRAME_LEN;
            capabilities
        }
    }

    impl RxToken for Received<'_> {
        fn consume<R, F: FnOnce(&[u8]) -> R>(self, read: F) -> R {
            read(self.frame)
        }
    }

    impl TxToken for Sending<'_> {
        fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, write: F) -> R {
            self.send(len, write)
        }
    }
}

#[cfg(feature = "embassy")]
mod embassy {
    use core::task::Context;

    use embassy_net_driver::{Capabilities, Driver, HardwareAddress, LinkState, RxToken, TxToken};

    use super::{Port, Received, Sending};
    use crate::mac::FRAME_LEN;

    impl<'f> Driver for Port<'f> {
        type RxToken<'a>
            = Received<'a>
        where
            Self: 'a;
        type TxToken<'a>
            = Sending<'a>
        where
            Self: 'a;

        fn receive(&mut self, context: &mut Context<'_>) -> Option<(Received<'_>, Sending<'_>)> {
            if !self.mac.has_frame() {
                self.mac.wake(context.waker());
            }
            self.take()
        }

        fn transmit(&mut self, context: &mut Context<'_>) -> Option<Sending<'_>> {
            if !self.mac.can_send() {
                // It takes a millisecond at most.
                context.waker().wake_by_ref();
            }
            self.room()
        }

        /// The board's cable is in.
        fn link_state(&mut self, _context: &mut Context<'_>) -> LinkState {
            LinkState::Up
        }

        fn capabilities(&self) -> Capabilities {
            let mut capabilities = Capabilities::default();
            capabilities.max_transmission_unit = FRAME_LEN;
            capabilities
        }

        fn hardware_address(&self) -> HardwareAddress {
            HardwareAddress::Ethernet(self.address)
        }
    }

    impl RxToken for Received<'_> {
        fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, read: F) -> R {
            read(self.frame)
        }
    }

    impl TxToken for Sending<'_> {
        fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, write: F) -> R {
            self.send(len, write)
        }
    }
}
