//! Requests, their answers, and how much of them is read.

use std::rc::Rc;

use rayforce_ipc::codec::{Symbol, Text};
use rayforce_ipc::wire::Generation;

use crate::scripts::scene::{Call, How, Scene, execute, execute_as, scene, tell};
use crate::support::script::Script;

pub fn scenes(g: Generation) -> Vec<Scene> {
    let opened = || Script::opened(g);
    let long = "I64[100] 800 bytes of sum 700";
    let mut scenes = vec![
        scene("an answer", g, opened().asked("a").answers(&3i64), &[(execute("a"), "I64(3)")]),
        scene(
            "answers of all kinds, one after the other",
            g,
            opened()
                .asked("a")
                .answers(&Text::from("text that a small buffer does not hold"))
                .asked("b")
                .answers(&[7i64; 100])
                .asked("c")
                .answers(&())
                .asked("d")
                .answers(&[1i64, 2]),
            &[
                (execute("a"), "string 38 bytes of sum 3565"),
                (execute("b"), long),
                (execute("c"), "Null"),
                (execute_as("d", How::Tokens), "I64[2] 01000000000000000200000000000000"),
            ],
        ),
        scene(
            "answers that are read in part, or not, are read away",
            g,
            opened()
                .asked("a")
                .answers(&[7i64; 100])
                .asked("b")
                .answers(&[8i64; 100])
                .asked("c")
                .answers(&[7i64; 100])
                .asked("d")
                .answers(&4i64),
            &[
                (execute_as("a", How::Half), "half I64[100]"),
                (execute_as("b", How::Unread), "unread"),
                (execute_as("c", How::Tokens), long),
                (execute("d"), "I64(4)"),
            ],
        ),
        scene(
            "what is told is not answered",
            g,
            opened()
                .told("a")
                .asked("b")
                .answers(&[7i64; 100])
                .told("c")
                .told("d")
                .asked("e")
                .answers(&3i64)
                .told("f"),
            &[
                (tell("a"), "sent"),
                (execute_as("b", How::Half), "half I64[100]"),
                (tell("c"), "sent"),
                (tell("d"), "sent"),
                (execute("e"), "I64(3)"),
                (tell("f"), "sent"),
            ],
        ),
        scene(
            "what cannot be sent is not",
            g,
            opened().asked("b").answers(&2i64).told("d"),
            &[
                (Call::Execute(Rc::new(Symbol::name("a\0")), How::Whole), "request NulInName(1)"),
                (execute("b"), "I64(2)"),
                (Call::Send(Rc::new(Symbol::name("c\0"))), "request NulInName(1)"),
                (Call::SendAsync(Rc::new(Symbol::name("c\0"))), "request NulInName(1)"),
                (tell("d"), "sent"),
            ],
        ),
        scene(
            "nothing is sent once the connection is closed",
            g,
            opened().asked("a").answers(&[7i64; 100]),
            &[
                (execute_as("a", How::Half), "half I64[100]"),
                (Call::Close, "closed"),
                (execute("b"), "closed Owner"),
                (tell("c"), "closed Owner"),
                (Call::Close, "closed"),
            ],
        )
        .of_connections(),
        scene(
            "no more is read away than may be",
            g,
            opened().asked("a").answers(&[7i64; 12]).asked("b").answers(&[7i64; 2000]),
            &[
                (execute_as("a", How::Half), "half I64[12]"),
                (execute_as("b", How::Half), "half I64[2000]"),
                (execute("c"), "closed Undrained"),
                (tell("d"), "closed Undrained"),
            ],
        )
        .with(|options| options.drain_limit = 1000)
        .of_connections(),
    ];
    if g == Generation::V1 {
        scenes.push(scene(
            "an answer of no bytes is no value",
            g,
            opened()
                .asked("a")
                .answers_payload(&[])
                .asked("b")
                .answers_payload(&[])
                .asked("c")
                .answers(&3i64),
            &[
                (execute("a"), "malformed UnexpectedEnd { needed: 1, available: 0 } at 0"),
                (execute_as("b", How::Unread), "unread"),
                (execute("c"), "I64(3)"),
            ],
        ));
    }
    scenes
}
