//! What the server sends unasked, and that wants no answer.

use rayforce_ipc::codec::Text;
use rayforce_ipc::wire::Generation;

use crate::scripts::scene::{
    Act, Call, How, Scene, execute, execute_as, next, receive, scene, send, tell, watch,
};
use crate::support::script::Script;

pub fn scenes(g: Generation) -> Vec<Scene> {
    let opened = || Script::opened(g);
    let read = |how| Call::NextPush(Act::Read(how));
    let whole = Act::Read(How::Whole);
    let long = "I64[600] 4800 bytes of sum 4200";
    vec![
        scene(
            "pushes before, between and after answers are skipped by who does not watch",
            g,
            opened()
                .pushes(&1i64)
                .asked("a")
                .pushes(&2i64)
                .pushes(&3i64)
                .answers(&10i64)
                .pushes(&4i64)
                .asked("b")
                .answers(&11i64)
                .pushes(&5i64),
            &[
                (execute("a"), "I64(10)"),
                (execute("b"), "I64(11)"),
                (next(), "push I64(5)"),
                (next(), "nothing"),
            ],
        ),
        scene(
            "pushes before, between and after answers are heard by who watches",
            g,
            opened()
                .pushes(&1i64)
                .asked("a")
                .pushes(&2i64)
                .pushes(&3i64)
                .answers(&10i64)
                .pushes(&4i64)
                .asked("b")
                .answers(&11i64)
                .pushes(&5i64),
            &[
                (watch("a", &[whole]), "push I64(1); push I64(2); push I64(3); I64(10)"),
                (watch("b", &[whole]), "push I64(4); I64(11)"),
                (next(), "push I64(5)"),
                (next(), "nothing"),
            ],
        ),
        scene(
            "pushes are read whole, by tokens, in part and not at all",
            g,
            opened()
                .pushes(&[1i64; 50])
                .pushes(&[2i64; 50])
                .pushes(&[3i64; 50])
                .pushes(&[4i64; 50])
                .pushes(&5i64)
                .asked("a")
                .answers(&6i64),
            &[
                (read(How::Whole), "push I64[50] 400 bytes of sum 50"),
                (read(How::Tokens), "push I64[50] 400 bytes of sum 100"),
                (read(How::Half), "push half I64[50]"),
                (read(How::Unread), "push unread"),
                (next(), "push I64(5)"),
                (next(), "nothing"),
                (execute("a"), "I64(6)"),
                (next(), "nothing"),
            ],
        ),
        scene(
            "a handler reads whole, by tokens, in part and not at all",
            g,
            opened()
                .asked("a")
                .pushes(&[1i64; 50])
                .pushes(&[2i64; 50])
                .pushes(&[3i64; 50])
                .pushes(&[4i64; 50])
                .answers(&[5i64; 50]),
            &[(
                watch("a", &[whole, Act::Read(How::Tokens), Act::Read(How::Half), Act::Read(How::Unread)]),
                "push I64[50] 400 bytes of sum 50; push I64[50] 400 bytes of sum 100; push half I64[50]; push unread; \
                 I64[50] 400 bytes of sum 250",
            )],
        ),
        scene(
            "pushes that are larger than the receive buffer",
            g,
            opened()
                .pushes(&[7i64; 600])
                .pushes(&[7i64; 600])
                .asked("a")
                .pushes(&[7i64; 600])
                .answers(&[7i64; 600])
                .pushes(&[7i64; 600])
                .asked("b")
                .answers(&2i64),
            &[
                (next(), &format!("push {long}")),
                (read(How::Half), "push half I64[600]"),
                (watch("a", &[whole]), &format!("push {long}; {long}")),
                (execute("b"), "I64(2)"),
            ],
        ),
        scene(
            "pushes that came along are kept for who watches, whatever is sent between",
            g,
            opened()
                .pushes(&1i64)
                .pushes(&2i64)
                .pushes(&3i64)
                .pushes(&4i64)
                .told("a")
                .asked("b")
                .answers(&10i64)
                .pushes(&5i64),
            &[
                (next(), "push I64(1)"),
                (tell("a"), "sent"),
                (next(), "push I64(2)"),
                (send("b"), "sent"),
                (next(), "push I64(3)"),
                (Call::ReceiveWatching(vec![whole], How::Whole), "push I64(4); I64(10)"),
                (next(), "push I64(5)"),
            ],
        ),
        scene(
            "a push that was read in part is skipped by what is sent, and no other",
            g,
            opened().pushes(&[1i64; 50]).pushes(&2i64).told("a").pushes(&3i64).asked("b").answers(&4i64),
            &[
                (read(How::Half), "push half I64[50]"),
                (tell("a"), "sent"),
                (next(), "push I64(2)"),
                (watch("b", &[whole]), "push I64(3); I64(4)"),
            ],
        ),
        scene(
            "an answer that was read in part stands in no push's way",
            g,
            opened()
                .asked("a")
                .answers(&[7i64; 50])
                .pushes(&1i64)
                .asked("b")
                .answers(&[7i64; 50])
                .pushes(&2i64),
            &[
                (execute_as("a", How::Half), "half I64[50]"),
                (next(), "push I64(1)"),
                (execute_as("b", How::Unread), "unread"),
                (next(), "push I64(2)"),
                (next(), "nothing"),
            ],
        ),
        scene(
            "who receives skips pushes, and who watches does not",
            g,
            opened()
                .asked("a")
                .pushes(&1i64)
                .answers(&10i64)
                .pushes(&2i64)
                .asked("b")
                .pushes(&Text::from("three"))
                .answers(&11i64),
            &[
                (send("a"), "sent"),
                (receive(), "I64(10)"),
                (send("b"), "sent"),
                (
                    Call::ReceiveWatching(vec![whole], How::Tokens),
                    "push I64(2); push string \"three\"; I64(11)",
                ),
            ],
        ),
        scene(
            "the answer of a call whose handler fails is read away",
            g,
            opened()
                .asked("a")
                .pushes(&[1i64; 50])
                .pushes(&2i64)
                .answers(&[7i64; 50])
                .asked("b")
                .answers(&11i64)
                .pushes(&3i64)
                .asked("c")
                .answers(&12i64),
            &[
                (watch("a", &[Act::Fail(How::Half)]), "push half I64[50]; the handler failed"),
                (next(), "push I64(2)"),
                (execute("b"), "I64(11)"),
                (next(), "push I64(3)"),
                (execute("c"), "I64(12)"),
            ],
        )
        .of_connections(),
        scene(
            "an answer can be received after a handler has failed",
            g,
            opened().asked("a").pushes(&1i64).pushes(&2i64).answers(&10i64).asked("b").answers(&11i64),
            &[
                (send("a"), "sent"),
                (
                    Call::ReceiveWatching(vec![Act::Fail(How::Whole)], How::Whole),
                    "push I64(1); the handler failed",
                ),
                (Call::ReceiveWatching(vec![whole], How::Whole), "push I64(2); I64(10)"),
                (execute("b"), "I64(11)"),
            ],
        )
        .of_connections(),
    ]
}
