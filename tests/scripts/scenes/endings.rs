//! How connections begin and end.

use rayforce_ipc::wire::{Generation, MessageType};

use crate::scripts::scene::{Act, Call, How, Scene, execute, execute_as, next, receive, scene, send, watch};
use crate::support::codec::sent;
use crate::support::script::{Script, frame};

pub fn scenes(g: Generation) -> Vec<Scene> {
    let opened = || Script::opened(g);
    let answer = frame(g, MessageType::Response, &sent(g, &[7i64; 20]));
    let push = frame(g, MessageType::Async, &sent(g, &[8i64; 20]));
    let mut scenes = vec![
        scene(
            "the server closes before the answer",
            g,
            opened().asked("a").closes(),
            &[(execute("a"), "disconnected FirstByte"), (execute("b"), "closed Disconnected(FirstByte)")],
        ),
        scene(
            "the server closes within an answer",
            g,
            opened().asked("a").says(&answer[..60]).closes(),
            &[(execute("a"), "disconnected Reply"), (next(), "closed Disconnected(Reply)")],
        )
        .of_connections(),
        scene(
            "the server closes within an answer that is read away",
            g,
            opened().asked("a").says(&answer[..60]).closes(),
            &[(execute_as("a", How::Half), "half I64[20]"), (execute("b"), "disconnected Drain")],
        )
        .of_connections(),
        scene(
            "the server closes within a header",
            g,
            opened().asked("a").says(&answer[..9]).closes(),
            &[(execute("a"), "disconnected FirstByte")],
        ),
        scene(
            "the server closes within a push",
            g,
            opened().says(&push[..60]).closes(),
            &[(next(), "push disconnected Push"), (next(), "closed Disconnected(Push)")],
        )
        .of_connections(),
        scene(
            "the server closes while nothing is asked",
            g,
            opened().pushes(&7i64).closes(),
            &[(next(), "push I64(7)"), (next(), "disconnected Idle"), (next(), "closed Disconnected(Idle)")],
        ),
        scene(
            "the server closes while answers are pending",
            g,
            opened().asked("a").answers(&1i64).pushes(&7i64).closes(),
            &[
                (send("a"), "sent"),
                (receive(), "I64(1)"),
                (next(), "push I64(7)"),
                (next(), "disconnected Idle"),
                (receive(), "closed Disconnected(Idle)"),
            ],
        ),
        scene(
            "the server closes within a push that is watched",
            g,
            opened().asked("a").says(&push[..60]).closes(),
            &[(watch("a", &[Act::Read(How::Whole)]), "push disconnected FirstByte; disconnected FirstByte")],
        )
        .of_connections(),
    ];
    let headers: [(usize, u8, &str); 5] = [
        (0, 0, "broken Magic"),
        (
            4,
            9,
            if g == Generation::V1 {
                "broken Version { theirs: 9, ours: 1 }"
            } else {
                "broken Version { theirs: 9, ours: 3 }"
            },
        ),
        (6, 1, "broken ByteOrder(1)"),
        (7, 3, "broken MessageType(3)"),
        (15, 0x80, "broken Size(-9223372036854775638)"),
    ];
    for (at, byte, words) in headers {
        let words = words.to_owned();
        let mut broken = answer.clone();
        broken[at] = byte;
        let closed = words.replace("broken ", "closed Peer(") + ")";
        scenes.push(scene(
            &format!("a header whose byte {at} is wrong closes"),
            g,
            opened().asked("a").pushes(&7i64).says(&broken),
            &[
                (watch("a", &[Act::Read(How::Whole)]), &format!("push I64(7); {words}")),
                (execute("b"), &closed),
            ],
        ));
        let mut broken = push.clone();
        broken[at] = byte;
        scenes.push(scene(
            &format!("a header of a push whose byte {at} is wrong closes"),
            g,
            opened().asked("a").answers(&3i64).pushes(&7i64).says(&broken),
            &[
                (execute("a"), "I64(3)"),
                (Call::NextPush(Act::Read(How::Unread)), "push unread"),
                (next(), &words),
                (next(), &closed),
            ],
        ));
    }
    scenes.extend(handshakes(g));
    scenes
}

fn handshakes(g: Generation) -> Vec<Scene> {
    let hello = || Script::new(g).hears(&[3, 0]);
    let mut scenes = vec![
        scene("the server does not let us in", g, hello().closes(), &[]).opens("disconnected Handshake"),
        scene("the server speaks another protocol", g, hello().says(b"H"), &[])
            .opens("broken Version { theirs: 72, ours: 3 }"),
    ];
    if g == Generation::V3 {
        let asks = || hello().says(&[3, 1]);
        let authenticated = || asks().hears(b"\x0bbob:s3cret\0");
        scenes.extend([
            scene("credentials are wanted, and none are there", g, asks(), &[]).opens("auth Needed"),
            scene("credentials are refused", g, authenticated().says(&[1]), &[])
                .opens("auth Refused")
                .with_credentials("bob", "s3cret"),
            scene(
                "credentials are accepted",
                g,
                authenticated().says(&[0]).asked("a").answers(&3i64),
                &[(execute("a"), "I64(3)")],
            )
            .with_credentials("bob", "s3cret"),
            scene(
                "credentials that nobody wants are not sent",
                g,
                hello().says(&[3, 0]).asked("a").answers(&3i64),
                &[(execute("a"), "I64(3)")],
            )
            .with_credentials("bob", "s3cret"),
        ]);
    }
    scenes
}
