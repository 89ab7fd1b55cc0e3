//! TCP of tokio, against servers of this process.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use std::io::Write;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use rayforce_ipc::Slot;
use rayforce_ipc::client::asynch::{Connect, Connection, Transport};
use rayforce_ipc::client::{Abort, Buffers, Options, Timeouts};
use rayforce_ipc::codec::literal::List;
use rayforce_ipc::engine::asynch::Engine;
use rayforce_ipc::error::{CloseReason, Error, Phase};
use rayforce_ipc::transports::tcp::TcpError;
use rayforce_ipc::transports::tokio::{Connector, Stream};
use rayforce_ipc::wire::{Generation, MessageType};
use support::codec::sent;
use support::script::frame;
use support::sockets::{Server, add, let_in, request, wait_for_end};

const V3: Generation = Generation::V3;
const LIMIT: Duration = Duration::from_millis(60);
const MOST: Duration = Duration::from_secs(20);
const ASK: [i64; 2] = [40, 2];

fn connector(server: &Server) -> Connector {
    Connector::new("127.0.0.1", server.port())
}

async fn dial(server: &Server) -> Stream {
    connector(server).connect(MOST).await.unwrap()
}

/// Lets clients in, takes their first requests, and does something else then.
fn after_a_request(serve: impl Fn(&mut TcpStream) + Send + Sync + 'static) -> Server {
    Server::start(move |mut stream| {
        let_in(&mut stream);
        request(&mut stream).unwrap();
        serve(&mut stream);
        wait_for_end(&mut stream);
    })
}

#[tokio::test]
async fn futures_go_from_thread_to_thread_and_tasks_share_a_pool() {
    let server = Server::start(add);
    let slots = Box::leak(Box::new([const { Slot::<_, 256, 64>::new() }; 3]));
    let engine: &'static _ = Box::leak(Box::new(Engine::new(connector(&server), slots)));
    let tasks: Vec<_> = (0..24i64)
        .map(|task| {
            tokio::spawn(async move {
                for number in 0..20 {
                    let mut connection = engine.acquire_within(MOST).await.unwrap();
                    let mut reply = connection.execute(&List(&[&task, &number])).await.unwrap();
                    assert_eq!(reply.value().await.unwrap().as_i64(), Ok(task + number));
                    connection.release();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(engine.dispose_connections().held, 0);
}

/// A request is under way, and the server never lets its limit pass unused.
async fn assert_times_out(server: Server, phase: Phase) {
    let mut timeouts = Timeouts::all(MOST);
    match phase {
        Phase::FirstByte => timeouts.first_byte = LIMIT,
        _ => timeouts.reply = LIMIT,
    }
    let options = Options { timeouts, ..Options::new() };
    let mut buffers = Buffers::<256, 64>::new();
    let mut connection = Connection::open(dial(&server).await, buffers.lend(), &options).await.unwrap();
    let start = Instant::now();
    let result = async { connection.execute(&ASK).await?.value().await.map(drop) }.await;
    let elapsed = start.elapsed();
    assert!(matches!(result, Err(Error::TimedOut(timed_out)) if timed_out == phase), "{result:?}");
    assert!(LIMIT <= elapsed && elapsed < MOST, "{elapsed:?}");
    let next = connection.execute(&ASK).await.map(drop);
    assert!(matches!(next, Err(Error::Closed(CloseReason::TimedOut(closed))) if closed == phase), "{next:?}");
}

#[tokio::test]
async fn neither_silence_nor_a_trickle_nor_a_flood_puts_a_limit_off() {
    assert_times_out(after_a_request(|_| {}), Phase::FirstByte).await;
    let trickle = |stream: &mut TcpStream| {
        let reply = frame(V3, MessageType::Response, &sent(V3, &[0i64; 20]));
        for byte in reply.chunks(1).cycle() {
            if stream.write_all(byte).is_err() {
                return;
            }
            thread::sleep(Duration::from_millis(5));
        }
    };
    assert_times_out(after_a_request(trickle), Phase::Reply).await;
    let flood = |stream: &mut TcpStream| {
        let pushes = frame(V3, MessageType::Async, &sent(V3, &1i64)).repeat(64);
        while stream.write_all(&pushes).is_ok() {}
    };
    assert_times_out(after_a_request(flood), Phase::FirstByte).await;
}

/// On one thread, a server that is always quick enough leaves no moment in which nothing is ready.
#[tokio::test]
async fn a_long_answer_lets_other_tasks_go_on() {
    let server = after_a_request(|stream| {
        let reply = frame(V3, MessageType::Response, &sent(V3, &vec![1i64; 1 << 20].as_slice()));
        stream.write_all(&reply).unwrap();
    });
    let mut buffers = Buffers::<256, 64>::new();
    let mut connection =
        Connection::open(dial(&server).await, buffers.lend(), &Options::new()).await.unwrap();
    let turns = std::rc::Rc::new(std::cell::Cell::new(0));
    let other = std::rc::Rc::clone(&turns);
    let local = tokio::task::LocalSet::new();
    local.spawn_local(async move {
        loop {
            other.set(other.get() + 1);
            tokio::task::yield_now().await;
        }
    });
    let received = local.run_until(async {
        let mut reply = connection.execute(&ASK).await.unwrap();
        // All of it waits to be read.
        thread::sleep(LIMIT);
        let before = turns.get();
        let mut count = 0;
        while reply.next_token().await.unwrap().is_some() {
            count += 1;
        }
        (count, turns.get() - before)
    });
    let (count, turns) = received.await;
    assert!(count > 1000 && turns > count / 1000, "{turns} turns in {count} pieces");
}

#[tokio::test]
async fn a_handle_ends_a_read_that_waits() {
    let server = after_a_request(|_| {});
    let mut buffers = Buffers::<256, 64>::new();
    let mut connection =
        Connection::open(dial(&server).await, buffers.lend(), &Options::new()).await.unwrap();
    let handle = connection.handle().unwrap();
    let aborting = async {
        tokio::time::sleep(LIMIT).await;
        handle.abort();
    };
    let (result, ()) = tokio::join!(connection.execute(&ASK), aborting);
    assert!(matches!(result.map(drop), Err(Error::Aborted(Phase::FirstByte))));
    // Of a stream that is gone there is nothing to reach.
    drop(connection);
    assert!(!handle.cancel());
    handle.abort();
}

#[tokio::test]
async fn a_handle_ends_a_write_that_waits() {
    let (done, wait) = mpsc::channel::<()>();
    let wait = std::sync::Mutex::new(wait);
    let server = Server::start(move |mut stream| {
        let_in(&mut stream);
        // Takes nothing.
        let _ = wait.lock().unwrap().recv();
    });
    let mut buffers = Buffers::<256, 64>::new();
    let mut connection =
        Connection::open(dial(&server).await, buffers.lend(), &Options::new()).await.unwrap();
    // Ends before the server does, which waits for it.
    let done = done;
    let handle = connection.handle().unwrap();
    let large = vec![0i64; 4 << 20];
    let aborting = async {
        tokio::time::sleep(LIMIT).await;
        handle.abort();
    };
    let (result, ()) = tokio::join!(connection.execute(large.as_slice()), aborting);
    assert!(matches!(result.map(drop), Err(Error::Aborted(Phase::Write))));
    drop((connection, done));
}

#[tokio::test]
async fn an_idle_stream_tells_whether_the_server_has_gone() {
    let (told, ends) = mpsc::channel();
    let ends = std::sync::Mutex::new(ends);
    let server = Server::start(move |stream| {
        // Ends when it is told to, and waits for the client's own end.
        let () = ends.lock().unwrap().recv().unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
    });
    let mut stream = dial(&server).await;
    assert!(stream.is_alive());
    told.send(()).unwrap();
    let start = Instant::now();
    while stream.is_alive() {
        assert!(start.elapsed() < MOST);
        thread::sleep(Duration::from_millis(1));
    }
    // It was only looked at.
    assert_eq!(embedded_io_async::Read::read(&mut stream, &mut [0]).await.unwrap(), 0);
}

#[tokio::test]
async fn closing_ends_in_good_order() {
    let (sender, receiver) = mpsc::channel();
    let server = Server::start(move |mut stream| {
        let mut received = Vec::new();
        std::io::Read::read_to_end(&mut stream, &mut received).unwrap();
        sender.send(received).unwrap();
    });
    let mut stream = dial(&server).await;
    stream.set_deadline(MOST);
    assert_eq!(embedded_io_async::Write::write(&mut stream, b"last words").await.unwrap(), 10);
    Transport::close(&mut stream).await.unwrap();
    assert_eq!(receiver.recv_timeout(MOST).unwrap(), b"last words");
}

#[tokio::test]
async fn nobody_at_an_address_is_an_error_of_the_phase_connect() {
    let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    // An empty label is no name: no network is asked for it.
    for (host, named) in [("127.0.0.1", true), ("localhost", true), ("no..host", false)] {
        let mut slots = [const { Slot::<_, 256, 64>::new() }; 1];
        let engine = Engine::new(Connector::new(host, port), &mut slots);
        assert_eq!(engine.to_string(), format!("IPCEngine(host={host}, port={port}, pool_size: 0)"));
        let error = engine.acquire().await.unwrap_err();
        let Error::Transport { phase: Phase::Connect, source } = error else { panic!("{host}: {error}") };
        assert_eq!(matches!(source, TcpError::NameNotFound(_)), !named, "{host}: {source}");
    }
}

/// A queue of one that is full: what knocks is not answered.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_host_that_does_not_answer_is_not_waited_for_beyond_the_limit() {
    use socket2::{Domain, Socket, Type};

    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    listener.bind(&std::net::SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    listener.listen(0).unwrap();
    let address = listener.local_addr().unwrap().as_socket().unwrap();
    let mut queued = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&address, LIMIT) {
        queued.push(stream);
    }
    let start = Instant::now();
    let error = Connector::new("127.0.0.1", address.port()).connect(LIMIT).await.unwrap_err();
    assert!(matches!(error, TcpError::TimedOut), "{error}");
    assert!(LIMIT <= start.elapsed() && start.elapsed() < MOST);
}
