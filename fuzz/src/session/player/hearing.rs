//! What comes unasked.

/// The part of a player that hears.
macro_rules! hearing {
    ($($wait:tt)?) => {
        /// What comes unasked.
        async fn hear(
            player: &mut Player<'_, '_>,
            push: front::Push<'_, '_, Stream>,
        ) -> Result<(), Failure> {
            let how = player.input.byte();
            let is_sure = !player.world.borrow().is_wild;
            let is_counted = is_sure && !player.world.borrow().is_unsure;
            match push {
                front::Push::Message { topic, sequence, payload } => {
                    assert!(TOPICS.contains(&topic), "{topic:?}");
                    let key = (topic.to_owned(), sequence);
                    let said = player.world.borrow().published.get(&key).cloned();
                    if is_sure {
                        assert!(said.is_some(), "{key:?} was not published");
                    }
                    let expected = Expected::new(said.filter(|_| is_sure));
                    if is_counted {
                        let mut world = player.world.borrow_mut();
                        let known = world.expected.get_mut(topic).expect("a topic");
                        assert_eq!(known.unwrap_or(sequence), sequence, "{topic}");
                        *known = Some(sequence + 1);
                    }
                    player.read(payload, &expected).await;
                }
                front::Push::Gap { topic, gap } => {
                    if is_counted {
                        let mut world = player.world.borrow_mut();
                        let known = world.expected.get_mut(topic).expect("a topic");
                        assert_eq!(known.unwrap_or(gap.last_seen + 1), gap.last_seen + 1, "{topic}");
                        assert_eq!(gap.missed as i64, gap.next_seen - gap.last_seen - 1);
                        assert!(gap.missed > 0);
                        *known = Some(gap.next_seen);
                    }
                }
                front::Push::Restarted { topic, restarted } => {
                    assert!(!is_counted, "{topic} did not begin anew: {restarted:?}");
                }
                front::Push::Async(mut reply) => {
                    if how & 1 == 0 || !is_sure {
                        player.read(reply, &Expected::new(None)).await;
                    } else {
                        let mut joined = Joined::default();
                        let end = loop {
                            match reply.next_token()$(.$wait)? {
                                Ok(Some(token)) => joined.push(token),
                                Ok(None) => break Some(true),
                                Err(Error::Peer(_)) => break Some(false),
                                Err(_) => break None,
                            }
                        };
                        if end.is_some() {
                            player.pushed(joined.complete(), is_counted);
                        }
                    }
                }
                front::Push::Question(mut question) => {
                    let number = match question.asked().value()$(.$wait)? {
                        Ok(value) if how & 2 == 0 => value.as_i64().ok(),
                        _ => None,
                    };
                    if let Some(number) = number.filter(|_| is_sure) {
                        let asked = player.world.borrow().asked.front().copied();
                        assert_eq!(asked, Some(number.cast_unsigned()));
                    }
                    match (how >> 2 & 3, number) {
                        (0, Some(number)) => {
                            let _ = question.answer(request(number.cast_unsigned(), 0).as_str())$(.$wait)?;
                        }
                        (1, _) => {
                            let _ = question.refuse()$(.$wait)?;
                        }
                        (2, _) => {
                            // It cannot be sent.
                            let bad = rayforce_ipc::codec::Symbol::name("\0");
                            assert!(question.answer(&bad)$(.$wait)?.is_err());
                        }
                        _ => {}
                    }
                }
                _ => panic!("another kind of push"),
            }
            if how >> 5 == 7 { Err(Error::Exhausted { capacity: 77 }) } else { Ok(()) }
        }

        impl Player<'_, '_> {
            /// A push that is no publication was said, in this order.
            fn pushed(&self, pieces: &[Piece], is_counted: bool) {
                let mut world = self.world.borrow_mut();
                if let [Piece::Head(Token::List { count: 4 }), Piece::Head(Token::Symbol { quoted: false }), Piece::Text(upd), Piece::Head(Token::String { .. }), Piece::Text(topic), ..] =
                    pieces
                    && upd == b"upd"
                {
                    let topic = String::from_utf8_lossy(topic).into_owned();
                    let is_subscribed = world.expected.contains_key(&topic);
                    assert!(!is_counted || !is_subscribed, "{topic} is subscribed to");
                    return;
                }
                let known = world.pushed.iter().position(|said| {
                    let expected = Expected::new(Some(said.clone()));
                    expected.pieces().is_none_or(|(known, _)| known == pieces)
                });
                let known = known.unwrap_or_else(|| panic!("{pieces:?} was not said"));
                world.pushed.drain(..known);
            }
        }
    };
}
