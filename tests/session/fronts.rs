//! The conversations against the connections, over a stream that misbehaves, by whatever calls can have them.

use std::collections::VecDeque;
use std::fmt::Debug;

use rayforce_ipc::client::{Connection, Options};
use rayforce_ipc::codec::Value;
use rayforce_ipc::error::{AuthError, Error, Phase};
use rayforce_ipc::transports::duplex::Duplex;
use rayforce_ipc::transports::faulty::{Faults, Faulty};
use rayforce_ipc::wire::{Credentials, MessageType};

use super::not_ours::{is_of_fronts, ours};
use crate::support::front::{Front, Hear, Opens, Reading, Reads, Unasked, now};
use crate::support::script::{Lent, Script};
use crate::support::sessions::{Conversation, Frame, Step};
use crate::support::tokens::read_whole;

/// The memory of a connection, what goes wrong in its stream, and how it is used.
#[derive(Clone, Copy, Debug)]
struct Conditions {
    receive: usize,
    transmit: usize,
    faults: Faults,
    style: Style,
}

/// By which calls a client has a conversation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Style {
    /// It executes, and skips what comes unasked. Not where it answers questions, or does not wait for answers.
    Execute,
    /// It executes, and watches what comes unasked. Not where it does not wait for answers.
    Watch,
    /// It sends, receives, and waits for what comes unasked.
    Send,
}

const STYLES: [Style; 3] = [Style::Execute, Style::Watch, Style::Send];

/// A frame of a conversation, or its end.
enum Event {
    Sent(Frame),
    Came(Frame),
    Closed,
}

/// What the server of a conversation hears and says.
fn script(conversation: &Conversation) -> Script {
    let script = Script::new(conversation.generation).hears(&conversation.opening);
    conversation.steps.iter().fold(script, |script, step| match step {
        Step::Client(bytes) => script.hears(bytes),
        Step::Server(bytes) => script.says(bytes),
        Step::ServerCloses => script.closes(),
    })
}

fn events(conversation: &Conversation) -> VecDeque<Event> {
    // The verdict on credentials is no frame.
    let frames = |bytes: &[u8]| conversation.frames(bytes).unwrap_or_default().into_iter();
    let events = conversation.exchanges().iter().flat_map(|step| match step {
        Step::Client(bytes) => frames(bytes).map(Event::Sent).collect(),
        Step::Server(bytes) => frames(bytes).map(Event::Came).collect(),
        Step::ServerCloses => vec![Event::Closed],
    });
    events.collect()
}

/// What the client's calls are held against.
struct Replay<'c> {
    id: &'c str,
    conditions: Conditions,
    events: VecDeque<Event>,
    skipped: u32,
}

impl Replay<'_> {
    async fn play<F: Front>(&mut self, front: &mut F) {
        while let Some(event) = self.events.pop_front() {
            match event {
                Event::Sent(frame) if frame.is(MessageType::Async) => {
                    front.send_async(&value(&frame)).await.unwrap();
                }
                Event::Sent(frame) if front.pending() > 0 || !self.is_executed() => {
                    front.send(&value(&frame)).await.unwrap();
                }
                Event::Sent(frame) if self.conditions.style == Style::Watch => {
                    let answer = front.execute_with(&value(&frame), self).await;
                    self.answered(answer).await;
                }
                Event::Sent(frame) => {
                    self.skip();
                    let answer = front.execute(&value(&frame)).await;
                    self.answered(answer).await;
                    assert_eq!(front.skipped(), self.skipped, "{}", self.id);
                }
                Event::Came(frame) if frame.is(MessageType::Response) => {
                    self.events.push_front(Event::Came(frame));
                    let answer = front.receive().await;
                    self.answered(answer).await;
                }
                Event::Came(frame) if self.conditions.style == Style::Execute => {
                    self.events.push_front(Event::Came(frame));
                    self.skip();
                }
                Event::Came(frame) => {
                    self.events.push_front(Event::Came(frame));
                    let push = front.next_push().await.unwrap().expect("a push");
                    self.hear(push).await.unwrap();
                }
                Event::Closed if self.events.is_empty() && self.conditions.style != Style::Execute => {
                    let ended = front.next_push().await.err();
                    assert_eq!(ended, Some(Error::Disconnected(Phase::Idle)), "{}", self.id);
                }
                Event::Closed => {}
            }
        }
    }

    /// Whether the request that was taken is executed: its answer comes before another request.
    fn is_executed(&self) -> bool {
        if self.conditions.style == Style::Send {
            return false;
        }
        let mut frames = self.events.iter();
        let answer = |event: &&Event| match event {
            Event::Sent(frame) => !frame.is(MessageType::Response),
            Event::Came(frame) => frame.is(MessageType::Response),
            Event::Closed => true,
        };
        matches!(frames.find(answer), Some(Event::Came(_)))
    }

    /// Passes over pushes.
    fn skip(&mut self) {
        while let Some(Event::Came(frame)) = self.events.front()
            && frame.is(MessageType::Async)
        {
            self.skipped += 1;
            self.events.pop_front();
        }
    }

    fn came(&mut self) -> Frame {
        match self.events.pop_front() {
            Some(Event::Came(frame)) => frame,
            _ => panic!("{}: nothing comes here", self.id),
        }
    }

    /// Holds an answer against the frame that comes next.
    async fn answered<R: Reading>(&mut self, answer: Result<R, Error<R::Fault>>) {
        let frame = self.came();
        let expected = Value::decode(frame.header.generation, &frame.payload);
        match (answer, expected) {
            (Ok(mut reply), _) => check(&mut reply, &frame, self.conditions.receive).await,
            (Err(Error::Server(error)), Ok(Value::Error(expected))) => assert_eq!(error, expected.error()),
            (Err(error), _) => panic!("{}: {error:?}", self.id),
        }
    }
}

/// Holds a value against what the decoder makes of its frame.
async fn check<R: Reading>(reply: &mut R, frame: &Frame, receive: usize) {
    let generation = frame.header.generation;
    if receive >= frame.payload.len() + 16 {
        let expected = Value::decode(generation, &frame.payload);
        return assert_eq!(reply.value().await, expected.map_err(Error::Peer));
    }
    let reading = read_whole(generation, &frame.payload);
    match reply.pieces().await {
        Ok(pieces) => assert_eq!((pieces, Ok(true)), (reading.pieces, reading.end)),
        Err(error) => assert_eq!(Err(error), reading.end.map_err(Error::Peer)),
    }
}

/// A push or question, against the frame that comes next.
struct Expected<'f> {
    frame: &'f Frame,
    receive: usize,
}

impl<E: Copy + Debug + PartialEq> Reads<E> for Expected<'_> {
    async fn read(&mut self, value: &mut impl Reading<Fault = E>) {
        check(value, self.frame, self.receive).await;
    }
}

impl<E: Copy + Debug + PartialEq> Hear<E> for Replay<'_> {
    async fn hear(&mut self, mut push: impl Unasked<Fault = E>) -> Result<(), Error<E>> {
        let frame = self.came();
        assert_eq!(push.is_question(), frame.is(MessageType::Sync), "{}", self.id);
        push.read(&mut Expected { frame: &frame, receive: self.conditions.receive }).await;
        if !push.is_question() {
            return Ok(());
        }
        match self.events.pop_front() {
            Some(Event::Sent(answer)) if answer.is(MessageType::Response) => {
                push.answer(&value(&answer)).await
            }
            _ => panic!("{}: the client does not answer", self.id),
        }
    }
}

fn value(frame: &Frame) -> Value<'_> {
    Value::decode(frame.header.generation, &frame.payload).unwrap()
}

async fn replay<'b, S, F: Opens<'b, S>>(
    front: &mut F,
    stream: S,
    conversation: &Conversation,
    conditions: Conditions,
) {
    let mut options = Options::new();
    options.generation = conversation.demanded();
    options.credentials =
        conversation.credentials().map(|(user, password)| Credentials::new(user, password).unwrap());
    match (front.open(stream, &options).await, conversation.exchanges()) {
        (Ok(()), _) => {}
        (Err(Error::Auth(AuthError::Refused)), [_, Step::ServerCloses]) => return,
        (Err(error), [Step::ServerCloses]) => {
            return assert_eq!(error, Error::Disconnected(Phase::Handshake));
        }
        (Err(error), _) => panic!("{}: {error:?}", conversation.id),
    }
    let mut replay = Replay { id: &conversation.id, conditions, events: events(conversation), skipped: 0 };
    replay.play(front).await;
}

/// On both fronts.
fn replay_both(conversation: &Conversation, conditions: Conditions) {
    let script = script(conversation);
    let steps = script.steps();
    let stream = || Faulty::new(Duplex::new(&steps), conditions.faults);
    let mut lent = Lent::new(conditions.receive, conditions.transmit);
    let mut connection = <Connection<'_, _> as Opens<'_, _>>::closed(lent.lend());
    now(replay(&mut connection, stream(), conversation, conditions));
    #[cfg(feature = "async")]
    {
        let mut lent = Lent::new(conditions.receive, conditions.transmit);
        let mut connection =
            <rayforce_ipc::client::asynch::Connection<'_, _> as Opens<'_, _>>::closed(lent.lend());
        now(replay(&mut connection, stream(), conversation, conditions));
    }
}

/// Every conversation in every style that can have it. `conditions` says under which, of so many bytes.
fn replay_all(conditions: impl Fn(u64, Style) -> Vec<(usize, usize, Faults)>) {
    for conversation in ours().iter().filter(|conversation| is_of_fronts(conversation)) {
        let asked = conversation.exchanges().iter().filter_map(|step| match step {
            Step::Server(bytes) => conversation.frames(bytes),
            _ => None,
        });
        let answers = asked.flatten().any(|frame| frame.is(MessageType::Sync));
        let said = conversation.steps.iter().map(|step| match step {
            Step::Server(bytes) => bytes.len() as u64,
            _ => 0,
        });
        let said = said.sum();
        for style in STYLES.into_iter().filter(|style| *style != Style::Execute || !answers) {
            for (receive, transmit, faults) in conditions(said, style) {
                replay_both(conversation, Conditions { receive, transmit, faults, style });
            }
        }
    }
}

#[test]
fn real_conversations_go_through_however_the_bytes_are_cut() {
    replay_all(|said, style| {
        let cuts = (0..=said).filter(|at| style == Style::Send || at % 2 == style as u64 % 2);
        let cuts = cuts.map(|at| Faults { split_read_at: Some(at), ..Faults::default() });
        cuts.flat_map(|faults| [(16, 64, faults), (4096, 64, faults)]).collect()
    });
}

#[test]
fn real_conversations_go_through_byte_by_byte_and_with_interruptions() {
    replay_all(|_, _| {
        let moved = [(None, None), (Some(1), None), (None, Some(1)), (Some(1), Some(1)), (Some(3), Some(5))];
        let faults = moved.into_iter().flat_map(|(read_at_most, write_at_most)| {
            [false, true].map(|interrupt| Faults {
                read_at_most,
                write_at_most,
                interrupt,
                ..Faults::default()
            })
        });
        let buffers = [(16, 1), (16, 64), (31, 7), (4096, 1), (4096, 7), (4096, 64)];
        faults.flat_map(|faults| buffers.map(|(receive, transmit)| (receive, transmit, faults))).collect()
    });
}
