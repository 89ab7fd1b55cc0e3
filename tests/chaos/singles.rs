//! Lives of one connection, on both fronts.

use rayforce_ipc::client::{Connect, Connection, Options};

use super::caller::Caller;
use super::dialer::Dialer;
use super::lots::{LIMITS, Lots, Mood};
use super::runs::{self, OPEN_CALLS};
use super::sim::Sim;
use crate::support::front::now;
use crate::support::script::Lent;

/// Memory of one connection, from the least on.
pub fn lent(lots: &mut Lots) -> Lent {
    Lent::new(lots.pick(&[16, 24, 64, 64, 300, 2000]), lots.pick(&[1, 7, 64, 64, 300]))
}

pub fn options(lots: &mut Lots) -> Options<'static> {
    let depth = lots.pick(&[1, 2, 5, 64]);
    let drain_limit = lots.pick(&[0, 100, 1 << 20, 1 << 20]);
    Options { timeouts: LIMITS, depth, drain_limit, ..Options::new() }
}

#[test]
fn blocking() {
    runs::all("blocking", |mut lots| {
        let sim = Sim::new(Mood::drawn(&mut lots), Lots::new(lots.next()));
        let (options, mut lent) = (options(&mut lots), lent(&mut lots));
        let mut caller = Caller::new(&sim, lots, false, options.depth);
        let dialer = Dialer(sim.clone());
        let mut connection = Connection::closed(lent.lend());
        for _ in 0..OPEN_CALLS {
            if !connection.is_open() && !caller.lots.hits(200) {
                let Ok(stream) = Connect::connect(&dialer, LIMITS.connect) else { continue };
                now(caller.open(&mut connection, stream, &options));
            }
            now(caller.act(&mut connection));
        }
        caller.tally
    });
}

#[cfg(feature = "async")]
#[test]
fn asynch() {
    use super::caller::Tally;
    use rayforce_ipc::client::asynch;

    runs::all("asynch", |mut lots| {
        let sim = Sim::new(Mood::drawn(&mut lots), Lots::new(lots.next()));
        let (options, mut lent) = (options(&mut lots), lent(&mut lots));
        let mut order = Lots::new(lots.next());
        let mut caller = Caller::new(&sim, lots, true, options.depth);
        let mut tally = Tally::default();
        let life = async {
            let dialer = Dialer(sim.clone());
            let mut connection = asynch::Connection::closed(lent.lend());
            for _ in 0..OPEN_CALLS {
                if !connection.is_open() && !caller.lots.hits(200) {
                    let Ok(stream) = asynch::Connect::connect(&dialer, LIMITS.connect).await else {
                        continue;
                    };
                    caller.open(&mut connection, stream, &options).await;
                }
                caller.act(&mut connection).await;
            }
            tally = caller.tally;
        };
        sim.run(vec![Box::pin(life)], &mut order);
        tally
    });
}
