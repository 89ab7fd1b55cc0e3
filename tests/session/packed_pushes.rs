//! Packed frames that nobody asked for.

use rayforce_ipc::client::{Options, Push};
use rayforce_ipc::error::{Error, Fault};
use rayforce_ipc::wire::{Generation, MessageType};

use crate::support::codec::sent;
use crate::support::pack::pack;
use crate::support::script::{Script, assert_goes_on, packed_frame, pieces, play_with};

const V3: Generation = Generation::V3;

#[test]
fn pushes_are_limited_and_held_to_what_they_announce_when_they_are_read() {
    let payload = pack(&sent(V3, &[0u8; 100]));
    let limit = 110;
    let announcing = |len: u32| [&len.to_le_bytes(), &payload[4..]].concat();
    let cases = [
        (announcing(110), None),
        (announcing(111), Some(Fault::Unpacked { len: 111, limit })),
        ([&payload[..], &[1, 1]].concat(), Some(Fault::Packing)),
        (payload[..payload.len() - 2].to_vec(), Some(Fault::Packing)),
    ];
    for (payload, fault) in cases {
        let push = packed_frame(MessageType::Async, &payload);
        let script = Script::opened(V3).asked("(+ 40 2)").answers(&42i64).says(&push).goes_on();
        let options = Options { unpack_limit: limit, ..Options::new() };
        for receive in [16, 64, 4096] {
            play_with(&script, receive, &options, |connection| {
                assert_eq!(pieces(&mut connection.execute("(+ 40 2)").unwrap()).unwrap().len(), 1);
                let Some(Push::Async(mut push)) = connection.next_push().unwrap() else { panic!("no push") };
                match (pieces(&mut push), fault) {
                    (Ok(pieces), None) => assert_eq!(pieces.len(), 2),
                    (Err(Error::Peer(error)), Some(fault)) => assert_eq!(error.fault, fault),
                    other => panic!("{other:?}"),
                }
                assert_goes_on(connection);
            });
        }
    }
}
