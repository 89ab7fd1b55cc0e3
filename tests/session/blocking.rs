//! The conversations against the blocking connection, with a stream that misbehaves.

use rayforce_ipc::client::{Connection, Options};
use rayforce_ipc::codec::Value;
use rayforce_ipc::error::{AuthError, Error, Phase};
use rayforce_ipc::transports::duplex::Duplex;
use rayforce_ipc::transports::faulty::{Faults, Faulty};
use rayforce_ipc::wire::{Credentials, MessageType};

use super::not_ours::{is_pipelined, is_verbose, ours};
use crate::support::script::{Lent, Script, pieces};
use crate::support::sessions::{Conversation, Frame, Step};
use crate::support::tokens::read_whole;

type Stream<'s> = Faulty<Duplex<'s>>;

/// The memory of a connection, and what goes wrong in its stream.
#[derive(Clone, Copy)]
struct Conditions {
    receive: usize,
    transmit: usize,
    faults: Faults,
}

/// What the server of a conversation hears and says. It ends with a question, which our client refuses.
fn script(conversation: &Conversation) -> Script {
    let mut script = Script::new(conversation.generation).hears(&conversation.opening);
    for step in &conversation.steps {
        script = match step {
            Step::Client(bytes) => script.hears(bytes),
            Step::Server(bytes) => script.says(bytes),
            Step::ServerCloses => script.closes(),
        };
        if frames(conversation, step).iter().any(|frame| frame.is(MessageType::Sync)) {
            return script.refused();
        }
    }
    script
}

/// What the server sends in a step.
fn frames(conversation: &Conversation, step: &Step) -> Vec<Frame> {
    match step {
        Step::Server(bytes) => conversation.frames(bytes).unwrap_or_default(),
        _ => Vec::new(),
    }
}

fn replay(conversation: &Conversation, conditions: Conditions) {
    let script = script(conversation);
    let steps = script.steps();
    let Conditions { receive, transmit, faults } = conditions;
    let mut lent = Lent::new(receive, transmit);
    let mut options = Options::new();
    options.generation = conversation.demanded();
    options.credentials =
        conversation.credentials().map(|(user, password)| Credentials::new(user, password).unwrap());
    let stream = Faulty::new(Duplex::new(&steps), faults);
    let mut connection = match (Connection::open(stream, lent.lend(), &options), conversation.exchanges()) {
        (Ok(connection), _) => connection,
        (Err(Error::Auth(AuthError::Refused)), [_, Step::ServerCloses]) => return,
        (Err(error), [Step::ServerCloses]) => {
            return assert_eq!(error, Error::Disconnected(Phase::Handshake));
        }
        (Err(error), _) => panic!("{}: {error}", conversation.id),
    };
    let mut request = None;
    let mut pushed = 0;
    for step in conversation.exchanges() {
        if let Step::Client(bytes) = step {
            let [frame] = conversation.frames(bytes).unwrap().try_into().ok().expect("one frame");
            if frame.is(MessageType::Async) {
                connection.send_async(&value(&frame)).unwrap();
            } else {
                request = Some(frame);
            }
        }
        for frame in frames(conversation, step) {
            match (frame.header.message, request.take()) {
                (MessageType::Response, Some(request)) => {
                    exchange(&mut connection, &value(&request), &frame, receive);
                    assert_eq!(connection.skipped(), pushed);
                }
                (MessageType::Async, before) => (request, pushed) = (before, pushed + 1),
                (MessageType::Sync, Some(request)) => {
                    let error = connection.execute(&value(&request)).err();
                    return assert_eq!(error, Some(Error::TimedOut(Phase::FirstByte)));
                }
                // Nobody reads a question that comes after the last answer.
                (MessageType::Sync, None) => return,
                (MessageType::Response, None) => panic!("{}: an answer without request", conversation.id),
            }
        }
    }
}

fn value(frame: &Frame) -> Value<'_> {
    Value::decode(frame.header.generation, &frame.payload).unwrap()
}

/// Asks, and holds the reply against what the decoder makes of its frame.
fn exchange(
    connection: &mut Connection<'_, Stream<'_>>,
    request: &Value<'_>,
    answer: &Frame,
    receive: usize,
) {
    let generation = answer.header.generation;
    let expected = Value::decode(generation, &answer.payload);
    // Program text goes as what it is, too.
    let result = match request {
        Value::String(text) if text.as_bytes().len().is_multiple_of(2) => {
            connection.execute(text.as_str().unwrap())
        }
        value => connection.execute(value),
    };
    let mut reply = match (result, &expected) {
        (Ok(reply), Ok(_) | Err(_)) => reply,
        (Err(Error::Server(error)), Ok(Value::Error(expected))) => {
            assert_eq!(error, expected.error());
            return assert_eq!(connection.close_reason(), None);
        }
        (Err(error), _) => panic!("{error}"),
    };
    if receive >= answer.payload.len() + 16 {
        assert_eq!(reply.value(), expected.map_err(Error::Peer));
    } else {
        let reading = read_whole(generation, &answer.payload);
        match pieces(&mut reply) {
            Ok(pieces) => assert_eq!((pieces, Ok(true)), (reading.pieces, reading.end)),
            Err(error) => assert_eq!(Err(error), reading.end.map_err(Error::Peer)),
        }
    }
}

/// Every conversation through small and large buffers; `faults` says what goes wrong in one of so many bytes.
fn replay_all(faults: impl Fn(u64) -> Vec<Faults>) {
    let had = |conversation: &Conversation| !is_pipelined(conversation) && !is_verbose(conversation);
    for conversation in ours().iter().filter(|conversation| had(conversation)) {
        let said = conversation.steps.iter().map(|step| match step {
            Step::Server(bytes) => bytes.len() as u64,
            _ => 0,
        });
        for faults in faults(said.sum()) {
            for (receive, transmit) in [(16, 1), (16, 64), (31, 7), (4096, 1), (4096, 7), (4096, 64)] {
                replay(conversation, Conditions { receive, transmit, faults });
            }
        }
    }
}

fn faults(change: impl FnOnce(&mut Faults)) -> Faults {
    let mut faults = Faults::default();
    change(&mut faults);
    faults
}

#[test]
fn real_conversations_go_through_however_the_bytes_are_cut() {
    replay_all(|said| (0..=said).map(|at| faults(|faults| faults.split_read_at = Some(at))).collect());
}

#[test]
fn real_conversations_go_through_byte_by_byte_and_with_interruptions() {
    replay_all(|_| {
        let portions = [(Some(1), None), (None, Some(1)), (Some(1), Some(1)), (Some(3), Some(5))];
        let moved = |(read, write), interrupt| {
            faults(|faults| {
                (faults.read_at_most, faults.write_at_most, faults.interrupt) = (read, write, interrupt);
            })
        };
        portions.into_iter().flat_map(|portion| [moved(portion, false), moved(portion, true)]).collect()
    });
}
