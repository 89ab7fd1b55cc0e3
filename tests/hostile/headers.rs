//! Frames that are none: behind such a header, nobody knows where the next one begins.

use rayforce_ipc::error::{CloseReason, Error, Fault, Phase};

use super::cases::{Case, Then, V1, V3, breaks, good, play_all};

const BOTH: [rayforce_ipc::Generation; 2] = [V1, V3];

#[test]
fn headers_with_a_wrong_byte() {
    let cases = BOTH.into_iter().flat_map(|generation| {
        let ours = generation.version();
        let version = |theirs| Fault::Version { theirs, ours };
        let size = |bytes| Fault::Size(i64::from_le_bytes(bytes));
        let len = good(generation)[8];
        [
            ("magic, first byte", 0, 0x00, Fault::Magic, 0),
            ("magic, second byte", 1, 0x00, Fault::Magic, 0),
            ("magic, third byte", 2, 0xfb, Fault::Magic, 0),
            ("magic, fourth byte", 3, 0xcf, Fault::Magic, 0),
            ("version 0", 4, 0, version(0), 4),
            ("version 2", 4, 2, version(2), 4),
            ("the other version", 4, 4 - ours, version(4 - ours), 4),
            ("version 255", 4, 255, version(255), 4),
            ("big endian", 6, 1, Fault::ByteOrder(1), 6),
            ("byte order 255", 6, 255, Fault::ByteOrder(255), 6),
            ("message type 3", 7, 3, Fault::MessageType(3), 7),
            ("message type 255", 7, 255, Fault::MessageType(255), 7),
            ("the smallest size", 15, 0x80, size([len, 0, 0, 0, 0, 0, 0, 0x80]), 8),
            ("a negative size", 15, 0xff, size([len, 0, 0, 0, 0, 0, 0, 0xff]), 8),
        ]
        .map(|(name, at, byte, fault, offset)| {
            let mut reply = good(generation);
            reply[at] = byte;
            Case::reply(name, generation, reply, breaks(fault, offset))
        })
    });
    play_all(&cases.collect::<Vec<_>>());
    play_all(&[
        Case::reply(
            "no payload",
            V3,
            good(V3)[..8].iter().copied().chain([0; 8]).collect(),
            breaks(Fault::Size(0), 8),
        ),
        Case::reply("text", V3, b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), breaks(Fault::Magic, 0)),
        Case::reply("zeros", V3, vec![0; 64], breaks(Fault::Magic, 0)),
        Case::reply(
            "a byte too many before it",
            V3,
            [&[0x21][..], &good(V3)].concat(),
            breaks(Fault::Magic, 0),
        ),
        // One zero is what a Windows build of wire 1 adds to its answer to the opening.
        Case::reply(
            "two bytes too many before it",
            V1,
            [&[0, 0][..], &good(V1)].concat(),
            breaks(Fault::Magic, 0),
        ),
    ]);
}

#[test]
fn flags_that_mean_nothing() {
    let cases = [(V1, 0xff), (V3, 0xfe), (V3, 0x02), (V3, 0x80)].map(|(generation, flags)| {
        let mut reply = good(generation);
        reply[5] = flags;
        Case::reply(&format!("flags {flags:02x}"), generation, reply, Then::Passes)
    });
    play_all(&cases);
}

#[test]
fn streams_that_end_or_fall_silent() {
    let ends = |phase| Then::Closes(Error::Disconnected(phase), CloseReason::Disconnected(phase));
    let stops = |phase| Then::Closes(Error::TimedOut(phase), CloseReason::TimedOut(phase));
    // The smallest client keeps a failure of the stream as what it was.
    let stops_small = |phase| Then::Closes(Error::TimedOut(phase), CloseReason::Transport(phase));
    let mut cases = Vec::new();
    for generation in BOTH {
        for (name, len) in [("nothing", 0), ("one byte", 1), ("all but a byte of the header", 15)] {
            // Once the header has begun, the smallest client knows that the request was answered.
            let small = if len == 0 { Phase::FirstByte } else { Phase::Reply };
            let case = |then| Case::reply(name, generation, good(generation)[..len].to_vec(), then);
            cases.push(case(ends(Phase::FirstByte)).with(false, Some(ends(small))));
            cases.push(case(stops(Phase::FirstByte)).with(true, Some(stops_small(small))));
        }
        for (name, cut) in [("the header alone", 16), ("all but a byte", good(generation).len() - 1)] {
            let case = |then| Case::reply(name, generation, good(generation)[..cut].to_vec(), then);
            cases.push(case(ends(Phase::Reply)));
            cases.push(case(stops(Phase::Reply)).with(true, Some(stops_small(Phase::Reply))));
        }
        let mut endless = good(generation);
        endless[15] = 0x7f;
        endless.truncate(16 + 4);
        cases
            .push(Case::reply("the largest size", generation, endless, ends(Phase::Reply)).with(false, None));
    }
    play_all(&cases);
}
