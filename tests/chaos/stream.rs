//! The client's end of a stream, for both fronts, and whoever watches what is done with it.

use std::time::Duration;

use embedded_io::{ErrorKind, ErrorType, Read, ReadReady, Write, WriteReady};
use rayforce_ipc::client::{Abort, Transport};
use rayforce_ipc::transports::adapters::TimedError;
use rayforce_ipc::transports::faulty::{Faulty, FaultyError};

use super::lots::TICK;
use super::sim::Sim;

/// The error of all streams.
pub type Fault = FaultyError<TimedError<ErrorKind>>;

/// The bare stream.
pub struct End {
    pub sim: Sim,
    pub id: usize,
}

impl ErrorType for End {
    type Error = ErrorKind;
}

impl ReadReady for End {
    fn read_ready(&mut self) -> Result<bool, ErrorKind> {
        let ready =
            self.sim.server(|server, now| server.readable_at(self.id, now).is_some_and(|at| at <= now));
        if !ready {
            self.sim.pass(TICK);
        }
        Ok(ready)
    }
}

impl Read for End {
    fn read(&mut self, target: &mut [u8]) -> Result<usize, ErrorKind> {
        self.sim.server(|server, now| server.take(self.id, target, now))
    }
}

impl WriteReady for End {
    fn write_ready(&mut self) -> Result<bool, ErrorKind> {
        let ready = self.sim.server(|server, now| server.writable_at(self.id, now) <= now);
        if !ready {
            self.sim.pass(TICK);
        }
        Ok(ready)
    }
}

impl Write for End {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        self.sim.server(|server, now| server.put(self.id, bytes, now))
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}

/// A stream of which it is known whose it is.
pub trait Marked {
    fn id(&self) -> usize;
}

/// A transport that holds every call on it against the rules: nothing is done with a stream after it failed, or after its
/// connection is in doubt, and nothing outlasts the limit that was set.
pub struct Watched<T> {
    inner: Faulty<T>,
    sim: Sim,
    id: usize,
}

impl<T> Watched<T> {
    pub const fn new(inner: Faulty<T>, sim: Sim, id: usize) -> Watched<T> {
        Watched { inner, sim, id }
    }

    fn before(&self, what: &str) -> Duration {
        self.sim.server(|server, now| {
            if let Some(doubt) = &server.streams[self.id].doubt {
                panic!("RULE: stream {} is used again ({what}) after doubt: {doubt}", self.id);
            }
            now
        })
    }

    /// `moved` is how many bytes were, if any should.
    fn after<E: embedded_io::Error>(&self, what: &str, start: Duration, moved: Result<Option<usize>, &E>) {
        self.sim.trace(|| format!("stream {}: {what}: {moved:?}", self.id));
        self.sim.server(|server, now| {
            let stream = &mut server.streams[self.id];
            let latest = stream.deadline.expect("RULE: a limit is set before anything is done").max(start);
            assert!(now <= latest + TICK, "RULE: {what} took until {now:?}, its limit was {latest:?}");
            stream.is_late = matches!(moved, Err(error) if error.kind() == ErrorKind::TimedOut);
            match moved {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => stream.doubt = Some(format!("{what} failed: {error:?}")),
                Ok(Some(0)) => stream.doubt = Some(format!("{what} came to the end")),
                Ok(_) => {}
            }
        });
    }

    fn set_limit(&self, limit: Duration) {
        self.sim.trace(|| format!("stream {}: limit {limit:?}", self.id));
        self.sim.server(|server, now| {
            let stream = &mut server.streams[self.id];
            stream.deadline = Some(now + limit);
            stream.limits.push(limit);
        });
    }

    fn is_there(&self) -> bool {
        self.sim.server(|server, now| !server.has_gone(self.id, now))
    }

    fn reach(&self) -> Handle {
        Handle { sim: self.sim.clone(), id: self.id }
    }
}

impl<T> Drop for Watched<T> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.sim.server(|server, _| server.streams[self.id].is_dropped = true);
        }
    }
}

impl<T> Marked for Watched<T> {
    fn id(&self) -> usize {
        self.id
    }
}

impl<T: ErrorType> ErrorType for Watched<T> {
    type Error = FaultyError<T::Error>;
}

impl<T: Read> Read for Watched<T> {
    fn read(&mut self, target: &mut [u8]) -> Result<usize, Self::Error> {
        let start = self.before("read");
        let result = self.inner.read(target);
        self.after("read", start, result.as_ref().map(|count| Some(*count)));
        result
    }
}

impl<T: Write> Write for Watched<T> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        let start = self.before("write");
        let result = self.inner.write(bytes);
        self.after("write", start, result.as_ref().map(|count| Some(*count)));
        result
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        let start = self.before("flush");
        let result = self.inner.flush();
        self.after("flush", start, result.as_ref().map(|()| None));
        result
    }
}

impl<T: Transport> Transport for Watched<T> {
    type Handle = Handle;

    fn set_deadline(&mut self, limit: Duration) {
        self.set_limit(limit);
        Transport::set_deadline(&mut self.inner, limit);
    }

    fn handle(&self) -> Result<Handle, Self::Error> {
        Ok(self.reach())
    }

    fn is_alive(&mut self) -> bool {
        self.is_there()
    }
}

/// What ends a stream from elsewhere.
pub struct Handle {
    sim: Sim,
    id: usize,
}

impl Abort for Handle {
    fn abort(&self) {
        self.sim.server(|server, _| server.streams[self.id].abort());
    }
}

#[cfg(feature = "async")]
mod asynch {
    use std::future::poll_fn;
    use std::task::Poll;
    use std::time::Duration;

    use embedded_io::ErrorKind;
    use embedded_io_async::{Read, Write};
    use rayforce_ipc::client::asynch::Transport;

    use super::{End, Handle, Watched};

    impl Read for End {
        async fn read(&mut self, target: &mut [u8]) -> Result<usize, ErrorKind> {
            poll_fn(|context| {
                let at = self.sim.server(|server, now| {
                    server.streams[self.id].waker = Some(context.waker().clone());
                    server.readable_at(self.id, now)
                });
                match at {
                    Some(at) if at <= self.sim.now() => return Poll::Ready(()),
                    Some(at) => self.sim.wake_at(at, context.waker()),
                    None => {}
                }
                Poll::Pending
            })
            .await;
            self.sim.server(|server, now| server.take(self.id, target, now))
        }
    }

    impl Write for End {
        async fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
            let at = self.sim.server(|server, now| server.writable_at(self.id, now));
            // Everybody waits at least once, so that a write can be given up, too.
            crate::support::yielding::wait_once().await;
            self.sim.until(at).await;
            self.sim.server(|server, now| server.put(self.id, bytes, now))
        }

        async fn flush(&mut self) -> Result<(), ErrorKind> {
            crate::support::yielding::wait_once().await;
            Ok(())
        }
    }

    impl<T: Read> Read for Watched<T> {
        async fn read(&mut self, target: &mut [u8]) -> Result<usize, Self::Error> {
            let start = self.before("read");
            let result = self.inner.read(target).await;
            self.after("read", start, result.as_ref().map(|count| Some(*count)));
            result
        }
    }

    impl<T: Write> Write for Watched<T> {
        async fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
            let start = self.before("write");
            let result = self.inner.write(bytes).await;
            self.after("write", start, result.as_ref().map(|count| Some(*count)));
            result
        }

        async fn flush(&mut self) -> Result<(), Self::Error> {
            let start = self.before("flush");
            let result = self.inner.flush().await;
            self.after("flush", start, result.as_ref().map(|()| None));
            result
        }
    }

    impl<T: Transport> Transport for Watched<T> {
        type Handle = Handle;

        fn set_deadline(&mut self, limit: Duration) {
            self.set_limit(limit);
            Transport::set_deadline(&mut self.inner, limit);
        }

        fn handle(&self) -> Result<Handle, Self::Error> {
            Ok(self.reach())
        }

        fn is_alive(&mut self) -> bool {
            self.is_there()
        }
    }
}
