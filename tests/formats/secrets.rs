//! What is logged of whatever has to do with credentials. Records of defmt hold texts and bytes as they are.

use std::cell::RefCell;

use rayforce_ipc::client::{Buffers, Connection, Options, Progress, Session};
use rayforce_ipc::transports::duplex::{Connector, Duplex};
use rayforce_ipc::wire::{Credentials, Generation};
use rayforce_ipc::{Engine, Slot};

use crate::support::script::Script;

#[defmt::global_logger]
struct Keeping;

defmt::timestamp!("");

thread_local! {
    static TOLD: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

// SAFETY: each thread keeps its own records, one after the other, so no two of them mix.
unsafe impl defmt::Logger for Keeping {
    fn acquire() {}

    unsafe fn flush() {}

    unsafe fn release() {}

    unsafe fn write(bytes: &[u8]) {
        TOLD.with_borrow_mut(|told| told.extend_from_slice(bytes));
    }
}

fn tells(secret: &str) -> bool {
    let told = TOLD.take();
    assert!(!told.is_empty());
    told.windows(secret.len()).any(|bytes| bytes == secret.as_bytes())
}

#[track_caller]
fn assert_silent() {
    let told = TOLD.with_borrow(Clone::clone);
    for secret in ["bob", "s3cret"] {
        TOLD.set(told.clone());
        assert!(!tells(secret), "{told:?}");
    }
}

fn options() -> Options<'static> {
    let mut options = Options::new();
    options.credentials = Some(Credentials::new("bob", "s3cret").unwrap());
    options
}

#[test]
fn a_text_that_is_logged_is_found() {
    defmt::println!("{} {}", "bob", 1u8);
    assert!(tells("bob"));
    defmt::println!("{}", &b"bob"[..]);
    assert!(tells("bob"));
}

#[test]
fn credentials_are_not_logged() {
    let options = options();
    defmt::println!("{} {}", options, options.credentials);
    assert_silent();

    let mut buffers = Buffers::<64, 64>::new();
    let mut session = Session::new(buffers.lend());
    session.open(None).unwrap();
    let opening = session.opening();
    session.transmit(&opening).unwrap();
    session.sent(2);
    session.receive_window()[..2].copy_from_slice(&[3, 1]);
    session.received(2);
    assert_eq!(session.poll(), Ok(Progress::Credentials));
    let credentials = session.authenticate(options.credentials).unwrap();
    assert!(session.transmit(&credentials).unwrap().ends_with(b"s3cret\0"));
    defmt::println!("{}", session);
    assert_silent();
    // Half-sent, they are still there.
    defmt::println!("{}", buffers);
    defmt::println!("{}", buffers.lend());
    assert_silent();
}

#[test]
fn connections_and_pools_do_not_log_them_either() {
    let script = Script::new(Generation::V3).hears(&[3, 0]).says(&[3, 1]);
    let script = script.hears(b"\x0bbob:s3cret\0").says(&[0]).asked("1").answers(&1i64);
    let steps = script.steps();
    let (options, mut buffers) = (options(), Buffers::<64, 64>::new());
    let mut connection = Connection::open(Duplex::new(&steps), buffers.lend(), &options).unwrap();
    defmt::println!("{}", connection);
    defmt::println!("{}", connection.execute("1").unwrap());
    assert_silent();

    let mut slots = [const { Slot::<_, 64, 64>::new() }; 1];
    let engine = Engine::with_options(Connector::new(&[]), &mut slots, options);
    defmt::println!("{} {}", engine, Connection::<Duplex<'_>>::closed(buffers.lend()));
    assert_silent();
    let steps = script.steps();
    let mut slots = [const { Slot::<_, 64, 64>::new() }; 1];
    let engine = Engine::with_options(Connector::new(&steps), &mut slots, options);
    let guard = engine.acquire().unwrap();
    defmt::println!("{} {}", engine, guard);
    assert_silent();
}
