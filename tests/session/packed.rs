//! The packed frames of real servers and clients, as replies.

use rayforce_ipc::client::{Connection, Options};
use rayforce_ipc::codec::Value;
use rayforce_ipc::error::{Error, Storage};
use rayforce_ipc::transports::duplex::Duplex;
use rayforce_ipc::transports::faulty::{Faults, Faulty};
use rayforce_ipc::wire::{Generation, Header, MessageType};

use crate::support::script::{Lent, Script, assert_goes_on, packed_frame, pieces};
use crate::support::tokens::{Piece, read_whole};
use crate::support::vectors::{Vector, all};

const V3: Generation = Generation::V3;

/// The packed frames.
fn packed() -> Vec<&'static Vector> {
    let packed: Vec<_> = all().iter().filter(|vector| vector.header().packed).collect();
    assert!(packed.len() >= 12);
    packed
}

/// What a packed payload takes beside its plain bytes to be had as a value.
const EXTRA: usize = 16;

/// A frame that is sent as a reply.
struct Sent<'v> {
    vector: &'v Vector,
    /// Bytes of the receive buffer.
    receive: usize,
    /// No other frame is right behind it.
    is_alone: bool,
    /// Its plain payload.
    value: Value<'v>,
    pieces: &'v [Piece],
}

fn sizes(vector: &Vector) -> [usize; 9] {
    [16, 17, 20, 31, 36, 64, 100, vector.payload.len() + EXTRA, 0x1_0000]
}

/// Every way to cut the stream in two, or some of them for a long frame; then small portions.
fn cuts(vector: &Vector) -> Vec<Faults> {
    let len = vector.frame.len() as u64 + 2;
    let step = if len < 100 { 1 } else { len as usize / 10 };
    let cut = |at| Faults { split_read_at: Some(at), ..Faults::default() };
    let portion = |most| Faults { read_at_most: Some(most), ..Faults::default() };
    let near_the_header = (16..28).chain((28..=len).step_by(step)).map(cut);
    let cuts: Vec<_> = near_the_header.chain([1, 3, 17].map(portion)).collect();
    let every = if vector.payload.len() > 10_000 { 30 } else { 1 };
    cuts.into_iter().step_by(every).collect()
}

/// Has the payload sent as a reply, with and without a frame behind it that comes along.
fn each(run: impl Fn(&Sent<'_>, &mut Connection<'_, Faulty<Duplex<'_>>>)) {
    for vector in packed() {
        let reply = packed_frame(MessageType::Response, &vector.frame[Header::LEN..]);
        let value = Value::decode(V3, &vector.payload).unwrap();
        let pieces = &read_whole(V3, &vector.payload).pieces;
        let asked = Script::opened(V3).asked("packed").says(&reply);
        for is_alone in [true, false] {
            let script = if is_alone { asked.clone() } else { asked.clone().pushes(&()) }.goes_on();
            let steps = script.steps();
            for receive in sizes(vector) {
                for faults in cuts(vector) {
                    let mut lent = Lent::new(receive, 64);
                    let stream = Faulty::new(Duplex::new(&steps), faults);
                    let mut connection = Connection::open(stream, lent.lend(), &Options::new()).unwrap();
                    run(&Sent { vector, receive, is_alone, value, pieces }, &mut connection);
                    assert_goes_on(&mut connection);
                    assert!(connection.transport().unwrap().get_ref().is_done());
                }
            }
        }
    }
}

#[test]
fn packed_replies_have_the_tokens_of_their_plain_payload_through_any_buffer() {
    each(|sent, connection| {
        let mut reply = connection.execute("packed").unwrap();
        assert!(pieces(&mut reply).unwrap() == sent.pieces, "{}", sent.vector.id);
    });
}

#[test]
fn packed_replies_are_values_where_the_plain_payload_fits_with_sixteen_bytes_more() {
    each(|sent, connection| {
        let needed = sent.vector.payload.len() + EXTRA;
        let mut reply = connection.execute("packed").unwrap();
        let expected = match sent.receive {
            // What comes along with it wants room, too.
            receive if receive == needed && !sent.is_alone => return,
            receive if receive >= needed => Ok(sent.value),
            available => Err(capacity(needed, available)),
        };
        assert!(reply.value() == expected, "{}: {:?}", sent.vector.id, reply.value().err());
        // It stays.
        assert!(reply.value() == expected, "{}: {:?}", sent.vector.id, reply.value().err());
    });
}

#[test]
fn packed_replies_that_are_too_large_for_a_value_are_read_by_tokens_all_the_same() {
    each(|sent, connection| {
        let mut reply = connection.execute("packed").unwrap();
        match reply.value() {
            Ok(_) => return,
            Err(Error::Capacity { what: Storage::Receive, needed, available }) => {
                assert!(needed > available && available == sent.receive as u64);
            }
            Err(other) => panic!("{}: {other}", sent.vector.id),
        }
        assert!(pieces(&mut reply).unwrap() == sent.pieces, "{}", sent.vector.id);
    });
}

#[test]
fn packed_replies_that_are_left_unread_are_read_away() {
    each(|sent, connection| {
        let mut reply = connection.execute("packed").unwrap();
        // As they came, or begun.
        if !sent.is_alone {
            reply.next_token().unwrap();
        }
    });
}

fn capacity<E>(needed: usize, available: usize) -> Error<E> {
    Error::Capacity { what: Storage::Receive, needed: needed as u64, available: available as u64 }
}
