//! What a test does with a connection, whichever front it has: the blocking one does it at once, the async one waits.

use std::fmt::Debug;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

#[cfg(feature = "async")]
use rayforce_ipc::client::asynch;
use rayforce_ipc::client::{self, Memory, Options};
use rayforce_ipc::codec::{Encode, Token, Value};
use rayforce_ipc::error::{CloseReason, Error};

use super::tokens::{Joined, Piece};

/// A connection.
pub trait Front: Sized {
    /// The transport's error.
    type Fault: Copy + Debug + PartialEq;
    /// An answer that has begun.
    type Reply<'c>: Reading<Fault = Self::Fault>
    where
        Self: 'c;
    /// What comes unasked.
    type Push<'c>: Unasked<Fault = Self::Fault>
    where
        Self: 'c;

    async fn execute(&mut self, request: &dyn Encode) -> Result<Self::Reply<'_>, Error<Self::Fault>>;
    async fn execute_with(
        &mut self,
        request: &dyn Encode,
        handler: &mut impl Hear<Self::Fault>,
    ) -> Result<Self::Reply<'_>, Error<Self::Fault>>;
    async fn send(&mut self, request: &dyn Encode) -> Result<(), Error<Self::Fault>>;
    async fn receive(&mut self) -> Result<Self::Reply<'_>, Error<Self::Fault>>;
    async fn receive_with(
        &mut self,
        handler: &mut impl Hear<Self::Fault>,
    ) -> Result<Self::Reply<'_>, Error<Self::Fault>>;
    async fn next_push(&mut self) -> Result<Option<Self::Push<'_>>, Error<Self::Fault>>;
    async fn send_async(&mut self, request: &dyn Encode) -> Result<(), Error<Self::Fault>>;
    async fn close(&mut self) -> Result<(), Error<Self::Fault>>;
    fn pending(&self) -> u8;
    fn skipped(&self) -> u32;
    fn is_open(&self) -> bool;
    fn close_reason(&self) -> Option<CloseReason>;
    /// The text of the last error.
    fn text(&self) -> Option<String>;
}

/// A connection that is opened over a stream.
pub trait Opens<'b, S>: Front {
    /// A connection that is not open.
    fn closed(memory: Memory<'b>) -> Self;
    async fn open(&mut self, stream: S, options: &Options<'_>) -> Result<(), Error<Self::Fault>>;
    /// The stream, while the connection is open.
    fn stream(&self) -> Option<&S>;
}

/// A value that arrives.
pub trait Reading {
    type Fault: Copy + Debug + PartialEq;
    async fn value(&mut self) -> Result<Value<'_>, Error<Self::Fault>>;
    async fn next_token(&mut self) -> Result<Option<Token<'_>>, Error<Self::Fault>>;

    /// All tokens, however they were cut.
    async fn pieces(&mut self) -> Result<Vec<Piece>, Error<Self::Fault>> {
        let mut joined = Joined::default();
        while let Some(token) = self.next_token().await? {
            joined.push(token);
        }
        Ok(joined.pieces)
    }
}

/// A push or a question.
pub trait Unasked {
    type Fault: Copy + Debug + PartialEq;
    fn is_question(&self) -> bool;
    async fn read(&mut self, reader: &mut impl Reads<Self::Fault>);
    /// Answers a question.
    async fn answer(self, answer: &dyn Encode) -> Result<(), Error<Self::Fault>>;
    async fn refuse(self) -> Result<(), Error<Self::Fault>>;
}

/// Whoever reads what came unasked.
pub trait Reads<E> {
    async fn read(&mut self, value: &mut impl Reading<Fault = E>);
}

/// Whoever watches for what comes unasked.
pub trait Hear<E> {
    async fn hear(&mut self, push: impl Unasked<Fault = E>) -> Result<(), Error<E>>;
}

/// Polls to the end; a future that waits has woken its waker.
pub fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}

/// Both fronts have the same names; what they give is there at once, or is waited for.
macro_rules! front {
    ($front:ident, $handler:ident => $heard:expr $(, .$wait:tt)?) => {
        impl<'b, T: $front::Transport<Error: Copy + Debug + PartialEq>> Front for $front::Connection<'b, T> {
            type Fault = T::Error;
            type Reply<'c>
                = $front::Reply<'c, 'b, T>
            where
                Self: 'c;
            type Push<'c>
                = $front::Push<'c, 'b, T>
            where
                Self: 'c;

            async fn execute(&mut self, request: &dyn Encode) -> Result<Self::Reply<'_>, Error<T::Error>> {
                self.execute(request)$(.$wait)?
            }

            async fn execute_with(
                &mut self,
                request: &dyn Encode,
                $handler: &mut impl Hear<T::Error>,
            ) -> Result<Self::Reply<'_>, Error<T::Error>> {
                self.execute_with(request, $heard)$(.$wait)?
            }

            async fn send(&mut self, request: &dyn Encode) -> Result<(), Error<T::Error>> {
                self.send(request)$(.$wait)?
            }

            async fn receive(&mut self) -> Result<Self::Reply<'_>, Error<T::Error>> {
                self.receive()$(.$wait)?
            }

            async fn receive_with(
                &mut self,
                $handler: &mut impl Hear<T::Error>,
            ) -> Result<Self::Reply<'_>, Error<T::Error>> {
                self.receive_with($heard)$(.$wait)?
            }

            async fn next_push(&mut self) -> Result<Option<Self::Push<'_>>, Error<T::Error>> {
                self.next_push()$(.$wait)?
            }

            async fn send_async(&mut self, request: &dyn Encode) -> Result<(), Error<T::Error>> {
                self.send_async(request)$(.$wait)?
            }

            async fn close(&mut self) -> Result<(), Error<T::Error>> {
                self.close()$(.$wait)?
            }

            fn pending(&self) -> u8 {
                self.pending()
            }

            fn skipped(&self) -> u32 {
                self.skipped()
            }

            fn is_open(&self) -> bool {
                self.is_open()
            }

            fn close_reason(&self) -> Option<CloseReason> {
                self.close_reason()
            }

            fn text(&self) -> Option<String> {
                self.error_text().map(|text| text.to_string())
            }
        }

        impl<'b, T: $front::Transport<Error: Copy + Debug + PartialEq>> Opens<'b, T>
            for $front::Connection<'b, T>
        {
            fn closed(memory: Memory<'b>) -> Self {
                Self::closed(memory)
            }

            async fn open(&mut self, stream: T, options: &Options<'_>) -> Result<(), Error<T::Error>> {
                self.reopen(stream, options)$(.$wait)?
            }

            fn stream(&self) -> Option<&T> {
                self.transport()
            }
        }

        impl<T: $front::Transport<Error: Copy + Debug + PartialEq>> Reading for $front::Reply<'_, '_, T> {
            type Fault = T::Error;

            async fn value(&mut self) -> Result<Value<'_>, Error<T::Error>> {
                self.value()$(.$wait)?
            }

            async fn next_token(&mut self) -> Result<Option<Token<'_>>, Error<T::Error>> {
                self.next_token()$(.$wait)?
            }
        }

        impl<T: $front::Transport<Error: Copy + Debug + PartialEq>> Unasked for $front::Push<'_, '_, T> {
            type Fault = T::Error;

            fn is_question(&self) -> bool {
                matches!(self, $front::Push::Question(_))
            }

            async fn read(&mut self, reader: &mut impl Reads<T::Error>) {
                match self {
                    $front::Push::Async(reply) => reader.read(reply).await,
                    $front::Push::Question(question) => reader.read(&mut question.asked()).await,
                    _ => panic!("another kind of push"),
                }
            }

            async fn answer(self, answer: &dyn Encode) -> Result<(), Error<T::Error>> {
                let $front::Push::Question(question) = self else { panic!("no question") };
                question.answer(answer)$(.$wait)?
            }

            async fn refuse(self) -> Result<(), Error<T::Error>> {
                let $front::Push::Question(question) = self else { panic!("no question") };
                question.refuse()$(.$wait)?
            }
        }
    };
}

front!(client, handler => |push| now(handler.hear(push)));
#[cfg(feature = "async")]
front!(asynch, handler => async |push| handler.hear(push).await, .await);
