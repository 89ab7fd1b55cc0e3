//! Streams that fail, at every byte: the phase and the error are right, and the connection is closed for good.

use std::time::Duration;

use embedded_io::{ErrorKind, ErrorType, Read, Write};
use rayforce_ipc::client::{Connection, Options, Transport};
use rayforce_ipc::error::{CloseReason, Error, Phase};
use rayforce_ipc::transports::duplex::{Duplex, DuplexError, Step};
use rayforce_ipc::transports::faulty::{End, Faults, Faulty, FaultyError};
use rayforce_ipc::wire::Generation;

use crate::support::codec::BOTH;
use crate::support::script::{Lent, Script, assert_closed, assert_goes_on, pieces};

type Failure = Error<FaultyError<DuplexError>>;

const ENDS: [End; 3] = [End::Close, End::Reset, End::Silence];

/// Two exchanges: the first failure, and the connection that it leaves.
fn run(steps: &[Step<'_>], receive: usize, faults: Faults) -> Result<(), Failure> {
    let mut lent = Lent::new(receive, 16);
    let mut connection = Connection::closed(lent.lend());
    let failed = connection.reopen(Faulty::new(Duplex::new(steps), faults), &Options::new()).and_then(|()| {
        for _ in 0..2 {
            let mut reply = connection.execute("(+ 1 2)")?;
            if receive == 16 {
                pieces(&mut reply)?;
            } else {
                reply.value()?;
            }
        }
        Ok(())
    });
    if let Err(error) = failed {
        let reason = match error {
            Error::Transport { phase, .. } => CloseReason::Transport(phase),
            Error::TimedOut(phase) => CloseReason::TimedOut(phase),
            Error::Disconnected(phase) => CloseReason::Disconnected(phase),
            other => panic!("{other}"),
        };
        assert_closed(&mut connection, reason);
    }
    failed
}

#[track_caller]
fn assert_failed(failed: Result<(), Failure>, end: End, phase: Phase) {
    match (end, failed.unwrap_err()) {
        (End::Close, error) => assert_eq!(error, Error::Disconnected(phase)),
        (End::Reset, error) => {
            let source = FaultyError::Injected(ErrorKind::ConnectionReset);
            assert_eq!(error, Error::Transport { phase, source });
        }
        (End::Silence, error) => assert_eq!(error, Error::TimedOut(phase)),
    }
}

fn lens(script: &Script) -> (Vec<usize>, Vec<usize>) {
    let (mut heard, mut said) = (Vec::new(), Vec::new());
    for step in script.steps() {
        match step {
            Step::Expect(bytes) => heard.push(bytes.len()),
            Step::Say(bytes) => said.push(bytes.len()),
            Step::Close => {}
        }
    }
    (heard, said)
}

fn script(generation: Generation) -> Script {
    Script::opened(generation).goes_on().goes_on()
}

#[test]
fn writing_that_fails_at_any_byte_tells_the_phase() {
    for generation in BOTH {
        let script = script(generation);
        let steps = script.steps();
        let (heard, _) = lens(&script);
        let total: usize = heard.iter().sum();
        for end in ENDS {
            for at in 0..total {
                for interrupt in [false, true] {
                    let mut faults = Faults::default();
                    (faults.end_writing_after, faults.interrupt) = (Some((at as u64, end)), interrupt);
                    let phase = match at.checked_sub(heard[0]) {
                        None => Phase::Handshake,
                        Some(at) if at % heard[1] == 0 => Phase::Start,
                        Some(_) => Phase::Write,
                    };
                    assert_failed(run(&steps, 64, faults), end, phase);
                }
            }
            let faults = Faults { end_writing_after: Some((total as u64, end)), ..Faults::default() };
            assert_eq!(run(&steps, 64, faults), Ok(()));
        }
    }
}

#[test]
fn reading_that_fails_at_any_byte_tells_the_phase() {
    for generation in BOTH {
        let script = script(generation);
        let steps = script.steps();
        let (_, said) = lens(&script);
        let total: usize = said.iter().sum();
        let phase = |at: usize| match at.checked_sub(said[0]) {
            None => Phase::Handshake,
            Some(at) if at % said[1] < 16 => Phase::FirstByte,
            Some(_) => Phase::Reply,
        };
        for end in ENDS {
            for at in 0..total {
                for receive in [16, 64] {
                    let faults = Faults { end_reading_after: Some((at as u64, end)), ..Faults::default() };
                    assert_failed(run(&steps, receive, faults), end, phase(at));
                }
            }
            let faults = Faults { end_reading_after: Some((total as u64, end)), ..Faults::default() };
            assert_eq!(run(&steps, 64, faults), Ok(()));
        }
    }
}

#[test]
fn answering_a_question_that_fails_is_told_as_waiting_for_the_answer() {
    for generation in BOTH {
        let script = Script::opened(generation).asked("(+ 1 2)").questions(&()).refused().answers(&3i64);
        let steps = script.steps();
        let (heard, _) = lens(&script);
        for end in ENDS {
            for at in 0..heard[2] {
                let faults = Faults {
                    end_writing_after: Some(((heard[0] + heard[1] + at) as u64, end)),
                    ..Faults::default()
                };
                assert_failed(run(&steps, 64, faults), end, Phase::FirstByte);
            }
        }
    }
}

/// A stream whose flush and close do not always succeed.
struct Flushing<'s> {
    inner: Duplex<'s>,
    /// What the next flushes come to, the last one first.
    flushes: Vec<Result<(), ErrorKind>>,
}

impl ErrorType for Flushing<'_> {
    type Error = ErrorKind;
}

impl Read for Flushing<'_> {
    fn read(&mut self, target: &mut [u8]) -> Result<usize, ErrorKind> {
        self.inner.read(target).map_err(|error| embedded_io::Error::kind(&error))
    }
}

impl Write for Flushing<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        self.inner.write(bytes).map_err(|error| embedded_io::Error::kind(&error))
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        self.flushes.pop().unwrap_or(Ok(()))
    }
}

impl Transport for Flushing<'_> {
    type Handle = ();

    fn set_deadline(&mut self, _: Duration) {}

    fn handle(&self) -> Result<(), ErrorKind> {
        Ok(())
    }
}

fn flushing<'s>(steps: &'s [Step<'s>], flushes: &[Result<(), ErrorKind>]) -> Flushing<'s> {
    Flushing { inner: Duplex::new(steps), flushes: flushes.to_vec() }
}

const RESET: Result<(), ErrorKind> = Err(ErrorKind::ConnectionReset);

#[test]
fn a_flush_that_is_interrupted_is_tried_again() {
    let script = Script::opened(Generation::V3).goes_on();
    let steps = script.steps();
    let mut lent = Lent::new(64, 64);
    let stream = flushing(&steps, &[Err(ErrorKind::Interrupted); 3]);
    let mut connection = Connection::open(stream, lent.lend(), &Options::new()).unwrap();
    assert_goes_on(&mut connection);
}

#[test]
fn a_flush_that_fails_closes() {
    let script = Script::opened(Generation::V3).goes_on();
    let steps = script.steps();
    let mut lent = Lent::new(64, 64);
    let mut connection = Connection::closed(lent.lend());
    for (flushes, phase) in [(&[RESET][..], Phase::Handshake), (&[RESET, Ok(())], Phase::Write)] {
        let stream = flushing(&steps, flushes);
        let opened = connection.reopen(stream, &Options::new());
        let failed = opened.and_then(|()| connection.execute("(+ 1 2)").map(drop));
        assert_eq!(failed, Err(Error::Transport { phase, source: ErrorKind::ConnectionReset }));
        assert_closed(&mut connection, CloseReason::Transport(phase));
    }
}

#[test]
fn a_stream_that_was_aborted_is_told_as_such() {
    let script = Script::opened(Generation::V3);
    let steps = script.steps();
    let mut lent = Lent::new(64, 64);
    let mut connection = Connection::closed(lent.lend());
    let stream = flushing(&steps, &[Err(ErrorKind::ConnectionAborted)]);
    assert_eq!(connection.reopen(stream, &Options::new()), Err(Error::Aborted(Phase::Handshake)));
    assert_closed(&mut connection, CloseReason::Aborted);
}

#[test]
fn a_close_that_fails_is_told_and_closes_all_the_same() {
    let script = Script::opened(Generation::V3);
    let steps = script.steps();
    let mut lent = Lent::new(64, 64);
    let stream = flushing(&steps, &[RESET, Ok(())]);
    let mut connection = Connection::open(stream, lent.lend(), &Options::new()).unwrap();
    let failed = Error::Transport { phase: Phase::Write, source: ErrorKind::ConnectionReset };
    assert_eq!(connection.close(), Err(failed));
    assert_closed(&mut connection, CloseReason::Owner);
    assert_eq!(connection.close(), Ok(()));
}
