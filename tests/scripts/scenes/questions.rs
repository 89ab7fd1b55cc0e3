//! What the server asks.

use rayforce_ipc::codec::Text;
use rayforce_ipc::wire::Generation;

use crate::scripts::scene::{Act, Call, How, Scene, execute, next, receive, scene, send, tell, watch};
use crate::support::script::Script;

pub fn scenes(g: Generation) -> Vec<Scene> {
    let opened = || Script::opened(g);
    let asks = |how| Act::Answer(how, 42);
    let long = Text::from("2+2? and some more that a small buffer does not hold");
    let words = "string 52 bytes of sum 4592";
    vec![
        scene(
            "questions that nobody hears are refused",
            g,
            opened()
                .asked("a")
                .questions(&1i64)
                .refused()
                .questions(&long)
                .refused()
                .pushes(&7i64)
                .answers(&3i64)
                .asked("b")
                .questions(&2i64)
                .refused()
                .questions(&3i64)
                .refused()
                .answers(&4i64),
            &[(execute("a"), "I64(3)"), (execute("b"), "I64(4)")],
        )
        .of_connections(),
        scene(
            "questions within a call are answered, refused and ignored",
            g,
            opened()
                .asked("a")
                .questions(&1i64)
                .replied(&42i64)
                .questions(&long)
                .replied(&42i64)
                .questions(&2i64)
                .refused()
                .pushes(&7i64)
                .questions(&long)
                .refused()
                .questions(&long)
                .replied(&42i64)
                .answers(&3i64),
            &[(
                watch(
                    "a",
                    &[
                        asks(How::Whole),
                        asks(How::Half),
                        Act::Refuse(How::Unread),
                        Act::Read(How::Whole),
                        Act::Read(How::Half),
                        asks(How::Unread),
                    ],
                ),
                "question I64(1), answered; question half string, answered; question unread, refused; push I64(7); \
                     question half string; question unread, answered; I64(3)",
            )],
        ),
        scene(
            "questions while nothing is asked are answered, refused and ignored",
            g,
            opened()
                .questions(&long)
                .replied(&42i64)
                .questions(&long)
                .replied(&42i64)
                .questions(&2i64)
                .refused()
                .questions(&long)
                .refused()
                .pushes(&7i64)
                .questions(&3i64)
                .refused()
                .asked("a")
                .answers(&3i64),
            &[
                (Call::NextPush(asks(How::Tokens)), &format!("question {words}, answered")),
                (Call::NextPush(asks(How::Half)), "question half string, answered"),
                (Call::NextPush(Act::Refuse(How::Whole)), "question I64(2), refused"),
                (Call::NextPush(Act::Read(How::Half)), "question half string"),
                (next(), "push I64(7)"),
                (Call::NextPush(Act::Read(How::Unread)), "question unread"),
                (execute("a"), "I64(3)"),
            ],
        ),
        scene(
            "a question that was ignored is refused before anything is sent",
            g,
            opened()
                .questions(&long)
                .refused()
                .told("a")
                .questions(&1i64)
                .refused()
                .asked("b")
                .answers(&3i64),
            &[
                (Call::NextPush(Act::Read(How::Half)), "question half string"),
                (tell("a"), "sent"),
                (next(), "question I64(1)"),
                (send("b"), "sent"),
                (receive(), "I64(3)"),
            ],
        ),
        scene(
            "a question whose answer cannot be sent is refused",
            g,
            opened()
                .questions(&1i64)
                .refused()
                .asked("a")
                .questions(&2i64)
                .refused()
                .pushes(&7i64)
                .answers(&3i64)
                .asked("b")
                .answers(&4i64),
            &[
                (Call::NextPush(Act::AnswerUnsendable(How::Whole)), "question I64(1), request NulInName(1)"),
                (
                    watch("a", &[Act::AnswerUnsendable(How::Unread), Act::Read(How::Whole)]),
                    "question unread, request NulInName(1); push I64(7); I64(3)",
                ),
                (execute("b"), "I64(4)"),
            ],
        ),
        scene(
            "a question that is no value can be answered",
            g,
            opened()
                .asked("a")
                .says(&crate::support::script::frame(g, rayforce_ipc::wire::MessageType::Sync, &[50, 0xff]))
                .replied(&42i64)
                .answers(&3i64),
            &[(watch("a", &[asks(How::Whole)]), "question malformed Tag(50) at 0, answered; I64(3)")],
        ),
        scene(
            "a question before an answer that is received",
            g,
            opened()
                .asked("a")
                .questions(&1i64)
                .replied(&42i64)
                .answers(&3i64)
                .asked("b")
                .questions(&2i64)
                .refused()
                .answers(&4i64)
                .asked("c")
                .questions(&5i64)
                .replied(&42i64)
                .answers(&6i64),
            &[
                (send("a"), "sent"),
                (
                    Call::ReceiveWatching(vec![asks(How::Whole)], How::Whole),
                    "question I64(1), answered; I64(3)",
                ),
                (send("b"), "sent"),
                (receive(), "I64(4)"),
                (send("c"), "sent"),
                (Call::NextPush(asks(How::Whole)), "question I64(5), answered"),
                (next(), "nothing"),
                (receive(), "I64(6)"),
            ],
        )
        .of_connections(),
        scene(
            "a question is refused after a handler has failed on it",
            g,
            opened().asked("a").questions(&long).refused().answers(&3i64).asked("b").answers(&4i64),
            &[
                (watch("a", &[Act::Fail(How::Half)]), "question half string; the handler failed"),
                (execute("b"), "I64(4)"),
            ],
        )
        .of_connections(),
    ]
}
