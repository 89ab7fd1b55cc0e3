//! What holds after each call, and at the end.

/// The part of a player that holds a connection against what it says of itself.
macro_rules! holding {
    ($($wait:tt)?) => {
        impl Player<'_, '_> {
            /// What holds after each call.
            fn settle(&mut self, connection: &mut Connection<'_>) {
                {
                    let mut world = self.world.borrow_mut();
                    world.is_unsure |= world.is_wild;
                }
                self.begin();
                let Some(reason) = connection.close_reason() else {
                    let pending = self.world.borrow().pending.len();
                    assert_eq!(usize::from(connection.pending()), pending, "requests under way");
                    return;
                };
                assert!(!connection.is_open());
                // One that was given up half-way says so at once, and is dropped by the next call.
                let is_given_up = matches!(reason, CloseReason::HalfSent | CloseReason::NotRestored);
                assert!(is_given_up || connection.transport().is_none());
                self.hold_closed(connection, reason);
                assert!(connection.transport().is_none());
            }

            fn hold_closed(&self, connection: &mut Connection<'_>, reason: CloseReason) {
                let is = |error: Option<Failure>| {
                    assert_eq!(error, Some(Error::Closed(reason)));
                };
                is(polled(async { connection.execute("1")$(.$wait)?.err() }, None).flatten());
                is(polled(async { connection.send("1")$(.$wait)?.err() }, None).flatten());
                is(polled(async { connection.receive()$(.$wait)?.err() }, None).flatten());
                is(polled(async { connection.next_push()$(.$wait)?.err() }, None).flatten());
                is(polled(async { connection.send_async("1")$(.$wait)?.err() }, None).flatten());
                assert_eq!(connection.close_reason(), Some(reason));
                assert_eq!(self.world.borrow().calls, 0, "a closed connection");
            }

            /// A connection that says that it is open goes on.
            fn end(&mut self, connection: &mut Connection<'_>) {
                {
                    let world = self.world.borrow();
                    if world.is_wild || world.is_ended || !connection.is_open() {
                        return;
                    }
                }
                self.world.borrow_mut().damage = None;
                self.input.0 = &[];
                while connection.pending() > 0 && connection.is_open() {
                    self.begin();
                    polled(self.receive(connection), None);
                }
                let reason = connection.close_reason();
                if reason == Some(CloseReason::Undrained) {
                    return;
                }
                assert_eq!(reason, None, "answers that were to come");
                self.begin();
                self.world.borrow_mut().plans.clear();
                let number = self.number();
                let request = request(number, 0);
                let error = polled(
                    async {
                        match connection.execute(request.as_str())$(.$wait)? {
                            Ok(mut reply) => {
                                let expected = self.expected(number);
                                self.tokens(&mut reply, &expected, usize::MAX).await;
                                None
                            }
                            Err(error) => Some(error),
                        }
                    },
                    None,
                )
                .flatten();
                match error {
                    None | Some(Error::Closed(CloseReason::Undrained)) => {}
                    Some(error) => panic!("a connection that was open: {error:?}"),
                }
            }
        }
    };
}
