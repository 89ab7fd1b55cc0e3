//! The scripts on the session alone, whose driver here does what a connection does. The session gives no values, so that
//! it is held against what comes, and not against what is read of it.

use embedded_io::{Read, Write};
use rayforce_ipc::client::{Progress, Session};
use rayforce_ipc::codec::{Encode, Symbol};
use rayforce_ipc::error::{Error, Phase};
use rayforce_ipc::transports::duplex::{Duplex, DuplexError};
use rayforce_ipc::transports::faulty::{Faults, Faulty, FaultyError};
use rayforce_ipc::wire::{Generation, MessageType, ServerError};

use super::scene::{Act, Call, Scene};
use super::{scenes, words};
use crate::support::script::Lent;

struct Driver<'b, 's> {
    session: Session<'b>,
    stream: Faulty<Duplex<'s>>,
    generation: Generation,
    /// Whether the answer that has begun was had.
    handed: bool,
    heard: Vec<&'static str>,
}

/// What a call comes to that is no answer.
struct Stop(String);

impl<E> From<Error<E>> for Stop {
    fn from(error: Error<E>) -> Stop {
        Stop(words::error(&error))
    }
}

impl Driver<'_, '_> {
    /// All bytes of a message.
    fn transmit(&mut self, value: &dyn Encode) -> Result<(), Stop> {
        loop {
            let bytes = self.session.transmit(value)?;
            if bytes.is_empty() {
                return Ok(());
            }
            match self.stream.write(bytes) {
                Ok(count) => self.session.sent(count),
                Err(error) => assert!(interrupted(error), "{error}"),
            }
        }
    }

    fn send(&mut self, message: MessageType, value: &dyn Encode) -> Result<(), Stop> {
        self.session.begin(message, value)?;
        self.transmit(value)
    }

    fn read(&mut self) -> Result<(), Stop> {
        match self.stream.read(self.session.receive_window()) {
            Ok(0) => Err(self.session.ended(Phase::Idle).into()),
            Ok(count) => {
                self.session.received(count);
                Ok(())
            }
            Err(FaultyError::Inner(DuplexError::Silent)) => Err(Stop("nothing".into())),
            Err(error) => {
                assert!(interrupted(error), "{error}");
                Ok(())
            }
        }
    }

    fn drain(&mut self) -> Result<(), Stop> {
        while !self.session.drain() {
            self.read()?;
        }
        Ok(())
    }

    /// Reads the answer before away.
    fn finish(&mut self) -> Result<(), Stop> {
        if std::mem::take(&mut self.handed) { self.drain() } else { Ok(()) }
    }

    fn open(&mut self, scene: &Scene) -> Result<(), Stop> {
        self.session.open(scene.options.generation)?;
        let opening = self.session.opening();
        self.transmit(&opening)?;
        loop {
            match self.session.poll()? {
                Progress::NeedInput => self.read()?,
                Progress::Credentials => {
                    let credentials = self.session.authenticate(scene.options.credentials)?;
                    self.transmit(&credentials)?;
                }
                _ => return Ok(()),
            }
        }
    }

    /// What to do about a frame that nobody asked for.
    fn unasked(&mut self, progress: Progress, acts: &mut Vec<Act>) -> Result<(), Stop> {
        let act = if acts.len() > 1 { acts.remove(0) } else { acts[0] };
        if progress == Progress::Push {
            self.heard.push("push");
            return Ok(());
        }
        self.heard.push("question");
        self.drain()?;
        let answered = match act {
            Act::Answer(_, answer) => return self.send(MessageType::Response, &answer),
            Act::AnswerUnsendable(_) => self.send(MessageType::Response, &Symbol::name("a\0b")),
            _ => Ok(()),
        };
        assert!(!matches!((act, answered), (Act::AnswerUnsendable(_), Ok(()))), "a NUL is sent");
        match self.generation {
            Generation::V1 => self.send(MessageType::Response, &()),
            Generation::V3 => self.send(MessageType::Response, &ServerError::new("nyi")),
        }
    }

    fn answer(&mut self, mut acts: Vec<Act>) -> Result<(), Stop> {
        self.finish()?;
        loop {
            let next = self.session.poll();
            // Whatever is wrong with an answer is confined to it.
            self.handed = next.is_err();
            match next? {
                Progress::NeedInput => self.read()?,
                Progress::Answer => {
                    self.handed = true;
                    return Err(Stop("answer".into()));
                }
                Progress::Failed(error) => {
                    self.handed = true;
                    return Err(Stop(format!("server error {}", error.code())));
                }
                progress => self.unasked(progress, &mut acts)?,
            }
        }
    }

    /// Looks at all that came before a request is sent.
    fn look(&mut self, mut acts: Vec<Act>) -> Result<(), Stop> {
        self.finish()?;
        loop {
            match self.session.poll_frame()? {
                Progress::Push | Progress::Question if acts.is_empty() => {}
                progress @ (Progress::Push | Progress::Question) => self.unasked(progress, &mut acts)?,
                _ => return Ok(()),
            }
        }
    }

    fn perform(&mut self, call: &Call) -> Result<(), Stop> {
        let skipped = vec![Act::Refuse(super::scene::How::Unread)];
        match call {
            Call::Execute(request, _) => {
                self.look(skipped.clone())?;
                self.send(MessageType::Sync, &**request)?;
                let result = self.answer(skipped);
                self.heard.clear();
                result
            }
            Call::ExecuteWatching(request, acts, _) => {
                self.look(acts.clone())?;
                self.send(MessageType::Sync, &**request)?;
                self.answer(acts[self.heard.len().min(acts.len() - 1)..].to_vec())
            }
            Call::Receive(_) => {
                let result = self.answer(skipped);
                self.heard.clear();
                result
            }
            Call::ReceiveWatching(acts, _) => self.answer(acts.clone()),
            Call::NextPush(act) => {
                self.finish()?;
                loop {
                    match self.session.poll_frame()? {
                        Progress::NeedInput => self.read()?,
                        Progress::Answer => return Err(Stop("nothing".into())),
                        progress => return self.unasked(progress, &mut vec![*act]),
                    }
                }
            }
            Call::Send(request) => {
                self.finish()?;
                self.send(MessageType::Sync, &**request)
            }
            Call::SendAsync(request) => {
                self.finish()?;
                self.send(MessageType::Async, &**request)
            }
            Call::Close => panic!("a session does not close streams"),
        }
    }
}

fn interrupted<E: embedded_io::Error>(error: E) -> bool {
    error.kind() == embedded_io::ErrorKind::Interrupted
}

/// What is left of a call's words where no value is read, and no phase is known.
fn outline(words: &str) -> String {
    let outline = |part: &str| match part.split([' ', ',']).next() {
        Some(word @ ("push" | "question" | "sent" | "nothing" | "disconnected" | "closed" | "auth")) => {
            word.into()
        }
        Some("broken" | "request") => part.into(),
        Some("server") => part.split(':').next().unwrap_or_default().into(),
        _ => "answer".into(),
    };
    words.split("; ").map(outline).collect::<Vec<String>>().join("; ")
}

fn play(scene: &Scene, receive: usize, transmit: usize, faults: Faults) {
    let steps = scene.server.steps();
    let mut lent = Lent::new(receive, transmit);
    let context = format!("{}, {receive}, {transmit}, {faults:?}", scene.name);
    let mut driver = Driver {
        session: Session::new(lent.lend()),
        stream: Faulty::new(Duplex::new(&steps), faults),
        generation: scene.generation,
        handed: false,
        heard: Vec::new(),
    };
    let opened = driver.open(scene).map_or_else(|stop| stop.0, |()| "open".into());
    assert_eq!(outline(&opened), outline(scene.opening), "{context}");
    for (number, (call, expected)) in scene.calls.iter().enumerate() {
        driver.heard.clear();
        let given = match driver.perform(call) {
            Ok(()) if driver.heard.is_empty() => Some("sent".into()),
            Ok(()) => None,
            Err(stop) => Some(stop.0),
        };
        let given: Vec<String> = driver.heard.iter().map(|heard| (*heard).into()).chain(given).collect();
        assert_eq!(outline(&given.join("; ")), outline(expected), "call {number} of {context}");
    }
    if driver.session.closed().is_none() && driver.drain().is_ok() {
        assert!(driver.stream.get_ref().is_done(), "{context}");
    }
}

/// The scripts that say nothing of what a connection does beyond its session.
fn of_sessions() -> impl Iterator<Item = Scene> {
    let beyond = |scene: &Scene| scene.calls.iter().any(|(_, given)| given.contains("Pending"));
    scenes::all().into_iter().filter(move |scene| !scene.of_connections && !beyond(scene))
}

#[test]
fn the_session_goes_by_the_scripts_through_any_buffers() {
    let portions = [(None, None), (Some(1), Some(1)), (Some(3), Some(5))];
    for scene in of_sessions() {
        for receive in [16, 17, 64, 4096] {
            for transmit in [1, 7, 64] {
                for (read_at_most, write_at_most) in portions {
                    for interrupt in [false, true] {
                        let faults = Faults { read_at_most, write_at_most, interrupt, ..Faults::default() };
                        play(&scene, receive, transmit, faults);
                    }
                }
            }
        }
    }
}

#[test]
fn the_session_goes_by_the_scripts_wherever_a_read_is_cut() {
    for scene in of_sessions() {
        for at in super::fronts::places(scene.server.said_len()) {
            for receive in [17, 4096] {
                let faults = Faults { split_read_at: Some(at), ..Faults::default() };
                play(&scene, receive, 64, faults);
            }
        }
    }
}
