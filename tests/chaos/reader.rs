//! What came is read in one of several ways, and must be of the number that it has.

use rayforce_ipc::error::Outcome;

use super::asked::{self, UNASKED};
use super::caller::{Before, Caller, Error, given_up};
use super::stream::Fault;
use super::verdict::is_confined;
use crate::support::front::{Hear, Reading, Reads, Unasked};
use crate::support::joined::Joined;

/// Reads a value in one of several ways.
pub struct Reader {
    pub caller: Caller,
    /// The number that it must have; none where it came unasked.
    pub expected: Option<i64>,
    /// The number that it had, if it was read so far.
    pub number: Option<i64>,
    pub error: Option<Error>,
}

impl Reads<Fault> for Reader {
    async fn read(&mut self, value: &mut impl Reading<Fault = Fault>) {
        match self.caller.lots.below(10) {
            0 => {}
            1..6 => {
                if self.whole(value).await {
                    self.tokens(value, u64::MAX).await;
                }
            }
            6..9 => self.tokens(value, u64::MAX).await,
            _ => {
                let most = self.caller.lots.below(3);
                self.tokens(value, most).await;
            }
        }
        if let Some(number) = self.number {
            let is_right = self.expected.map_or(number > UNASKED, |expected| number == expected);
            assert!(is_right, "RULE: {number} is the answer to {:?}", self.expected);
        }
    }
}

impl Reader {
    /// By value; whether there is no room for it.
    async fn whole(&mut self, value: &mut impl Reading<Fault = Fault>) -> bool {
        loop {
            let polls = self.caller.polls();
            let whole = async { value.value().await.map(|value| asked::number(&value)) };
            match given_up(polls, whole).await {
                None => {
                    self.caller.tally.given_up += 1;
                    if self.caller.lots.hits(300) {
                        return false;
                    }
                }
                Some(Ok(number)) => {
                    self.number = Some(number.expect("RULE: a value is made of one number"));
                    return false;
                }
                Some(Err(Error::Capacity { needed, available, .. })) if needed > available => return true,
                Some(Err(error)) => {
                    self.failed(error);
                    return false;
                }
            }
        }
    }

    /// So many tokens.
    async fn tokens(&mut self, value: &mut impl Reading<Fault = Fault>, most: u64) {
        let mut joined = Joined::default();
        let mut count = 0;
        while count < most {
            let polls = self.caller.polls();
            let token = async { value.next_token().await.map(|token| token.map(|token| joined.push(token))) };
            match given_up(polls, token).await {
                None if self.caller.lots.hits(100) => break,
                None => self.caller.tally.given_up += 1,
                Some(Ok(Some(()))) => count += 1,
                Some(Ok(None)) => {
                    let number = asked::number_of(&joined.pieces);
                    self.number = Some(number.expect("RULE: a value is made of one number"));
                    return;
                }
                Some(Err(error)) => {
                    self.failed(error);
                    break;
                }
            }
        }
        self.number = asked::number_of(&joined.pieces);
    }

    fn failed(&mut self, error: Error) {
        if let Some(number) = self.expected {
            assert_eq!(error.outcome(), Outcome::Answered, "RULE: {error:?} of an answer that has begun");
            if is_confined(&error) {
                let damaged = self.caller.sim.server(|server, _| server.damaged.contains(&number));
                assert!(damaged, "RULE: the sound answer to {number} cannot be read: {error:?}");
            }
        }
        self.error = Some(error);
    }
}

/// Hears what comes unasked.
pub struct Hearer {
    pub caller: Caller,
    pub before: Before,
}

impl Hear<Fault> for Hearer {
    async fn hear(&mut self, mut push: impl Unasked<Fault = Fault>) -> Result<(), Error> {
        let caller = &mut self.caller;
        let id = self.before.stream.expect("RULE: a closed connection hears nothing");
        caller.tally.pushes += 1;
        let child = caller.child();
        let mut reader = Reader { caller: child, expected: None, number: None, error: None };
        push.read(&mut reader).await;
        if let Some(error) = reader.error {
            let lied = caller.sim.server(|server, _| server.streams[id].has_lied);
            assert!(lied || !is_confined(&error), "RULE: a sound push cannot be read: {error:?}");
            return if is_confined(&error) { Ok(()) } else { Err(error) };
        }
        if let Some(number) = reader.number {
            caller.sim.trace(|| format!("stream {id}: heard {number}"));
            caller.sim.server(|server, _| server.has_had(id, number));
        }
        if !push.is_question() {
            return Ok(());
        }
        let polls = caller.polls();
        let answered = match (caller.lots.below(4), reader.number) {
            (0, _) => None,
            (1, _) | (_, None) => given_up(polls, push.refuse()).await,
            (_, Some(number)) => given_up(polls, push.answer(&number)).await,
        };
        match answered {
            // Whoever does not care goes on; the call finds out by itself.
            Some(Err(_)) if caller.lots.hits(500) => Ok(()),
            Some(answered) => answered,
            None => Ok(()),
        }
    }
}
