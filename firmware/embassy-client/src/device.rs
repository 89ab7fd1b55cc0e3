//! Where the driver of the board's network device belongs.

use core::task::Context;

use embassy_net::driver::{Capabilities, Driver, HardwareAddress, LinkState, RxToken, TxToken};

/// A device that leads nowhere: it takes every frame, and none ever comes.
#[derive(Debug)]
pub struct Nowhere;

impl Driver for Nowhere {
    type RxToken<'a> = Never;
    type TxToken<'a> = Swallow;

    fn receive(&mut self, _context: &mut Context<'_>) -> Option<(Never, Swallow)> {
        None
    }

    fn transmit(&mut self, _context: &mut Context<'_>) -> Option<Swallow> {
        Some(Swallow)
    }

    fn link_state(&mut self, _context: &mut Context<'_>) -> LinkState {
        LinkState::Up
    }

    fn capabilities(&self) -> Capabilities {
        let mut capabilities = Capabilities::default();
        capabilities.max_transmission_unit = FRAME_LEN;
        capabilities
    }

    fn hardware_address(&self) -> HardwareAddress {
        // One that is given by nobody.
        HardwareAddress::Ethernet([2, 0, 0, 0, 0, 1])
    }
}

/// A frame that never comes.
#[derive(Debug)]
pub enum Never {}

impl RxToken for Never {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, _read: F) -> R {
        match self {}
    }
}

/// Takes one frame.
#[derive(Debug)]
pub struct Swallow;

impl TxToken for Swallow {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, write: F) -> R {
        let mut frame = [0; FRAME_LEN];
        write(&mut frame[..len.min(FRAME_LEN)])
    }
}

const FRAME_LEN: usize = 1514;
