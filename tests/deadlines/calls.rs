//! What is done with a connection, and how it is to end.

use std::time::Duration;

use embedded_io::ErrorKind;
use rayforce_ipc::client::{Options, Timeouts};
use rayforce_ipc::codec::literal::Call as Literal;
use rayforce_ipc::codec::{Encode, Symbol, Text};
use rayforce_ipc::error::{CloseReason, Error, Outcome, Phase};
use rayforce_ipc::query::{col, set, table};
use rayforce_ipc::transports::adapters::TimedError;
use rayforce_ipc::wire::{Credentials, Generation, Header, MessageType};

use super::world::{End, Scene, TICK};
use crate::support::codec::sent;
use crate::support::script::{Script, frame};

/// One call, with what is done at once with what it gives.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Call {
    Open,
    Reopen,
    Reconnect,
    Execute,
    /// A query for which a server of wire 1 is asked for its dialect.
    Query,
    /// `execute`, and the value as a whole.
    Value,
    /// `execute`, and the value by tokens.
    Tokens,
    /// `execute`, and the value by columns.
    Columns,
    /// What is printed, and the value.
    Verbose,
    With(React),
    Send,
    SendAsync,
    Receive,
    ReceiveWith(React),
    Subscribe,
    Unsubscribe,
    Listen(React),
}

/// What is done with a push.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum React {
    Ignore,
    Read,
    Answer,
    Refuse,
}

/// Calls that take no time, and one that ends with a limit.
pub struct Case {
    pub what: String,
    /// A peer for each stream that is opened.
    pub scenes: Vec<Scene>,
    pub before: Vec<Call>,
    pub call: Call,
    pub phase: Phase,
    pub elapsed: Duration,
}

impl Case {
    pub fn new(what: &str, scene: Scene, before: &[Call], call: Call, phase: Phase) -> Case {
        let what = format!("{what}, {:?}", scene.end);
        let elapsed = limit(phase);
        Case { what, scenes: vec![scene], before: before.to_vec(), call, phase, elapsed }
    }
}

/// The cases of which one fails are known by their words.
#[track_caller]
pub fn assert_ended(case: &Case, result: &Result<bool, Failed>, elapsed: Duration) {
    let Case { what, call, phase, .. } = case;
    match result {
        Ok(false) if *phase == Phase::Idle => {}
        Err(error @ Error::TimedOut(timed_out)) if timed_out == phase => {
            let outcome = match phase {
                Phase::Write | Phase::FirstByte => Outcome::Unknown,
                Phase::Reply => Outcome::Answered,
                _ => Outcome::NotSent,
            };
            assert_eq!(error.outcome(), outcome, "{call:?}: {what}");
        }
        other => panic!("{call:?}: {what}: {other:?}, not {phase:?}"),
    }
    let most = case.elapsed + TICK;
    assert!(
        case.elapsed <= elapsed && elapsed <= most,
        "{call:?}: {what}: {elapsed:?}, not {:?}",
        case.elapsed
    );
}

/// Why the connection is closed then; an idle one is open.
pub fn reason(case: &Case) -> Option<CloseReason> {
    (case.phase != Phase::Idle).then_some(CloseReason::TimedOut(case.phase))
}

pub fn cases() -> Vec<Case> {
    let all =
        [super::opening::cases(), super::sending::cases(), super::waiting::cases(), super::unasked::cases()];
    all.into_iter().flatten().collect()
}

pub fn options() -> Options<'static> {
    let timeouts = Timeouts {
        connect: limit(Phase::Connect),
        handshake: limit(Phase::Handshake),
        write: limit(Phase::Write),
        first_byte: limit(Phase::FirstByte),
        reply: limit(Phase::Reply),
        idle: limit(Phase::Idle),
    };
    let credentials = Some(Credentials::new("bob", "s3cret").unwrap());
    Options { timeouts, credentials, ..Options::new() }
}

/// No two are alike.
pub const fn limit(phase: Phase) -> Duration {
    Duration::from_millis(match phase {
        Phase::Connect => 700,
        Phase::Handshake => 1_500,
        Phase::Start | Phase::Write => 3_500,
        Phase::FirstByte => 5_500,
        Phase::Idle => 6_500,
        _ => 4_500,
    })
}

pub fn silent(script: Script) -> Scene {
    Scene { script, end: End::Silent }
}

pub fn deaf(script: Script) -> Scene {
    Scene { script, end: End::Deaf }
}

pub fn trickle(script: Script, bytes: &[u8]) -> Scene {
    Scene { script, end: End::Trickle(bytes.to_vec()) }
}

pub fn flood(script: Script, bytes: &[u8]) -> Scene {
    Scene { script, end: End::Flood(bytes.to_vec()) }
}

/// What a call sends first.
pub fn request(generation: Generation, call: Call) -> Vec<u8> {
    let text = sent(generation, &Text::from(ASK));
    let topic = Symbol::quoted(TOPIC);
    match call {
        Call::Verbose => {
            let (message, size) = (MessageType::Sync, text.len() as u64);
            let header = Header { generation, message, packed: false, verbose: true, size };
            [&header.to_bytes(), &text[..]].concat()
        }
        Call::SendAsync => frame(generation, MessageType::Async, &text),
        Call::Subscribe => sync(generation, &Literal(".mc.sub", &[&topic])),
        Call::Unsubscribe => sync(generation, &Literal(".mc.unsub", &[&topic])),
        _ => frame(generation, MessageType::Sync, &text),
    }
}

fn sync(generation: Generation, value: &dyn Encode) -> Vec<u8> {
    frame(generation, MessageType::Sync, &sent(generation, value))
}

/// A server that has let the client in, and taken a subscription.
pub fn subscribed() -> Script {
    let script = Script::opened(Generation::V3).hears(&request(Generation::V3, Call::Subscribe));
    script.answers(&1i64)
}

/// A vector that is longer than any flood.
pub fn endless(generation: Generation, message: MessageType) -> Vec<u8> {
    let len = 0x4_0000;
    let mut payload = sent(generation, &[0i64]);
    let at = payload.len() - 16;
    payload[at..at + 8].copy_from_slice(&(len as u64).to_le_bytes());
    let size = (payload.len() + (len - 1) * 8) as u64;
    let header = Header { generation, message, packed: false, verbose: false, size };
    [&header.to_bytes(), &payload[..]].concat()
}

pub type Failed = Error<TimedError<ErrorKind>>;

/// As in the scripts of the other tests.
pub const ASK: &str = "(+ 1 2)";
pub const TOPIC: &str = "trades";

pub fn brittle() -> impl Encode {
    table("t").update(set("s", "b")).filter(col("x").gt(1))
}
