//! TCP of smoltcp, for devices without an operating system (feature `smoltcp`).
//!
//! ```text
//!  device ─┐
//!  clock  ─┼─▶ Stack ◀── Connector ──makes──▶ Stream, in one of N slots
//!  memory ─┘     ▲                              │
//!                └── moved forward by who waits ┘  (and by `poll`, between calls)
//! ```
//!
//! A [`Stack`] has an interface, its device, a clock and sockets in memory that the caller lends; [`Connector`]s to one
//! server or several make [`Stream`]s on it. It needs no heap and no interrupt, and may use one to
//! [sleep](Stack::on_idle) while a call waits. RAM of a stack of `N` streams: their buffers, and `size_of` of the stack and of
//! `SocketStorage` for each socket.
//!
//! smoltcp builds with one medium and one protocol at least: here that is Ethernet with IPv4. Others are features of
//! smoltcp, to be chosen in a `Cargo.toml` of yours:
//!
//! ```toml
//! smoltcp = { version = "0.14", default-features = false, features = ["medium-ip", "proto-ipv6", "socket-dhcpv4"] }
//! ```
//!
//! Here both hosts are one, behind a device that gives back what it is given; the server, which answers 3 to
//! everything, is served while the client waits.
//!
//! ```
//! use core::cell::Cell;
//! use core::net::Ipv4Addr;
//! use core::time::Duration;
//! use rayforce_ipc::client::{Buffers, Clock};
//! use rayforce_ipc::transports::smoltcp::{Connector, Stack};
//! use rayforce_ipc::{Engine, Slot, Value};
//! use smoltcp::iface::{Config, Interface, SocketStorage};
//! use smoltcp::phy::{Loopback, Medium};
//! use smoltcp::socket::tcp::{Socket, SocketBuffer};
//! use smoltcp::time::Instant;
//! use smoltcp::wire::{EthernetAddress, IpCidr};
//! # struct Uptime(std::time::Instant);
//! # impl Clock for Uptime {
//! #     fn uptime(&self) -> Duration {
//! #         self.0.elapsed()
//! #     }
//! # }
//! # let clock = Uptime(std::time::Instant::now());
//! # fn answer(heard: &[u8]) -> &'static [u8] {
//! #     match heard {
//! #         [] => &[],
//! #         [3, 0] => &[3, 0],
//! #         _ => b"\xfa\xde\xfa\xce\x03\0\0\x02\x0a\0\0\0\0\0\0\0\xfb\0\x03\0\0\0\0\0\0\0",
//! #     }
//! # }
//!
//! let mut device = Loopback::new(Medium::Ethernet);
//! let config = Config::new(EthernetAddress([2, 0, 0, 0, 0, 1]).into());
//! let mut interface = Interface::new(config, &mut device, Instant::ZERO);
//! let address = Ipv4Addr::new(10, 0, 2, 15);
//! interface.update_ip_addrs(|addresses| addresses.push(IpCidr::new(address.into(), 24)).unwrap());
//!
//! // A board would sleep here.
//! let server = Cell::new(None);
//! let idle = |stack: &Stack<'_, Loopback, Uptime, 2>, _limit: Option<Duration>| {
//!     let _ = stack.with_interface(|_, _, sockets| {
//!         let socket = sockets.get_mut::<Socket<'_>>(server.get().unwrap());
//!         let said = socket.recv(|heard| (heard.len(), answer(heard))).unwrap_or_default();
//!         socket.send_slice(said).unwrap_or_default();
//!     });
//! };
//!
//! let mut storage = [const { SocketStorage::EMPTY }; 3]; // of two streams and the server
//! let mut sockets = [const { Buffers::<1024, 512>::new() }; 2];
//! let stack = Stack::new(interface, device, clock, &mut storage, &mut sockets, 17).on_idle(&idle);
//! server.set(Some(stack.with_interface(|_, _, sockets| {
//!     let mut socket = Socket::new(SocketBuffer::new(vec![0; 512]), SocketBuffer::new(vec![0; 512]));
//!     socket.listen(5000).unwrap();
//!     sockets.add(socket)
//! })?));
//!
//! let mut slots = [const { Slot::<_, 64, 64>::new() }; 2];
//! let engine = Engine::new(Connector::new(&stack, (address, 5000)), &mut slots);
//! let mut conn = engine.acquire()?;
//! assert_eq!(conn.execute("(+ 1 2)")?.value()?, Value::I64(3));
//! conn.close()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod connector;
mod error;
#[cfg(feature = "defmt")]
mod format;
mod slot;
mod stack;
mod stream;

pub use connector::Connector;
pub use error::SocketError;
pub use slot::Handle;
pub use stack::Stack;
pub use stream::Stream;
