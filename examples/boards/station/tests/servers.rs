//! Deliveries to real servers, with connections that break at every byte of a request.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use embedded_io_async::{Error as _, ErrorKind, ErrorType, Read, Write};
use rayforce_ipc::client::asynch::{self, Connection, Timer, Transport};
use rayforce_ipc::client::{Backoff, Buffers, Clock, Connect, Options, Timeouts};
use rayforce_ipc::query::{col, from, table};
use rayforce_ipc::transports::tcp;
use station::delivery::{Delivery, Event};
use station::readings::Readings;
use xtask::server::Server;

const VERSIONS: [&str; 4] = ["2.4.0", "2.0.0", "1.0.0", "0.1.5"];
const BATCH: usize = 3;
type Batches<'a> = Delivery<'a, 8, BATCH>;

/// A stream that breaks when it is told to.
struct Wire {
    stream: tcp::Stream,
    faults: Faults,
}

#[derive(Clone, Default)]
struct Faults {
    /// Bytes that are still written before it breaks.
    left: Rc<Cell<Option<usize>>>,
    /// Whether nothing more is read.
    is_deaf: Rc<Cell<bool>>,
}

#[derive(Debug)]
struct Broken(ErrorKind);

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Broken {}

impl embedded_io_async::Error for Broken {
    fn kind(&self) -> ErrorKind {
        self.0
    }
}

impl ErrorType for Wire {
    type Error = Broken;
}

impl Read for Wire {
    async fn read(&mut self, target: &mut [u8]) -> Result<usize, Broken> {
        if self.faults.is_deaf.get() {
            return Err(Broken(ErrorKind::ConnectionReset));
        }
        embedded_io::Read::read(&mut self.stream, target).map_err(|error| Broken(error.kind()))
    }
}

impl Write for Wire {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Broken> {
        let most = match self.faults.left.get() {
            Some(0) => return Err(Broken(ErrorKind::ConnectionReset)),
            Some(left) => bytes.len().min(left),
            None => bytes.len(),
        };
        let count = embedded_io::Write::write(&mut self.stream, &bytes[..most])
            .map_err(|error| Broken(error.kind()))?;
        self.faults.left.set(self.faults.left.get().map(|left| left - count));
        Ok(count)
    }

    async fn flush(&mut self) -> Result<(), Broken> {
        embedded_io::Write::flush(&mut self.stream).map_err(|error| Broken(error.kind()))
    }
}

impl Transport for Wire {
    type Handle = ();

    fn set_deadline(&mut self, limit: Duration) {
        rayforce_ipc::client::Transport::set_deadline(&mut self.stream, limit);
    }

    fn handle(&self) -> Result<(), Broken> {
        Ok(())
    }
}

struct Uptime(Instant);

impl Clock for Uptime {
    fn uptime(&self) -> Duration {
        self.0.elapsed()
    }
}

impl Timer for Uptime {
    async fn sleep(&self, duration: Duration) {
        let end = self.uptime() + duration;
        poll_fn(|_| if self.uptime() < end { Poll::Pending } else { Poll::Ready(()) }).await;
    }
}

/// Dials a server.
struct Dialer {
    port: u16,
    clock: Uptime,
}

impl fmt::Display for Dialer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "port={}", self.port)
    }
}

impl asynch::Connect for Dialer {
    type Transport = Wire;
    type Timer = Uptime;

    async fn connect(&self, limit: Duration) -> Result<Wire, Broken> {
        let stream = tcp::Connector::new("127.0.0.1", self.port).connect(limit);
        Ok(Wire { stream: stream.map_err(|error| Broken(error.kind()))?, faults: Faults::default() })
    }

    fn timer(&self) -> &Uptime {
        &self.clock
    }
}

/// The streams of these tests block, so that no future ever waits.
fn now<V>(future: impl Future<Output = V>) -> V {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits"),
    }
}

fn dial(server: &Server, faults: &Faults) -> Wire {
    let connector = tcp::Connector::new("127.0.0.1", server.port());
    Wire { stream: connector.connect(Duration::from_secs(5)).unwrap(), faults: faults.clone() }
}

fn options() -> Options<'static> {
    Options { timeouts: Timeouts::all(Duration::from_secs(20)), ..Options::new() }
}

/// Measures a batch, and makes it ready to be inserted.
fn measure(readings: &Readings<8>, delivery: &mut Batches<'_>) {
    (0..BATCH).for_each(|second| readings.push(Duration::from_secs(second as u64), 21.5));
    delivery.take();
}

/// A new connection, which settles what is in doubt, and sends again what is not there.
fn recover(server: &Server, delivery: &mut Batches<'_>) -> Vec<Event> {
    let mut buffers = Buffers::<64, 256>::new();
    let wire = dial(server, &Faults::default());
    let mut connection = now(Connection::open(wire, buffers.lend(), &options())).unwrap();
    let mut events = Vec::new();
    now(delivery.prepare(&mut connection, &Uptime(Instant::now()), &mut |event| events.push(event))).unwrap();
    now(delivery.insert(&mut connection, &mut |event| events.push(event))).unwrap();
    events
}

/// How many rows there are, and how many different numbers in them.
fn counts(server: &Server) -> (i64, i64) {
    let mut buffers = Buffers::<256, 256>::new();
    let wire = dial(server, &Faults::default());
    let mut connection = now(Connection::open(wire, buffers.lend(), &options())).unwrap();
    let mut count = |query: &dyn rayforce_ipc::codec::Encode| {
        now(async { connection.execute(query).await.unwrap().value().await.unwrap().as_i64().unwrap() })
    };
    let different = from(table("readings").select(col("number").count().named("n")).by("number"));
    (count(&table("readings").count()), count(&different.count()))
}

#[test]
fn each_reading_is_there_once_whatever_byte_its_request_breaks_at() {
    for version in VERSIONS {
        println!("--- {version}");
        let server = Server::start(version).unwrap();
        let readings = Readings::<8>::new();
        let mut delivery = Batches::new(&readings, "oven", 7);
        let (mut sent, mut missing) = (0, 0);
        for cut in 0.. {
            let faults = Faults::default();
            let mut buffers = Buffers::<64, 256>::new();
            let mut connection =
                now(Connection::open(dial(&server, &faults), buffers.lend(), &options())).unwrap();
            now(delivery.prepare(&mut connection, &Uptime(Instant::now()), &mut |event| panic!("{event:?}")))
                .unwrap();
            measure(&readings, &mut delivery);
            let numbers = sent..=sent + BATCH as u32 - 1;
            sent += BATCH as u32;
            faults.left.set(Some(cut));
            let mut events = Vec::new();
            let inserted = now(delivery.insert(&mut connection, &mut |event| events.push(event)));
            drop(connection);
            match inserted {
                // The request went out as a whole.
                Ok(()) => {
                    assert_eq!(events, [Event::Inserted(numbers)]);
                    assert!(cut > 200, "{cut}");
                    break;
                }
                Err(_) if cut == 0 => {
                    assert_eq!(events, []);
                    assert_eq!(recover(&server, &mut delivery), [Event::Inserted(numbers)]);
                }
                Err(_) => {
                    assert_eq!(events, [Event::Unknown(numbers.clone())]);
                    let events = recover(&server, &mut delivery);
                    assert_eq!(events, [Event::WasMissing(numbers.clone()), Event::Inserted(numbers)]);
                    missing += 1;
                }
            }
        }
        println!("{missing} requests broke");
        assert_eq!(counts(&server), (sent.into(), sent.into()));
    }
}

#[test]
fn each_reading_is_there_once_where_the_answer_is_lost() {
    for version in VERSIONS {
        println!("--- {version}");
        let server = Server::start(version).unwrap();
        let readings = Readings::<8>::new();
        let mut delivery = Batches::new(&readings, "oven", 7);
        let (mut sent, mut there) = (0, 0);
        for _ in 0..100 {
            let faults = Faults::default();
            let mut buffers = Buffers::<64, 256>::new();
            let mut connection =
                now(Connection::open(dial(&server, &faults), buffers.lend(), &options())).unwrap();
            now(delivery.prepare(&mut connection, &Uptime(Instant::now()), &mut |event| panic!("{event:?}")))
                .unwrap();
            measure(&readings, &mut delivery);
            let numbers = sent..=sent + BATCH as u32 - 1;
            sent += BATCH as u32;
            faults.is_deaf.set(true);
            let mut events = Vec::new();
            now(delivery.insert(&mut connection, &mut |event| events.push(event))).unwrap_err();
            drop(connection);
            assert_eq!(events, [Event::Unknown(numbers.clone())]);
            let events = recover(&server, &mut delivery);
            if events == [Event::WasThere(numbers.clone())] {
                there += 1;
            } else {
                assert_eq!(events, [Event::WasMissing(numbers.clone()), Event::Inserted(numbers)]);
            }
        }
        println!("{there} of 100 were there");
        assert_eq!(counts(&server), (sent.into(), sent.into()));
    }
}

#[test]
fn a_server_that_refuses_leaves_nothing_in_doubt() {
    for version in VERSIONS {
        println!("--- {version}");
        let server = Server::start(version).unwrap();
        let readings = Readings::<8>::new();
        let mut delivery = Batches::new(&readings, "oven", 7);
        let mut buffers = Buffers::<64, 256>::new();
        let wire = dial(&server, &Faults::default());
        let mut connection = now(Connection::open(wire, buffers.lend(), &options())).unwrap();
        measure(&readings, &mut delivery);
        // There is no table yet.
        let refused = now(delivery.insert(&mut connection, &mut |event| panic!("{event:?}")));
        assert!(matches!(refused, Err(rayforce_ipc::Error::Server(_))), "{refused:?}");
        assert_eq!(recover(&server, &mut delivery), [Event::Inserted(0..=2)]);
        assert_eq!(counts(&server), (3, 3));
    }
}

#[test]
fn a_delivery_goes_on_after_its_server_was_away() {
    for version in ["2.4.0", "1.0.0"] {
        println!("--- {version}");
        let mut server = Server::start(version).unwrap();
        let readings = Readings::<64>::new();
        let dialer = Dialer { port: server.port(), clock: Uptime(Instant::now()) };
        let mut delivery = Delivery::<_, BATCH>::new(&readings, "oven", 7);
        let mut buffers = Buffers::<64, 256>::new();
        let events = RefCell::new(Vec::new());
        let options = options();
        let run = delivery.run(&dialer, buffers.lend(), &options, Backoff::new(1), |event| {
            events.borrow_mut().push(event);
        });
        let mut run = pin!(run);
        let mut context = Context::from_waker(Waker::noop());
        // What each life of the server has seen, in events.
        let mut lives = Vec::new();
        for _ in 0..4 {
            let begin = events.borrow().len();
            let inserted = || {
                events.borrow()[begin..].iter().filter(|event| matches!(event, Event::Inserted(_))).count()
            };
            while inserted() < 2 {
                if readings.waiting() < BATCH {
                    readings.push(dialer.clock.uptime(), 21.5);
                }
                assert!(run.as_mut().poll(&mut context).is_pending());
            }
            assert!(readings.is_alive(dialer.clock.uptime()));
            lives.push(events.borrow()[begin..].to_vec());
            server.kill();
            // A batch for the request that finds out.
            (0..BATCH).for_each(|_| readings.push(dialer.clock.uptime(), 21.5));
            while events.borrow().last() != Some(&Event::Offline) {
                assert!(run.as_mut().poll(&mut context).is_pending());
            }
            server.restart().unwrap();
        }
        let events = events.borrow();
        println!("{events:?}");
        assert_eq!(lives.len(), 4);
        assert!(!events.iter().any(|event| matches!(event, Event::Refused(_))), "{events:?}");
        // Each batch is accounted for once, in the order of its numbers; a loss is settled before anything else.
        let mut next = 0;
        for event in events.iter() {
            if let Event::Inserted(numbers) | Event::WasThere(numbers) = event {
                assert_eq!(*numbers.start(), next);
                next = numbers.end() + 1;
            }
        }
        assert_eq!(readings.overwritten(), 0);
    }
}
