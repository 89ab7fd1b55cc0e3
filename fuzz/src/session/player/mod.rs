//! The calls.
//!
//! ```text
//!  reading  replies, read in one of many ways
//!  hearing  what comes unasked
//!  holding  what holds after each call, and at the end
//! ```

#[macro_use]
mod hearing;
#[macro_use]
mod holding;
#[macro_use]
mod reading;

/// Both fronts have the same names; what they give is there at once, or is waited for.
macro_rules! player {
    ($name:ident, $front:path, $hearing:ident => $heard:expr $(, .$wait:tt)?) => {
        /// The calls on this front.
        pub mod $name {
            use std::cell::RefCell;
            use std::rc::Rc;

            use embedded_io::ErrorKind;
            use $front as front;
            use rayforce_ipc::codec::Token;
            use rayforce_ipc::error::{CloseReason, Error, Outcome, RequestError};

            use crate::input::{Input, generation};
            use crate::joined::{Joined, Piece};
            use crate::session::reply::{Expected, is_confined, is_numbers};
            use crate::session::world::{Plan, Stream, World};
            use crate::session::{Scene, TOPICS, polled};

            type Connection<'b> = front::Connection<'b, Stream>;
            type Failure = Error<ErrorKind>;

            /// One call after the other, as the input says.
            pub fn play(scene: Scene<'_>, input: &mut Input<'_>) {
                let Scene { memory, mut slots, world, options } = scene;
                let receive_len = memory.receive.len();
                let mut connection = Connection::closed(memory);
                if let Some(slots) = slots.pop() {
                    connection.lend_topics(slots);
                }
                let mut player = Player { world: world.clone(), input, receive_len };
                let first = world.borrow().generation;
                world.borrow_mut().connected(first);
                let stream = Stream(world.clone());
                let _ = polled(async { connection.reopen(stream, &options)$(.$wait)? }, None);
                player.settle(&mut connection);
                while !player.input.0.is_empty() {
                    let op = player.input.byte();
                    player.begin();
                    let polls = match op >> 5 {
                        0..=3 => None,
                        polls => Some(usize::from(polls - 2)),
                    };
                    match op & 31 {
                        20 => {
                            let choice = player.input.byte();
                            world.borrow_mut().connected(generation(choice));
                            let stream = Stream(world.clone());
                            let reopened =
                                polled(async { connection.reopen(stream, &options)$(.$wait)? }, polls);
                            if !matches!(reopened, Some(Ok(()))) {
                                world.borrow_mut().is_unsure = true;
                            }
                        }
                        21 => {
                            if let Some(slots) = slots.pop() {
                                connection.lend_topics(slots);
                                world.borrow_mut().expected.clear();
                            }
                        }
                        op => {
                            let done = polled(player.call(&mut connection, op), polls);
                            if done.is_none() && matches!(op, 7 | 8) {
                                world.borrow_mut().is_unsure = true;
                            }
                        }
                    }
                    player.settle(&mut connection);
                }
                player.end(&mut connection);
            }

            struct Player<'p, 'i> {
                world: Rc<RefCell<World>>,
                input: &'p mut Input<'i>,
                receive_len: usize,
            }

            /// Program text with a number, and as much behind it as is wanted.
            fn request(number: u64, size: usize) -> String {
                format!("{number}{}", " ".repeat(size))
            }

            impl Player<'_, '_> {
                fn begin(&self) {
                    let mut world = self.world.borrow_mut();
                    (world.calls, world.moved) = (0, 0);
                }

                async fn call(&mut self, connection: &mut Connection<'_>, op: u8) {
                    match op {
                        0 => self.execute(connection).await,
                        1 => self.execute_with(connection).await,
                        2 => self.send(connection).await,
                        3 => self.receive(connection).await,
                        4 => self.receive_with(connection).await,
                        5 => self.next_push(connection).await,
                        6 => self.send_async(connection).await,
                        7 => self.subscribe(connection).await,
                        8 => self.unsubscribe(connection).await,
                        9 => self.verbose(connection).await,
                        10 => {
                            let _ = connection.close()$(.$wait)?;
                        }
                        11 => connection.abort(),
                        12 | 13 | 22 => {
                            let plan = self.plan();
                            self.world.borrow_mut().plans.push_back(plan);
                        }
                        14 | 23 => {
                            let plan = self.plan();
                            self.world.borrow_mut().push(&plan);
                        }
                        15 => self.world.borrow_mut().ask(),
                        16 | 24 | 25 => {
                            let topic = TOPICS[usize::from(self.input.byte()) % TOPICS.len()];
                            let plan = Plan { raw: None, ..self.plan() };
                            self.world.borrow_mut().publish(topic, &plan);
                        }
                        17 => {
                            let bytes = self.input.bytes();
                            self.world.borrow_mut().babble(bytes);
                        }
                        18 => {
                            let damage = (usize::from(self.input.byte()), self.input.byte());
                            self.world.borrow_mut().damage = Some(damage);
                        }
                        19 => self.world.borrow_mut().is_ended = true,
                        26 => {
                            let plan = Plan { raw: Some(self.input.bytes().to_vec()), ..self.plan() };
                            self.world.borrow_mut().plans.push_back(plan);
                        }
                        27 => {
                            let plan = Plan { raw: Some(self.input.bytes().to_vec()), ..self.plan() };
                            self.world.borrow_mut().push(&plan);
                        }
                        _ => {}
                    }
                }

                fn plan(&mut self) -> Plan {
                    let kind = self.input.byte();
                    let size = self.input.size().min(300);
                    Plan { kind: kind & 0x7f, size, packed: kind & 0x80 != 0, raw: None }
                }

                fn number(&self) -> u64 {
                    self.world.borrow_mut().number()
                }

                /// What the answer to a request must be.
                fn expected(&self, number: u64) -> Expected {
                    self.world.borrow_mut().is_given(number);
                    let world = self.world.borrow();
                    let said = world.answered.get(&number).cloned();
                    assert!(world.is_wild || said.is_some(), "an answer that was not given to {number}");
                    Expected::new(said.filter(|_| !world.is_wild))
                }

                /// A call for a request has failed.
                fn failed(&self, connection: &Connection<'_>, number: u64, error: &Failure) {
                    if matches!(error, Error::Exhausted { .. }) {
                        // The handler's own.
                        return;
                    }
                    let mut world = self.world.borrow_mut();
                    match error.outcome() {
                        Outcome::NotSent => {
                            assert!(!world.heard.contains(&number), "{number} has arrived: {error:?}");
                            world.not_sent.insert(number);
                        }
                        Outcome::Answered => {
                            let is_answered = world.answered.contains_key(&number);
                            assert!(world.is_wild || is_answered, "{number} was not answered: {error:?}");
                        }
                        Outcome::Unknown => {}
                    }
                    drop(world);
                    if let Error::Server(error) = error {
                        let text = connection.error_text().map(|text| text.as_bytes().to_vec());
                        self.expected(number).hold_server_error(*error, text);
                    }
                }

                async fn execute(&mut self, connection: &mut Connection<'_>) {
                    let number = self.number();
                    let request = request(number, self.input.size());
                    match connection.execute(request.as_str())$(.$wait)? {
                        Ok(reply) => {
                            let expected = self.expected(number);
                            expected.hold_no_error();
                            self.read(reply, &expected).await;
                        }
                        Err(error) => self.failed(connection, number, &error),
                    }
                }

                async fn execute_with(&mut self, connection: &mut Connection<'_>) {
                    let number = self.number();
                    let request = request(number, self.input.size());
                    let $hearing = &mut *self;
                    match connection.execute_with(request.as_str(), $heard)$(.$wait)? {
                        Ok(reply) => {
                            let expected = self.expected(number);
                            expected.hold_no_error();
                            self.read(reply, &expected).await;
                        }
                        Err(error) => self.failed(connection, number, &error),
                    }
                }

                async fn send(&mut self, connection: &mut Connection<'_>) {
                    let number = self.number();
                    let request = request(number, self.input.size());
                    match connection.send(request.as_str())$(.$wait)? {
                        Ok(()) => self.world.borrow_mut().pending.push_back(number),
                        Err(error) => self.failed(connection, number, &error),
                    }
                }

                async fn send_async(&mut self, connection: &mut Connection<'_>) {
                    let number = self.number();
                    let request = request(number, self.input.size());
                    match connection.send_async(request.as_str())$(.$wait)? {
                        Ok(()) => assert!(self.world.borrow().heard.contains(&number)),
                        Err(error) => self.failed(connection, number, &error),
                    }
                }

                async fn receive(&mut self, connection: &mut Connection<'_>) {
                    let oldest = self.world.borrow().pending.front().copied();
                    match connection.receive()$(.$wait)? {
                        Ok(reply) => {
                            self.world.borrow_mut().pending.pop_front();
                            let expected = self.expected(oldest.expect("a request"));
                            expected.hold_no_error();
                            self.read(reply, &expected).await;
                        }
                        Err(error) => self.not_received(connection, oldest, &error),
                    }
                }

                async fn receive_with(&mut self, connection: &mut Connection<'_>) {
                    let oldest = self.world.borrow().pending.front().copied();
                    let $hearing = &mut *self;
                    match connection.receive_with($heard)$(.$wait)? {
                        Ok(reply) => {
                            self.world.borrow_mut().pending.pop_front();
                            let expected = self.expected(oldest.expect("a request"));
                            expected.hold_no_error();
                            self.read(reply, &expected).await;
                        }
                        Err(error) => self.not_received(connection, oldest, &error),
                    }
                }

                fn not_received(&self, connection: &Connection<'_>, oldest: Option<u64>, error: &Failure) {
                    if matches!(error, Error::Server(_)) || is_confined(error) {
                        self.world.borrow_mut().pending.pop_front();
                        self.failed(connection, oldest.expect("a request"), error);
                    }
                }

                async fn subscribe(&mut self, connection: &mut Connection<'_>) {
                    let topic = TOPICS[usize::from(self.input.byte()) % TOPICS.len()];
                    let was = self.world.borrow().topics.get(topic).is_some_and(|(_, is)| *is);
                    let subscribed = connection.subscribe(topic)$(.$wait)?;
                    let mut world = self.world.borrow_mut();
                    match subscribed {
                        Ok(()) => {
                            // What is on its way from a subscription before begins the numbers.
                            let next = world.topics.get(topic).map(|(next, _)| *next).filter(|_| !was);
                            if !world.expected.contains_key(topic) {
                                world.expected.insert(topic.to_owned(), next);
                            }
                        }
                        // It is not subscribed then, unless it was before.
                        Err(error) if error.outcome() == Outcome::NotSent => {}
                        Err(_) => world.is_unsure = true,
                    }
                }

                async fn unsubscribe(&mut self, connection: &mut Connection<'_>) {
                    let topic = TOPICS[usize::from(self.input.byte()) % TOPICS.len()];
                    self.world.borrow_mut().expected.remove(topic);
                    if connection.unsubscribe(topic)$(.$wait)?.is_err() {
                        self.world.borrow_mut().is_unsure = true;
                    }
                }

                async fn next_push(&mut self, connection: &mut Connection<'_>) {
                    if let Ok(Some(push)) = connection.next_push()$(.$wait)? {
                        let _ = hear(self, push).await;
                    }
                }
            }

            reading!($($wait)?);
            holding!($($wait)?);
            hearing!($($wait)?);
        }
    };
}

player!(blocking, rayforce_ipc::client, hearing => |push| {
    crate::session::polled(hear(hearing, push), None).unwrap_or(Ok(()))
});
player!(asynch, rayforce_ipc::client::asynch, hearing => async |push| hear(hearing, push).await, .await);
