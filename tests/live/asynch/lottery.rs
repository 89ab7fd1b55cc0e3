//! Exchanges that are given up anywhere, by lot: whatever is answered is answered to its own request.

use std::time::Duration;

use rayforce_ipc::client::{Buffers, Options, Timeouts, Topic};
use rayforce_ipc::codec::Symbol;
use rayforce_ipc::error::{CloseReason, Error};

use super::kinds::{Connection, Heard, KINDS, WATCHED, exchange, prepare};
use super::lot::{Lot, in_polls};
use super::support::{connect, dial, number};
use super::yielding::Yielding;
use crate::support::{ALL, Call, WIRE_3, start};

const EXCHANGES: i64 = 2000;

fn options() -> Options<'static> {
    // Nothing that comes is soon told.
    let timeouts = Timeouts { idle: Duration::from_millis(1), ..Timeouts::new() };
    Options { timeouts, ..Options::new() }
}

#[tokio::test]
async fn two_thousand_exchanges_given_up_anywhere() {
    for (seed, version) in ALL.iter().enumerate() {
        println!("--- {version}");
        let mut lot = Lot::new(seed as u64);
        let server = start(version);
        let mut buffers = [const { Buffers::<512, 512>::new() }; 2];
        let [one, other] = &mut buffers;
        prepare(&mut connect(&server, one.lend()).await).await;
        let mut connection = Connection::closed(other.lend());
        let (mut finished, mut heard) = (0, Heard::default());
        for own in 0..EXCHANGES {
            // A new connection knows no dialect.
            if own % 50 == 0 {
                let stream = Yielding(dial(&server).await);
                connection.reopen(stream, &options()).await.unwrap();
            }
            let (polls, kind) = (lot.polls(), lot.below(KINDS));
            let exchanged = in_polls(polls, exchange(&mut connection, own, kind, &mut heard)).await;
            if let Some(result) = exchanged {
                result.unwrap_or_else(|error| panic!("{own} {kind}: {error}"));
                finished += 1;
            }
            assert!(connection.is_open(), "{own}");
        }
        println!("{finished} of {EXCHANGES} were finished");
        assert!((200..EXCHANGES - 200).contains(&finished));
        exchange(&mut connection, 40, 0, &mut heard).await.unwrap();
        assert_eq!((heard.pushes, connection.skipped()), (0, 0));
    }
}

/// A request that goes out in pieces is given up within them, too.
#[tokio::test]
async fn connections_that_were_left_half_sent_are_opened_again() {
    for (seed, version) in ALL.iter().enumerate() {
        println!("--- {version}");
        let mut lot = Lot::new(100 + seed as u64);
        let server = start(version);
        let mut buffers = Buffers::<512, 512>::new();
        prepare(&mut connect(&server, buffers.lend()).await).await;
        let mut buffers = Buffers::<64, 7>::new();
        let mut connection = Connection::closed(buffers.lend());
        let (mut finished, mut half_sent, mut heard) = (0, 0, Heard::default());
        for own in 0..EXCHANGES / 4 {
            if !connection.is_open() {
                let stream = Yielding(dial(&server).await);
                connection.reopen(stream, &options()).await.unwrap();
            }
            let (polls, kind) = (lot.polls(), lot.below(KINDS));
            match in_polls(polls, exchange(&mut connection, own, kind, &mut heard)).await {
                Some(result) => {
                    result.unwrap_or_else(|error| panic!("{own} {kind}: {error}"));
                    finished += 1;
                }
                None if connection.is_open() => {}
                None => {
                    let next = connection.execute("1").await.map(drop);
                    assert!(matches!(next, Err(Error::Closed(CloseReason::HalfSent))), "{own}: {next:?}");
                    half_sent += 1;
                }
            }
        }
        println!("{finished} were finished, {half_sent} left half-sent");
        assert!(finished > 20 && half_sent > 20);
    }
}

#[tokio::test]
async fn requests_under_way_are_given_up_anywhere() {
    for (seed, version) in WIRE_3.iter().enumerate() {
        println!("--- {version}");
        let mut lot = Lot::new(200 + seed as u64);
        let server = start(version);
        let mut buffers = Buffers::<64, 64>::new();
        let stream = Yielding(dial(&server).await);
        let mut connection = Connection::open(stream, buffers.lend(), &options()).await.unwrap();
        let (mut own, mut given_up) = (0, 0);
        while own < EXCHANGES {
            let mut sent = Vec::new();
            for _ in 0..=lot.below(8) {
                own += 1;
                let request = format!("(+ {own} 7)");
                match in_polls(lot.polls(), connection.send(request.as_str())).await {
                    Some(result) => sent.push(result.map(|()| own).unwrap()),
                    None => given_up += 1,
                }
                assert_eq!(usize::from(connection.pending()), sent.len(), "{own}");
            }
            for (at, number) in sent.iter().enumerate() {
                loop {
                    assert_eq!(usize::from(connection.pending()), sent.len() - at);
                    let Some(reply) = in_polls(lot.polls(), connection.receive()).await else { continue };
                    let mut reply = reply.unwrap();
                    let value = loop {
                        let Some(value) = in_polls(lot.polls(), reply.value()).await else { continue };
                        break value.unwrap().as_i64();
                    };
                    assert_eq!(value, Ok(number + 7));
                    break;
                }
            }
        }
        println!("{given_up} were given up while they were sent");
        assert!(given_up > 100);
    }
}

/// The server pushes to a connection that it knows as `h`; to a topic where it has no words for that.
async fn given_up_beside_pushes(version: &str, exchanges: i64, own: &str, push: &str) {
    println!("--- {version}");
    let mut lot = Lot::new(300);
    let server = start(version);
    let mut buffers = [const { Buffers::<512, 512>::new() }; 2];
    let mut slots = [const { Topic::new() }; 1];
    let [one, other] = &mut buffers;
    let mut pusher = connect(&server, one.lend()).await;
    prepare(&mut pusher).await;
    let stream = Yielding(dial(&server).await);
    let mut connection = Connection::open(stream, other.lend(), &options()).await.unwrap();
    connection.lend_topics(&mut slots);
    let is_topic = own.is_empty();
    if is_topic {
        connection.subscribe("lots").await.unwrap();
    } else {
        connection.execute(format!("(set h {own})").as_str()).await.unwrap();
    }
    let (mut pushed, mut heard) = (0, Heard::default());
    let mut push_one = async || {
        pushed += 1;
        if is_topic {
            let call = Call(".mc.pub", &[&Symbol::quoted("lots"), &(pushed * 10)]);
            assert_eq!(number(&mut pusher, &call).await, pushed);
        } else {
            pusher.execute(format!("({push} {})", pushed * 10).as_str()).await.unwrap();
        }
    };
    for own in 0..exchanges {
        let (polls, kind, pushes) = (lot.polls(), lot.below(KINDS), lot.below(3));
        let pushing = async {
            for _ in 0..pushes {
                push_one().await;
            }
        };
        let exchanging = in_polls(polls, exchange(&mut connection, own, kind, &mut heard));
        let (exchanged, ()) = tokio::join!(exchanging, pushing);
        let result = exchanged.transpose();
        result.unwrap_or_else(|error| panic!("{own} {kind}: {error}"));
        assert!(connection.is_open(), "{own}");
    }
    // What is still on its way comes before the answer, and all of it to the handler.
    push_one().await;
    exchange(&mut connection, 40, WATCHED, &mut heard).await.unwrap();
    println!("of {pushed} {heard:?}, {} skipped", connection.skipped());
    assert!(pushed > exchanges / 2);
    if is_topic {
        assert_eq!(heard.delivered + heard.missed, pushed);
        assert_eq!(i64::from(connection.skipped()), heard.missed);
    } else {
        assert_eq!(i64::from(heard.pushes + connection.skipped()), pushed);
    }
}

#[tokio::test]
async fn exchanges_given_up_beside_pushes_lose_none_of_them() {
    given_up_beside_pushes("2.4.0", EXCHANGES, "(.ipc.handle)", ".ipc.post h").await;
    // Their sockets hold an answer back until the push before it is acknowledged: some 15 ms for each.
    given_up_beside_pushes("1.0.0", EXCHANGES / 8, ".z.w", "write (neg h)").await;
    given_up_beside_pushes("0.1.5", EXCHANGES / 8, ".z.w", "write (neg h)").await;
}

#[tokio::test]
async fn exchanges_given_up_beside_publications_lose_none_of_them() {
    given_up_beside_pushes("2.4.0", EXCHANGES, "", "").await;
}
