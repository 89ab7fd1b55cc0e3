//! Replies in memory of their own.

use rayforce_ipc::codec::Value;
use rayforce_ipc::codec::literal::{Symbols, Table};
use rayforce_ipc::error::{Error, Fault, PeerError, RequestError, Storage};
use rayforce_ipc::transports::faulty::Faults;
use rayforce_ipc::wire::{Generation, Header, MessageType};

use super::reader::{connect, replies, script};
use crate::support::codec::sent;
use crate::support::script::{Lent, Script, assert_goes_on, pieces, play};
use crate::support::tokens::read_whole;

const V3: Generation = Generation::V3;

#[test]
fn every_frame_is_the_value_that_it_is_in_the_receive_buffer() {
    for vector in replies() {
        let value = Value::decode(vector.generation, &vector.payload).unwrap();
        for packed in [false, vector.generation == V3] {
            let script = script(vector.generation, &vector.payload, packed);
            let steps = script.steps();
            for (receive, read_at_most) in [(16, Some(1)), (16, None), (37, Some(7)), (0x1_0000, None)] {
                if read_at_most.is_some() && vector.payload.len() > 2000 {
                    continue;
                }
                let mut lent = Lent::new(receive, 64);
                let mut connection = connect(&steps, &mut lent, Faults { read_at_most, ..Faults::default() });
                let mut reply = connection.execute("columns").unwrap();
                let owned = reply.read_to_vec(vector.payload.len()).unwrap();
                // A NaN is equal to itself by its words.
                let same = owned.value() == value || format!("{owned:?}") == format!("{value:?}");
                assert!(same, "{}", vector.id);
                assert_eq!(
                    reply.read_to_vec(usize::MAX).err(),
                    Some(Error::Request(RequestError::AlreadyRead))
                );
                assert_goes_on(&mut connection);
            }
        }
    }
}

fn table() -> Vec<u8> {
    sent(V3, &Table::new(&["id", "name"], &[&[0i64; 100], &Symbols(&["name"; 100])]))
}

/// Nothing is consumed, so that it can still be read in any way.
#[test]
fn one_byte_below_what_is_announced_is_too_few() {
    let payload = table();
    let whole = read_whole(V3, &payload).pieces;
    for packed in [false, true] {
        play(&script(V3, &payload, packed), 64, |connection| {
            let mut reply = connection.execute("columns").unwrap();
            let (needed, available) = (payload.len() as u64, payload.len() as u64 - 1);
            let too_small = Error::Capacity { what: Storage::Limit, needed, available };
            for _ in 0..2 {
                assert_eq!(reply.read_to_vec(payload.len() - 1).err(), Some(too_small));
            }
            assert!(pieces(&mut reply).unwrap() == whole);
            assert_goes_on(connection);
        });
        play(&script(V3, &payload, packed), 64, |connection| {
            let mut reply = connection.execute("columns").unwrap();
            assert!(reply.read_to_vec(0).is_err());
            assert!(reply.columns().unwrap().next().unwrap().unwrap().name().unwrap() == "id");
            assert_goes_on(connection);
        });
        play(&script(V3, &payload, packed), 64, |connection| {
            let owned = connection.execute("columns").unwrap().read_to_vec(payload.len()).unwrap();
            // It outlives the connection's next answer.
            assert_goes_on(connection);
            assert_eq!(owned.value(), Value::decode(V3, &payload).unwrap());
            assert_eq!(owned.clone().value().table().unwrap().row_count(), 100);
        });
    }
}

#[test]
fn no_more_is_reserved_than_the_heap_has() {
    let header = Header {
        generation: Generation::V1,
        message: MessageType::Response,
        packed: false,
        verbose: false,
        size: i64::MAX as u64,
    };
    let said = [&header.to_bytes()[..], b"\x05\0\0\0\0\0\0\0\0\0"].concat();
    let script = Script::opened(Generation::V1).asked("columns").says(&said);
    play(&script, 64, |connection| {
        let mut reply = connection.execute("columns").unwrap();
        let needed = i64::MAX as u64;
        let error = reply.read_to_vec(usize::MAX).err();
        assert_eq!(error, Some(Error::Capacity { what: Storage::Heap, needed, available: 0 }));
        assert_eq!(error.unwrap().to_string(), format!("the heap has no {needed} bytes left"));
        let error = reply.read_to_vec(1 << 20).err();
        let available = 1 << 20;
        assert_eq!(error, Some(Error::Capacity { what: Storage::Limit, needed, available }));
        assert_eq!(
            error.unwrap().to_string(),
            format!("limit of {available} bytes is too small: {needed} needed")
        );
        // An empty vector, and much behind it.
        let mut columns = reply.columns().unwrap();
        assert_eq!(columns.next().unwrap().unwrap().count(), 0);
        connection.abort();
    });
}

#[test]
fn what_cannot_be_decoded_is_refused_and_the_connection_goes_on() {
    for packed in [false, true] {
        let mut payload = table();
        payload[3] = 0xee;
        payload[2] = 0x05;
        play(&script(V3, &payload, packed), 64, |connection| {
            let error = connection.execute("columns").unwrap().read_to_vec(1 << 20).err();
            assert_eq!(error, Some(Error::Peer(PeerError { fault: Fault::TableNames, offset: 2 })));
            assert_goes_on(connection);
        });
        let mut payload = table();
        payload.push(0);
        play(&script(V3, &payload, packed), 64, |connection| {
            let error = connection.execute("columns").unwrap().read_to_vec(1 << 20).err();
            let offset = payload.len() as u64 - 1;
            assert_eq!(error, Some(Error::Peer(PeerError { fault: Fault::TrailingBytes(1), offset })));
            assert_goes_on(connection);
        });
    }
}

#[test]
fn an_answer_that_was_begun_is_not_had_whole() {
    play(&script(V3, &table(), false), 64, |connection| {
        let mut reply = connection.execute("columns").unwrap();
        reply.next_token().unwrap();
        assert_eq!(reply.read_to_vec(usize::MAX).err(), Some(Error::Request(RequestError::AlreadyRead)));
        assert_goes_on(connection);
    });
    play(&script(V3, &table(), false), 64, |connection| {
        let mut reply = connection.execute("columns").unwrap();
        reply.columns().unwrap();
        assert_eq!(reply.read_to_vec(usize::MAX).err(), Some(Error::Request(RequestError::AlreadyRead)));
        assert_goes_on(connection);
    });
}
