//! Over [`Polled`]: a tick is what one question takes.

use std::cell::RefCell;
use std::fmt;
use std::ops::ControlFlow;
use std::time::Duration;

use rayforce_ipc::client::{Backoff, Connect, Connection, Options, Push, Timeouts, Topic, Transport};
use rayforce_ipc::error::{CloseReason, Error, Phase};
use rayforce_ipc::transports::adapters::{Polled, TimedError};
use rayforce_ipc::wire::Generation;

use super::calls::{
    ASK, Call, Case, Failed, React, TOPIC, assert_ended, brittle, cases, limit, options, reason, silent,
};
use super::world::{Peer, Scene, TICK, World};
use crate::support::script::{Lent, Script};

type Stream<'w> = Polled<Peer<'w>, &'w World>;
type Blocking<'b, 'w> = Connection<'b, Stream<'w>>;

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
        Polled::new(self.peers.borrow_mut().pop().expect("another scene"), self.world)
    }
}

impl<'w> Connect for Dialer<'w> {
    type Transport = Stream<'w>;
    type Clock = &'w World;

    fn connect(&self, _limit: Duration) -> Result<Self::Transport, TimedError<embedded_io::ErrorKind>> {
        Ok(self.stream())
    }

    fn clock(&self) -> &Self::Clock {
        &self.world
    }
}

impl fmt::Display for Dialer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("peers")
    }
}

/// Whether anything came of it.
fn perform<'w>(connection: &mut Blocking<'_, 'w>, dialer: &Dialer<'w>, call: Call) -> Result<bool, Failed> {
    match call {
        Call::Open => unreachable!("there is no connection before"),
        Call::Reopen => connection.reopen(dialer.stream(), &options())?,
        Call::Reconnect => {
            let mut backoff = Backoff::new(1).attempt_limit(Some(1));
            connection.reconnect(dialer, &options(), &mut backoff, |_| ControlFlow::Continue(()))?;
        }
        Call::Execute => connection.execute(ASK).map(drop)?,
        Call::Query => connection.execute(&brittle()).map(drop)?,
        Call::Value => connection.execute(ASK)?.value().map(drop)?,
        Call::Tokens => {
            let mut reply = connection.execute(ASK)?;
            while reply.next_token()?.is_some() {}
        }
        Call::Columns => {
            let mut reply = connection.execute(ASK)?;
            let mut columns = reply.columns()?;
            while let Some(mut column) = columns.next()? {
                while column.next_token()?.is_some() {}
            }
        }
        Call::Verbose => {
            let mut verbose = connection.execute_verbose(ASK)?;
            while verbose.read(&mut [0; 16])? > 0 {}
            verbose.result()?.value()?;
        }
        Call::With(react) => connection.execute_with(ASK, |push| respond(push, react)).map(drop)?,
        Call::Send => connection.send(ASK)?,
        Call::SendAsync => connection.send_async(ASK)?,
        Call::Receive => connection.receive().map(drop)?,
        Call::ReceiveWith(react) => connection.receive_with(|push| respond(push, react)).map(drop)?,
        Call::Subscribe => connection.subscribe(TOPIC)?,
        Call::Unsubscribe => connection.unsubscribe(TOPIC)?,
        Call::Listen(react) => match connection.next_push()? {
            Some(push) => respond(push, react)?,
            None => return Ok(false),
        },
    }
    Ok(true)
}

fn respond<T: Transport>(push: Push<'_, '_, T>, react: React) -> Result<(), Error<T::Error>> {
    match (push, react) {
        (Push::Async(mut push) | Push::Message { payload: mut push, .. }, React::Read) => {
            while push.next_token()?.is_some() {}
            Ok(())
        }
        (Push::Question(mut question), React::Read) => {
            let mut asked = question.asked();
            while asked.next_token()?.is_some() {}
            Ok(())
        }
        (Push::Question(question), React::Answer) => question.answer(&3i64),
        (Push::Question(question), React::Refuse) => question.refuse(),
        _ => Ok(()),
    }
}

fn run(case: &Case) {
    let world = World::new();
    let dialer = Dialer::new(&world, &case.scenes);
    let mut lent = Lent::new(256, 32);
    if case.call == Call::Open {
        let opened = Connection::open(dialer.stream(), lent.lend(), &options());
        return assert_ended(case, &opened.map(|_| true), world.now());
    }
    let mut slots = [const { Topic::new() }; 1];
    let mut connection = Connection::closed(lent.lend());
    connection.lend_topics(&mut slots);
    for call in &case.before {
        let result = perform(&mut connection, &dialer, *call);
        assert!(result.is_ok(), "{call:?} before {:?}: {}: {result:?}", case.call, case.what);
    }
    let start = world.now();
    let result = perform(&mut connection, &dialer, case.call);
    let ended = world.now();
    assert_ended(case, &result, ended - start);
    assert_eq!(connection.close_reason(), reason(case), "{:?}: {}", case.call, case.what);
    let next = perform(&mut connection, &dialer, Call::Value);
    match reason(case) {
        None => assert!(matches!(next, Ok(true)), "{next:?}"),
        Some(reason) => assert!(matches!(next, Err(Error::Closed(first)) if first == reason), "{next:?}"),
    }
    assert_eq!(world.now(), ended);
}

#[test]
fn no_call_outlasts_its_deadline() {
    cases().iter().for_each(run);
}

fn opened<'w>(lent: &'w mut Lent, peer: Peer<'w>, options: &Options<'_>) -> Blocking<'w, 'w> {
    let world = peer.world();
    Connection::open(Polled::new(peer, world).unflushed(), lent.lend(), options).unwrap()
}

#[test]
fn without_flushing_a_stream_whose_flush_does_not_end_is_no_danger() {
    let world = World::new();
    let peer = Peer::new(&world, &silent(Script::opened(Generation::V3).goes_on()));
    world.flushes.set(false);
    let mut lent = Lent::new(64, 32);
    let mut connection = opened(&mut lent, peer, &options());
    assert_eq!(connection.execute(ASK).unwrap().value().unwrap().as_i64(), Ok(3));
    connection.close().unwrap();
    assert_eq!(connection.close_reason(), Some(CloseReason::Owner));
    assert_eq!(world.now(), Duration::ZERO);
}

#[test]
fn reconnecting_takes_the_limit_of_each_attempt_and_the_waits() {
    let world = World::new();
    let scene = silent(Script::new(Generation::V3).hears(&[3, 0]));
    let dialer = Dialer::new(&world, &[scene.clone(), scene.clone(), scene]);
    let mut lent = Lent::new(64, 32);
    let mut connection = Connection::closed(lent.lend());
    let mut waits = Duration::ZERO;
    let mut backoff = Backoff::new(1).attempt_limit(Some(3));
    let result = connection.reconnect(&dialer, &options(), &mut backoff, |retry| {
        waits += retry.delay;
        ControlFlow::Continue(())
    });
    assert!(matches!(result, Err(Error::TimedOut(Phase::Handshake))), "{result:?}");
    let least = waits + 3 * limit(Phase::Handshake);
    assert!(least <= world.now() && world.now() <= least + 3 * TICK);
}

#[test]
fn an_answer_to_a_question_has_its_own_time() {
    let world = World::new();
    let script = Script::opened(Generation::V3).questions(&1i64).replied(&3i64).goes_on();
    let peer = Peer::new(&world, &silent(script));
    let mut lent = Lent::new(64, 32);
    let mut connection = opened(&mut lent, peer, &options());
    let Some(Push::Question(mut question)) = connection.next_push().unwrap() else { panic!() };
    assert_eq!(question.asked().value().unwrap().as_i64(), Ok(1));
    world.pass(Duration::from_secs(60));
    question.answer(&3i64).unwrap();
    assert_eq!(connection.execute(ASK).unwrap().value().unwrap().as_i64(), Ok(3));
}

#[test]
fn no_time_at_all_takes_what_is_there() {
    let world = World::new();
    let script = Script::opened(Generation::V3).pushes(&1i64);
    let peer = Peer::new(&world, &silent(script.goes_on()));
    let mut lent = Lent::new(64, 32);
    let timeouts = Timeouts { idle: Duration::ZERO, ..Timeouts::new() };
    let mut connection = opened(&mut lent, peer, &Options { timeouts, ..Options::new() });
    assert!(matches!(connection.next_push(), Ok(Some(Push::Async(_)))));
    assert!(matches!(connection.next_push(), Ok(None)));
    assert!(world.now() <= TICK);
}
