//! Many threads over few connections.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use rayforce_ipc::client::Connect;
use rayforce_ipc::error::{CloseReason, Phase};
use rayforce_ipc::transports::tcp::Connector;
use rayforce_ipc::wire::Header;
use rayforce_ipc::{Engine, Error, Slot};

use crate::support::{ALL, connector, start};

const THREADS: u64 = 8;
const SLOTS: usize = 4;
/// Longer than any test.
const PATIENCE: Duration = Duration::from_secs(120);

/// Runs queries in batches on all threads; every so many batches a connection is closed instead of given back.
fn run(version: &str, queries: u64, batch: u64, closed_every: u64) {
    let server = start(version);
    let mut slots = [const { Slot::<_, 256, 64>::new() }; SLOTS];
    let engine = Engine::new(connector(&server), &mut slots);
    let (right, most) = (AtomicU64::new(0), AtomicU64::new(0));
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (engine, right, most) = (&engine, &right, &most);
            scope.spawn(move || {
                for number in 0..queries / THREADS / batch {
                    let mut connection = engine.acquire_within(PATIENCE).unwrap();
                    most.fetch_max(engine.pool_size() as u64, Ordering::Relaxed);
                    for query in 0..batch {
                        let (a, b) = (thread * 1_000_000 + number * batch + query, number);
                        let mut reply = connection.execute(format!("(+ {a} {b})").as_str()).unwrap();
                        assert_eq!(reply.value().unwrap().as_i64(), Ok((a + b) as i64));
                        right.fetch_add(1, Ordering::Relaxed);
                    }
                    match number % closed_every {
                        1 => connection.close().unwrap(),
                        2 => drop(connection),
                        _ => connection.release(),
                    }
                }
            });
        }
    });
    assert_eq!(right.into_inner(), queries);
    assert!((1..=SLOTS as u64).contains(&most.into_inner()));

    let idle = engine.pool_size();
    let disposed = engine.dispose_connections();
    assert_eq!((disposed.idle, disposed.held, engine.pool_size()), (idle, 0, 0));
}

#[test]
fn eight_threads_share_four_connections_to_2_4_0() {
    run("2.4.0", 100_000, 125, 10);
}

/// It stalls for a second when many connections are made at once, so few are closed.
#[test]
fn eight_threads_share_four_connections_to_1_0_0() {
    run("1.0.0", 2000, 25, 20);
}

#[test]
fn disposing_of_all_ends_a_query_that_is_being_waited_for() {
    let server = start("2.4.0");
    let mut slots = [const { Slot::<_, 256, 128>::new() }; SLOTS];
    let engine = Engine::new(connector(&server), &mut slots);
    let mut waiting = engine.acquire().unwrap();
    waiting.execute("(set .ipc.on.open (fn [h] (set watcher h)))").unwrap();
    let mut watcher = TcpStream::connect(server.address()).unwrap();
    watcher.write_all(&[3, 0]).unwrap();
    watcher.read_exact(&mut [0; 2]).unwrap();
    thread::scope(|scope| {
        let query = scope.spawn(move || {
            let error = waiting.execute("(do (.ipc.post watcher 1) (while true 1))").unwrap_err();
            (error, waiting)
        });
        // The query has begun, and never ends by itself.
        watcher.read_exact(&mut [0; Header::LEN]).unwrap();
        let disposed = engine.dispose_connections();
        assert_eq!((disposed.idle, disposed.held, engine.pool_size()), (0, 1, 0));
        let (error, mut waiting) = query.join().unwrap();
        assert!(matches!(error, Error::Aborted(Phase::FirstByte)), "{error:?}");
        assert!(matches!(waiting.execute("1"), Err(Error::Closed(CloseReason::Aborted))));
    });
}

#[test]
fn idle_connections_to_a_server_that_was_restarted_are_replaced() {
    for version in ALL {
        println!("--- {version}");
        let mut server = start(version);
        let mut slots = [const { Slot::<_, 256, 64>::new() }; SLOTS];
        let engine = Engine::new(connector(&server), &mut slots);
        let ask = || {
            // All at once, so that each is another one.
            let mut all = [(); SLOTS].map(|()| engine.acquire().unwrap());
            for connection in &mut all {
                assert_eq!(connection.execute("(+ 40 2)").unwrap().value().unwrap().as_i64(), Ok(42));
            }
            let ids = all.each_ref().map(|connection| connection.id());
            all.into_iter().for_each(|connection| connection.release());
            ids
        };
        assert_eq!((ask(), ask()), ([1, 2, 3, 4], [1, 2, 3, 4]));
        assert_eq!((engine.check_idle(), engine.pool_size()), (0, SLOTS));

        server.kill();
        server.restart().unwrap();
        assert_eq!((ask(), ask()), ([5, 6, 7, 8], [5, 6, 7, 8]));
        assert_eq!((engine.check_idle(), engine.pool_size()), (0, SLOTS));

        server.kill();
        assert_eq!((engine.check_idle(), engine.pool_size()), (SLOTS, 0));
        server.restart().unwrap();
        assert_eq!(ask(), [9, 10, 11, 12]);
    }
}

/// A pool can be shared without borrowing, as in a service that lives as long as its process.
#[test]
fn an_engine_is_send_and_sync() {
    fn is_send_and_sync<T: Send + Sync>(_: &T) {}
    let mut slots = [const { Slot::<_, 256, 64>::new() }; SLOTS];
    let engine = Engine::new(Connector::new("127.0.0.1", 1), &mut slots);
    is_send_and_sync(&engine);
    is_send_and_sync(engine.connector().clock());
}
