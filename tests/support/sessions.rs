//! The conversations that real servers had with a client, one connection at a time.

use rayforce_ipc::wire::{Generation, Header, MessageType};
use serde_json::Value as Json;

use super::hex::unhex;
use super::unpack::unpack;

/// What one connection of a session sent and got, in order.
pub struct Conversation {
    /// The session and the name of the connection in it.
    pub id: String,
    pub conn: String,
    pub generation: Generation,
    pub opening: Vec<u8>,
    pub steps: Vec<Step>,
}

/// One step after the opening. What happens out of the stream, as the byte of urgent data by which a query is
/// cancelled, is none.
#[derive(Clone)]
pub enum Step {
    Client(Vec<u8>),
    Server(Vec<u8>),
    ServerCloses,
}

/// A frame as it travelled, and its plain payload.
#[derive(Clone)]
pub struct Frame {
    pub header: Header,
    pub bytes: Vec<u8>,
    pub payload: Vec<u8>,
}

pub fn all() -> Vec<Conversation> {
    SESSIONS.lines().flat_map(conversations).collect()
}

fn conversations(line: &str) -> Vec<Conversation> {
    let json: Json = serde_json::from_str(line).expect("a JSON object on each line");
    let id = json["id"].as_str().expect("an id");
    let generation = match json["wire"].as_u64() {
        Some(1) => Generation::V1,
        Some(3) => Generation::V3,
        other => panic!("{id}: wire {other:?}"),
    };
    let mut conversations: Vec<Conversation> = Vec::new();
    for step in json["steps"].as_array().expect("steps") {
        let conn = step["conn"].as_str().expect("a connection");
        let bytes = step["hex"].as_str().map(unhex).unwrap_or_default();
        let step = match (step["from"].as_str(), &step["urgent"], &step["close"]) {
            (_, Json::Bool(true), _) => continue,
            (Some("server"), _, Json::Bool(true)) => Step::ServerCloses,
            (Some("server"), ..) => Step::Server(bytes),
            (Some("client"), _, Json::Null) => Step::Client(bytes),
            other => panic!("{id}: step {other:?}"),
        };
        match (conversations.iter_mut().find(|conversation| conversation.conn == conn), step) {
            (Some(conversation), step) => conversation.steps.push(step),
            (None, Step::Client(opening)) => conversations.push(Conversation {
                id: id.into(),
                conn: conn.into(),
                generation,
                opening,
                steps: Vec::new(),
            }),
            (None, _) => panic!("{id}: the server speaks first"),
        }
    }
    conversations
}

impl Conversation {
    /// The opening is the one that our client sends: that of wire 3, or of wire 1 where it is demanded.
    pub fn demanded(&self) -> Option<Generation> {
        (self.opening == [1, 0]).then_some(Generation::V1)
    }

    /// User and password, where the server asked for them.
    pub fn credentials(&self) -> Option<(&str, &str)> {
        match self.steps.as_slice() {
            [Step::Server(answer), Step::Client(credentials), ..] if *answer == [3, 1] => {
                let text = str::from_utf8(&credentials[1..]).expect("text");
                Some(text.trim_end_matches('\0').split_once(':').unwrap_or(("", text)))
            }
            _ => None,
        }
    }

    /// The steps after the server's answer to the opening; after credentials, where it asked for them.
    pub fn exchanges(&self) -> &[Step] {
        match self.steps.as_slice() {
            [_, _, rest @ ..] if self.credentials().is_some() => rest,
            [Step::Server(_), rest @ ..] => rest,
            steps => steps,
        }
    }

    /// The frames of bytes that one side sent; none where they are no frames.
    pub fn frames(&self, bytes: &[u8]) -> Option<Vec<Frame>> {
        let mut rest = bytes;
        let mut frames = Vec::new();
        while !rest.is_empty() {
            let header = Header::parse(self.generation, rest.first_chunk()?).ok()?;
            let (bytes, behind) = rest.split_at_checked(Header::LEN + header.size as usize)?;
            let travelled = &bytes[Header::LEN..];
            let payload = if header.packed { unpack(travelled) } else { travelled.to_vec() };
            frames.push(Frame { header, bytes: bytes.to_vec(), payload });
            rest = behind;
        }
        Some(frames)
    }

    /// The frames of the client, step by step.
    pub fn asked(&self) -> impl Iterator<Item = Option<Vec<Frame>>> {
        self.exchanges().iter().filter_map(|step| match step {
            Step::Client(bytes) => Some(self.frames(bytes)),
            _ => None,
        })
    }
}

impl Frame {
    pub fn is(&self, message: MessageType) -> bool {
        self.header.message == message
    }
}

const SESSIONS: &str = include_str!("../vectors/sessions.jsonl");
