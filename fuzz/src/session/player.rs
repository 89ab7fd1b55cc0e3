//! The calls.

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

                async fn next_push(&mut self, connection: &mut Connection<'_>) {
                    if let Ok(Some(push)) = connection.next_push()$(.$wait)? {
                        let _ = hear(self, push).await;
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
        }
    };
}

player!(blocking, rayforce_ipc::client, hearing => |push| {
    crate::session::polled(hear(hearing, push), None).unwrap_or(Ok(()))
});
player!(asynch, rayforce_ipc::client::asynch, hearing => async |push| hear(hearing, push).await, .await);
