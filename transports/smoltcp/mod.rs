//! TCP of smoltcp, for devices without an operating system (feature `smoltcp`).

mod connector;
mod error;
mod slot;
mod stack;
mod stream;

pub use connector::Connector;
pub use error::SocketError;
pub use slot::Handle;
pub use stack::Stack;
pub use stream::Stream;
