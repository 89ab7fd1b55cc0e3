//! What the server says that is wrong, or an error.

use rayforce_ipc::codec::Text;
use rayforce_ipc::wire::{Generation, MessageType};

use crate::scripts::scene::{
    Act, Call, How, Scene, execute, execute_as, next, receive, scene, send, tell, watch,
};
use crate::support::codec::sent;
use crate::support::hex::unhex;
use crate::support::script::{Script, frame};

/// The errors of the generation's servers, each with its words.
pub fn errors(g: Generation) -> Vec<(Vec<u8>, String)> {
    match g {
        Generation::V1 => {
            let message = sent(g, &Text::from("unsupported types: 'i64, 'symbol and so on\0"));
            let mut record = unhex("7f 01 00000000000000 fbfa");
            record.resize(33, 0);
            vec![
                (
                    [&[0x7f, 5], &message[..]].concat(),
                    "server error type: unsupported types: 'i64, 'symbol and so on".into(),
                ),
                (record, "server error type".into()),
            ]
        }
        Generation::V3 => vec![(unhex("7f 7479706500000000"), "server error type".into())],
    }
}

pub fn scenes(g: Generation) -> Vec<Scene> {
    let opened = || Script::opened(g);
    let garbage = frame(g, MessageType::Async, &[50, 0, 0, 0, 0xff]);
    let mut scenes = vec![
        scene(
            "a payload that is no value is confined to its frame",
            g,
            opened()
                .asked("a")
                .answers_payload(&[50, 0, 0, 0, 0xff])
                .asked("b")
                .answers_payload(&[0xfb, 1, 2])
                .asked("c")
                .answers_payload(&[0xfb, 1, 2])
                .asked("d")
                .answers(&3i64),
            &[
                (execute("a"), "malformed Tag(50) at 0"),
                (execute("b"), short(g)),
                (execute_as("c", How::Tokens), short(g)),
                (execute("d"), "I64(3)"),
            ],
        ),
        scene(
            "a push that is no value is confined to its frame",
            g,
            opened()
                .asked("a")
                .says(&garbage)
                .answers(&1i64)
                .asked("b")
                .says(&garbage)
                .pushes(&7i64)
                .answers(&2i64)
                .says(&garbage)
                .says(&garbage)
                .asked("c")
                .answers(&3i64),
            &[
                (execute("a"), "I64(1)"),
                (watch("b", &[Act::Read(How::Whole)]), "push malformed Tag(50) at 0; push I64(7); I64(2)"),
                (next(), "push malformed Tag(50) at 0"),
                (Call::NextPush(Act::Read(How::Tokens)), "push malformed Tag(50) at 0"),
                (execute("c"), "I64(3)"),
            ],
        ),
        scene(
            "an answer that nobody asked for closes",
            g,
            opened().asked("a").answers(&3i64).answers(&666i64),
            &[(execute("a"), "I64(3)"), (next(), "broken Unasked"), (execute("b"), "closed Peer(Unasked)")],
        ),
    ];
    for (number, (error, words)) in errors(g).into_iter().enumerate() {
        scenes.push(scene(
            &format!("errors of shape {number} are answers"),
            g,
            opened()
                .asked("a")
                .answers_payload(&error)
                .pushes(&7i64)
                .asked("b")
                .pushes(&8i64)
                .answers_payload(&error)
                .asked("c")
                .answers(&3i64)
                .asked("d")
                .answers_payload(&error)
                .told("e"),
            &[
                (execute("a"), &words),
                (watch("b", &[Act::Read(How::Whole)]), &format!("push I64(7); push I64(8); {words}")),
                (execute("c"), "I64(3)"),
                (execute("d"), &words),
                (tell("e"), "sent"),
            ],
        ));
        scenes.push(scene(
            &format!("an error of shape {number} that is received keeps its text"),
            g,
            opened().asked("a").answers_payload(&error).told("b").asked("c").answers(&3i64),
            &[
                (send("a"), "sent"),
                (next(), "nothing"),
                (tell("b"), "sent"),
                (receive(), &words),
                (execute("c"), "I64(3)"),
            ],
        ));
    }
    scenes
}

/// An i64 of two bytes.
pub const fn short(g: Generation) -> &'static str {
    match g {
        Generation::V1 => "malformed UnexpectedEnd { needed: 9, available: 3 } at 0",
        Generation::V3 => "malformed UnexpectedEnd { needed: 10, available: 3 } at 0",
    }
}
