//! Over [`Timed`]: waits end in time, and only what never waits may take a tick longer.

use std::cell::RefCell;
use std::fmt;
use std::future::{pending, poll_fn};
use std::ops::ControlFlow;
use std::task::Poll;
use std::time::Duration;

use embedded_io::ErrorKind;
use embedded_io_async::{Read, Write};
use rayforce_ipc::client::asynch::{Connect, Connection, Push, Timer, Transport};
use rayforce_ipc::client::{Backoff, Options, Retry, Timeouts, Topic};
use rayforce_ipc::error::{CloseReason, Error, Phase};
use rayforce_ipc::transports::adapters::TimedError;
use rayforce_ipc::transports::timed::Timed;
use rayforce_ipc::wire::Generation;

use super::calls::{
    ASK, Call, Case, Failed, React, TOPIC, assert_ended, brittle, cases, limit, options, reason, silent,
    trickle,
};
use super::opening::said;
use super::world::{Peer, Scene, World};
use crate::support::script::{Lent, Script};

type Stream<'w> = Timed<Peer<'w>, &'w World>;
type Async<'b, 'w> = Connection<'b, Stream<'w>>;

impl Timer for &World {
    async fn sleep(&self, duration: Duration) {
        let end = self.now().saturating_add(duration);
        poll_fn(|_| {
            if self.now() >= end {
                return Poll::Ready(());
            }
            self.wake_at(end);
            Poll::Pending
        })
        .await;
    }
}

impl Read for Peer<'_> {
    async fn read(&mut self, target: &mut [u8]) -> Result<usize, ErrorKind> {
        poll_fn(|_| match self.readable_at() {
            Some(instant) if instant <= self.world().now() => Poll::Ready(()),
            Some(instant) => {
                self.world().wake_at(instant);
                Poll::Pending
            }
            None => Poll::Pending,
        })
        .await;
        Ok(self.take(target))
    }
}

impl Write for Peer<'_> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        if !self.is_writable() {
            pending::<()>().await;
        }
        Ok(self.put(bytes))
    }

    async fn flush(&mut self) -> Result<(), ErrorKind> {
        if !self.world().flushes.get() {
            pending::<()>().await;
        }
        Ok(())
    }
}

/// Connects to one peer after the other.
struct Dialer<'w> {
    world: &'w World,
    peers: RefCell<Vec<Peer<'w>>>,
}

impl<'w> Dialer<'w> {
    fn new(world: &'w World, scenes: &[Scene]) -> Dialer<'w> {
        let peers = scenes.iter().rev().map(|scene| Peer::new(world, scene)).collect();
        Dialer { world, peers: RefCell::new(peers) }
    }

    fn stream(&self) -> Stream<'w> {
        Timed::new(self.peers.borrow_mut().pop().expect("another scene"), self.world)
    }
}

impl<'w> Connect for Dialer<'w> {
    type Transport = Stream<'w>;
    type Timer = &'w World;

    async fn connect(&self, _limit: Duration) -> Result<Self::Transport, TimedError<ErrorKind>> {
        Ok(self.stream())
    }

    fn timer(&self) -> &Self::Timer {
        &self.world
    }
}

impl fmt::Display for Dialer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("peers")
    }
}

/// Whether anything came of it.
async fn perform<'w>(
    connection: &mut Async<'_, 'w>,
    dialer: &Dialer<'w>,
    call: Call,
) -> Result<bool, Failed> {
    match call {
        Call::Open => unreachable!("there is no connection before"),
        Call::Reopen => connection.reopen(dialer.stream(), &options()).await?,
        Call::Reconnect => {
            let mut backoff = Backoff::new(1).attempt_limit(Some(1));
            connection.reconnect(dialer, &options(), &mut backoff, |_| ControlFlow::Continue(())).await?;
        }
        Call::Execute => connection.execute(ASK).await.map(drop)?,
        Call::Query => connection.execute(&brittle()).await.map(drop)?,
        Call::Value => connection.execute(ASK).await?.value().await.map(drop)?,
        Call::Tokens => {
            let mut reply = connection.execute(ASK).await?;
            while reply.next_token().await?.is_some() {}
        }
        Call::Columns => {
            let mut reply = connection.execute(ASK).await?;
            let mut columns = reply.columns().await?;
            while let Some(mut column) = columns.next().await? {
                while column.next_token().await?.is_some() {}
            }
        }
        Call::Verbose => {
            let mut verbose = connection.execute_verbose(ASK).await?;
            while verbose.read(&mut [0; 16]).await? > 0 {}
            verbose.result().await?.value().await?;
        }
        Call::With(react) => {
            connection.execute_with(ASK, async |push| respond(push, react).await).await.map(drop)?
        }
        Call::Send => connection.send(ASK).await?,
        Call::SendAsync => connection.send_async(ASK).await?,
        Call::Receive => connection.receive().await.map(drop)?,
        Call::ReceiveWith(react) => {
            connection.receive_with(async |push| respond(push, react).await).await.map(drop)?
        }
        Call::Subscribe => connection.subscribe(TOPIC).await?,
        Call::Unsubscribe => connection.unsubscribe(TOPIC).await?,
        Call::Listen(react) => match connection.next_push().await? {
            Some(push) => respond(push, react).await?,
            None => return Ok(false),
        },
    }
    Ok(true)
}

async fn respond<T: Transport>(push: Push<'_, '_, T>, react: React) -> Result<(), Error<T::Error>> {
    match (push, react) {
        (Push::Async(mut push) | Push::Message { payload: mut push, .. }, React::Read) => {
            while push.next_token().await?.is_some() {}
            Ok(())
        }
        (Push::Question(mut question), React::Read) => {
            let mut asked = question.asked();
            while asked.next_token().await?.is_some() {}
            Ok(())
        }
        (Push::Question(question), React::Answer) => question.answer(&3i64).await,
        (Push::Question(question), React::Refuse) => question.refuse().await,
        _ => Ok(()),
    }
}

async fn run(world: &World, case: &Case) {
    let dialer = Dialer::new(world, &case.scenes);
    let mut lent = Lent::new(256, 32);
    if case.call == Call::Open {
        let opened = Connection::open(dialer.stream(), lent.lend(), &options()).await;
        return assert_ended(case, &opened.map(|_| true), world.now());
    }
    let mut slots = [const { Topic::new() }; 1];
    let mut connection = Connection::closed(lent.lend());
    connection.lend_topics(&mut slots);
    for call in &case.before {
        let result = perform(&mut connection, &dialer, *call).await;
        assert!(result.is_ok(), "{call:?} before {:?}: {}: {result:?}", case.call, case.what);
    }
    let start = world.now();
    let result = perform(&mut connection, &dialer, case.call).await;
    let ended = world.now();
    assert_ended(case, &result, ended - start);
    assert_eq!(connection.close_reason(), reason(case), "{:?}: {}", case.call, case.what);
    let next = perform(&mut connection, &dialer, Call::Value).await;
    match reason(case) {
        None => assert!(matches!(next, Ok(true)), "{next:?}"),
        Some(reason) => assert!(matches!(next, Err(Error::Closed(first)) if first == reason), "{next:?}"),
    }
    assert_eq!(world.now(), ended);
}

#[test]
fn no_call_outlasts_its_deadline() {
    for case in cases() {
        let world = World::new();
        world.run(run(&world, &case));
    }
}

async fn opened<'w>(lent: &'w mut Lent, peer: Peer<'w>, options: &Options<'_>) -> Async<'w, 'w> {
    let world = peer.world();
    Connection::open(Timed::new(peer, world), lent.lend(), options).await.unwrap()
}

#[test]
fn what_is_not_flushed_is_not_written_in_time() {
    let world = World::new();
    let peer = Peer::new(&world, &silent(Script::new(Generation::V3).hears(&[3, 0])));
    world.flushes.set(false);
    let mut lent = Lent::new(64, 32);
    let opened = world.run(Connection::open(Timed::new(peer, &world), lent.lend(), &options()));
    assert!(matches!(opened, Err(Error::TimedOut(Phase::Handshake))));
    assert_eq!(world.now(), limit(Phase::Handshake));
}

#[test]
fn closing_has_the_time_of_writing() {
    let world = World::new();
    world.run(async {
        let peer = Peer::new(&world, &silent(Script::opened(Generation::V3)));
        let mut lent = Lent::new(64, 32);
        let mut connection = opened(&mut lent, peer, &options()).await;
        world.flushes.set(false);
        let closed = connection.close().await;
        assert!(matches!(closed, Err(Error::TimedOut(Phase::Write))), "{closed:?}");
        assert_eq!(connection.close_reason(), Some(CloseReason::Owner));
        assert_eq!(world.now(), limit(Phase::Write));
        assert!(matches!(connection.close().await, Ok(())));
    });
}

#[test]
fn reconnecting_takes_the_limit_of_each_attempt_and_the_waits() {
    let world = World::new();
    world.run(async {
        let scene = silent(Script::new(Generation::V3).hears(&[3, 0]));
        let dialer = Dialer::new(&world, &[scene.clone(), scene.clone(), scene]);
        let mut lent = Lent::new(64, 32);
        let mut connection = Connection::closed(lent.lend());
        let mut waits = Duration::ZERO;
        let mut backoff = Backoff::new(1).attempt_limit(Some(3));
        let observer = |retry: Retry<'_, _>| {
            waits += retry.delay;
            ControlFlow::Continue(())
        };
        let result = connection.reconnect(&dialer, &options(), &mut backoff, observer).await;
        assert!(matches!(result, Err(Error::TimedOut(Phase::Handshake))), "{result:?}");
        assert_eq!(world.now(), waits + 3 * limit(Phase::Handshake));
    });
}

#[test]
fn a_stream_that_is_never_made_is_given_up_in_time() {
    let world = World::new();
    let never = pending::<Result<Peer<'_>, ErrorKind>>();
    let made = world.run(Timed::connect(never, &world, limit(Phase::Connect)));
    assert!(matches!(made, Err(TimedError::TimedOut)));
    assert_eq!(world.now(), limit(Phase::Connect));
}

#[test]
fn an_answer_to_a_question_has_its_own_time() {
    let world = World::new();
    world.run(async {
        let script = Script::opened(Generation::V3).questions(&1i64).replied(&3i64).goes_on();
        let peer = Peer::new(&world, &silent(script));
        let mut lent = Lent::new(64, 32);
        let mut connection = opened(&mut lent, peer, &options()).await;
        let Some(Push::Question(mut question)) = connection.next_push().await.unwrap() else { panic!() };
        assert_eq!(question.asked().value().await.unwrap().as_i64(), Ok(1));
        world.pass(Duration::from_secs(60));
        question.answer(&3i64).await.unwrap();
        assert_eq!(connection.execute(ASK).await.unwrap().value().await.unwrap().as_i64(), Ok(3));
    });
}

#[test]
fn no_time_at_all_takes_what_is_there() {
    let world = World::new();
    world.run(async {
        let script = Script::opened(Generation::V3).pushes(&1i64);
        let peer = Peer::new(&world, &silent(script.goes_on()));
        let mut lent = Lent::new(64, 32);
        let timeouts = Timeouts { idle: Duration::ZERO, ..Timeouts::new() };
        let mut connection = opened(&mut lent, peer, &Options { timeouts, ..Options::new() }).await;
        assert!(matches!(connection.next_push().await, Ok(Some(Push::Async(_)))));
        assert!(matches!(connection.next_push().await, Ok(None)));
        assert_eq!(world.now(), Duration::ZERO);
    });
}

#[test]
fn answers_that_nobody_wants_do_not_put_off_the_end_of_listening() {
    let world = World::new();
    world.run(async {
        let script = Script::opened(Generation::V3);
        let answer = script.clone().answers(&[1i64; 3]).said_len() - script.said_len();
        let answers = Script::new(Generation::V3).answers(&[1i64; 3]).answers(&[1i64; 3]);
        let peer = Peer::new(&world, &trickle(script.asked(ASK).asked(ASK), &said(&answers)));
        let mut lent = Lent::new(256, 64);
        let mut connection = opened(&mut lent, peer, &options()).await;
        for _ in 0..2 {
            // Given up where the answer is awaited: both requests were taken.
            let mut execute = std::pin::pin!(connection.execute(ASK));
            assert!(poll_fn(|context| Poll::Ready(execute.as_mut().poll(context).is_pending())).await);
        }
        let start = world.now();
        assert!(matches!(connection.next_push().await, Ok(None)));
        assert_eq!(world.now() - start, limit(Phase::Idle));
        // The rest is read away by calls that come later.
        for _ in 0..2 * answer {
            assert!(matches!(connection.next_push().await, Ok(None)));
        }
        assert_eq!(connection.close_reason(), None);
    });
}
