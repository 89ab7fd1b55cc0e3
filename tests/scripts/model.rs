//! What calls may give after others were given up: what of the server's frames was had, and what was not.

use std::collections::{BTreeSet, VecDeque};
use std::ops::Range;

use rayforce_ipc::wire::{Generation, MessageType};

use super::scene::{Act, Call, How};
use super::words;
use crate::support::lenient::Lenient;
use crate::support::tokens::read_whole;

/// The frames of a server, and how many of them the client has had.
pub struct Model {
    generation: Generation,
    server: Lenient,
    /// So many frames were had: at least, and at most, where calls that skip pushes were given up.
    had: Range<usize>,
    /// Requests that were sent to be received, the oldest first.
    sent: VecDeque<usize>,
    /// Requests whose answer nobody wants.
    unwanted: BTreeSet<usize>,
}

/// A frame of the server.
enum Item {
    /// A push, or a question.
    Unasked { question: bool, payload: Vec<u8> },
    /// The answer to a request, by its number.
    Answer(usize),
}

impl Model {
    pub const fn new(generation: Generation, server: Lenient) -> Model {
        Model { generation, server, had: 0..0, sent: VecDeque::new(), unwanted: BTreeSet::new() }
    }

    /// Requests that were heard.
    pub fn asked(&self) -> usize {
        self.server.server().asked.len()
    }

    /// The request of a call was sent, and its answer is to be received.
    pub fn is_sent(&mut self, request: usize) {
        self.sent.push_back(request);
    }

    /// Answers to be received.
    pub fn pending(&self) -> usize {
        self.sent.len()
    }

    /// The request whose answer is received next.
    pub fn oldest(&self) -> Option<usize> {
        self.sent.front().copied()
    }

    /// Nobody wants the answer to a request.
    pub fn give_up(&mut self, request: usize) {
        self.unwanted.insert(request);
    }

    /// Whether an answer that nobody wants is still to come.
    pub fn owes_unwanted(&self) -> bool {
        let items = self.items();
        let had = |request: &usize| position(&items, *request).is_some_and(|at| at < self.had.start);
        self.unwanted.iter().any(|request| !had(request))
    }

    /// Whatever was said may have been skipped.
    pub fn may_skip(&mut self) {
        self.had.end = self.items().len();
    }

    /// A call has heard these, and then had the answer to a request, if it had one.
    pub fn hear(
        &mut self,
        call: &Call,
        heard: &[(String, String)],
        answer: Option<usize>,
    ) -> Result<(), String> {
        let items = self.items();
        let end = match answer {
            Some(request) => position(&items, request).ok_or("an answer that was not given")?,
            None => items.len(),
        };
        let watched = call.watches();
        let acts = acts(call);
        for from in self.had.start..=self.had.end.min(end) {
            let unasked: Vec<usize> =
                (from..end).filter(|at| matches!(items[*at], Item::Unasked { .. })).collect();
            let all = answer.is_some() && watched;
            if unasked.len() < heard.len() || all && unasked.len() > heard.len() {
                continue;
            }
            let same = heard.iter().enumerate().all(|(number, (what, _))| {
                let act = acts[number.min(acts.len() - 1)];
                self.shown(&items[unasked[number]], act.how())
                    .is_none_or(|shown| shown == *what || what.ends_with('…'))
            });
            if !same {
                continue;
            }
            if let Some(request) = answer {
                self.sent.retain(|sent| *sent != request);
                self.had = end + 1..end + 1;
            } else if let Some(last) = heard.len().checked_sub(1) {
                self.had = unasked[last] + 1..unasked[last] + 1;
            }
            return Ok(());
        }
        Err(format!("heard {heard:?} of frames from {:?} to {end}", self.had))
    }

    /// Whether a call that waits for a push may come to nothing: an answer comes first that is to be received, or
    /// nothing does.
    pub fn may_hear_nothing(&self) -> bool {
        let items = self.items();
        (self.had.start..=self.had.end).any(|from| {
            let mut next = items.iter().skip(from);
            let next =
                next.find(|item| !matches!(item, Item::Answer(request) if !self.sent.contains(request)));
            !matches!(next, Some(Item::Unasked { .. }))
        })
    }

    fn items(&self) -> Vec<Item> {
        let server = self.server.server();
        let mut answers = 0..;
        let item = |(message, payload): &(MessageType, Vec<u8>)| match message {
            MessageType::Response => Item::Answer(answers.next().unwrap()),
            message => Item::Unasked { question: *message == MessageType::Sync, payload: payload.clone() },
        };
        server.items.iter().map(item).collect()
    }

    /// What is told of a push or a question that is read like that.
    fn shown(&self, item: &Item, how: How) -> Option<String> {
        let Item::Unasked { question, payload } = item else { return None };
        let kind = if *question { "question" } else { "push" };
        let shown = match how {
            How::Unread => "unread".into(),
            How::Whole | How::Tokens => words::payload(self.generation, payload),
            How::Half => {
                let reading = read_whole(self.generation, payload);
                format!("half {}", words::pieces(reading.pieces.get(..1)?))
            }
        };
        Some(format!("{kind} {shown}"))
    }
}

fn position(items: &[Item], request: usize) -> Option<usize> {
    items.iter().position(|item| matches!(item, Item::Answer(number) if *number == request))
}

fn acts(call: &Call) -> Vec<Act> {
    match call {
        Call::ExecuteWatching(_, acts, _) | Call::ReceiveWatching(acts, _) => acts.clone(),
        Call::NextPush(act) => vec![*act],
        _ => vec![Act::Read(How::Unread)],
    }
}
