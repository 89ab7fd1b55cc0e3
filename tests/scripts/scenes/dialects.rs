//! Queries that depend on the dialect of wire 1, which a connection asks for before the first of them.

use std::rc::Rc;

use rayforce_ipc::client::Session;
use rayforce_ipc::codec::{Encode, Writer};
use rayforce_ipc::query::{col, set, table};
use rayforce_ipc::wire::{Dialect, Generation, MessageType};

use crate::scripts::scene::{Act, Call, How, Scene, execute, execute_as, next, receive, scene, send};
use crate::support::codec::sent;
use crate::support::hex::unhex;
use crate::support::script::{Script, frame};

const V1: Generation = Generation::V1;

fn query() -> Rc<dyn Encode> {
    Rc::new(table("t").update(set("s", ["b"])).filter(col("x").gt(1)))
}

/// The request by which a connection asks for the dialect.
pub fn probe() -> Vec<u8> {
    frame(V1, MessageType::Sync, &sent(V1, &Session::probe()))
}

pub fn scenes() -> Vec<Scene> {
    let opened = || Script::opened(V1);
    let answer = |payload: &[u8]| frame(V1, MessageType::Response, payload);
    let probed = |payload: &[u8]| opened().hears(&probe()).says(&answer(payload));
    let mut buffer = [0; 512];
    let payload = Writer::encode_for(Dialect::V1b, &*query(), &mut buffer).unwrap();
    let asked = frame(V1, MessageType::Sync, payload);
    let told = frame(V1, MessageType::Async, payload);
    let mut no_sum = unhex("7f0100000000000000fb");
    no_sum.resize(33, 0);
    let with_text = [&[0x7f, 12][..], &sent(V1, &rayforce_ipc::codec::Text::from("boom"))].concat();
    let ask = || Call::Execute(query(), How::Whole);
    let unknown = "request DialectUnknown";
    let lacks = "request Lacks { what: \"update of symbols, dates and times on a condition\", generation: V1, dialect: Some(V1a) }";
    let scenes = vec![
        scene(
            "the dialect is asked for once",
            V1,
            probed(&no_sum)
                .hears(&asked)
                .answers(&1i64)
                .hears(&asked)
                .answers(&2i64)
                .asked("a")
                .answers(&3i64),
            &[(ask(), "I64(1)"), (ask(), "I64(2)"), (execute("a"), "I64(3)")],
        ),
        scene(
            "what a dialect lacks is not sent",
            V1,
            probed(&sent(V1, &3i64)).asked("a").answers(&3i64),
            &[(ask(), lacks), (ask(), lacks), (execute("a"), "I64(3)")],
        ),
        scene(
            "an answer of neither dialect leaves it unknown",
            V1,
            probed(&with_text)
                .asked("a")
                .answers(&3i64)
                .hears(&probe())
                .says(&answer(&sent(V1, &[7i64; 50]))),
            &[(ask(), unknown), (execute("a"), "I64(3)"), (ask(), unknown)],
        ),
        scene(
            "an answer to the probe that is no value leaves the dialect unknown",
            V1,
            probed(&[0xfb, 1, 2]).asked("a").answers(&3i64),
            &[(ask(), unknown), (execute("a"), "I64(3)")],
        ),
        scene(
            "an answer to the probe that is no error value leaves the dialect unknown",
            V1,
            probed(&[0x7f, 12, 50]).asked("a").answers(&3i64),
            &[(ask(), unknown), (execute("a"), "I64(3)")],
        ),
        scene(
            "an answer to the probe of no bytes leaves the dialect unknown",
            V1,
            probed(&[]).asked("a").answers(&3i64),
            &[(ask(), unknown), (execute("a"), "I64(3)")],
        ),
        scene(
            "pushes and questions come while the dialect is asked for",
            V1,
            opened()
                .pushes(&1i64)
                .asked("a")
                .answers(&[7i64; 50])
                .hears(&probe())
                .pushes(&2i64)
                .questions(&3i64)
                .refused()
                .says(&answer(&no_sum))
                .hears(&asked)
                .answers(&4i64),
            &[(execute_as("a", How::Half), "half I64[50]"), (ask(), "I64(4)"), (next(), "nothing")],
        ),
        scene(
            "who watches hears what comes while the dialect is asked for",
            V1,
            opened()
                .pushes(&1i64)
                .hears(&probe())
                .pushes(&2i64)
                .questions(&3i64)
                .replied(&42i64)
                .says(&answer(&no_sum))
                .pushes(&4i64)
                .hears(&asked)
                .pushes(&5i64)
                .answers(&6i64),
            &[(
                Call::ExecuteWatching(query(), vec![Act::Answer(How::Whole, 42)], How::Whole),
                "push I64(1); push I64(2); question I64(3), answered; push I64(4); push I64(5); I64(6)",
            )],
        ),
        scene(
            "what is sent and told asks for the dialect, too",
            V1,
            probed(&no_sum).hears(&asked).answers(&1i64).hears(&told),
            &[(Call::Send(query()), "sent"), (receive(), "I64(1)"), (Call::SendAsync(query()), "sent")],
        ),
        scene(
            "the dialect is not asked for while an answer is pending",
            V1,
            opened()
                .asked("a")
                .answers(&1i64)
                .hears(&probe())
                .says(&answer(&no_sum))
                .hears(&told)
                .asked("b")
                .answers(&2i64),
            &[
                (send("a"), "sent"),
                (Call::SendAsync(query()), "request Pending"),
                (next(), "nothing"),
                (Call::SendAsync(query()), "request Pending"),
                (receive(), "I64(1)"),
                (Call::SendAsync(query()), "sent"),
                (execute("b"), "I64(2)"),
            ],
        ),
        scene(
            "the server closes instead of saying its dialect",
            V1,
            opened().hears(&probe()).closes(),
            &[(ask(), "disconnected Drain"), (ask(), "closed Disconnected(Drain)")],
        ),
    ];
    scenes.into_iter().map(Scene::of_connections).collect()
}
