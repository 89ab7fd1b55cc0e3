//! Inserts readings in batches, and finds out what became of a batch whose answer was lost.

use core::convert::Infallible;
use core::ops::{ControlFlow, RangeInclusive};
use core::time::Duration;

use heapless::Vec;
use rayforce_ipc::Error;
use rayforce_ipc::client::asynch::{Connect, Connection, Timer, Transport};
use rayforce_ipc::client::{Backoff, Clock, Memory, Options};
use rayforce_ipc::error::{Outcome, ServerError};
use rayforce_ipc::query::{col, each, from, functions, sym, table};
use rayforce_ipc::wire::Timestamp;

use crate::readings::{Reading, Readings};
use crate::time::ServerTime;

/// Takes readings out of their ring and inserts them, `BATCH` at a time.
///
/// A batch is out of the ring until it is known to be in the table: it is sent again only where it certainly is not
/// there. Where its answer was lost, the next connection asks for its numbers. `run` tells this start of the board from
/// all others, because numbers begin at 0 with each: a number drawn by lot.
pub struct Delivery<'a, const N: usize, const BATCH: usize> {
    readings: &'a Readings<N>,
    device: &'a str,
    run: i64,
    batch: Vec<Reading, BATCH>,
    /// Whether the batch was sent, and what became of it is unknown.
    in_doubt: bool,
    time: ServerTime,
    /// For the time, over this connection.
    questions: u8,
}

/// What has happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// There is no connection.
    Offline,
    /// There is one.
    Online,
    /// The readings of these numbers are in the table.
    Inserted(RangeInclusive<u32>),
    /// Whether they are is unknown: their answer was lost.
    Unknown(RangeInclusive<u32>),
    /// They are, as the server says afterwards.
    WasThere(RangeInclusive<u32>),
    /// They are not, and are sent again.
    WasMissing(RangeInclusive<u32>),
    /// The server does not take what it is sent, or does not let us in; it is tried again after half a minute. With its
    /// own words, where there are some.
    Refused(Option<ServerError>),
}

impl<'a, const N: usize, const BATCH: usize> Delivery<'a, N, BATCH> {
    /// Nothing has been delivered.
    pub const fn new(readings: &'a Readings<N>, device: &'a str, run: i64) -> Self {
        let time = ServerTime::new();
        Delivery { readings, device, run, batch: Vec::new(), in_doubt: false, time, questions: 0 }
    }

    /// Delivers for ever, over as many connections as it takes.
    pub async fn run<C: Connect>(
        &mut self,
        connector: &C,
        memory: Memory<'_>,
        options: &Options<'_>,
        mut backoff: Backoff,
        mut tell: impl FnMut(Event),
    ) -> ! {
        let clock = connector.timer();
        let mut connection = Connection::closed(memory);
        loop {
            let opened = connection.reconnect(connector, options, &mut backoff, |_| {
                self.readings.turn(clock.uptime());
                ControlFlow::Continue(())
            });
            let ended = match opened.await {
                Ok(()) => {
                    tell(Event::Online);
                    self.deliver(&mut connection, clock, &mut backoff, &mut tell).await
                }
                Err(error) => Err(error),
            };
            let Err(error) = ended;
            if error.is_transient() {
                tell(Event::Offline);
            } else {
                tell(Event::Refused(if let Error::Server(error) = error { Some(error) } else { None }));
                // Trying again at once would not help.
                self.readings.turn(clock.uptime());
                clock.sleep(Duration::from_secs(30)).await;
            }
        }
    }

    /// Delivers until the connection fails, or the server refuses.
    async fn deliver<T: Transport>(
        &mut self,
        connection: &mut Connection<'_, T>,
        clock: &impl Timer,
        backoff: &mut Backoff,
        tell: &mut impl FnMut(Event),
    ) -> Result<Infallible, Error<T::Error>> {
        self.prepare(connection, clock, tell).await?;
        // It has proved to work.
        backoff.reset();
        loop {
            self.readings.turn(clock.uptime());
            self.readings.take(&mut self.batch);
            let is_time_good = self.time.is_good(clock.uptime());
            // The first batches wait for the time, but not for ever.
            if self.batch.is_full() && (is_time_good || self.questions >= PATIENCE) {
                self.insert(connection, tell).await?;
            } else if !is_time_good {
                clock.sleep(self.time.next_question(clock.uptime())).await;
                self.ask_time(connection, clock).await?;
            } else {
                self.readings.arrived().await;
            }
        }
    }

    /// Makes sure of the table, of the batch in doubt and of the time.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn prepare<T: Transport>(
        &mut self,
        connection: &mut Connection<'_, T>,
        clock: &impl Clock,
        tell: &mut impl FnMut(Event),
    ) -> Result<(), Error<T::Error>> {
        self.questions = 0;
        connection.execute(CREATE).await?;
        self.settle(connection, tell).await?;
        self.ask_time(connection, clock).await
    }

    /// Inserts the batch, which may not be full.
    ///
    /// # Errors
    /// Those of the connection. The batch stays, and is settled by [`prepare`](Delivery::prepare).
    pub async fn insert<T: Transport>(
        &mut self,
        connection: &mut Connection<'_, T>,
        tell: &mut impl FnMut(Event),
    ) -> Result<(), Error<T::Error>> {
        let Some(numbers) = numbers(&self.batch) else { return Ok(()) };
        let (device, run, time) = (self.device, self.run, self.time);
        let rows = each(&self.batch)
            .field(|_| device)
            .field(|_| run)
            .field(|reading| i64::from(reading.number))
            .field(|reading| time.moment(Duration::from_millis(reading.uptime_ms)))
            .field(|reading| f64::from(reading.celsius));
        // Before the first await: who drops this future leaves the batch in doubt.
        self.in_doubt = true;
        match connection.execute(&table(TABLE).insert(rows)).await {
            Ok(_) => {
                self.in_doubt = false;
                self.batch.clear();
                tell(Event::Inserted(numbers));
                Ok(())
            }
            Err(error) => {
                let is_certain = matches!(error, Error::Server(_)) || error.outcome() == Outcome::NotSent;
                self.in_doubt = !is_certain;
                if self.in_doubt {
                    tell(Event::Unknown(numbers));
                }
                Err(error)
            }
        }
    }

    /// Takes readings into the batch until it is full or none is left.
    pub fn take(&mut self) {
        self.readings.take(&mut self.batch);
    }

    /// Asks what became of the batch, if that is in doubt.
    async fn settle<T: Transport>(
        &mut self,
        connection: &mut Connection<'_, T>,
        tell: &mut impl FnMut(Event),
    ) -> Result<(), Error<T::Error>> {
        let (true, Some(numbers)) = (self.in_doubt, numbers(&self.batch)) else { return Ok(()) };
        let (first, last) = (i64::from(*numbers.start()), i64::from(*numbers.end()));
        let ours =
            col("device").eq(self.device) & col("run").eq(self.run) & col("number").between(first, last);
        let found = from(table(TABLE).select("number").filter(ours)).count();
        let found = connection.execute(&found).await?.value().await?.as_i64()?;
        self.in_doubt = false;
        // An insert is carried out as a whole or not at all.
        if found == 0 {
            tell(Event::WasMissing(numbers));
        } else {
            self.batch.clear();
            tell(Event::WasThere(numbers));
        }
        Ok(())
    }

    async fn ask_time<T: Transport>(
        &mut self,
        connection: &mut Connection<'_, T>,
        clock: &impl Clock,
    ) -> Result<(), Error<T::Error>> {
        let sent = clock.uptime();
        let mut reply = connection.execute(&functions::timestamp(sym("utc"))).await?;
        let answer = reply.value().await?.read::<Timestamp>()?;
        self.time.answered(sent, clock.uptime(), answer);
        self.questions = self.questions.saturating_add(1);
        Ok(())
    }
}

fn numbers(batch: &[Reading]) -> Option<RangeInclusive<u32>> {
    Some(batch.first()?.number..=batch.last()?.number)
}

/// Questions for the time, one a second, after which a full batch waits no longer.
const PATIENCE: u8 = 8;
const TABLE: &str = "readings";

/// Makes the table where there is none. All of its columns are 8 bytes wide, so that 2.0.0 takes it, too.
const CREATE: &str = "(do (try readings (fn [x] (set readings (table [device run number at celsius] (list \
                      (take ['a] 0) (take [0] 0) (take [0] 0) (take [2000.01.01D00:00:00.000000000] 0) \
                      (take [0.0] 0)))))) null)";
