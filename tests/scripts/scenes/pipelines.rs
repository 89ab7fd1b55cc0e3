//! Requests that are under way together.

use rayforce_ipc::wire::Generation;

use super::errors::{errors, short};
use crate::scripts::scene::{Act, Call, How, Scene, execute, next, receive, scene, send, tell};
use crate::support::script::Script;

pub fn scenes(g: Generation) -> Vec<Scene> {
    let opened = || Script::opened(g);
    let mut scenes = vec![
        scene(
            "an answer is received when it is wanted",
            g,
            opened().asked("a").answers(&1i64).asked("b").answers(&2i64),
            &[
                (send("a"), "sent"),
                (receive(), "I64(1)"),
                (send("b"), "sent"),
                (receive(), "I64(2)"),
                (receive(), "request NothingPending"),
            ],
        ),
        scene(
            "no answer is received where nothing is pending",
            g,
            opened().asked("a").answers(&1i64),
            &[
                (receive(), "request NothingPending"),
                (Call::ReceiveWatching(vec![Act::Read(How::Whole)], How::Whole), "request NothingPending"),
                (execute("a"), "I64(1)"),
                (receive(), "request NothingPending"),
            ],
        ),
        scene(
            "nothing is executed while an answer is pending",
            g,
            opened().asked("a").answers(&1i64).asked("b").answers(&2i64),
            &[
                (send("a"), "sent"),
                (execute("b"), "request Pending"),
                (next(), "nothing"),
                (execute("b"), "request Pending"),
                (receive(), "I64(1)"),
                (execute("b"), "I64(2)"),
            ],
        ),
        scene(
            "a push is not waited for behind a pending answer",
            g,
            opened().asked("a").pushes(&7i64).answers(&[1i64; 50]).pushes(&8i64).asked("b").answers(&2i64),
            &[
                (send("a"), "sent"),
                (next(), "push I64(7)"),
                (next(), "nothing"),
                (next(), "nothing"),
                (Call::Receive(How::Half), "half I64[50]"),
                (next(), "push I64(8)"),
                (send("b"), "sent"),
                (next(), "nothing"),
                (receive(), "I64(2)"),
            ],
        ),
        scene(
            "what is told while an answer is pending",
            g,
            opened().asked("a").told("b").answers(&[1i64; 50]).told("c").told("d").asked("e").answers(&2i64),
            &[
                (send("a"), "sent"),
                (tell("b"), "sent"),
                (next(), "nothing"),
                (tell("c"), "sent"),
                (Call::Receive(How::Tokens), "I64[50] 400 bytes of sum 50"),
                (tell("d"), "sent"),
                (execute("e"), "I64(2)"),
            ],
        ),
    ];
    match g {
        Generation::V1 => scenes.push(scene(
            "one request is under way at a time on wire 1",
            g,
            opened().asked("a").answers(&1i64).asked("b").answers(&2i64),
            &[
                (send("a"), "sent"),
                (send("b"), "request TooManyPending { limit: 1 }"),
                (receive(), "I64(1)"),
                (send("b"), "sent"),
                (receive(), "I64(2)"),
            ],
        )),
        Generation::V3 => scenes.extend(deep(g)),
    }
    scenes
}

fn deep(g: Generation) -> Vec<Scene> {
    let opened = || Script::opened(g);
    let (error, words) = &errors(g)[0];
    let mut many = opened();
    let mut calls = Vec::new();
    for number in 0..64i64 {
        many = many.asked("a").answers(&number);
        calls.push((send("a"), "sent".to_owned()));
    }
    calls.push((send("a"), "request TooManyPending { limit: 64 }".into()));
    calls.extend((0..64).map(|number| (receive(), format!("I64({number})"))));
    calls.push((receive(), "request NothingPending".into()));
    let calls: Vec<(Call, &str)> = calls.iter().map(|(call, given)| (call.clone(), given.as_str())).collect();
    vec![
        scene("sixty-four requests are under way at once", g, many, &calls),
        scene(
            "answers are received in the order of the requests",
            g,
            opened()
                .asked("a")
                .asked("b")
                .asked("c")
                .answers(&1i64)
                .answers(&[2i64; 50])
                .pushes(&7i64)
                .answers(&3i64)
                .asked("d")
                .answers(&4i64)
                .asked("e")
                .answers(&5i64),
            &[
                (send("a"), "sent"),
                (send("b"), "sent"),
                (send("c"), "sent"),
                (receive(), "I64(1)"),
                (Call::Receive(How::Half), "half I64[50]"),
                (send("d"), "sent"),
                (receive(), "I64(3)"),
                (receive(), "I64(4)"),
                (execute("e"), "I64(5)"),
            ],
        ),
        scene(
            "errors are answers among others",
            g,
            opened()
                .asked("a")
                .asked("b")
                .asked("c")
                .asked("d")
                .answers_payload(error)
                .answers_payload(&[0xfb, 1, 2])
                .answers_payload(error)
                .answers(&4i64),
            &[
                (send("a"), "sent"),
                (send("b"), "sent"),
                (send("c"), "sent"),
                (send("d"), "sent"),
                (receive(), words),
                (receive(), short(g)),
                (receive(), words),
                (receive(), "I64(4)"),
            ],
        ),
        scene(
            "an answer that has begun stays, whatever is sent behind it",
            g,
            opened()
                .asked("a")
                .answers(&1i64)
                .asked("b")
                .told("c")
                .asked("d")
                .answers(&[2i64; 50])
                .pushes(&7i64)
                .answers(&3i64),
            &[
                (send("a"), "sent"),
                (next(), "nothing"),
                (send("b"), "sent"),
                (next(), "nothing"),
                (tell("c"), "sent"),
                (send("d"), "sent"),
                (receive(), "I64(1)"),
                (Call::Receive(How::Unread), "unread"),
                (next(), "push I64(7)"),
                (next(), "nothing"),
                (receive(), "I64(3)"),
            ],
        ),
        scene(
            "fewer requests are under way where fewer are wanted",
            g,
            opened().asked("a").asked("b").answers(&1i64).answers(&2i64).asked("c").answers(&3i64),
            &[
                (send("a"), "sent"),
                (send("b"), "sent"),
                (send("c"), "request TooManyPending { limit: 2 }"),
                (receive(), "I64(1)"),
                (send("c"), "sent"),
                (receive(), "I64(2)"),
                (receive(), "I64(3)"),
            ],
        )
        .with(|options| options.depth = 2),
        scene(
            "questions between answers that are pending",
            g,
            opened()
                .asked("a")
                .asked("b")
                .questions(&1i64)
                .replied(&42i64)
                .answers(&2i64)
                .questions(&3i64)
                .refused()
                .answers(&4i64),
            &[
                (send("a"), "sent"),
                (send("b"), "sent"),
                (
                    Call::ReceiveWatching(vec![Act::Answer(How::Whole, 42)], How::Half),
                    "question I64(1), answered; half I64(2)",
                ),
                (receive(), "I64(4)"),
            ],
        )
        .of_connections(),
    ]
}
