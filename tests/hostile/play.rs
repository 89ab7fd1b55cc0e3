//! The clients, and what is held against what they do.

use std::cell::Cell;

use rayforce_ipc::client::frames::Frames;
use rayforce_ipc::client::{self, Memory, Options};
use rayforce_ipc::codec::Text;
use rayforce_ipc::error::{CloseReason, Error, Fault, PeerError};
use rayforce_ipc::transports::duplex::DuplexError;

use super::cases::{Case, Then, V1, V3, good};
use super::counting::without_allocating;
use super::peer::Peer;
use crate::support::front::{Front, Opens, Reading, now};

const RECEIVE: [usize; 3] = [LEAST, 61, 4096];
const LEAST: usize = Memory::LEAST_RECEIVE;
const PORTIONS: [usize; 4] = [1, 7, 16, usize::MAX];
/// Enough for each value of the list.
const LARGE: usize = 0x1_0000;

/// What a client made of a case.
#[derive(Debug, PartialEq)]
struct Met {
    first: Result<(), Error<DuplexError>>,
    closed: Option<CloseReason>,
    /// What became of the next request.
    next: Result<(), Error<DuplexError>>,
    tokens: usize,
}

/// Plays a case to all clients, through all buffers.
pub fn each(case: &Case, options: &Options<'_>) {
    let mut lines = case.lines.clone();
    if !matches!(case.then, Then::Closes(..)) {
        // The next request is answered.
        lines.push(good(if lines[0].first() == Some(&1) { V1 } else { V3 }));
    }
    let said: usize = lines.iter().map(Vec::len).sum();
    for portion in PORTIONS {
        for receive in RECEIVE {
            if case.at_once && (portion < said || receive < said) {
                continue;
            }
            let mut memory = (vec![0; receive], vec![0; 64]);
            let what = format!("{}, {receive} bytes of memory, {portion} a read", case.name);
            let then = if receive > LEAST { case.whole.unwrap_or(case.then) } else { case.then };
            let reads = Cell::new(0);
            let met = without_allocating(|| {
                let memory = Memory { receive: &mut memory.0, transmit: &mut memory.1 };
                let mut connection = client::Connection::closed(memory);
                let peer = Peer::new(&lines, case.silent, portion, &reads);
                now(talk(&mut connection, peer, options, receive > LEAST))
            });
            check(&met, reads.get(), said, then, &what);
            #[cfg(feature = "async")]
            {
                reads.set(0);
                let met = without_allocating(|| {
                    let memory = Memory { receive: &mut memory.0, transmit: &mut memory.1 };
                    let mut connection = client::asynch::Connection::closed(memory);
                    let peer = Peer::new(&lines, case.silent, portion, &reads);
                    now(talk(&mut connection, peer, options, receive > LEAST))
                });
                check(&met, reads.get(), said, then, &format!("{what}, async"));
            }
        }
        let Some(then) = case.small else { continue };
        let (mut buffer, reads) = (vec![0; LARGE], Cell::new(0));
        let met = without_allocating(|| {
            smallest(&mut buffer, Peer::new(&lines, case.silent, portion, &reads), options)
        });
        check(
            &met,
            reads.get(),
            said,
            then,
            &format!("{}, {portion} a read, the smallest client", case.name),
        );
    }
}

/// The error, the state, and the work.
#[track_caller]
fn check(met: &Met, reads: usize, said: usize, then: Then, what: &str) {
    let (first, closed, next) = match then {
        Then::Closes(error, reason) => (Err(error), Some(reason), Err(Error::Closed(reason))),
        Then::Confined(fault, offset) => (Err(Error::Peer(PeerError { fault, offset })), None, Ok(())),
        Then::Unended(end) => {
            let Err(Error::Peer(PeerError { fault: Fault::UnexpectedEnd { needed, available }, offset })) =
                met.first
            else {
                panic!("{what}: {met:?}")
            };
            assert_eq!((needed, offset + available), (available + 1, end), "{what}");
            (met.first, None, Ok(()))
        }
        Then::Passes => (Ok(()), None, Ok(())),
    };
    assert_eq!((&met.first, met.closed, &met.next), (&first, closed, &next), "{what}");
    // Each read gives a byte or more, but one that finds the end; an answer may be asked for again behind a fault.
    assert!(reads <= said + 2, "{what}: {reads} reads of {said} bytes");
    // Each token takes a byte or more, but the end of a text may be one of its own.
    assert!(met.tokens <= 2 * said, "{what}: {} tokens of {said} bytes", met.tokens);
}

async fn talk<'b, S, C: Opens<'b, S> + Front<Fault = DuplexError>>(
    connection: &mut C,
    stream: S,
    options: &Options<'_>,
    by_value: bool,
) -> Met {
    let mut tokens = 0;
    let mut first = connection.open(stream, options).await;
    if first.is_ok() {
        first = ask(connection, by_value, &mut tokens).await;
    }
    let closed = connection.close_reason();
    let next = ask(connection, by_value, &mut tokens).await;
    Met { first, closed, next, tokens }
}

/// One request, and its answer read to the end; where there may be room for it, as a value first.
async fn ask<C: Front<Fault = DuplexError>>(
    connection: &mut C,
    by_value: bool,
    tokens: &mut usize,
) -> Result<(), Error<DuplexError>> {
    let mut reply = connection.execute(&Text::from("(+ 1 2)")).await?;
    if by_value {
        match reply.value().await {
            Err(Error::Capacity { .. }) => {}
            value => return value.map(|_| ()),
        }
    }
    while reply.next_token().await?.is_some() {
        *tokens += 1;
    }
    Ok(())
}

fn smallest(buffer: &mut [u8], peer: Peer<'_>, options: &Options<'_>) -> Met {
    let mut frames = match Frames::open(peer, buffer, options.credentials) {
        Ok(frames) => frames,
        Err(error) => {
            // There is no client then, which could be asked why.
            let reason = match error {
                Error::Peer(PeerError { fault, .. }) => CloseReason::Peer(fault),
                Error::Auth(error) => CloseReason::Auth(error),
                Error::Disconnected(phase) => CloseReason::Disconnected(phase),
                Error::TimedOut(phase) => CloseReason::TimedOut(phase),
                _ => CloseReason::NeverOpened,
            };
            return Met {
                first: Err(error),
                closed: Some(reason),
                next: Err(Error::Closed(reason)),
                tokens: 0,
            };
        }
    };
    frames.set_unpacking();
    let mut ask = || {
        let frame = frames.execute("(+ 1 2)")?;
        match frame.value() {
            // Where in a value the fault lies it does not tell.
            Err(PeerError { fault: fault @ Fault::Value, .. }) => {
                Err(Error::Peer(PeerError { fault, offset: 0 }))
            }
            value => value.map(|_| ()).map_err(Error::Peer),
        }
    };
    let first = ask();
    let closed = frames.closed();
    let next = {
        let frame = frames.execute("(+ 1 2)");
        frame.map(|_| ())
    };
    Met { first, closed, next, tokens: 0 }
}
