//! A request is not taken, or what stands before it is not over.

use rayforce_ipc::error::Phase;
use rayforce_ipc::wire::{Generation, MessageType};

use super::calls::{Call, Case, React, deaf, endless, flood, request, silent, subscribed, trickle};
use super::opening::said;
use crate::support::codec::BOTH;
use crate::support::hex::unhex;
use crate::support::script::{Script, frame};

pub fn cases() -> Vec<Case> {
    let mut cases = probes();
    for generation in BOTH {
        for Sending { call, before, script } in sendings(generation) {
            let request = request(generation, call);
            let mut add = |what: &str, scene, phase| cases.push(Case::new(what, scene, before, call, phase));
            add("the request is not taken", deaf(script.clone()), Phase::Start);
            for count in [1, 16, request.len() - 1] {
                let script = script.clone().hears(&request[..count]);
                add("the request is taken in part", deaf(script), Phase::Write);
            }
        }
        for Sending { call, before, script } in sendings(generation) {
            // A reply that is left unread stands before it.
            let before = [before, &[Call::Execute]].concat();
            let script = script.hears(&request(generation, Call::Execute));
            let script = script.says(&endless(generation, MessageType::Response));
            let mut add = |what: &str, scene| cases.push(Case::new(what, scene, &before, call, Phase::Drain));
            add("the reply before does not end", silent(script.clone()));
            add("the reply before trickles", trickle(script.clone(), &[0; 99]));
            add("the reply before is endless", flood(script, &[0; 64]));
        }
    }
    cases
}

struct Sending {
    call: Call,
    before: &'static [Call],
    /// What the peer does before the request.
    script: Script,
}

fn sendings(generation: Generation) -> Vec<Sending> {
    let calls = [Call::Execute, Call::With(React::Ignore), Call::Send, Call::SendAsync];
    let opened = |call| Sending { call, before: &[Call::Reopen], script: Script::opened(generation) };
    let mut sendings: Vec<Sending> = calls.into_iter().map(opened).collect();
    if generation == Generation::V3 {
        sendings.push(opened(Call::Subscribe));
        sendings.push(opened(Call::Verbose));
        let before = &[Call::Reopen, Call::Subscribe];
        sendings.push(Sending { call: Call::Unsubscribe, before, script: subscribed() });
    }
    sendings
}

/// A server of wire 1 is asked for its dialect before the request.
fn probes() -> Vec<Case> {
    let probe = frame(Generation::V1, MessageType::Sync, &unhex(PROBE));
    let opened = || Script::opened(Generation::V1);
    let probed = || opened().hears(&probe);
    let answer = said(&Script::new(Generation::V1).answers(&[0i64; 9]));
    let push = said(&Script::new(Generation::V1).pushes(&1i64));
    let scenes = [
        ("the probe is not taken", deaf(opened())),
        ("the probe is taken in part", deaf(opened().hears(&probe[..20]))),
        ("the probe is not answered", silent(probed())),
        ("the answer to the probe has half a header", silent(probed().says(&answer[..9]))),
        ("the answer to the probe ends", silent(probed().says(&answer[..40]))),
        ("the answer to the probe trickles", trickle(probed(), &answer)),
        ("the value of the answer trickles", trickle(probed().says(&answer[..16]), &answer[16..])),
        ("pushes come instead", flood(probed(), &push)),
        (
            "the answer is endless",
            flood(probed().says(&endless(Generation::V1, MessageType::Response)), &[0; 64]),
        ),
    ];
    let case = |(what, scene)| Case::new(what, scene, &[Call::Reopen], Call::Query, Phase::Drain);
    scenes.map(case).into()
}

/// Its payload.
const PROBE: &str = "00000300000000000000662b00fb010000000000000000000300000000000000662b00fb0100000000000000fb0100000000000000";
