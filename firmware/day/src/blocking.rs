//! The day over the blocking front.

use core::fmt;
use core::mem::take;
use core::ops::ControlFlow;

use embedded_io::ErrorType;
use rayforce_ipc::client::{Backoff, Clock as _, Connect, Push, Topic};
use rayforce_ipc::error::Outcome;
use rayforce_ipc::{Engine, Error, Generation, PooledConnection};

use crate::end::{Failure, Summary, check};
use crate::ledger::Held;
use crate::plan::{Mode, Plan};
use crate::readings::{self, HISTORY_LEN, PUBLICATION_COUNT, READINGS, TOPIC};
use crate::{CONNECTION_COUNT, Mind, PACE, SETTLED, backoff};

/// Does what the plan says, and tells how far it is.
///
/// # Errors
/// What went wrong first.
pub fn run<'m, 'p, C: Connect>(
    engine: &Engine<'p, C, CONNECTION_COUNT>,
    plan: &Plan,
    mind: &'m mut Mind,
    topics: &'p mut [Topic<'p>],
    say: fn(fmt::Arguments<'_>),
) -> Result<Summary<'m>, Failure<TransportError<C>>> {
    mind.ledger.begin(plan.batch_len());
    let mut day = Day {
        engine,
        connection: engine.acquire()?,
        plan,
        mind,
        backoff: backoff(),
        say,
        losses: 0,
        compared: 0,
        compared_now: 0,
    };
    let generation = day.connection.generation();
    say(format_args!("{generation:?}"));
    let prepared = day.prepare();
    day.recover(prepared)?;
    day.insert()?;
    let held = day.audit()?;
    if plan.mode == Mode::Day {
        day.aggregate(held)?;
        day.history()?;
        day.follow(topics)?;
    }
    day.connection.close()?;
    let earlier = if plan.keeps { 0 } else { day.compared };
    let Day { mind, losses, .. } = day;
    Ok(Summary { ledger: &mind.ledger, held, losses, earlier })
}

struct Day<'e, 'p, 'm, C: Connect> {
    engine: &'e Engine<'p, C, CONNECTION_COUNT>,
    connection: PooledConnection<'e, 'p, C, CONNECTION_COUNT>,
    plan: &'e Plan,
    mind: &'m mut Mind,
    backoff: Backoff,
    say: fn(fmt::Arguments<'_>),
    /// How many times the connection was lost.
    losses: u32,
    /// Readings that were compared in tables that are gone.
    compared: i64,
    /// And in this one.
    compared_now: i64,
}

/// What is not inlined takes its stack only while it runs.
impl<'p, C: Connect> Day<'_, 'p, '_, C> {
    /// Makes the table where there is none.
    fn prepare(&mut self) -> Result<(), Failure<TransportError<C>>> {
        match self.connection.execute(&readings::count()) {
            Ok(_) => return Ok(()),
            Err(Error::Server(_)) => {}
            Err(error) => return Err(error.into()),
        }
        let is_new = self.mind.ledger.next() == 0;
        check(is_new || !self.plan.keeps, "the server has lost its table")?;
        // Also where the answer is lost.
        self.mind.ledger.begin_anew();
        self.connection.execute(&readings::create()).map(drop).map_err(Failure::from)
    }

    /// Sends batch after batch. One that was certainly not sent is sent again, one in doubt is not.
    #[inline(never)]
    fn insert(&mut self) -> Result<(), Failure<TransportError<C>>> {
        // Batches since the server was last found.
        let mut settled = 0u32;
        let goes_on =
            |day: &Self| day.mind.ledger.acknowledged() < READINGS || day.losses < day.plan.restarts();
        while goes_on(self) || settled < SETTLED {
            let Mind { batch, ledger } = &mut *self.mind;
            batch.measure(ledger.next_ids());
            let inserted = self.connection.execute(&batch.insert()).map(drop);
            match inserted {
                Ok(()) => {
                    ledger.acknowledge();
                    settled += 1;
                    let settling = self.settle(settled);
                    if self.recover(settling)? {
                        settled = 0;
                    }
                }
                Err(error) => {
                    let noted = error.outcome() == Outcome::NotSent || ledger.doubt();
                    check(noted, "too many batches in doubt")?;
                    self.recover(Err(error.into()))?;
                    settled = 0;
                }
            }
            if self.plan.mode == Mode::Day {
                self.engine.connector().clock().wait(PACE);
            }
        }
        Ok(())
    }

    /// After so many batches of a life: tells when the connection has proved to work. Where the table may not be there any
    /// more when it is looked at the next time, it is compared now and then.
    fn settle(&mut self, settled: u32) -> Result<(), Failure<TransportError<C>>> {
        if !self.plan.keeps && settled >= SETTLED && settled.is_power_of_two() {
            self.audit()?;
        }
        if settled == SETTLED {
            self.backoff.reset();
            (self.say)(format_args!("life {}", self.losses + 1));
        }
        Ok(())
    }

    /// After a loss, connects again and sees that the table is there. Whether there was a loss; an error that another
    /// connection would not mend is passed on.
    fn recover(
        &mut self,
        mut result: Result<(), Failure<TransportError<C>>>,
    ) -> Result<bool, Failure<TransportError<C>>> {
        let mut lost = false;
        loop {
            match result {
                Err(Failure::Client(error)) if error.is_transient() => {}
                other => return other.map(|()| lost),
            }
            self.losses += u32::from(!lost);
            lost = true;
            self.compared += take(&mut self.compared_now);
            self.connection.reconnect_with(&mut self.backoff, |_| ControlFlow::Continue(()))?;
            result = self.prepare();
        }
    }

    /// Compares the table with the ledger, reading by reading.
    fn audit(&mut self) -> Result<Held, Failure<TransportError<C>>> {
        let mut audit = self.mind.ledger.audit();
        let mut reply = self.connection.execute(&readings::ids())?;
        let mut columns = reply.columns()?;
        while let Some(mut column) = columns.next()? {
            let mut chunk = [0i64; 16];
            while let count @ 1.. = column.read(&mut chunk)? {
                chunk.iter().take(count).try_for_each(|id| audit.take(*id))?;
            }
        }
        let held = audit.finish()?;
        self.compared_now = held.readings;
        Ok(held)
    }

    /// Asks the server for what is known here.
    #[inline(never)]
    fn aggregate(&mut self, held: Held) -> Result<(), Failure<TransportError<C>>> {
        let mut reply = self.connection.execute(&readings::aggregate())?;
        let mut rows = reply.value()?.table()?.rows::<(f64, i64, i64)>()?;
        let row = rows.next().transpose()?;
        check(row == Some((held.total, held.readings, held.last)), "the aggregate is another")
    }

    /// Reads a table that is larger than the memory for it by far.
    #[inline(never)]
    fn history(&mut self) -> Result<(), Failure<TransportError<C>>> {
        let made = self.connection.execute(readings::CREATE_HISTORY)?.value()?.as_i64()?;
        check(made == HISTORY_LEN, "the history is too short")?;
        let mut reply = self.connection.execute(&readings::history())?;
        let mut columns = reply.columns()?;
        while let Some(mut column) = columns.next()? {
            check(column.count() == HISTORY_LEN as u64, "the history has changed")?;
            let is_first = column.name()? == "n";
            let mut row = 0;
            if is_first {
                let mut chunk = [0i64; 16];
                while let count @ 1.. = column.read(&mut chunk)? {
                    for cell in chunk.iter().take(count) {
                        check(*cell == row, "a number of the history is another")?;
                        row += 1;
                    }
                }
            } else {
                let mut chunk = [0f64; 16];
                while let count @ 1.. = column.read(&mut chunk)? {
                    for cell in chunk.iter().take(count) {
                        check(*cell == row as f64 * 0.5, "a measurement of the history is another")?;
                        row += 1;
                    }
                }
            }
            check(row == HISTORY_LEN, "a column of the history ends too early")?;
        }
        Ok(())
    }

    /// Follows a topic, where the server has topics: one connection listens, the other one publishes.
    #[inline(never)]
    fn follow(&mut self, topics: &'p mut [Topic<'p>]) -> Result<(), Failure<TransportError<C>>> {
        let is_old = self.connection.generation() == Generation::V1;
        let listener = self.connection.connection()?;
        listener.lend_topics(topics);
        match listener.subscribe(TOPIC) {
            Err(Error::Request(_)) if is_old => return Ok(()),
            subscribed => subscribed?,
        }
        check(!is_old, "a server without topics has one")?;
        let mut publisher = second(self.engine)?;
        for number in 1..=PUBLICATION_COUNT {
            let sequence = publisher.execute(&readings::publish(number * 10))?.value()?.as_i64()?;
            check(sequence == number, "a publication has another number")?;
        }
        publisher.release();
        for number in 1..=PUBLICATION_COUNT {
            match listener.next_push()? {
                Some(Push::Message { topic: TOPIC, sequence, mut payload }) => {
                    let published = payload.value()?.as_i64()?;
                    check((sequence, published) == (number, number * 10), "a publication is another")?;
                }
                _ => return Err(Failure::Wrong("a publication did not come")),
            }
        }
        Ok(())
    }
}

/// A second connection. Its way to the server may be back a moment later than that of the first one.
fn second<'e, 'p, C: Connect>(
    engine: &'e Engine<'p, C, CONNECTION_COUNT>,
) -> Result<PooledConnection<'e, 'p, C, CONNECTION_COUNT>, Failure<TransportError<C>>> {
    let mut backoff = backoff();
    loop {
        match engine.acquire() {
            Err(error) if error.is_transient() => {
                let Some(delay) = backoff.next_delay() else { return Err(error.into()) };
                engine.connector().clock().wait(delay);
            }
            acquired => return Ok(acquired?),
        }
    }
}

/// The error of the transports that a connector makes.
pub type TransportError<C> = <<C as Connect>::Transport as ErrorType>::Error;
