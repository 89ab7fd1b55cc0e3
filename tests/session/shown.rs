//! What `{:?}` shows: of every transport, whether it can be shown itself or not.

use std::fmt::Debug;
use std::time::Duration;

use embedded_io::{ErrorType, Read, Write};
use rayforce_ipc::client::{Connection, Options, Push, Transport};
use rayforce_ipc::transports::duplex::{Duplex, DuplexError};
use rayforce_ipc::wire::{Credentials, Generation};

use crate::support::script::{Lent, Script};

/// A socket as those of many devices.
struct NotDebug<'a>(Duplex<'a>);

impl ErrorType for NotDebug<'_> {
    type Error = DuplexError;
}

impl Read for NotDebug<'_> {
    fn read(&mut self, target: &mut [u8]) -> Result<usize, DuplexError> {
        self.0.read(target)
    }
}

impl Write for NotDebug<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, DuplexError> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> Result<(), DuplexError> {
        self.0.flush()
    }
}

impl Transport for NotDebug<'_> {
    type Handle = ();

    fn set_deadline(&mut self, limit: Duration) {
        self.0.set_deadline(limit);
    }

    fn handle(&self) -> Result<(), DuplexError> {
        Ok(())
    }
}

fn shown(value: &impl Debug, begin: &str) {
    let text = format!("{value:?}");
    assert!(text.starts_with(begin) && text.contains("V3") && !text.contains("s3cret"), "{text}");
}

#[test]
fn connections_replies_and_pushes_are_shown_whatever_the_transport() {
    let script =
        Script::new(Generation::V3).hears(&[3, 0]).says(&[3, 1]).hears(b"\x0bbob:s3cret\0").says(&[0]);
    let script = script.asked("1").answers(&[7i64; 2]).pushes(&5i64).questions(&6i64);
    let steps = script.steps();
    let mut lent = Lent::new(256, 64);
    let mut options = Options::new();
    options.credentials = Some(Credentials::new("bob", "s3cret").unwrap());
    let mut connection = Connection::open(NotDebug(Duplex::new(&steps)), lent.lend(), &options).unwrap();
    shown(&connection, "Connection {");
    let mut reply = connection.execute("1").unwrap();
    shown(&reply, "Reply {");
    let mut columns = reply.columns().unwrap();
    shown(&columns, "Columns {");
    shown(&columns.next().unwrap().unwrap(), "Column {");
    let push = connection.next_push().unwrap().unwrap();
    shown(&push, "Async(Reply {");
    assert!(matches!(push, Push::Async(_)));
    shown(&connection.next_push().unwrap().unwrap(), "Question(Question {");
}
