//! The frames that real servers and clients sent.

use std::sync::LazyLock;

use rayforce_ipc::wire::{Generation, Header};
use serde_json::Value as Json;

use super::hex::unhex;
use super::unpack::unpack;

/// One captured frame. What the fields mean is told in `tests/vectors/README.md`.
pub struct Vector {
    pub id: String,
    pub generation: Generation,
    /// Header and payload, as they travelled.
    pub frame: Vec<u8>,
    /// The payload; of a packed frame the plain one.
    pub payload: Vec<u8>,
    /// The plain payload of a packed frame, where the capture came with it.
    pub given_payload: Option<Vec<u8>>,
    /// The value in words.
    pub shows: Option<String>,
    /// Why no decoder can read the payload to its end.
    pub undecodable: Option<String>,
    /// Bytes behind the value.
    pub trailing: usize,
}

impl Vector {
    pub fn header(&self) -> Header {
        let header = self.frame.first_chunk().expect("a frame has a header");
        Header::parse(self.generation, header).unwrap_or_else(|error| panic!("{}: {error}", self.id))
    }
}

/// All frames, in the order of the file.
pub fn all() -> &'static [Vector] {
    static ALL: LazyLock<Vec<Vector>> = LazyLock::new(|| FRAMES.lines().map(vector).collect());
    &ALL
}

/// Those that have a value.
pub fn decodable() -> impl Iterator<Item = &'static Vector> {
    all().iter().filter(|vector| vector.undecodable.is_none())
}

fn vector(line: &str) -> Vector {
    let json: Json = serde_json::from_str(line).expect("a JSON object on each line");
    let text = |field: &str| json[field].as_str().map(str::to_owned);
    let id = text("id").expect("an id");
    let generation = match json["wire"].as_u64() {
        Some(1) => Generation::V1,
        Some(3) => Generation::V3,
        other => panic!("{id}: wire {other:?}"),
    };
    let frame = unhex(&text("frame").expect("a frame"));
    let travelled = frame[Header::LEN..].to_vec();
    let packed = generation == Generation::V3 && frame[FLAGS] & PACKED != 0;
    Vector {
        payload: if packed { unpack(&travelled) } else { travelled },
        given_payload: text("payload").map(|digits| unhex(&digits)),
        shows: text("shows"),
        undecodable: text("undecodable"),
        trailing: json["trailing"].as_u64().map_or(0, |count| count as usize),
        id,
        generation,
        frame,
    }
}

const FRAMES: &str = include_str!("../vectors/frames.jsonl");
/// The header byte of the flags, and the flag of a packed payload.
const FLAGS: usize = 5;
const PACKED: u8 = 1;
