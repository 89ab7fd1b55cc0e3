//! Pushes and questions.

use rayforce_ipc::codec::literal::List;
use rayforce_ipc::codec::{Encode, Symbol, Text};
use rayforce_ipc::error::Phase;
use rayforce_ipc::wire::{Generation, MessageType};

use super::calls::{Call, Case, React, deaf, endless, flood, silent, subscribed, trickle};
use super::opening::said;
use super::world::TRICKLE;
use crate::support::codec::BOTH;
use crate::support::script::Script;

const REACTS: [React; 4] = [React::Ignore, React::Read, React::Answer, React::Refuse];

pub fn cases() -> Vec<Case> {
    let mut cases = messages();
    for generation in BOTH {
        for react in REACTS {
            listening(generation, Call::Listen(react), &mut cases);
        }
        reading(generation, &mut cases);
        questions(generation, &mut cases);
    }
    cases
}

fn listening(generation: Generation, call: Call, cases: &mut Vec<Case>) {
    let opened = || Script::opened(generation);
    let push = said(&Script::new(generation).pushes(&1i64));
    let mut add = |what: &str, scene, phase| {
        cases.push(Case::new(what, scene, &[Call::Reopen], call, phase));
    };
    add("nothing comes", silent(opened().goes_on()), Phase::Idle);
    for count in [1, 15] {
        add("half a header comes", silent(opened().says(&push[..count])), Phase::Push);
    }
    // Its own time begins with its first byte.
    let mut case = Case::new("a push trickles", trickle(opened(), &push), &[Call::Reopen], call, Phase::Push);
    case.elapsed += TRICKLE;
    cases.push(case);
    let script = opened().asked("(+ 1 2)").says(&endless(generation, MessageType::Response));
    for scene in [silent(script.clone()), trickle(script.clone(), &[0; 99]), flood(script, &[0; 64])] {
        let before = [Call::Reopen, Call::Execute];
        cases.push(Case::new("the reply before does not end", scene, &before, call, Phase::Push));
    }
}

/// A push that has begun is read, or read away by the next call.
fn reading(generation: Generation, cases: &mut Vec<Case>) {
    let opened = || Script::opened(generation);
    let push = said(&Script::new(generation).pushes(&[7i64; 9]));
    let large = || opened().says(&endless(generation, MessageType::Async));
    let read = Call::Listen(React::Read);
    let ignore = Call::Listen(React::Ignore);
    for (before, call) in [(&[Call::Reopen][..], read), (&[Call::Reopen, ignore], ignore)] {
        let mut add = |what: &str, scene| cases.push(Case::new(what, scene, before, call, Phase::Push));
        for count in [16, 17, 40, push.len() - 1] {
            add("the push ends", silent(opened().says(&push[..count])));
        }
        add("the push trickles", trickle(opened().says(&push[..16]), &push[16..]));
        add("the push is endless", flood(large(), &[0; 64]));
    }
}

/// The server asks, and takes no answer.
fn questions(generation: Generation, cases: &mut Vec<Case>) {
    let question = said(&Script::new(generation).questions(&[7i64; 9]));
    let opened = |count: usize| Script::opened(generation).says(&question[..count]);
    let large = || Script::opened(generation).says(&endless(generation, MessageType::Sync));
    let ignore = Call::Listen(React::Ignore);
    for call in [Call::Listen(React::Answer), Call::Listen(React::Refuse)] {
        let mut add = |what: &str, scene| {
            cases.push(Case::new(what, scene, &[Call::Reopen], call, Phase::Push));
        };
        add("the answer is not taken", deaf(opened(question.len())));
        let answered = if call == Call::Listen(React::Refuse) {
            Script::new(generation).refused()
        } else {
            Script::new(generation).replied(&3i64)
        };
        let answer = heard(&answered);
        add("the answer is taken in part", deaf(opened(question.len()).hears(&answer[..5])));
        add("the question ends", silent(opened(40)));
        add("the question trickles", trickle(opened(16), &question[16..]));
        add("the question is endless", flood(large(), &[0; 64]));
    }
    // What is left of it, and its refusal, stand before the next call.
    for (call, phase) in [
        (Call::Execute, Phase::Drain),
        (Call::Send, Phase::Drain),
        (Call::SendAsync, Phase::Drain),
        (Call::With(React::Read), Phase::Drain),
        (ignore, Phase::Push),
    ] {
        let before = [Call::Reopen, ignore];
        let mut add = |what: &str, scene| cases.push(Case::new(what, scene, &before, call, phase));
        add("the refusal is not taken", deaf(opened(question.len())));
        add("the question does not end", silent(opened(40)));
        add("the question trickles on", trickle(opened(16), &question[16..]));
        add("the question has no end", flood(large(), &[0; 64]));
    }
}

/// Publications of a topic, which are looked at before they are given away.
fn messages() -> Vec<Case> {
    let payload: [&dyn Encode; 2] = [&Symbol::name("quote"), &[7i64; 9]];
    let payload = List(&payload);
    let parts: [&dyn Encode; 4] = [&Symbol::name("upd"), &Text::from("trades"), &1i64, &payload];
    let message = said(&Script::new(Generation::V3).pushes(&List(&parts)));
    let mut cases = Vec::new();
    for react in REACTS {
        let call = Call::Listen(react);
        let mut add = |what: &str, scene| {
            let before = [Call::Reopen, Call::Subscribe];
            cases.push(Case::new(what, scene, &before, call, Phase::Push));
        };
        for count in [16, 17, 60] {
            add("the envelope ends", silent(subscribed().says(&message[..count])));
        }
        add("the envelope trickles", trickle(subscribed().says(&message[..16]), &message[16..]));
        if react == React::Read {
            add("the message ends", silent(subscribed().says(&message[..message.len() - 1])));
        }
    }
    cases
}

/// All that a script hears.
fn heard(script: &Script) -> Vec<u8> {
    use rayforce_ipc::transports::duplex::Step;
    let bytes = |step| if let Step::Expect(bytes) = step { bytes } else { &[][..] };
    script.steps().into_iter().flat_map(bytes).copied().collect()
}
