//! Queries as data against real servers: each one beside program text of the server's own language, and beside the query
//! of the real Python client.
//!
//! ```text
//!  advice     what the documents advise
//!  tables     queries whose value is a table
//!  changes    queries that change what is stored
//!  operators  every function that the Python client names
//!  sent       data that is sent along
//!  python     the Python client as a process
//!  shown      values in words that both sides write alike
//! ```

mod advice;
mod changes;
#[path = "../../support/hostile.rs"]
mod hostile;
#[path = "../../support/python.rs"]
#[allow(dead_code)]
mod notation;
mod operators;
mod python;
mod sent;
mod shown;
mod tables;

use std::cell::RefCell;
use std::collections::BTreeSet;

use rayforce_ipc::client::Connection;
use rayforce_ipc::codec::Encode;
use rayforce_ipc::error::{Error, RequestError};
use rayforce_ipc::transports::tcp::Stream;
use rayforce_ipc::wire::Generation;

use self::python::Python;
use self::shown::shown;
use super::support::{ALL, on_each};

/// One query in several languages.
#[derive(Clone, Copy, Default)]
pub struct Case<'a> {
    pub name: &'a str,
    /// In the server's own language, of wire 1 and of wire 3. Empty: the server has no such thing.
    pub text: [&'a str; 2],
    /// For the Python client of 2.4.0; empty where it is the text.
    pub python: &'a str,
    /// What is compared is this, after the query was carried out.
    pub then: &'a str,
    /// Servers of which the text is known not to do what it says, and why.
    pub except: &'a [(&'a str, Outcome)],
    /// The answer is another at each time, so only its type is compared.
    pub random: bool,
    /// It is an error, on wire 1 and on wire 3: what is shown is that the server was asked the same.
    pub fails: [bool; 2],
}

/// What a server makes of a query that it cannot carry out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// It answers with an error.
    Error,
    /// The query is refused before a byte is sent.
    Refused,
    /// Its text fails there, the query does not.
    TextFails,
}

type Visit<'v> = dyn FnMut(Case<'_>, &dyn Encode) + 'v;

const TABLES: &[&str] = &[
    "(set trades (table [ticker px qty d tm] (list [a b a c] [1.5 2.5 3.5 0.5] [10 20 30 40] \
     [2024.01.15 2024.01.16 2024.01.15 2024.01.17] [2024.01.15D10:00:00.000 2024.01.15D11:00:00.000 \
     2024.01.16D10:00:00.000 2024.01.17D10:00:00.000])))",
    "(set quotes (table [ticker bid] (list [a b] [1.25 2.25])))",
    "(set ticks (table [ticker time px] (list [a b a] [100 200 300] [1.5 2.5 3.5])))",
    "(set bids (table [ticker time bid] (list [a a b] [90 105 195] [1.0 2.0 3.0])))",
    "(set syms (table ['sym 'let 'v] (list [x y x] [1 2 3] [1.0 2.0 3.0])))",
    "(set t (table [ticker px qty] (list [a b] [1.5 2.5] [10 20])))",
    "(set pair (list 1 2))",
    "(set double (fn [x] (* x 2)))",
];

/// Runs each case on each server: the query's value must be that of the text.
#[test]
fn queries_are_what_their_text_is() {
    let failures = RefCell::new(Vec::new());
    for version in ALL {
        on_each(&[version], |_, connection| {
            visit_all(&mut |case, query| {
                if let Err(failure) = against_text(version, connection, case, query) {
                    failures.borrow_mut().push(format!("{version}: {failure}"));
                }
            });
        });
    }
    let failures = failures.into_inner();
    assert!(failures.is_empty(), "{}:\n{}", failures.len(), failures.join("\n"));
}

/// The same beside the real Python client: of 2.4.0 with its query objects, of 0.1.5 with text, for its objects come back
/// as they were sent.
#[test]
fn queries_are_what_the_python_client_makes_of_them() {
    let failures = RefCell::new(Vec::new());
    on_each(&["0.1.5", "2.4.0"], |server, connection| {
        let mut python = Python::start(server.version(), server.port());
        let (mut asked_as_text, mut asked_as_objects) = (0, 0);
        visit_all(&mut |case, query| {
            let objects = server.version() == "2.4.0" && !case.python.is_empty();
            let theirs = match objects {
                true => case.python.to_owned(),
                false => match text(connection.generation(), case) {
                    "" => return,
                    text => format!("{text:?}"),
                },
            };
            if case.except.iter().any(|(version, _)| *version == server.version()) {
                return;
            }
            match objects {
                true => asked_as_objects += 1,
                false => asked_as_text += 1,
            }
            set_up(connection);
            let asked = python.ask(&theirs);
            let expected = if case.then.is_empty() { asked } else { python.ask(&format!("{:?}", case.then)) };
            set_up(connection);
            let ours = carry_out(connection, case, query);
            if !matches(case, &ours, &expected) {
                let failure = format!("{}: {theirs}\n  python {expected}\n  ours   {ours}", case.name);
                failures.borrow_mut().push(format!("{}: {failure}", server.version()));
            }
        });
        let least = if server.version() == "2.4.0" { 60 } else { 0 };
        assert!(asked_as_objects >= least, "{asked_as_objects} queries beside Python's objects");
        assert!(asked_as_text + asked_as_objects >= 150, "{asked_as_text} queries beside Python's text");
    });
    let failures = failures.into_inner();
    assert!(failures.is_empty(), "{}:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn every_operation_of_python_is_asked_at_least_once() {
    let mut names = BTreeSet::new();
    visit_all(&mut |case, _| {
        names.insert(case.name.to_owned());
    });
    let missing: Vec<_> = operators::PYTHON.lines().filter(|name| !names.contains(*name)).collect();
    // What ends the server is not sent to one; `exit` has its bytes in tests/query.
    assert_eq!(missing, ["exit"]);
}

fn visit_all(visit: &mut Visit<'_>) {
    tables::visit(visit);
    changes::visit(visit);
    operators::visit(visit);
}

fn against_text(
    version: &str,
    connection: &mut Connection<'_, Stream>,
    case: Case<'_>,
    query: &dyn Encode,
) -> Result<(), String> {
    let outcome = case.except.iter().find(|(except, _)| *except == version).map(|(_, outcome)| *outcome);
    set_up(connection);
    let ours = carry_out(connection, case, query);
    let text = text(connection.generation(), case);
    let expected = match outcome {
        Some(Outcome::Error) => "error".to_owned(),
        Some(Outcome::Refused) => "refused".to_owned(),
        Some(Outcome::TextFails) => {
            return if ours == "error" { Err(format!("{}: {ours}", case.name)) } else { Ok(()) };
        }
        None if text.is_empty() => "refused".to_owned(),
        None => {
            set_up(connection);
            let answer = asked(connection, text);
            if case.then.is_empty() { answer } else { asked(connection, case.then) }
        }
    };
    let fails = case.fails[usize::from(connection.generation() == Generation::V3)];
    match matches(case, &ours, &expected) && (outcome.is_some() || fails == (expected == "error")) {
        true => Ok(()),
        false => Err(format!("{}: {text}\n  text {expected}\n  ours {ours}", case.name)),
    }
}

fn text<'a>(generation: Generation, case: Case<'a>) -> &'a str {
    case.text[usize::from(generation == Generation::V3)]
}

fn set_up(connection: &mut Connection<'_, Stream>) {
    for table in TABLES {
        connection.execute(*table).unwrap_or_else(|error| panic!("{table}: {error}"));
    }
}

fn carry_out(connection: &mut Connection<'_, Stream>, case: Case<'_>, query: &dyn Encode) -> String {
    let answer = match connection.execute(query) {
        Ok(mut reply) => shown(&reply.value().unwrap()),
        Err(Error::Server(_)) => "error".to_owned(),
        Err(Error::Request(RequestError::Lacks { .. })) => return "refused".to_owned(),
        Err(error) => panic!("{}: {error}", case.name),
    };
    match case.then {
        "" => answer,
        // A change is answered with null, whatever it changed.
        then if answer == "null" => asked(connection, then),
        _ => answer,
    }
}

fn asked(connection: &mut Connection<'_, Stream>, text: &str) -> String {
    match connection.execute(text) {
        Ok(mut reply) => shown(&reply.value().unwrap()),
        Err(Error::Server(_)) => "error".to_owned(),
        Err(error) => panic!("{text}: {error}"),
    }
}

fn matches(case: Case<'_>, ours: &str, expected: &str) -> bool {
    // Each guid and each random number is another; their types and counts are not.
    let shape = |shown: &str| {
        shown.split(' ').map(|part| part.split(':').next().unwrap_or("").len()).collect::<Vec<_>>()
    };
    if case.random { shape(ours) == shape(expected) && ours != "error" } else { ours == expected }
}
