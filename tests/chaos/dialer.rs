//! What connects to the server.

use std::fmt;
use std::time::Duration;

use rayforce_ipc::client::Connect;
use rayforce_ipc::transports::adapters::{Polled, TimedError};
use rayforce_ipc::transports::faulty::{Faulty, FaultyError};

use super::lots::TICK;
use super::sim::Sim;
use super::stream::{End, Fault, Watched};

/// A stream of the blocking front.
pub type Blocking = Watched<Polled<End, Sim>>;

pub struct Dialer(pub Sim);

impl Dialer {
    fn end(&self) -> Result<End, Fault> {
        let id = self.0.server(|server, now| server.connect(now));
        let id = id.map_err(|kind| FaultyError::Inner(TimedError::Stream(kind)))?;
        Ok(End { sim: self.0.clone(), id })
    }

    fn watched<T>(&self, id: usize, inner: T) -> Watched<T> {
        let odds = self.0.server(|server, _| server.mood.odds);
        Watched::new(Faulty::seeded(inner, odds, id as u64), self.0.clone(), id)
    }
}

impl Connect for Dialer {
    type Transport = Blocking;
    type Clock = Sim;

    fn connect(&self, limit: Duration) -> Result<Blocking, Fault> {
        self.0.pass(TICK.min(limit));
        let end = self.end()?;
        Ok(self.watched(end.id, Polled::new(end, self.0.clone())))
    }

    fn clock(&self) -> &Sim {
        &self.0
    }
}

impl fmt::Display for Dialer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("host=chaos, port=0")
    }
}

#[cfg(feature = "async")]
mod asynch {
    use std::time::Duration;

    use rayforce_ipc::client::asynch::{Connect, Timer};
    use rayforce_ipc::transports::timed::Timed;

    use super::{Dialer, End, Fault, Sim, TICK, Watched};

    /// A stream of the async front.
    type Async = Watched<Timed<End, Sim>>;

    impl Connect for Dialer {
        type Transport = Async;
        type Timer = Sim;

        async fn connect(&self, limit: Duration) -> Result<Async, Fault> {
            self.0.sleep(TICK.min(limit)).await;
            let end = self.end()?;
            Ok(self.watched(end.id, Timed::new(end, self.0.clone())))
        }

        fn timer(&self) -> &Sim {
            &self.0
        }
    }
}
