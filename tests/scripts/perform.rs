//! A call of a script on a connection.

use std::cell::{Cell, RefCell};
use std::fmt::Debug;
use std::pin::pin;
use std::task::Poll;

use rayforce_ipc::codec::{Encode, Symbol};
use rayforce_ipc::error::Error;
use rayforce_ipc::wire::Generation;

use super::scene::{Act, Call, How};
use super::words;
use crate::support::front::{Front, Hear, Reading, Reads, Unasked};
use crate::support::joined::Joined;

/// What is known of a call while it runs, also where its future is dropped.
pub struct Run {
    pub generation: Generation,
    pub drops: Drops,
    /// What came unasked, and what was done with it.
    pub heard: RefCell<Vec<(String, String)>>,
    /// Whether the answer was handed out.
    pub begun: Cell<bool>,
}

/// At which waits which futures are dropped.
#[derive(Default)]
pub struct Drops {
    at: Vec<usize>,
    /// The whole call with its reply, or no more than the innermost future.
    whole: bool,
    waits: Cell<usize>,
    /// The innermost future has counted this wait.
    counted: Cell<bool>,
}

impl Drops {
    pub fn at(waits: &[usize], whole: bool) -> Drops {
        Drops { at: waits.to_vec(), whole, ..Drops::default() }
    }

    /// How many waits there were.
    pub fn waits(&self) -> usize {
        self.waits.get()
    }

    /// Runs a call; none where it was dropped.
    pub async fn call<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        self.droppable(true, future).await
    }

    /// The same for a part of it.
    pub async fn part<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        self.droppable(false, future).await
    }

    async fn droppable<T>(&self, outer: bool, future: impl Future<Output = T>) -> Option<T> {
        let mut future = pin!(future);
        std::future::poll_fn(|context| {
            if outer {
                self.counted.set(false);
            }
            match future.as_mut().poll(context) {
                Poll::Ready(value) => Poll::Ready(Some(value)),
                Poll::Pending if self.counted.get() || outer != self.whole => Poll::Pending,
                Poll::Pending => {
                    self.waits.set(self.waits.get() + 1);
                    let dropped = self.at.contains(&self.waits.get());
                    self.counted.set(!dropped);
                    if dropped { Poll::Ready(None) } else { Poll::Pending }
                }
            }
        })
        .await
    }
}

impl Run {
    pub const fn new(generation: Generation, drops: Drops) -> Run {
        Run { generation, drops, heard: RefCell::new(Vec::new()), begun: Cell::new(false) }
    }

    /// Before the next call.
    pub fn reset(&self) {
        self.heard.take();
        self.begun.set(false);
    }

    /// What was heard, in words.
    pub fn heard(&self) -> Vec<String> {
        self.heard.borrow().iter().map(|(what, done)| format!("{what}{done}")).collect()
    }
}

/// What was heard and what a call gave, in words.
pub fn told(run: &Run, given: String) -> String {
    let mut parts = run.heard();
    if !given.is_empty() {
        parts.push(given);
    }
    parts.join("; ")
}

/// What a call gives, beside what was heard; none where it was dropped.
pub async fn perform<F: Front>(front: &mut F, call: &Call, run: &Run) -> Option<String> {
    let parts = &run.drops;
    match call {
        Call::Execute(request, how) => {
            let begun = parts.part(front.execute(&**request)).await?;
            if let Ok(mut reply) = begun {
                return Some(answer(&mut reply, *how, run).await);
            }
            let failed = words::error(&begun.err()?);
            Some(with_text(front, failed))
        }
        Call::ExecuteWatching(request, acts, how) => {
            let mut watcher = Watcher { acts: acts.clone(), run };
            let begun = parts.part(front.execute_with(&**request, &mut watcher)).await?;
            if let Ok(mut reply) = begun {
                return Some(answer(&mut reply, *how, run).await);
            }
            let failed = words::error(&begun.err()?);
            Some(with_text(front, failed))
        }
        Call::Receive(how) => {
            let begun = parts.part(front.receive()).await?;
            if let Ok(mut reply) = begun {
                return Some(answer(&mut reply, *how, run).await);
            }
            let failed = words::error(&begun.err()?);
            Some(with_text(front, failed))
        }
        Call::ReceiveWatching(acts, how) => {
            let mut watcher = Watcher { acts: acts.clone(), run };
            match parts.part(front.receive_with(&mut watcher)).await? {
                Ok(mut reply) => Some(answer(&mut reply, *how, run).await),
                Err(error) => Some(words::error(&error)),
            }
        }
        Call::NextPush(act) => match parts.part(front.next_push()).await? {
            Ok(None) => Some("nothing".into()),
            Ok(Some(push)) => match hear(push, *act, run).await {
                Ok(()) => Some(String::new()),
                Err(error) => Some(words::error(&error)),
            },
            Err(error) => Some(words::error(&error)),
        },
        Call::Send(request) => Some(sent(parts.part(front.send(&**request)).await?)),
        Call::SendAsync(request) => Some(sent(parts.part(front.send_async(&**request)).await?)),
        Call::Close => Some(match parts.part(front.close()).await? {
            Ok(()) => "closed".into(),
            Err(error) => words::error(&error),
        }),
    }
}

fn sent<E>(result: Result<(), Error<E>>) -> String {
    result.map_or_else(|error| words::error(&error), |()| "sent".into())
}

/// An error, and the text that came with it.
fn with_text(front: &impl Front, failed: String) -> String {
    match front.text() {
        Some(text) if failed.starts_with("server error") => format!("{failed}: {text}"),
        _ => failed,
    }
}

async fn answer(reply: &mut impl Reading, how: How, run: &Run) -> String {
    run.begun.set(true);
    read(reply, how, run).await
}

/// The value in words. What is given up of it is asked for again.
async fn read<R: Reading>(reply: &mut R, how: How, run: &Run) -> String {
    if how == How::Unread {
        return "unread".into();
    }
    if how == How::Whole
        && let Some(words) = whole(reply, run).await
    {
        return words;
    }
    let mut joined = Joined::default();
    loop {
        let token = async {
            let token = reply.next_token().await?;
            Ok::<bool, Error<R::Fault>>(token.map(|token| joined.push(token)).is_some())
        };
        match run.drops.part(token).await {
            None => {}
            Some(Err(error)) => return words::error(&error),
            Some(Ok(true)) if how == How::Half => return format!("half {}", words::pieces(&joined.pieces)),
            Some(Ok(true)) => {}
            Some(Ok(false)) => return words::pieces(&joined.pieces),
        }
    }
}

/// By value, twice; none where there is no room for it.
async fn whole(reply: &mut impl Reading, run: &Run) -> Option<String> {
    let mut before = None;
    loop {
        let value = async {
            let value = reply.value().await;
            value.map(|value| words::value(run.generation, &value))
        };
        match run.drops.part(value).await {
            None => {}
            Some(Err(Error::Capacity { .. })) => return None,
            Some(Err(error)) => return Some(words::error(&error)),
            Some(Ok(words)) if before.is_none() => before = Some(words),
            Some(Ok(words)) => {
                assert_eq!(before.as_ref(), Some(&words));
                return Some(words);
            }
        }
    }
}

struct Watcher<'r> {
    acts: Vec<Act>,
    run: &'r Run,
}

impl<E: Copy + Debug + PartialEq> Hear<E> for Watcher<'_> {
    async fn hear(&mut self, push: impl Unasked<Fault = E>) -> Result<(), Error<E>> {
        let act = if self.acts.len() > 1 { self.acts.remove(0) } else { self.acts[0] };
        hear(push, act, self.run).await
    }
}

struct Reader<'r> {
    how: How,
    run: &'r Run,
    words: String,
}

impl<E: Copy + Debug + PartialEq> Reads<E> for Reader<'_> {
    async fn read(&mut self, value: &mut impl Reading<Fault = E>) {
        self.words = read(value, self.how, self.run).await;
    }
}

async fn hear<P: Unasked>(mut push: P, act: Act, run: &Run) -> Result<(), Error<P::Fault>> {
    let question = push.is_question();
    let kind = if question { "question" } else { "push" };
    run.heard.borrow_mut().push((format!("{kind} …"), String::new()));
    let mut reader = Reader { how: act.how(), run, words: String::new() };
    push.read(&mut reader).await;
    let done = |done: &str| {
        *run.heard.borrow_mut().last_mut().unwrap() = (format!("{kind} {}", reader.words), done.into());
    };
    done("");
    let answered = match act {
        Act::Read(_) => return Ok(()),
        Act::Fail(_) => return Err(Error::Exhausted { capacity: 0 }),
        Act::Answer(..) | Act::AnswerUnsendable(_) | Act::Refuse(_) if !question => return Ok(()),
        Act::Answer(_, answer) => run.drops.part(push.answer(&answer)).await,
        Act::AnswerUnsendable(_) => {
            let unsendable: &dyn Encode = &Symbol::name("a\0b");
            run.drops.part(push.answer(unsendable)).await
        }
        Act::Refuse(_) => run.drops.part(push.refuse()).await,
    };
    match answered {
        None => done(", left"),
        Some(Err(Error::Request(error))) => {
            done(&format!(", {}", words::error(&Error::<()>::Request(error))))
        }
        Some(Err(error)) => return Err(error),
        Some(Ok(())) => done(if matches!(act, Act::Refuse(_)) { ", refused" } else { ", answered" }),
    }
    Ok(())
}
