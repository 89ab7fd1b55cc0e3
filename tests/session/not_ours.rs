//! Conversations that a client of this crate never has. What the lists say is held against the bytes.

use rayforce_ipc::codec::Value;
use rayforce_ipc::wire::MessageType;

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

/// The blocking connection has one request in flight; the bare session leaves that to its driver.
const PIPELINED: [&str; 4] = ["w3-pipelined", "w3-200-no-reply", "w1-100-pipelined", "w1-015-pipelined"];

/// The blocking connection answers questions with null, and only while a request of its own is in flight.
const ANSWERED: [&str; 4] = ["w3-server-sync", "w3-nested", "w1-100-server-sync", "w1-015-server-sync"];

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

pub fn is_pipelined(conversation: &Conversation) -> bool {
    conversation.asked().flatten().any(|frames| frames.len() > 1)
}

/// The blocking connection gives such an answer in its two parts: `tests/live/verbose.rs`.
pub fn is_verbose(conversation: &Conversation) -> bool {
    conversation.asked().flatten().flatten().any(|frame| frame.header.verbose)
}

pub fn has_answers(conversation: &Conversation) -> bool {
    let is_answer = |frames: Vec<Frame>| frames.iter().any(|frame| frame.is(MessageType::Response));
    conversation.asked().flatten().any(is_answer)
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
fn conversations_that_the_blocking_connection_has_differently_are_listed() {
    assert_eq!(ids(ours().into_iter().filter(is_pipelined)), sorted(PIPELINED.into_iter()));
    assert_eq!(ids(ours().into_iter().filter(has_answers)), sorted(ANSWERED.into_iter()));
}

fn sorted<'a>(ids: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut ids: Vec<&str> = ids.collect();
    ids.sort_unstable();
    ids
}
