//! When which deadline is set: once when a phase begins, however often it reads or writes.

use std::cell::RefCell;
use std::time::Duration;

use embedded_io::{ErrorType, Read, Write};
use rayforce_ipc::client::{Connection, Options, Transport};
use rayforce_ipc::error::{Error, Phase};
use rayforce_ipc::transports::duplex::Duplex;
use rayforce_ipc::transports::faulty::{Faults, Faulty};

use crate::support::codec::BOTH;
use crate::support::script::{Lent, Script, assert_goes_on};

/// A stream that moves byte by byte and notes its deadlines.
struct Noting<'s> {
    inner: Faulty<Duplex<'s>>,
    noted: &'s RefCell<Vec<Phase>>,
}

impl ErrorType for Noting<'_> {
    type Error = <Faulty<Duplex<'static>> as ErrorType>::Error;
}

impl Read for Noting<'_> {
    fn read(&mut self, target: &mut [u8]) -> Result<usize, Self::Error> {
        self.inner.read(target)
    }
}

impl Write for Noting<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        self.inner.flush()
    }
}

impl Transport for Noting<'_> {
    type Handle = ();

    fn set_deadline(&mut self, set: Duration) {
        let phase = PHASES.into_iter().find(|phase| limit(*phase) == set);
        self.noted.borrow_mut().push(phase.expect("the limit of a phase"));
    }

    fn handle(&self) -> Result<(), Self::Error> {
        Ok(())
    }
}

const PHASES: [Phase; 4] = [Phase::Handshake, Phase::Write, Phase::FirstByte, Phase::Reply];

fn limit(phase: Phase) -> Duration {
    Duration::from_secs(phase as u64 + 1)
}

/// Opens a connection over a script; what was noted since the last time is at hand.
fn noting(script: &Script, run: impl FnOnce(&mut Connection<'_, Noting<'_>>, &dyn Fn() -> Vec<Phase>)) {
    let steps = script.steps();
    let mut faults = Faults::default();
    (faults.read_at_most, faults.write_at_most) = (Some(1), Some(1));
    let noted = RefCell::new(Vec::new());
    let stream = Noting { inner: Faulty::new(Duplex::new(&steps), faults), noted: &noted };
    let mut options = Options::new();
    options.timeouts.handshake = limit(Phase::Handshake);
    options.timeouts.write = limit(Phase::Write);
    options.timeouts.first_byte = limit(Phase::FirstByte);
    options.timeouts.reply = limit(Phase::Reply);
    let mut lent = Lent::new(64, 7);
    let mut connection = Connection::open(stream, lent.lend(), &options).unwrap();
    assert_eq!(noted.take(), [Phase::Handshake]);
    run(&mut connection, &|| noted.take());
}

const EXCHANGE: [Phase; 3] = [Phase::Write, Phase::FirstByte, Phase::Reply];

#[test]
fn each_phase_of_an_exchange_has_its_deadline() {
    for generation in BOTH {
        noting(&Script::opened(generation).goes_on().goes_on(), |connection, noted| {
            for _ in 0..2 {
                assert_goes_on(connection);
                assert_eq!(noted(), EXCHANGE);
            }
        });
    }
}

#[test]
fn pushes_and_questions_do_not_put_a_deadline_off() {
    for generation in BOTH {
        let script = Script::opened(generation).asked("(+ 1 2)").pushes(&1i64).questions(&2i64).refused();
        noting(&script.pushes(&()).answers(&3i64), |connection, noted| {
            assert_goes_on(connection);
            assert_eq!(noted(), EXCHANGE);
        });
    }
}

#[test]
fn reading_a_reply_away_has_a_deadline_of_its_own() {
    for generation in BOTH {
        let script = Script::opened(generation).asked("large").answers(&[7i64; 20]).goes_on();
        noting(&script, |connection, noted| {
            connection.execute("large").unwrap();
            assert_eq!(noted(), EXCHANGE);
            assert_goes_on(connection);
            assert_eq!(noted(), [Phase::Reply, Phase::Write, Phase::FirstByte, Phase::Reply]);
        });
    }
}

#[test]
fn a_request_without_answer_and_a_close_have_the_deadline_of_writing() {
    for generation in BOTH {
        noting(&Script::opened(generation).told("(set x 1)"), |connection, noted| {
            connection.send_async("(set x 1)").unwrap();
            assert_eq!(noted(), [Phase::Write]);
            connection.close().unwrap();
            assert_eq!(noted(), [Phase::Write]);
        });
    }
}

#[test]
fn a_stream_without_a_word_times_out_in_the_phase_that_waits() {
    for generation in BOTH {
        noting(&Script::opened(generation).asked("(+ 1 2)"), |connection, _| {
            assert!(matches!(connection.execute("(+ 1 2)"), Err(Error::TimedOut(Phase::FirstByte))));
        });
    }
}
