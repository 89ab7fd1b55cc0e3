//! How a session goes on with what came in.

use core::convert::Infallible;

use crate::client::incoming::Attempt;
use crate::client::session::failure::Failed;
use crate::client::session::{Progress, Session, Stage};
use crate::error::{Error, Fault, PeerError};
use crate::events;
use crate::wire::handshake::{Answer, Opening, OpeningError};
use crate::wire::{Generation, MessageType, Tag};

/// Where a session stopped: a [`Progress`] without what goes with it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Stop {
    NeedInput,
    Credentials,
    Ready,
    Push,
    Question,
    Answer,
    /// The error is the session's [`failure`](Session::failure).
    Failed(Failed),
    /// Of a drive: it has told what came.
    Told,
}

impl Session<'_> {
    /// Goes on with what came in.
    ///
    /// # Errors
    /// [`Error::Peer`] and [`Error::Auth`]. Unless [`PeerError::closes`] is false, the session is closed.
    pub fn poll(&mut self) -> Result<Progress, Error<Infallible>> {
        let stop = self.go_on();
        self.progress(stop)
    }

    pub(crate) fn go_on(&mut self) -> Result<Stop, Failed> {
        self.check_open()?;
        loop {
            match self.stage {
                Stage::Opening(opening) => return self.poll_opening(opening),
                Stage::Opened | Stage::Between | Stage::Pushed => match self.next_frame()? {
                    Stop::Answer => {}
                    stop => return Ok(stop),
                },
                Stage::Answer => {
                    if self.incoming.has_begun() {
                        return Ok(Stop::Answer);
                    }
                    match self.incoming.tag()? {
                        Attempt::NeedInput => return Ok(Stop::NeedInput),
                        Attempt::Done(tag) => match tag.and_then(|tag| self.generation().tag(tag)) {
                            Some(Tag::Error) => {
                                (self.stage, self.error, self.details) = (Stage::Failing, None, 0);
                            }
                            _ => return Ok(Stop::Answer),
                        },
                    }
                }
                Stage::Failing => match self.incoming.token()? {
                    Attempt::NeedInput => return Ok(Stop::NeedInput),
                    Attempt::Done(Some(token)) => self.failing(token),
                    Attempt::Done(None) => {
                        self.stage = Stage::Answer;
                        return Ok(match self.error {
                            Some(error) => Stop::Failed(self.failed(Error::Server(error))),
                            None => Stop::Answer,
                        });
                    }
                },
            }
        }
    }

    /// Goes on up to the next frame, and looks at none of an answer: says [`Progress::Push`],
    /// [`Progress::Question`], [`Progress::Answer`] where an answer has begun, and [`Progress::NeedInput`] when all
    /// was looked at.
    ///
    /// # Errors
    /// As [`poll`](Session::poll); [`Fault::Unasked`] for an answer without a request, which closes the session.
    pub fn poll_frame(&mut self) -> Result<Progress, Error<Infallible>> {
        let stop = self.next_frame();
        self.progress(stop)
    }

    pub(crate) fn next_frame(&mut self) -> Result<Stop, Failed> {
        self.check_open()?;
        match self.stage {
            Stage::Opening(_) => return Ok(Stop::NeedInput),
            Stage::Answer | Stage::Failing => return Ok(Stop::Answer),
            Stage::Opened | Stage::Between | Stage::Pushed => {}
        }
        if self.drain() { self.poll_header() } else { Ok(Stop::NeedInput) }
    }

    /// With no request under way: whatever came, the next frame of it is no answer. Where it is, the session is closed.
    pub(crate) fn refuse_unasked(&mut self) -> Result<(), Failed> {
        let is_answer = self.drain() && self.incoming.is_answer_next(self.generation());
        if is_answer { Err(self.fail(UNASKED)) } else { Ok(()) }
    }

    /// Where it stopped, with what goes with it.
    fn progress(&self, stop: Result<Stop, Failed>) -> Result<Progress, Error<Infallible>> {
        Ok(match stop {
            Ok(Stop::NeedInput) => Progress::NeedInput,
            Ok(Stop::Credentials) => Progress::Credentials,
            Ok(Stop::Ready) => Progress::Ready,
            Ok(Stop::Push) => Progress::Push,
            Ok(Stop::Question) => Progress::Question,
            Ok(Stop::Answer | Stop::Told) => Progress::Answer,
            Ok(Stop::Failed(failed)) => match self.failure(failed) {
                Error::Server(error) => Progress::Failed(error),
                error => return Err(error),
            },
            Err(failed) => return Err(self.failure(failed)),
        })
    }

    fn poll_opening(&mut self, mut opening: Opening) -> Result<Stop, Failed> {
        loop {
            let Some(byte) = self.incoming.byte() else {
                self.stage = Stage::Opening(opening);
                return Ok(Stop::NeedInput);
            };
            let answer = opening.answer(byte);
            self.stage = Stage::Opening(opening);
            match answer {
                Ok(Answer::More) => {}
                Ok(Answer::WantsCredentials) => return Ok(Stop::Credentials),
                Ok(Answer::Ready(generation)) => {
                    self.server = generation.into();
                    self.stage = Stage::Opened;
                    events::opened(generation);
                    return Ok(Stop::Ready);
                }
                Err(OpeningError::Peer(error)) => return Err(self.fail(error)),
                Err(OpeningError::Auth(error)) => return Err(self.refused(error)),
            }
        }
    }

    fn poll_header(&mut self) -> Result<Stop, Failed> {
        // A Windows build of wire 1 answers the opening by two bytes, of which the second is no magic number.
        if let (Stage::Opened, Generation::V1, Some(0)) =
            (self.stage, self.generation(), self.incoming.next_byte())
        {
            self.incoming.byte();
            self.stage = Stage::Between;
        }
        match self.incoming.header(self.server.generation()).map_err(|failed| self.closing(failed))? {
            Attempt::NeedInput => Ok(Stop::NeedInput),
            Attempt::Done(header) => {
                let (stage, stop) = match header.message {
                    MessageType::Response => {
                        self.awaited = self.awaited.checked_sub(1).ok_or_else(|| self.fail(UNASKED))?;
                        (Stage::Answer, Stop::Answer)
                    }
                    MessageType::Async => (Stage::Pushed, Stop::Push),
                    MessageType::Sync => (Stage::Pushed, Stop::Question),
                };
                self.stage = stage;
                Ok(stop)
            }
        }
    }
}

const UNASKED: PeerError = PeerError { fault: Fault::Unasked, offset: 0 };
