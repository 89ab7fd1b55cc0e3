//! Replies, read in one of many ways.

/// The part of a player that reads.
macro_rules! reading {
    ($($wait:tt)?) => {
        impl Player<'_, '_> {
            async fn verbose(&mut self, connection: &mut Connection<'_>) {
                let number = self.number();
                let request = request(number, self.input.size());
                let size = self.input.size();
                match connection.execute_verbose(request.as_str())$(.$wait)? {
                    Ok(mut verbose) => {
                        let expected = self.expected(number);
                        expected.hold_no_error();
                        let pieces = expected.pieces();
                        let (mut printed, mut chunk) = (Vec::new(), vec![0; size]);
                        let partly = self.input.byte() & 1 != 0;
                        loop {
                            match verbose.read(&mut chunk)$(.$wait)? {
                                Ok(0) => break,
                                Ok(count) => printed.extend(&chunk[..count]),
                                Err(_) => break,
                            }
                            if partly {
                                break;
                            }
                        }
                        if let Some((pieces, true)) = &pieces
                            && let [Piece::Head(Token::List { count: 2 }), Piece::Head(Token::String { .. }), Piece::Text(text), rest @ ..] =
                                &pieces[..]
                        {
                            assert!(text.starts_with(&printed));
                            assert!(partly || *text == printed);
                            match verbose.result()$(.$wait)? {
                                Ok(mut reply) => {
                                    let mut joined = Joined::default();
                                    while let Ok(Some(token)) = reply.next_token()$(.$wait)? {
                                        joined.push(token);
                                    }
                                    if connection.close_reason().is_none() {
                                        assert_eq!(joined.pieces, rest);
                                    }
                                }
                                Err(Error::Server(_)) => {}
                                Err(_) => assert!(connection.close_reason().is_some()),
                            }
                        } else if let Ok(reply) = verbose.result()$(.$wait)? {
                            self.read(reply, &Expected::new(None)).await;
                        }
                    }
                    Err(error) => self.failed(connection, number, &error),
                }
            }

            /// Reads a reply in one of many ways.
            async fn read(&mut self, mut reply: front::Reply<'_, '_, Stream>, expected: &Expected) {
                let mode = self.input.byte();
                match mode % 8 {
                    0 => {}
                    1 | 7 => {
                        match reply.value()$(.$wait)? {
                            Ok(value) => expected.hold_value(Ok(value)),
                            Err(Error::Peer(error)) => {
                                if !expected.is_packed() {
                                    expected.hold_value(Err(error));
                                }
                            }
                            Err(Error::Capacity { needed, available, .. }) => {
                                assert!(needed > available);
                            }
                            Err(Error::Request(RequestError::AlreadyRead)) => {
                                panic!("nothing was read before")
                            }
                            Err(_) => return,
                        }
                        if mode % 8 == 7 {
                            self.tokens(&mut reply, expected, usize::MAX).await;
                        }
                    }
                    2 => self.tokens(&mut reply, expected, usize::MAX).await,
                    3 => {
                        let most = usize::from(self.input.byte());
                        self.tokens(&mut reply, expected, most).await;
                    }
                    4 | 5 => self.columns(&mut reply, expected).await,
                    _ => {
                        let limit = self.input.size() * 16;
                        match reply.read_to_vec(limit)$(.$wait)? {
                            Ok(owned) => expected.hold_value(Ok(owned.value())),
                            Err(Error::Peer(_)) => {
                                assert!(!matches!(expected.value(), Some(Ok(_))), "it is a value");
                            }
                            Err(Error::Capacity { needed, available, .. }) => {
                                assert!(needed > available);
                                self.tokens(&mut reply, expected, usize::MAX).await;
                            }
                            Err(_) => {}
                        }
                    }
                }
            }

            async fn tokens(
                &mut self,
                reply: &mut front::Reply<'_, '_, Stream>,
                expected: &Expected,
                most: usize,
            ) {
                let mut joined = Joined::default();
                for _ in 0..most {
                    match reply.next_token()$(.$wait)? {
                        Ok(Some(token)) => joined.push(token),
                        Ok(None) => return expected.hold_pieces(&joined.pieces, Some(true)),
                        Err(Error::Peer(_)) => {
                            return expected.hold_pieces(joined.complete(), Some(false));
                        }
                        Err(error) => {
                            assert!(
                                !matches!(error, Error::Request(_) | Error::Mismatch(_)),
                                "{error:?}"
                            );
                            return;
                        }
                    }
                }
            }

            async fn columns(
                &mut self,
                reply: &mut front::Reply<'_, '_, Stream>,
                expected: &Expected,
            ) {
                let whole = expected.columns();
                let mut joined = Joined::default();
                // Whether all that came was kept.
                let mut is_all = true;
                let mut columns = match reply.columns()$(.$wait)? {
                    Ok(columns) => columns,
                    Err(error) => {
                        assert!(
                            !matches!(error, Error::Request(_) | Error::Mismatch(_) | Error::Capacity { .. }),
                            "{error:?}"
                        );
                        return;
                    }
                };
                let (count, mut index) = (columns.column_count(), 0);
                let ended = loop {
                    let mut column = match columns.next()$(.$wait)? {
                        Ok(Some(column)) => column,
                        Ok(None) => break true,
                        Err(Error::Peer(_)) => break false,
                        Err(_) => return,
                    };
                    assert_eq!(column.index(), index);
                    index += 1;
                    match column.name() {
                        Ok(name) => {
                            if let Some((_, names, true)) = &whole {
                                let known = names.get(column.index() as usize);
                                let known = known.map_or(&[][..], |name| &name[..]);
                                assert_eq!(name.as_bytes(), known);
                            }
                        }
                        Err(Error::Capacity { needed, available, .. }) => {
                            assert!(needed > available);
                            if let Some((_, names, true)) = &whole {
                                let bytes: usize = names.iter().map(|name| name.len() + 1).sum();
                                let fits = bytes + 32 <= self.receive_len;
                                assert!(!fits || expected.is_packed(), "{bytes} bytes of names");
                            }
                        }
                        Err(error) => panic!("{error:?}"),
                    }
                    let how = self.input.byte();
                    if how & 0xc0 == 0xc0 {
                        is_all = false;
                        continue;
                    }
                    let mut is_first = true;
                    loop {
                        if !is_first && is_numbers(column.tag()) && how & 1 != 0 {
                            let mut chunk = vec![0i64; usize::from(how >> 1 & 7) + 1];
                            match column.read(&mut chunk)$(.$wait)? {
                                Ok(0) => break,
                                Ok(count) => {
                                    let bytes = chunk[..count].iter().flat_map(|cell| cell.to_le_bytes());
                                    match joined.pieces.last_mut() {
                                        Some(Piece::Elements(before)) => before.extend(bytes),
                                        _ => joined.pieces.push(Piece::Elements(bytes.collect())),
                                    }
                                    continue;
                                }
                                Err(Error::Peer(_)) => break,
                                Err(error) => {
                                    assert!(!matches!(error, Error::Request(_) | Error::Mismatch(_)));
                                    return;
                                }
                            }
                        }
                        if !is_first && how & 2 != 0 {
                            let mut text = vec![0; if how & 4 == 0 { 4096 } else { 3 }];
                            let tag = column.tag();
                            match column.next_text(&mut text)$(.$wait)? {
                                Ok(None) => break,
                                Ok(Some(text)) => {
                                    // What was in front of it in a list is not told.
                                    is_all &= matches!(tag, rayforce_ipc::wire::Tag::Vector(_));
                                    if is_all {
                                        joined.pieces.push(Piece::Text(text.as_bytes().to_vec()));
                                    }
                                    continue;
                                }
                                Err(Error::Mismatch(_)) => {}
                                Err(Error::Capacity { .. } | Error::Request(_)) => {
                                    is_all = false;
                                    continue;
                                }
                                Err(Error::Peer(_)) => break,
                                Err(_) => return,
                            }
                        }
                        is_first = false;
                        match column.next_token()$(.$wait)? {
                            Ok(Some(token)) if is_all => joined.push(token),
                            Ok(Some(_)) => {}
                            Ok(None) => break,
                            Err(Error::Peer(_)) => break,
                            Err(error) => {
                                assert!(!matches!(error, Error::Request(_) | Error::Mismatch(_)));
                                return;
                            }
                        }
                    }
                };
                if ended {
                    assert_eq!(index, count, "columns");
                }
                if let Some((pieces, _, is_value)) = whole {
                    assert_eq!(ended, is_value);
                    if is_all && is_value {
                        assert_eq!(joined.pieces, pieces);
                    }
                }
            }
        }
    };
}
