//! Frames at the wrong time, and pushes that are broken.

use rayforce_ipc::error::{CloseReason, Error, Fault, Phase};
use rayforce_ipc::wire::MessageType::{Async, Sync};

use super::cases::{Case, Then, V1, V3, breaks, good, opening, play_all};
use crate::support::hex::unhex;
use crate::support::script::{frame, packed_frame};

#[test]
fn frames_at_the_wrong_time() {
    let mut cases = Vec::new();
    for generation in [V1, V3] {
        let (open, good) = (opening(generation), good(generation));
        let case = |name: &str, lines: Vec<Vec<u8>>, then| {
            let name = format!("{name} ({generation:?})");
            Case { lines, ..Case::new(&name, "", then) }
        };
        let broken = frame(generation, Async, &unhex("32 00 00"));
        let question = frame(generation, Sync, &unhex("7e"));
        let mut bad = frame(generation, Async, &unhex("7e"));
        bad[0] = 0;
        let mut kind = frame(generation, Async, &unhex("7e"));
        kind[7] = 9;
        cases.extend([
            // One that comes while the answer is awaited cannot be told from it; this one is there before the request.
            Case {
                at_once: true,
                small: None,
                ..case(
                    "an answer before the request",
                    vec![[&open[..], &good].concat()],
                    breaks(Fault::Unasked, 0),
                )
            },
            Case {
                at_once: true,
                small: None,
                ..case(
                    "two answers before the request",
                    vec![[&open[..], &good, &good].concat()],
                    breaks(Fault::Unasked, 0),
                )
            },
            case("a push that is no value", vec![open.clone(), [&broken[..], &good].concat()], Then::Passes),
            case(
                "1,000 pushes",
                vec![open.clone(), [broken.repeat(1000), good.clone()].concat()],
                Then::Passes,
            ),
            case(
                "a question before the answer",
                vec![open.clone(), [&question[..], &good].concat()],
                Then::Passes,
            ),
            case(
                "1,000 questions",
                vec![open.clone(), [question.repeat(1000), good.clone()].concat()],
                Then::Passes,
            ),
            case(
                "a push without magic",
                vec![open.clone(), [&bad[..], &good].concat()],
                breaks(Fault::Magic, 0),
            ),
            case(
                "a frame of a kind that is none",
                vec![open.clone(), [&kind[..], &good].concat()],
                breaks(Fault::MessageType(9), 7),
            ),
        ]);
        let ended =
            Then::Closes(Error::Disconnected(Phase::FirstByte), CloseReason::Disconnected(Phase::FirstByte));
        cases.push(case("pushes instead of an answer", vec![open.clone(), broken.repeat(3)], ended));
    }
    let lying = packed_frame(Async, &unhex("ffffffff 7f00"));
    let empty = packed_frame(Async, &unhex("00"));
    cases.push(
        Case::reply("a packed push that lies", V3, [&lying[..], &good(V3)].concat(), Then::Passes)
            .with(false, None),
    );
    cases.push(
        Case::reply("a packed push without a length", V3, [&empty[..], &good(V3)].concat(), Then::Passes)
            .with(false, None),
    );
    play_all(&cases);
}
