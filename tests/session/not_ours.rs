//! Conversations that a client of this crate never has. What the lists say is held against the bytes.

use rayforce_ipc::codec::Value;
use rayforce_ipc::wire::{Generation, MessageType};

use crate::support::codec::sent;
use crate::support::sessions::{Conversation, Frame, Step, all};

/// With the reason.
const NOT_OURS: [(&str, &str); 10] = [
    ("w3-opening-byte2-ignored", "our opening ends in 00"),
    ("w1-100-opening-long", "our opening has two bytes"),
    ("w1-015-opening-long", "our opening has two bytes"),
    ("w3-auth-bare", "we send user and colon with a password that leaves room for them"),
    ("w3-bad-magic", "our headers are right"),
    ("w1-100-header-ignored", "our headers are right"),
    ("w1-015-header-ignored", "our headers are right"),
    ("w3-undecodable", "we send values only"),
    ("w1-100-undecodable", "we send values only"),
    ("w1-015-undecodable", "we send values only"),
];

/// Those that connections have otherwise, with the reason. The bare session leaves that to its driver.
const NOT_OF_FRONTS: [(&str, &str); 4] = [
    ("w1-100-pipelined", "one request is under way on wire 1"),
    ("w1-015-pipelined", "one request is under way on wire 1"),
    ("w3-nested", "nothing is asked before a question is answered"),
    ("w3-verbose", "such an answer is given in its two parts: `tests/live/verbose.rs`"),
];

/// All conversations whose bytes our client sends.
pub fn ours() -> Vec<Conversation> {
    all().into_iter().filter(is_ours).collect()
}

fn is_ours(conversation: &Conversation) -> bool {
    let opens = matches!(conversation.opening.as_slice(), [1 | 3, 0]);
    let authenticates = conversation.credentials().is_none_or(|(user, password)| {
        let ours = [user.as_bytes(), b":", password.as_bytes(), b"\0"].concat();
        let theirs = conversation.steps.get(1);
        matches!(theirs, Some(Step::Client(bytes)) if bytes[1..] == ours)
    });
    let is_ours = |frames: Option<Vec<Frame>>| frames.is_some_and(|frames| frames.iter().all(is_sent));
    opens && authenticates && conversation.asked().all(is_ours)
}

/// Its value is written to the same bytes, behind the same header.
fn is_sent(frame: &Frame) -> bool {
    let Ok(value) = Value::decode(frame.header.generation, &frame.payload) else { return false };
    let payload = sent(frame.header.generation, &value);
    frame.bytes == [&frame.header.to_bytes(), &payload[..]].concat()
}

/// Whether the calls of a connection can have it.
pub fn is_of_fronts(conversation: &Conversation) -> bool {
    let is_pipelined = || conversation.asked().flatten().any(|frames| frames.len() > 1);
    let is_alone = conversation.generation == Generation::V1 && is_pipelined();
    let is_verbose = conversation.asked().flatten().flatten().any(|frame| frame.header.verbose);
    !is_alone && !is_verbose && !is_nested(conversation)
}

/// Whether the client asks before it answers a question.
fn is_nested(conversation: &Conversation) -> bool {
    let mut is_asked = false;
    let frames = conversation.exchanges().iter().flat_map(|step| match step {
        Step::Client(bytes) | Step::Server(bytes) => {
            let is_client = matches!(step, Step::Client(_));
            let frames = conversation.frames(bytes).unwrap_or_default();
            frames.into_iter().map(|frame| (is_client, frame)).collect()
        }
        Step::ServerCloses => Vec::new(),
    });
    for (is_client, frame) in frames {
        match (is_client, frame.header.message) {
            (false, MessageType::Sync) => is_asked = true,
            (true, MessageType::Response) => is_asked = false,
            (true, MessageType::Sync) if is_asked => return true,
            _ => {}
        }
    }
    false
}

/// The sessions of conversations, sorted.
fn ids(conversations: impl Iterator<Item = Conversation>) -> Vec<String> {
    let mut ids: Vec<String> = conversations.map(|conversation| conversation.id).collect();
    ids.sort();
    ids.dedup();
    ids
}

#[test]
fn conversations_that_our_client_never_has_are_listed() {
    let listed = NOT_OURS.iter().map(|(id, _)| *id);
    assert_eq!(ids(all().into_iter().filter(|conversation| !is_ours(conversation))), sorted(listed));
}

#[test]
fn conversations_that_connections_have_otherwise_are_listed() {
    let listed = NOT_OF_FRONTS.iter().map(|(id, _)| *id);
    assert_eq!(ids(ours().into_iter().filter(|conversation| !is_of_fronts(conversation))), sorted(listed));
}

fn sorted<'a>(ids: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut ids: Vec<&str> = ids.collect();
    ids.sort_unstable();
    ids
}
