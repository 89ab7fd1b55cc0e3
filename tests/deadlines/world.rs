//! A time that passes only where somebody waits, and peers in it.

use std::cell::Cell;
use std::time::Duration;

use embedded_io::{ErrorKind, ErrorType, Read, ReadReady, Write, WriteReady};
use rayforce_ipc::client::Clock;
use rayforce_ipc::transports::duplex::Step;

use crate::support::script::Script;

/// What a question whether a stream is ready takes, and a read of a stream that never ends.
pub const TICK: Duration = Duration::from_millis(1);
/// What a byte takes of a trickle.
pub const TRICKLE: Duration = Duration::from_secs(1);

/// A virtual time, and when somebody is to be woken.
#[derive(Debug)]
pub struct World {
    now: Cell<Duration>,
    #[cfg(feature = "async")]
    wake: Cell<Option<Duration>>,
    /// Whether flushes come to an end.
    pub flushes: Cell<bool>,
}

impl World {
    pub const fn new() -> World {
        World {
            now: Cell::new(Duration::ZERO),
            #[cfg(feature = "async")]
            wake: Cell::new(None),
            flushes: Cell::new(true),
        }
    }

    pub const fn now(&self) -> Duration {
        self.now.get()
    }

    pub fn pass(&self, time: Duration) {
        self.now.set(self.now.get().saturating_add(time));
    }

    /// Somebody waits until then.
    #[cfg(feature = "async")]
    pub fn wake_at(&self, instant: Duration) {
        self.wake.set(Some(self.wake.get().map_or(instant, |other| other.min(instant))));
    }

    /// Runs a future; where it waits, time passes until the first of those whom it waits for is woken.
    #[cfg(feature = "async")]
    #[track_caller]
    pub fn run<F: Future>(&self, future: F) -> F::Output {
        let mut future = std::pin::pin!(future);
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        loop {
            self.wake.set(None);
            if let std::task::Poll::Ready(output) = future.as_mut().poll(&mut context) {
                return output;
            }
            let woken = self.wake.get().expect("a wait that ends");
            assert!(woken > self.now(), "a wait for nothing");
            self.now.set(woken);
        }
    }
}

impl Clock for &World {
    fn uptime(&self) -> Duration {
        self.now()
    }

    fn wait(&self, duration: Duration) {
        self.pass(duration);
    }
}

/// What a peer does behind its script.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum End {
    /// Takes whatever is written, and says nothing.
    Silent,
    /// Takes nothing, and says nothing.
    Deaf,
    /// Says these bytes one by one, and takes whatever is written.
    Trickle(Vec<u8>),
    /// Says these bytes for ever, and takes whatever is written.
    Flood(Vec<u8>),
}

/// A script, and what comes behind it.
#[derive(Clone)]
pub struct Scene {
    pub script: Script,
    pub end: End,
}

/// The client's end of a stream to a peer.
#[derive(Debug)]
pub struct Peer<'w> {
    world: &'w World,
    /// What the client is to write before the end.
    expected: Vec<u8>,
    written: usize,
    /// What is said, and how much was written before.
    lines: Vec<(usize, Vec<u8>)>,
    line: usize,
    end: End,
    ended_at: Option<Duration>,
    /// Bytes of the line, or of the end, that were read.
    read: usize,
}

impl<'w> Peer<'w> {
    pub fn new(world: &'w World, scene: &Scene) -> Peer<'w> {
        let (mut expected, mut lines) = (Vec::new(), Vec::new());
        for step in scene.script.steps() {
            match step {
                Step::Expect(bytes) => expected.extend_from_slice(bytes),
                Step::Say(bytes) => lines.push((expected.len(), bytes.to_vec())),
                Step::Close => panic!("it never goes away"),
            }
        }
        let end = scene.end.clone();
        Peer { world, expected, written: 0, lines, line: 0, end, ended_at: None, read: 0 }
    }

    pub const fn world(&self) -> &'w World {
        self.world
    }

    /// When a read gives something; none where it never does.
    pub fn readable_at(&mut self) -> Option<Duration> {
        let now = self.world.now();
        if let Some((from, _)) = self.lines.get(self.line) {
            return (self.written >= *from).then_some(now);
        }
        if self.written < self.expected.len() {
            return None;
        }
        let ended_at = *self.ended_at.get_or_insert(now);
        match &self.end {
            End::Trickle(bytes) if self.read < bytes.len() => {
                Some(ended_at + TRICKLE * (self.read as u32 + 1))
            }
            End::Flood(_) => Some(now),
            _ => None,
        }
    }

    /// Reads what is there.
    pub fn take(&mut self, target: &mut [u8]) -> usize {
        let (bytes, is_line) = match (self.lines.get(self.line), &self.end) {
            (Some((_, bytes)), _) => (bytes, true),
            (None, End::Trickle(bytes) | End::Flood(bytes)) => (bytes, false),
            (None, End::Silent | End::Deaf) => panic!("a read that never ends"),
        };
        let most = if is_line || matches!(self.end, End::Flood(_)) { target.len() } else { 1 };
        let mut count = 0;
        for (target, byte) in target[..most].iter_mut().zip(&bytes[self.read..]) {
            *target = *byte;
            count += 1;
        }
        self.read += count;
        if is_line && self.read == bytes.len() {
            (self.line, self.read) = (self.line + 1, 0);
        } else if matches!(self.end, End::Flood(_)) && !is_line {
            self.read %= bytes.len();
            self.world.pass(TICK);
            assert!(self.world.now() < Duration::from_secs(60), "a call that never ends");
        }
        count
    }

    pub fn is_writable(&self) -> bool {
        self.written < self.expected.len() || self.end != End::Deaf
    }

    /// Writes what is taken.
    pub fn put(&mut self, bytes: &[u8]) -> usize {
        assert!(self.is_writable(), "a write that never ends");
        let expected = &self.expected[self.written.min(self.expected.len())..];
        let count = if expected.is_empty() { bytes.len() } else { bytes.len().min(expected.len()) };
        assert!(expected.is_empty() || bytes[..count] == expected[..count], "{bytes:x?}, not {expected:x?}");
        self.written += count;
        count
    }
}

impl ErrorType for Peer<'_> {
    type Error = ErrorKind;
}

impl Read for Peer<'_> {
    fn read(&mut self, target: &mut [u8]) -> Result<usize, ErrorKind> {
        Ok(self.take(target))
    }
}

impl ReadReady for Peer<'_> {
    fn read_ready(&mut self) -> Result<bool, ErrorKind> {
        let now = self.world.now();
        let ready = self.readable_at().is_some_and(|instant| instant <= now);
        if !ready {
            self.world.pass(TICK);
        }
        Ok(ready)
    }
}

impl Write for Peer<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        Ok(self.put(bytes))
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        assert!(self.world.flushes.get(), "a flush that never ends");
        Ok(())
    }
}

impl WriteReady for Peer<'_> {
    fn write_ready(&mut self) -> Result<bool, ErrorKind> {
        if !self.is_writable() {
            self.world.pass(TICK);
        }
        Ok(self.is_writable())
    }
}
