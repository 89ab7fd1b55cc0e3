//! The other side of the stream: a peer that does as the input says, and remembers what it said and heard.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use embedded_io::{ErrorKind, ErrorType};
use rayforce_ipc::client::{self, asynch};
use rayforce_ipc::codec::literal::{List, Strings, Symbols, Table};
use rayforce_ipc::codec::{Encode, Symbol, Text, Value, Writer};
use rayforce_ipc::wire::{Generation, Header, MessageType, ServerError};

use crate::pack::pack;
use crate::unpack::unpack;

/// What the peer sends next in answer to a request, or by itself.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What the value is, out of those of [`built`].
    pub kind: u8,
    /// How long it is.
    pub size: usize,
    /// Whether it is packed, on wire 3.
    pub packed: bool,
    /// Bytes in place of a value: packed already, where it is packed.
    pub raw: Option<Vec<u8>>,
}

/// What the peer has said: the generation, and the plain payload, where that is known.
#[derive(Clone, Debug)]
pub struct Said {
    /// How it is to be read.
    pub generation: Generation,
    /// Nobody knows what bytes unpack to that were not packed by us.
    pub payload: Option<Vec<u8>>,
    /// Whether it travelled packed.
    pub packed: bool,
}

/// Both ends of the stream, what was said, and what is known of the connection.
#[derive(Debug)]
pub struct World {
    /// What the peer speaks.
    pub generation: Generation,
    /// Bytes that a read or write moves at most.
    pub most: (usize, usize),
    /// How often a future of the stream waits.
    pub waits: u8,
    /// Every so many calls are interrupted; 0: none.
    pub interrupted: usize,
    /// From here on nothing is known of what the peer says.
    pub is_wild: bool,
    /// Whether the peer has ended the stream.
    pub is_ended: bool,
    /// Answers to come.
    pub plans: VecDeque<Plan>,
    /// What the next frame is damaged by: the place of a byte, and what it is changed by.
    pub damage: Option<(usize, u8)>,
    /// Answers by the numbers of their requests.
    pub answered: BTreeMap<u64, Said>,
    /// Requests that have arrived.
    pub heard: BTreeSet<u64>,
    /// Pushes that are no publications, which were not delivered.
    pub pushed: VecDeque<Said>,
    /// Questions whose answer is to come.
    pub asked: VecDeque<u64>,
    /// Topics that the connection is subscribed to: the next number, and whether it is still.
    pub topics: BTreeMap<String, (i64, bool)>,
    /// Publications by topic and number.
    pub published: BTreeMap<(String, i64), Said>,
    /// The number that is expected of a topic's next publication, if that is known.
    pub expected: BTreeMap<String, Option<i64>>,
    /// Requests that were sent, and whose answer is to be received.
    pub pending: VecDeque<u64>,
    /// Requests of which it was said that they were not sent.
    pub not_sent: BTreeSet<u64>,
    /// From here on it is not known what of the topics is reported.
    pub is_unsure: bool,
    /// Calls of the transport, and bytes that they have moved.
    pub calls: usize,
    /// See `calls`.
    pub moved: usize,
    next_id: u64,
    out: VecDeque<u8>,
    /// Bytes of the stream that were read.
    read: usize,
    /// Where answers end in the stream, by the numbers of their requests.
    ends: BTreeMap<u64, usize>,
    /// Where the answer ends that the caller was given last: before that nothing may be sent.
    barred: usize,
    inbox: Vec<u8>,
    is_open: bool,
}

impl World {
    /// A peer to which nobody is connected.
    pub fn new() -> World {
        World {
            generation: Generation::V3,
            most: (usize::MAX, usize::MAX),
            waits: 0,
            interrupted: 0,
            is_wild: false,
            is_ended: false,
            plans: VecDeque::new(),
            damage: None,
            answered: BTreeMap::new(),
            heard: BTreeSet::new(),
            pushed: VecDeque::new(),
            asked: VecDeque::new(),
            topics: BTreeMap::new(),
            published: BTreeMap::new(),
            expected: BTreeMap::new(),
            pending: VecDeque::new(),
            not_sent: BTreeSet::new(),
            is_unsure: false,
            calls: 0,
            moved: 0,
            next_id: 1,
            out: VecDeque::new(),
            read: 0,
            ends: BTreeMap::new(),
            barred: 0,
            inbox: Vec::new(),
            is_open: false,
        }
    }

    /// A number that nothing else has.
    pub fn number(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    /// The caller was given the answer to a request, all of which is to be read before anything else is sent.
    pub fn is_given(&mut self, number: u64) {
        self.barred = self.ends.get(&number).copied().unwrap_or(0);
    }

    /// Another stream.
    pub fn connected(&mut self, generation: Generation) {
        self.generation = generation;
        (self.is_wild, self.is_ended, self.is_open) = (false, false, false);
        self.out.clear();
        self.inbox.clear();
        self.ends.clear();
        (self.read, self.barred) = (0, 0);
        self.pushed.clear();
        self.asked.clear();
        self.pending.clear();
        for (_, is_subscribed) in self.topics.values_mut() {
            *is_subscribed = false;
        }
    }

    /// Says a frame. It is known what it means, unless it is damaged.
    fn say(&mut self, message: MessageType, plan: &Plan, id: u64) -> Said {
        let generation = self.generation;
        let packed = plan.packed && generation == Generation::V3;
        let plain = match &plan.raw {
            // An empty payload is a fault of the header on wire 3.
            Some(raw) if raw.is_empty() => vec![0x7e],
            Some(raw) => raw.clone(),
            None => built(generation, plan, id),
        };
        let is_known = !packed || plan.raw.is_none();
        self.framed(message, packed, &plain, plan.raw.is_none());
        Said { generation, payload: is_known.then_some(plain), packed }
    }

    fn framed(&mut self, message: MessageType, packed: bool, plain: &[u8], packs: bool) {
        let payload = if packed && packs { pack(plain) } else { plain.to_vec() };
        let (generation, size) = (self.generation, payload.len() as u64);
        let header = Header { generation, message, packed, verbose: false, size };
        let mut frame = [&header.to_bytes(), &payload[..]].concat();
        if let Some((at, change)) = self.damage.take() {
            let at = at % frame.len();
            if change != 0 {
                frame[at] ^= change;
                self.is_wild = true;
            }
        }
        self.out.extend(frame);
    }

    /// Sends what nobody asked for, unless there is nobody.
    pub fn push(&mut self, plan: &Plan) {
        if !self.is_open {
            return;
        }
        let id = self.number();
        let said = self.say(MessageType::Async, plan, id);
        self.pushed.push_back(said);
    }

    /// Asks.
    pub fn ask(&mut self) {
        if !self.is_open {
            return;
        }
        let id = self.number();
        self.say(MessageType::Sync, &Plan { kind: 0, size: 0, packed: false, raw: None }, id);
        self.asked.push_back(id);
    }

    /// Publishes, where there is a subscriber.
    pub fn publish(&mut self, topic: &str, plan: &Plan) {
        let id = self.number();
        let Some((next, true)) = self.topics.get_mut(topic).map(|(next, is)| (next, *is)) else { return };
        let sequence = *next;
        *next += 1;
        let generation = self.generation;
        let value = built(generation, plan, id);
        let packed = plan.packed && generation == Generation::V3;
        // A list of a symbol and what is quoted, which is put behind its head.
        let mut quote = encoded(generation, &[&Symbol::name("quote"), &()]);
        quote.pop();
        let mut envelope = encoded(generation, &[&Symbol::name("upd"), &Text::from(topic), &sequence, &()]);
        envelope.pop();
        envelope.extend(&quote);
        envelope.extend(&value);
        self.framed(MessageType::Async, packed, &envelope, true);
        let said = Said { generation, payload: Some(value), packed };
        self.published.insert((topic.to_owned(), sequence), said);
    }

    /// Says what comes to mind.
    pub fn babble(&mut self, bytes: &[u8]) {
        self.out.extend(bytes);
        self.is_wild |= !bytes.is_empty();
    }

    /// What the client has written.
    fn hear(&mut self) {
        loop {
            if !self.is_open {
                if self.inbox.len() < 2 {
                    return;
                }
                self.inbox.drain(..2);
                self.is_open = true;
                let answer: &[u8] = if self.generation == Generation::V1 { &[1] } else { &[3, 0] };
                self.out.extend(answer);
            }
            let Some(head) = self.inbox.first_chunk() else { return };
            let header = Header::parse(self.generation, head).expect("what the client sends is a frame");
            let end = Header::LEN + header.size as usize;
            if self.inbox.len() < end {
                return;
            }
            let frame: Vec<u8> = self.inbox.drain(..end).collect();
            let mut payload = frame[Header::LEN..].to_vec();
            if header.packed {
                payload = unpack(&payload);
            }
            let value = Value::decode(self.generation, &payload).expect("what the client sends is a value");
            self.frame(&header, value);
        }
    }

    fn frame(&mut self, header: &Header, value: Value<'_>) {
        let number = value.as_str().ok().and_then(|text| text.trim().parse().ok());
        match (header.message, number) {
            (MessageType::Response, _) => {
                let asked = self.asked.pop_front();
                if self.is_wild {
                    return;
                }
                let asked = asked.expect("an answer to a question");
                let is_answer = number == Some(asked);
                let refusal = if self.generation == Generation::V1 { "null" } else { "(error nyi)" };
                let is_refusal = value.is_null() || matches!(value, Value::Error(_));
                assert!(is_answer || is_refusal, "{value:?} to {asked}, and no {refusal}");
            }
            (_, Some(number)) => {
                assert!(self.heard.insert(number), "{number} came twice");
                assert!(!self.not_sent.contains(&number), "{number} was said not to be sent");
                if header.message == MessageType::Sync {
                    let plain = Plan { kind: 0, size: 0, packed: false, raw: None };
                    let plan = self.plans.pop_front().unwrap_or(plain);
                    let said = self.say(MessageType::Response, &plan, number);
                    self.ends.insert(number, self.read + self.out.len());
                    self.answered.insert(number, said);
                }
            }
            (MessageType::Sync, None) => self.own(value),
            (MessageType::Async, None) => panic!("{value:?} was sent by nobody"),
        }
    }

    /// A request of the connection's own.
    fn own(&mut self, value: Value<'_>) {
        let shown = format!("{value:?}");
        let parts: Vec<_> = value.list().expect("a call").iter().collect();
        let name = |at: usize| match parts.get(at) {
            Some(Value::Symbol(symbol)) => symbol.as_str().ok().map(str::to_owned),
            _ => None,
        };
        let answer = match (name(0).as_deref(), name(1)) {
            (Some(".mc.sub"), Some(topic)) => {
                let (next, is_subscribed) = self.topics.entry(topic).or_insert((1, false));
                *is_subscribed = true;
                Some(*next)
            }
            (Some(".mc.unsub"), Some(topic)) => {
                if let Some((_, is_subscribed)) = self.topics.get_mut(&topic) {
                    *is_subscribed = false;
                }
                None
            }
            _ if self.generation == Generation::V1 => {
                // Which topic it is, if any, this peer does not know.
                self.is_unsure = true;
                Some(3)
            }
            _ => panic!("{shown} was asked by nobody"),
        };
        let plain = answer.map_or_else(|| vec![0x7e], |answer| encode(self.generation, &answer));
        self.framed(MessageType::Response, false, &plain, true);
    }

    fn call(&mut self) -> Result<(), ErrorKind> {
        self.calls += 1;
        // Each call moves a byte, flushes, is interrupted, or is the last one.
        assert!(self.calls <= 64 + 8 * self.moved, "{} calls for {} bytes", self.calls, self.moved);
        if self.interrupted > 0 && self.calls.is_multiple_of(self.interrupted) {
            return Err(ErrorKind::Interrupted);
        }
        Ok(())
    }

    fn read(&mut self, target: &mut [u8]) -> Result<usize, ErrorKind> {
        assert!(!target.is_empty(), "input is wanted, and there is no room for it");
        self.call()?;
        if self.out.is_empty() {
            return if self.is_ended { Ok(0) } else { Err(ErrorKind::TimedOut) };
        }
        let count = target.len().min(self.most.0).min(self.out.len());
        for (target, byte) in target.iter_mut().zip(self.out.drain(..count)) {
            *target = byte;
        }
        self.moved += count;
        self.read += count;
        Ok(count)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        assert!(!bytes.is_empty(), "nothing is to be written");
        self.call()?;
        if self.is_ended {
            return Err(ErrorKind::BrokenPipe);
        }
        assert!(self.is_wild || self.read >= self.barred, "sent in front of the end of an answer");
        let count = bytes.len().min(self.most.1);
        self.inbox.extend(&bytes[..count]);
        self.moved += count;
        self.hear();
        Ok(count)
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

fn encode(generation: Generation, value: &dyn Encode) -> Vec<u8> {
    let len = Writer::measure(generation, value).expect("a value that can be sent");
    let mut buffer = vec![0; len as usize];
    Writer::encode(generation, value, &mut buffer).expect("as long as it was measured");
    buffer
}

fn encoded(generation: Generation, values: &[&dyn Encode]) -> Vec<u8> {
    encode(generation, &List(values))
}

/// The plain payload of a value with a number in it.
fn built(generation: Generation, plan: &Plan, id: u64) -> Vec<u8> {
    let (number, size) = (id.cast_signed(), plan.size);
    let (name, run) = (id.to_string(), "a".repeat(size));
    let numbers = vec![number; size];
    let numbers = numbers.as_slice();
    let texts = vec![name.as_str(); size];
    match plan.kind % 12 {
        0 => encode(generation, &number),
        1 => encode(generation, &numbers),
        2 => encode(generation, &Table::new(&["id", &name, ""], &[&numbers, &Symbols(&texts), &numbers])),
        3 => encoded(generation, &[&number, &Text::from(run.as_str()), &numbers, &()]),
        4 => encode(generation, &Symbols(&texts)),
        5 => encode(generation, &Strings(&texts)),
        6 => encoded(generation, &[&Text::from(run.as_str()), &number]),
        7 if generation == Generation::V3 => encode(generation, &ServerError::new(&name)),
        7 => [&[0x7f, 5][..], &encode(generation, &Text::from(format!("{run}{id}").as_str()))].concat(),
        8 => encode(generation, &vec![0u8; size].as_slice()),
        9 => [&[0x63, 0][..], &encode(generation, &Symbols(&texts)), &encode(generation, &numbers)].concat(),
        10 => encode(generation, &Table::new(&[&run, &name], &[&numbers, &numbers])),
        _ => encode(generation, &Text::from(format!("{run}{id}").as_str())),
    }
}

/// The client's end.
#[derive(Clone, Debug)]
pub struct Stream(pub Rc<RefCell<World>>);

impl Stream {
    async fn wait(&self) {
        let mut left = self.0.borrow().waits;
        std::future::poll_fn(|_| match left {
            0 => Poll::Ready(()),
            _ => {
                left -= 1;
                Poll::Pending
            }
        })
        .await;
    }
}

impl ErrorType for Stream {
    type Error = ErrorKind;
}

impl embedded_io::Read for Stream {
    fn read(&mut self, target: &mut [u8]) -> Result<usize, ErrorKind> {
        self.0.borrow_mut().read(target)
    }
}

impl embedded_io::Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        self.0.borrow_mut().call()
    }
}

impl client::Transport for Stream {
    type Handle = ();

    fn set_deadline(&mut self, _: Duration) {}

    fn handle(&self) -> Result<(), ErrorKind> {
        Ok(())
    }
}

impl embedded_io_async::Read for Stream {
    async fn read(&mut self, target: &mut [u8]) -> Result<usize, ErrorKind> {
        assert!(!target.is_empty(), "input is wanted, and there is no room for it");
        self.wait().await;
        self.0.borrow_mut().read(target)
    }
}

impl embedded_io_async::Write for Stream {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        self.wait().await;
        self.0.borrow_mut().write(bytes)
    }

    async fn flush(&mut self) -> Result<(), ErrorKind> {
        self.wait().await;
        self.0.borrow_mut().call()
    }
}

impl asynch::Transport for Stream {
    type Handle = ();

    fn set_deadline(&mut self, _: Duration) {}

    fn handle(&self) -> Result<(), ErrorKind> {
        Ok(())
    }
}
