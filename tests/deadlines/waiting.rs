//! An answer does not come, or not to its end.

use rayforce_ipc::codec::literal::Table;
use rayforce_ipc::error::Phase;
use rayforce_ipc::wire::{Generation, Header, MessageType, ServerError};

use super::calls::{Call, Case, React, deaf, endless, flood, request, silent, subscribed, trickle};
use super::opening::said;
use crate::support::codec::{BOTH, sent};
use crate::support::script::Script;

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for generation in BOTH {
        for waiting in waitings(generation) {
            first_bytes(generation, &waiting, &mut cases);
        }
        values(generation, &mut cases);
    }
    cases.extend(earlier());
    cases.extend(packed());
    cases
}

struct Waiting {
    call: Call,
    before: &'static [Call],
    /// What the peer does before the answer.
    script: Script,
}

fn waitings(generation: Generation) -> Vec<Waiting> {
    let asked = || Script::opened(generation).hears(&request(generation, Call::Execute));
    let waiting = |call, before| Waiting { call, before, script: asked() };
    let mut waitings =
        vec![waiting(Call::Execute, &[Call::Reopen]), waiting(Call::Receive, &[Call::Reopen, Call::Send])];
    for react in [React::Ignore, React::Read, React::Answer, React::Refuse] {
        waitings.push(waiting(Call::With(react), &[Call::Reopen]));
        waitings.push(waiting(Call::ReceiveWith(react), &[Call::Reopen, Call::Send]));
    }
    if generation == Generation::V3 {
        let asked = |script: Script, call| script.hears(&request(generation, call));
        let script = asked(Script::opened(generation), Call::Verbose);
        waitings.push(Waiting { call: Call::Verbose, before: &[Call::Reopen], script });
        let script = asked(Script::opened(generation), Call::Subscribe);
        waitings.push(Waiting { call: Call::Subscribe, before: &[Call::Reopen], script });
        let script = asked(subscribed(), Call::Unsubscribe);
        let before = &[Call::Reopen, Call::Subscribe];
        waitings.push(Waiting { call: Call::Unsubscribe, before, script });
    }
    waitings
}

fn first_bytes(generation: Generation, waiting: &Waiting, cases: &mut Vec<Case>) {
    let Waiting { call, before, script } = waiting;
    let says = |bytes: &[u8]| script.clone().says(bytes);
    let of = |script: Script| said(&script);
    let server = || Script::new(generation);
    let (answer, push) = (of(server().answers(&1i64)), of(server().pushes(&1i64)));
    let question = of(server().questions(&1i64));
    let large = endless(generation, MessageType::Async);
    let mut add = |what: &str, scene, phase| cases.push(Case::new(what, scene, before, *call, phase));
    add("no answer comes", silent(script.clone()), Phase::FirstByte);
    for count in [1, 15] {
        add("half a header comes", silent(says(&answer[..count])), Phase::FirstByte);
    }
    add("the answer trickles", trickle(script.clone(), &answer), Phase::FirstByte);
    add("a header comes", silent(says(&answer[..16])), Phase::Reply);
    let error = match generation {
        // Of an engine from 0.6 on, whose error has no text.
        Generation::V1 => [&[0x7f, 1][..], &[0; 31]].concat(),
        Generation::V3 => sent(generation, &ServerError::new("length")),
    };
    let error = of(server().answers_payload(&error));
    add("an error trickles", trickle(says(&error[..16]), &error[16..]), Phase::Reply);
    add("half an error comes", silent(says(&error[..17])), Phase::Reply);
    add("pushes come for ever", flood(script.clone(), &push), Phase::FirstByte);
    add("pushes trickle", trickle(script.clone(), &push), Phase::FirstByte);
    add("half a push comes", silent(says(&push[..20])), Phase::FirstByte);
    add("a push trickles", trickle(says(&push[..16]), &push[16..]), Phase::FirstByte);
    add("a push is endless", flood(says(&large), &[0; 64]), Phase::FirstByte);
    add("questions come for ever", flood(script.clone(), &question), Phase::FirstByte);
    add("half a question comes", silent(says(&question[..20])), Phase::FirstByte);
    add("no answer to a question is taken", deaf(says(&question)), Phase::FirstByte);
}

/// The call has its answer, and reads it.
fn values(generation: Generation, cases: &mut Vec<Case>) {
    let asked = || Script::opened(generation).hears(&request(generation, Call::Execute));
    let answer = said(&Script::new(generation).answers(&[7i64; 9]));
    for call in [Call::Value, Call::Tokens] {
        let mut add = |what: &str, scene| {
            cases.push(Case::new(what, scene, &[Call::Reopen], call, Phase::Reply));
        };
        for count in [17, 29, answer.len() - 1] {
            add("the reply ends", silent(asked().says(&answer[..count])));
        }
        add("the reply trickles", trickle(asked().says(&answer[..16]), &answer[16..]));
    }
    let answer = said(&Script::new(generation).answers(&Table::new(&["number"], &[&[7i64; 9]])));
    for count in [17, 40, 60, answer.len() - 1] {
        let scene = silent(asked().says(&answer[..count]));
        cases.push(Case::new("the table ends", scene, &[Call::Reopen], Call::Columns, Phase::Reply));
    }
    let scene = trickle(asked().says(&answer[..16]), &answer[16..]);
    cases.push(Case::new("the table trickles", scene, &[Call::Reopen], Call::Columns, Phase::Reply));
    let scene = flood(asked().says(&endless(generation, MessageType::Response)), &[0; 64]);
    cases.push(Case::new("the reply is endless", scene, &[Call::Reopen], Call::Tokens, Phase::Reply));
}

/// The reply before the answer that is received is read away first: of its own nothing is known then.
fn earlier() -> Vec<Case> {
    let request = request(Generation::V3, Call::Send);
    let asked = Script::opened(Generation::V3).hears(&request).hears(&request);
    let script = asked.says(&endless(Generation::V3, MessageType::Response));
    let mut cases = Vec::new();
    for call in [Call::Receive, Call::ReceiveWith(React::Read)] {
        for scene in
            [silent(script.clone()), trickle(script.clone(), &[0; 99]), flood(script.clone(), &[0; 64])]
        {
            let before = [Call::Reopen, Call::Send, Call::Send, Call::Receive];
            cases.push(Case::new("the reply before does not end", scene, &before, call, Phase::FirstByte));
        }
    }
    cases
}

/// Control bytes that mean nothing, of which a packed payload may have any number.
fn packed() -> Vec<Case> {
    let header = |message| {
        let header =
            Header { generation: Generation::V3, message, packed: true, verbose: false, size: 0x40_0000 };
        [&header.to_bytes()[..], &99u32.to_le_bytes()].concat()
    };
    let request = request(Generation::V3, Call::Execute);
    let asked = |message| Script::opened(Generation::V3).hears(&request).says(&header(message));
    let mut cases = Vec::new();
    for call in [Call::Execute, Call::Value, Call::Tokens, Call::With(React::Read)] {
        for (message, phase) in
            [(MessageType::Response, Phase::Reply), (MessageType::Async, Phase::FirstByte)]
        {
            let scene = flood(asked(message), &[0; 64]);
            cases.push(Case::new("it unpacks to nothing", scene, &[Call::Reopen], call, phase));
        }
    }
    cases
}
