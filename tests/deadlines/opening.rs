//! Hands are shaken, and subscriptions restored.

use rayforce_ipc::error::Phase;
use rayforce_ipc::wire::Generation;

use super::calls::{Call, Case, deaf, request, silent, subscribed, trickle};
use crate::support::script::Script;

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let server = || Script::new(Generation::V3);
    let asking = || server().hears(&[3, 0]).says(&[3, 1]);
    for call in [Call::Open, Call::Reopen, Call::Reconnect] {
        for (what, scene) in [
            ("the opening is not taken", deaf(server())),
            ("half of the opening is taken", deaf(server().hears(&[3]))),
            ("the opening is not answered", silent(server().hears(&[3, 0]))),
            ("the opening is half answered", silent(server().hears(&[3, 0]).says(&[3]))),
            ("the answer trickles", trickle(server().hears(&[3, 0]), &[3, 0])),
            ("credentials are not taken", deaf(asking())),
            ("credentials are taken in part", deaf(asking().hears(b"\x0bbob"))),
            ("there is no verdict", silent(asking().hears(b"\x0bbob:s3cret\0"))),
        ] {
            cases.push(Case::new(what, scene, &[], call, Phase::Handshake));
        }
    }
    let asked = request(Generation::V3, Call::Subscribe);
    let opened = || Script::opened(Generation::V3);
    let answer = Script::new(Generation::V3).answers(&0i64);
    let answer = &said(&answer);
    for call in [Call::Reopen, Call::Reconnect] {
        for (what, scene, phase) in [
            ("a subscription is not taken again", deaf(opened()), Phase::Start),
            ("half a subscription is taken again", deaf(opened().hears(&asked[..9])), Phase::Write),
            ("a subscription is not answered", silent(opened().hears(&asked)), Phase::FirstByte),
            ("its answer trickles", trickle(opened().hears(&asked), answer), Phase::FirstByte),
            ("its answer ends", silent(opened().hears(&asked).says(&answer[..19])), Phase::Reply),
        ] {
            let mut case = Case::new(what, scene, &[Call::Reopen, Call::Subscribe], call, phase);
            case.scenes.insert(0, silent(subscribed()));
            cases.push(case);
        }
    }
    cases
}

/// All that a script says.
pub fn said(script: &Script) -> Vec<u8> {
    use rayforce_ipc::transports::duplex::Step;
    let bytes = |step| if let Step::Say(bytes) = step { bytes } else { &[][..] };
    script.steps().into_iter().flat_map(bytes).copied().collect()
}
