//! Payloads that are no values, read by columns: refused as by tokens, and the connection goes on.

use rayforce_ipc::error::{Error, Fault, PeerError};
use rayforce_ipc::transports::duplex::Duplex;
use rayforce_ipc::wire::Generation;

use super::reader::{replies, script};
use crate::support::codec::BOTH;
use crate::support::hex::unhex;
use crate::support::script::{assert_goes_on, play};
use crate::support::tokens::read_whole;

type Outcome = Result<(), Error<rayforce_ipc::transports::duplex::DuplexError>>;

/// Reads all of it, whatever it is: even columns by chunk, then odd ones by text, and what is neither by token.
fn read_all(connection: &mut rayforce_ipc::client::Connection<'_, Duplex<'_>>) -> Outcome {
    let mut reply = connection.execute("columns")?;
    let mut columns = reply.columns()?;
    let (mut chunk, mut buffer) = ([0i64; 3], [0; 7]);
    while let Some(mut column) = columns.next()? {
        match column.index() % 4 {
            0 => while let Ok(1..) = column.read(&mut chunk) {},
            1 => while let Ok(Some(_)) | Err(Error::Capacity { .. }) = column.next_text(&mut buffer) {},
            2 => {
                column.next_token()?;
            }
            _ => continue,
        }
        while column.next_token()?.is_some() {}
    }
    Ok(())
}

/// By tokens it is refused at a place; by columns at the same.
#[track_caller]
fn assert_refused_alike(generation: Generation, payload: &[u8], packed: bool) {
    let whole = read_whole(generation, payload).end;
    play(&script(generation, payload, packed), 40, |connection| {
        match (read_all(connection), whole) {
            (Ok(()), Ok(true)) | (Err(Error::Server(_)), _) => {}
            // A text that does not end is found at its end, and so not always at the same byte.
            (
                Err(Error::Peer(PeerError { fault: Fault::UnexpectedEnd { .. }, .. })),
                Err(PeerError { fault: Fault::UnexpectedEnd { .. }, .. }),
            ) => {}
            (Err(Error::Peer(error)), Err(expected)) => assert_eq!(error, expected),
            (by_columns, by_tokens) => panic!("{by_columns:?} {by_tokens:?} {payload:02x?}"),
        }
        assert_goes_on(connection);
    });
}

#[test]
fn every_byte_of_small_frames_can_be_any_other() {
    for vector in replies().filter(|vector| vector.payload.len() <= 90).step_by(3) {
        let mut payload = vector.payload.clone();
        for at in 0..payload.len() {
            let byte = payload[at];
            for other in [0, 1, 2, 0x0c, 0x62, 0x63, 0x7e, 0x7f, 0x80, 0xf4, 0xff, byte.wrapping_add(1)] {
                payload[at] = other;
                assert_refused_alike(vector.generation, &payload, false);
            }
            payload[at] = byte;
        }
    }
}

#[test]
fn a_payload_may_end_anywhere() {
    for vector in replies().filter(|vector| vector.payload.len() <= 90).step_by(2) {
        for len in 1..vector.payload.len() {
            assert_refused_alike(vector.generation, &vector.payload[..len], false);
            if vector.generation == Generation::V3 {
                assert_refused_alike(vector.generation, &vector.payload[..len], true);
            }
        }
    }
}

#[test]
fn counts_that_lie_are_refused_at_once() {
    let (vector, list) = ("05 00 ffffffffffffff7f 00", "00 00 00ca9a3b00000000 7e");
    for generation in BOTH {
        for payload in [vector, list] {
            play(&script(generation, &unhex(payload), false), 16, |connection| {
                let error = read_all(connection).unwrap_err();
                let Error::Peer(PeerError { fault: Fault::UnexpectedEnd { .. }, offset }) = error else {
                    panic!("{error}")
                };
                assert_eq!(offset, 10);
                assert_goes_on(connection);
            });
        }
    }
}

#[test]
fn bytes_behind_the_last_column_are_found_where_they_matter() {
    for generation in BOTH {
        let payload = unhex("05 00 0100000000000000 0700000000000000 ffff");
        play(&script(generation, &payload, false), 16, |connection| {
            let mut reply = connection.execute("columns").unwrap();
            let mut columns = reply.columns().unwrap();
            let mut chunk = [0i64; 4];
            assert_eq!(columns.next().unwrap().unwrap().read(&mut chunk), Ok(1));
            let fault = Fault::TrailingBytes(2);
            for _ in 0..2 {
                match columns.next() {
                    Ok(None) => assert_eq!(generation, Generation::V1),
                    Err(error) => assert_eq!(error, Error::Peer(PeerError { fault, offset: 18 })),
                    Ok(Some(column)) => panic!("{column:?}"),
                }
            }
            assert_goes_on(connection);
        });
    }
}

#[test]
fn an_empty_payload_has_no_columns_and_is_refused() {
    play(&script(Generation::V1, &[], false), 16, |connection| {
        let fault = Fault::UnexpectedEnd { needed: 1, available: 0 };
        let mut reply = connection.execute("columns").unwrap();
        for _ in 0..2 {
            assert_eq!(reply.columns().err(), Some(Error::Peer(PeerError { fault, offset: 0 })));
        }
        assert_goes_on(connection);
    });
}
