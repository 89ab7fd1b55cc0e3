//! The server, and what it knows of each stream: it answers a request by what only that request can have, in order.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use embedded_io::ErrorKind;
use rayforce_ipc::codec::Value;
use rayforce_ipc::wire::{Generation, Header, MessageType};

use super::asked::{self, UNASKED};
use super::lots::{LIMITS, Lots, Mood, TICK};
use super::spoken;
use crate::support::script::frame;

pub struct Server {
    pub mood: Mood,
    lots: Lots,
    pub streams: Vec<Stream>,
    /// Requests that were heard to their end.
    pub seen: HashSet<i64>,
    /// Requests whose answer was said, and those of them whose answer cannot be decoded.
    pub answered: HashSet<i64>,
    pub damaged: HashSet<i64>,
    /// Those whose answer is behind what is no header.
    pub forged: HashSet<i64>,
    last_request: i64,
    last_unasked: i64,
    restart_at: Option<Duration>,
    down_until: Duration,
}

/// What the server knows of a stream, and what the client may do with it.
#[derive(Default)]
pub struct Stream {
    is_open: bool,
    /// Bytes of a frame that is not complete.
    pub heard: Vec<u8>,
    /// What is said, and when it arrives.
    said: VecDeque<(Duration, Vec<u8>)>,
    /// Bytes of the first of that which were read.
    read: usize,
    /// When and how the server goes, in order or not.
    end: Option<(Duration, bool)>,
    /// Nothing is said any more.
    is_hung: bool,
    pub is_aborted: bool,
    /// The client has dropped it.
    pub is_dropped: bool,
    abort_at: Option<Duration>,
    /// Something was said that is not true.
    pub has_lied: bool,
    /// Questions that are to be answered, and whether nothing is done before.
    asked: VecDeque<(i64, bool)>,
    /// Requests that are heard meanwhile.
    held: VecDeque<i64>,
    /// What was said unasked, in its order, and how much of that the client has had.
    unasked: HashMap<i64, usize>,
    had: usize,
    next_unasked: Option<Duration>,
    deaf_until: Duration,
    /// What a call may not do any more with this stream.
    pub doubt: Option<String>,
    /// Whether that stands only until it is told otherwise: after a limit.
    pub is_late: bool,
    /// When the limit that was set last is reached, and all that were set in this call.
    pub deadline: Option<Duration>,
    pub limits: Vec<Duration>,
    #[cfg(feature = "async")]
    pub waker: Option<std::task::Waker>,
}

impl Server {
    pub fn new(mood: Mood, lots: Lots) -> Server {
        let mut server = Server {
            mood,
            lots,
            streams: Vec::new(),
            seen: HashSet::new(),
            answered: HashSet::new(),
            damaged: HashSet::new(),
            forged: HashSet::new(),
            last_request: 0,
            last_unasked: UNASKED,
            restart_at: None,
            down_until: Duration::ZERO,
        };
        server.restart_at = server.in_a_while(Duration::ZERO, mood.restarts);
        server
    }

    /// From now on all goes well, with streams that are made from now on. It asks and tells a lot.
    pub fn calm_down(&mut self, now: Duration) {
        self.mood = Mood { unasked: 1000, ..Mood::calm(self.mood.generation) };
        (self.restart_at, self.down_until) = (None, now);
    }

    /// A number that no other request has.
    pub const fn next_request(&mut self) -> i64 {
        self.last_request += 1;
        self.last_request
    }

    pub fn connect(&mut self, now: Duration) -> Result<usize, ErrorKind> {
        if now < self.down_until || self.lots.hits(self.mood.refuses) {
            return Err(ErrorKind::ConnectionRefused);
        }
        let next_unasked = self.in_a_while(now, self.mood.every);
        self.streams.push(Stream { next_unasked, ..Stream::default() });
        Ok(self.streams.len() - 1)
    }

    /// Restarts, if it is time.
    pub fn advance(&mut self, now: Duration) {
        let Some(at) = self.restart_at.filter(|at| *at <= now) else { return };
        let in_order = self.lots.hits(500);
        for stream in &mut self.streams {
            if stream.end.is_none() {
                stream.end = Some((at, in_order));
                stream.said.retain(|(due, _)| *due <= at);
                stream.is_hung = true;
                stream.wake();
            }
        }
        self.down_until = at + self.lots.millis(60);
        self.restart_at = self.in_a_while(now, self.mood.restarts);
    }

    /// When a read gives something; none where it never does.
    pub fn readable_at(&mut self, id: usize, now: Duration) -> Option<Duration> {
        self.speak_up(id, now);
        let stream = &self.streams[id];
        if stream.abort_at.is_some_and(|at| at <= now) {
            self.streams[id].is_aborted = true;
        }
        let stream = &self.streams[id];
        if stream.is_aborted {
            return Some(now);
        }
        let end = match stream.end {
            Some((at, _)) => Some(at),
            None => self.restart_at,
        };
        let unasked = if stream.is_open { stream.next_unasked } else { None };
        [stream.said.front().map(|said| said.0), end, unasked, stream.abort_at].into_iter().flatten().min()
    }

    /// Reads what has arrived.
    pub fn take(&mut self, id: usize, target: &mut [u8], now: Duration) -> Result<usize, ErrorKind> {
        let stream = &mut self.streams[id];
        if stream.is_aborted {
            return Err(ErrorKind::ConnectionAborted);
        }
        if stream.end.is_some_and(|(at, in_order)| at <= now && !in_order) {
            return Err(ErrorKind::ConnectionReset);
        }
        let Some((due, bytes)) = stream.said.front() else { return Ok(0) };
        if *due > now {
            return Ok(0);
        }
        let left = &bytes[stream.read..];
        let count = left.len().min(target.len());
        target[..count].copy_from_slice(&left[..count]);
        stream.read += count;
        if stream.read == bytes.len() {
            stream.said.pop_front();
            stream.read = 0;
        }
        Ok(count)
    }

    /// When a write is taken.
    pub fn writable_at(&self, id: usize, now: Duration) -> Duration {
        self.streams[id].deaf_until.max(now)
    }

    /// Takes bytes, and does what they ask for.
    pub fn put(&mut self, id: usize, bytes: &[u8], now: Duration) -> Result<usize, ErrorKind> {
        let stream = &mut self.streams[id];
        if stream.is_aborted {
            return Err(ErrorKind::ConnectionAborted);
        }
        match stream.end {
            // What is sent to a server that has gone is taken by nobody.
            Some((at, true)) if at <= now => return Ok(bytes.len()),
            Some((at, false)) if at <= now => return Err(ErrorKind::ConnectionReset),
            _ => {}
        }
        let most = if self.lots.hits(self.mood.deaf) {
            stream.deaf_until = now + self.lots.millis(30);
            1 + self.lots.below(bytes.len() as u64) as usize
        } else {
            bytes.len()
        };
        self.streams[id].heard.extend_from_slice(&bytes[..most]);
        self.hear(id, now);
        Ok(most)
    }

    /// Whether the server is known to have gone away.
    pub fn has_gone(&self, id: usize, now: Duration) -> bool {
        let stream = &self.streams[id];
        self.mood.tells && (stream.is_aborted || stream.end.is_some_and(|(at, _)| at <= now))
    }

    /// All streams of which that is known.
    pub fn gone(&self, now: Duration) -> Vec<usize> {
        (0..self.streams.len()).filter(|id| self.has_gone(*id, now)).collect()
    }

    /// The connection is ended from elsewhere, at some time.
    pub fn abort_soon(&mut self, id: usize, now: Duration) {
        self.streams[id].abort_at = Some(now + self.lots.millis(20));
    }

    /// The client has had what came unasked; they come in the order in which they were sent, each once.
    pub fn has_had(&mut self, id: usize, number: i64) {
        let stream = &mut self.streams[id];
        let place = stream.unasked.get(&number);
        let place = *place.unwrap_or_else(|| panic!("RULE: {number} was never said on stream {id}"));
        assert!(place >= stream.had, "RULE: {number} was had after one that came later, or twice");
        stream.had = place + 1;
    }

    /// Whether a part of this request was heard; where its number did not come yet, and nothing was heard before the call,
    /// whether of any.
    pub fn has_part(&self, id: usize, number: i64, heard_before: usize) -> bool {
        let heard = &self.streams[id].heard;
        match heard.get(Header::LEN + 10..Header::LEN + 18) {
            Some(bytes) => i64::from_le_bytes(bytes.try_into().unwrap()) == number,
            None => heard_before == 0 && heard.get(7).is_some_and(|message| *message != 2),
        }
    }

    fn in_a_while(&mut self, now: Duration, about: u64) -> Option<Duration> {
        (about < u64::MAX).then(|| now + TICK + self.lots.millis(2 * about))
    }

    /// Sends what it sends by itself.
    fn speak_up(&mut self, id: usize, now: Duration) {
        while let Some(at) = self.streams[id].next_unasked.filter(|at| *at <= now && self.streams[id].is_open)
        {
            self.unasked(id, at);
            self.streams[id].next_unasked = self.in_a_while(at, self.mood.every);
        }
    }

    fn hear(&mut self, id: usize, now: Duration) {
        let generation = self.mood.generation;
        if !self.streams[id].is_open {
            let heard = &mut self.streams[id].heard;
            if heard.len() < 2 {
                return;
            }
            assert_eq!(heard.drain(..2).collect::<Vec<_>>(), [3, 0], "RULE: another opening");
            self.streams[id].is_open = true;
            let greeting: &[u8] = if generation == Generation::V1 { &[1] } else { &[3, 0] };
            self.say(id, greeting.to_vec(), now);
        }
        while let Some(bytes) = self.streams[id].heard.first_chunk() {
            let header = Header::parse(generation, bytes);
            let header = header.unwrap_or_else(|error| panic!("RULE: the server hears no frame: {error}"));
            let len = Header::LEN + header.size as usize;
            if self.streams[id].heard.len() < len {
                return;
            }
            let frame: Vec<u8> = self.streams[id].heard.drain(..len).collect();
            let value =
                Value::decode(generation, &frame[Header::LEN..]).expect("RULE: a frame holds a value");
            let number = asked::number(&value);
            match header.message {
                MessageType::Response => self.hear_answer(id, number, now),
                message => {
                    let number = number.expect("RULE: a request has one number");
                    assert!(self.seen.insert(number), "RULE: the server sees {number} twice");
                    if message == MessageType::Sync {
                        self.streams[id].held.push_back(number);
                        self.go_on(id, now);
                    }
                }
            }
        }
    }

    fn hear_answer(&mut self, id: usize, number: Option<i64>, now: Duration) {
        let asked = self.streams[id].asked.pop_front();
        let (asked, _) = asked.expect("RULE: an answer to a question that was not asked");
        // Refusals have no number.
        assert!(number.is_none_or(|number| number == asked), "RULE: {number:?} answers question {asked}");
        self.go_on(id, now);
    }

    /// Does what is asked for, unless it waits for an answer itself.
    fn go_on(&mut self, id: usize, now: Duration) {
        while !self.streams[id].asked.iter().any(|(_, waits)| *waits) {
            let Some(number) = self.streams[id].held.pop_front() else { return };
            if self.lots.hits(self.mood.unasked) {
                self.unasked(id, now);
                if self.streams[id].asked.back().is_some_and(|(_, waits)| *waits) {
                    self.streams[id].held.push_front(number);
                    return;
                }
            }
            self.answer(id, number, now);
            if self.lots.hits(self.mood.unasked) {
                self.unasked(id, now);
            }
            if self.lots.hits(self.mood.ends) {
                let at = now + self.lots.millis(5);
                let in_order = self.lots.hits(500);
                self.streams[id].end.get_or_insert((at, in_order));
            }
        }
    }

    fn answer(&mut self, id: usize, number: i64, now: Duration) {
        if self.lots.hits(self.mood.never) {
            // What it said later would be taken for the answer.
            self.streams[id].is_hung = true;
        }
        if self.streams[id].is_hung {
            return;
        }
        let generation = self.mood.generation;
        let lots = &mut self.lots;
        let is_error = lots.hits(self.mood.errors);
        let mut payload = match is_error {
            true => asked::failing(generation, number),
            false => asked::payload(generation, number, lots),
        };
        if lots.hits(self.mood.damaged) && !is_error {
            spoken::damaged(&mut payload, lots);
            self.damaged.insert(number);
        }
        let bytes = if lots.hits(self.mood.lies) {
            self.damaged.insert(number);
            self.streams[id].has_lied = true;
            let (bytes, is_header) = spoken::lying(generation, &payload, lots);
            if !is_header {
                self.forged.insert(number);
            }
            bytes
        } else {
            frame(generation, MessageType::Response, &payload)
        };
        self.answered.insert(number);
        let late = if self.lots.hits(self.mood.late) { self.lots.millis(60) } else { self.lots.millis(2) };
        self.say(id, bytes, now + late);
    }

    /// Sends a push or a question.
    fn unasked(&mut self, id: usize, now: Duration) {
        if self.streams[id].is_hung {
            return;
        }
        self.last_unasked += 1;
        let number = self.last_unasked;
        let payload = asked::payload(self.mood.generation, number, &mut self.lots);
        let is_question = self.lots.hits(300);
        let waits = self.lots.hits(500);
        let message = if is_question { MessageType::Sync } else { MessageType::Async };
        let bytes = frame(self.mood.generation, message, &payload);
        let stream = &mut self.streams[id];
        if is_question {
            stream.asked.push_back((number, waits));
        }
        let place = stream.unasked.len();
        stream.unasked.insert(number, place);
        self.say(id, bytes, now);
    }

    /// Bytes arrive behind those that were said before, all at once or as a trickle.
    fn say(&mut self, id: usize, bytes: Vec<u8>, at: Duration) {
        let trickles = self.lots.hits(self.mood.trickles);
        let stream = &mut self.streams[id];
        let mut at = stream.said.back().map_or(at, |said| said.0.max(at));
        let pieces = if trickles { 1 + self.lots.below(bytes.len() as u64) as usize } else { bytes.len() };
        for piece in bytes.chunks(pieces.max(bytes.len() / 20).max(1)) {
            stream.said.push_back((at, piece.to_vec()));
            if trickles {
                at += self.lots.millis(4);
            }
        }
        stream.wake();
    }
}

impl Stream {
    pub fn abort(&mut self) {
        self.is_aborted = true;
        self.wake();
    }

    fn wake(&mut self) {
        #[cfg(feature = "async")]
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    /// The call must have ended by now.
    pub fn latest(&self, start: Duration, before: Option<Duration>) -> Duration {
        let carried = before.unwrap_or(start).max(start);
        self.limits.iter().fold(carried, |end, limit| end + *limit + TICK) + TICK
    }

    /// No limit is set twice in a call; that of a reply may be once for each of three things.
    pub fn assert_limits(&self) {
        let count = |limit| self.limits.iter().filter(|set| **set == limit).count();
        let once = [LIMITS.write, LIMITS.first_byte, LIMITS.idle, LIMITS.handshake];
        let counts = once.map(count);
        assert!(
            counts.iter().all(|count| *count <= 1) && count(LIMITS.reply) <= 3,
            "RULE: a limit was put off: {:?}",
            self.limits
        );
    }
}
