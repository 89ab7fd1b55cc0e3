//! A script: what the server hears and says, what the client calls, and what comes of it.

use std::rc::Rc;

use rayforce_ipc::client::Options;
use rayforce_ipc::codec::{Encode, Text};
use rayforce_ipc::wire::{Credentials, Generation};

use crate::support::script::Script;

/// A script with a name.
pub struct Scene {
    pub name: String,
    pub generation: Generation,
    pub server: Script,
    /// Each with what it gives: what was heard unasked, then the result, between semicolons.
    pub calls: Vec<(Call, String)>,
    pub options: Options<'static>,
    /// What the handshake gives.
    pub opening: &'static str,
    /// Whether it is about what connections do beyond the session.
    pub of_connections: bool,
}

/// What a client does.
#[derive(Clone)]
pub enum Call {
    Execute(Rc<dyn Encode>, How),
    /// What comes unasked gets these in turn, the last one for ever.
    ExecuteWatching(Rc<dyn Encode>, Vec<Act>, How),
    Send(Rc<dyn Encode>),
    Receive(How),
    ReceiveWatching(Vec<Act>, How),
    NextPush(Act),
    SendAsync(Rc<dyn Encode>),
    Close,
}

/// How a value is read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum How {
    /// By value; by tokens where there is no room for it.
    Whole,
    Tokens,
    /// No more than the first token.
    Half,
    Unread,
}

/// What is done with what comes unasked.
#[derive(Clone, Copy, Debug)]
pub enum Act {
    Read(How),
    /// Reads a question, and answers it.
    Answer(How, i64),
    /// Reads a question, and answers what cannot be sent.
    AnswerUnsendable(How),
    Refuse(How),
    /// Reads, and the handler fails.
    Fail(How),
}

impl Call {
    /// Whether the same call can be made again after it was given up, since it sends nothing.
    pub fn only_reads(&self) -> bool {
        matches!(self, Call::Receive(_) | Call::ReceiveWatching(..) | Call::NextPush(_))
    }

    pub fn watches(&self) -> bool {
        matches!(self, Call::ExecuteWatching(..) | Call::ReceiveWatching(..) | Call::NextPush(_))
    }
}

impl Act {
    pub const fn how(self) -> How {
        match self {
            Act::Read(how)
            | Act::Answer(how, _)
            | Act::AnswerUnsendable(how)
            | Act::Refuse(how)
            | Act::Fail(how) => how,
        }
    }
}

/// A script of the generation.
pub fn scene(name: &str, generation: Generation, server: Script, calls: &[(Call, &str)]) -> Scene {
    let calls = calls.iter().map(|(call, given)| (call.clone(), (*given).to_owned())).collect();
    let options = Options::new();
    let name = format!("{name} ({generation:?})");
    Scene { name, generation, server, calls, options, opening: "open", of_connections: false }
}

impl Scene {
    pub fn with(mut self, change: impl FnOnce(&mut Options<'static>)) -> Scene {
        change(&mut self.options);
        self
    }

    pub fn with_credentials(self, user: &'static str, password: &'static str) -> Scene {
        self.with(|options| options.credentials = Some(Credentials::new(user, password).unwrap()))
    }

    /// It says how a connection differs from a session.
    pub fn of_connections(mut self) -> Scene {
        self.of_connections = true;
        self
    }

    pub fn opens(mut self, opening: &'static str) -> Scene {
        self.opening = opening;
        self
    }
}

fn program(text: &'static str) -> Rc<dyn Encode> {
    Rc::new(Text::from(text))
}

pub fn execute(text: &'static str) -> Call {
    execute_as(text, How::Whole)
}

pub fn execute_as(text: &'static str, how: How) -> Call {
    Call::Execute(program(text), how)
}

pub fn watch(text: &'static str, acts: &[Act]) -> Call {
    Call::ExecuteWatching(program(text), acts.to_vec(), How::Whole)
}

pub fn send(text: &'static str) -> Call {
    Call::Send(program(text))
}

pub fn tell(text: &'static str) -> Call {
    Call::SendAsync(program(text))
}

pub fn receive() -> Call {
    Call::Receive(How::Whole)
}

/// The next push, as a whole.
pub fn next() -> Call {
    Call::NextPush(Act::Read(How::Whole))
}
