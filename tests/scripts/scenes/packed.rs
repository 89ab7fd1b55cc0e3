//! Packed frames, of wire 3.

use rayforce_ipc::wire::{Generation, MessageType};

use crate::scripts::scene::{Act, Call, How, Scene, execute, execute_as, next, receive, scene, send, watch};
use crate::support::codec::sent;
use crate::support::script::{Script, packed_frame};

const V3: Generation = Generation::V3;

/// Packed by runs alone.
fn packed(plain: &[u8]) -> Vec<u8> {
    let mut packed = (plain.len() as u32).to_le_bytes().to_vec();
    let mut before = 0u8;
    let mut runs: Vec<(u8, u8)> = Vec::new();
    for byte in plain {
        let difference = byte.wrapping_sub(before);
        before = *byte;
        match runs.last_mut() {
            Some((count @ ..127, of)) if *of == difference => *count += 1,
            _ => runs.push((1, difference)),
        }
    }
    packed.extend(runs.into_iter().flat_map(|(count, of)| [count, of]));
    packed
}

pub fn scenes() -> Vec<Scene> {
    let value = packed(&sent(V3, &[7u8; 500]));
    let whole = packed(&sent(V3, &3i64));
    let answer = packed_frame(MessageType::Response, &value);
    let push = packed_frame(MessageType::Async, &value);
    let question = packed_frame(MessageType::Sync, &value);
    let short = packed_frame(MessageType::Response, &packed(&sent(V3, &3i64))[..10]);
    let words = "U8[500] 500 bytes of sum 3500";
    let opened = || Script::opened(V3);
    let (read, answers) = (Act::Read(How::Whole), Act::Answer(How::Half, 42));
    vec![
        scene(
            "packed answers",
            V3,
            opened()
                .asked("a")
                .says(&answer)
                .asked("b")
                .says(&answer)
                .asked("c")
                .says(&answer)
                .asked("d")
                .says(&packed_frame(MessageType::Response, &whole)),
            &[
                (execute("a"), words),
                (execute_as("b", How::Tokens), words),
                (execute_as("c", How::Half), "half U8[500]"),
                (execute("d"), "I64(3)"),
            ],
        ),
        scene(
            "packed pushes before and behind packed answers",
            V3,
            opened()
                .says(&push)
                .asked("a")
                .says(&push)
                .says(&answer)
                .says(&push)
                .says(&push)
                .asked("b")
                .says(&answer),
            &[
                (next(), &format!("push {words}")),
                (watch("a", &[read]), &format!("push {words}; {words}")),
                (Call::NextPush(Act::Read(How::Half)), "push half U8[500]"),
                (Call::NextPush(Act::Read(How::Tokens)), &format!("push {words}")),
                (execute("b"), words),
            ],
        ),
        scene(
            "packed questions",
            V3,
            opened()
                .says(&question)
                .replied(&42i64)
                .asked("a")
                .says(&question)
                .replied(&42i64)
                .says(&question)
                .refused()
                .says(&answer),
            &[
                (Call::NextPush(answers), "question half U8[500], answered"),
                (
                    watch("a", &[answers, Act::Read(How::Unread)]),
                    &format!("question half U8[500], answered; question unread; {words}"),
                ),
            ],
        ),
        scene(
            "packed answers that are received",
            V3,
            opened().asked("a").asked("b").asked("c").says(&answer).says(&push).says(&answer).says(&answer),
            &[
                (send("a"), "sent"),
                (send("b"), "sent"),
                (send("c"), "sent"),
                (Call::Receive(How::Half), "half U8[500]"),
                (next(), &format!("push {words}")),
                (next(), "nothing"),
                (Call::Receive(How::Tokens), words),
                (receive(), words),
            ],
        ),
        scene(
            "a packed payload that ends early is confined to its frame",
            V3,
            opened().asked("a").says(&short).asked("b").says(&short).asked("c").says(&answer),
            &[
                (execute("a"), "malformed Packing at 3"),
                (execute_as("b", How::Tokens), "malformed Packing at 3"),
                (execute_as("c", How::Tokens), words),
            ],
        ),
    ]
}
