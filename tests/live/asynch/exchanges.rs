//! Requests of every kind and their answers, on each server.

use rayforce_ipc::client::Buffers;
use rayforce_ipc::codec::literal::{Strings, Symbols, Table};
use rayforce_ipc::codec::{Encode, Symbol, Text, Value, Writer};
use rayforce_ipc::error::RequestError;
use rayforce_ipc::query::{col, from, set, table};
use rayforce_ipc::wire::{Date, Dialect, Generation, ServerError, Timestamp};

use super::support::{Connection, Error, answer, connect, number, on_each};
use crate::support::{ALL, Call, Evaluated, Quoted, start};

#[tokio::test]
async fn program_text_is_answered() {
    on_each(ALL, async |_, connection| {
        for round in 0..200i64 {
            assert_eq!(answer(connection, &format!("(+ {round} 2)")).await, format!("I64({})", round + 2));
        }
        assert_eq!(answer(connection, "(* 1.5 2)").await, "F64(3.0)");
        assert_eq!(answer(connection, "(til 3)").await, "I64([0 1 2])");
        assert_eq!(answer(connection, "(list 1 2.5)").await, "List((1 2.5))");
    })
    .await;
}

/// The value, sent quoted, comes back as it was sent.
async fn assert_echo(connection: &mut Connection<'_>, value: &dyn Encode) {
    let mut buffer = vec![0; 0x4_0000];
    let bytes = Writer::encode(connection.generation(), value, &mut buffer).unwrap();
    let sent = Value::decode(connection.generation(), bytes).unwrap();
    let mut reply = match connection.execute(&Quoted(value)).await {
        Ok(reply) => reply,
        Err(error) => panic!("{sent:.10?}: {error}"),
    };
    assert_eq!(format!("{:?}", reply.value().await.unwrap()), format!("{sent:?}"));
}

#[tokio::test]
async fn values_come_back() {
    let numbers: Vec<i64> = (0..20_000).collect();
    let names = ["ibm", "", "a longer name"];
    let columns: [&dyn Encode; 3] = [&[1i64, 2, 3], &[0.5, f64::NAN, -1.0], &Symbols(&names)];
    let table = Table::new(&["n", "px", "sym"], &columns);
    let values: [&dyn Encode; 12] = [
        &true,
        &7u8,
        &-7i64,
        &f64::MIN,
        &Date(8780),
        &Timestamp(758_629_800_000_000_001),
        &Text::from("text"),
        &numbers.as_slice(),
        &Symbols(&names),
        &Strings(&names),
        &Call("list", &[&1i64, &Text::from("two"), &[3.0]]),
        &table,
    ];
    on_each(ALL, async |_, connection| {
        for value in values {
            assert_echo(connection, value).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_request_goes_out_through_one_byte_and_comes_in_through_sixteen() {
    let numbers: Vec<i64> = (0..1000).collect();
    for version in ALL {
        println!("--- {version}");
        let server = start(version);
        let mut buffers = Buffers::<16, 1>::new();
        let mut connection = connect(&server, buffers.lend()).await;
        assert_eq!(answer(&mut connection, "(+ 40 2)").await, "I64(42)");
        let count = Call("count", &[&numbers.as_slice()]);
        assert_eq!(number(&mut connection, &Evaluated(&count)).await, 1000);
    }
}

#[tokio::test]
async fn queries_are_answered_and_wire_1_is_asked_for_its_dialect_once() {
    on_each(ALL, async |server, connection| {
        let dialect = match server.version() {
            "0.1.5" => Dialect::V1a,
            "1.0.0" => Dialect::V1b,
            _ => Dialect::V3,
        };
        let is_known = connection.generation() == Generation::V3;
        assert_eq!(connection.dialect(), is_known.then_some(dialect));
        let columns: [&dyn Encode; 3] =
            [&Symbols(&["ibm", "aapl", "ibm"]), &[1.5, 2.5, 3.5], &[10i64, 20, 30]];
        let trades = Table::new(&["ticker", "px", "qty"], &columns);
        connection.execute(&from(trades).save("trades")).await.unwrap();
        let large = table("trades").filter(col("qty").ge(20));
        let mut reply = connection.execute(&large).await.unwrap();
        let rows = reply.value().await.unwrap().table().unwrap();
        let rows: Vec<_> = rows.rows::<(&str, f64, i64)>().unwrap().map(Result::unwrap).collect();
        assert_eq!(rows, [("aapl", 2.5, 20), ("ibm", 3.5, 30)]);

        let total = (col("px") * col("qty")).sum().named("total");
        let mut reply = connection.execute(&table("trades").select(total).by("ticker")).await.unwrap();
        let rows = reply.value().await.unwrap().table().unwrap();
        let mut rows: Vec<_> = rows.rows::<(&str, f64)>().unwrap().map(Result::unwrap).collect();
        rows.sort_by_key(|row| row.0);
        assert_eq!(rows, [("aapl", 50.0), ("ibm", 120.0)]);

        connection.execute(&table("trades").insert(("msft", 4.5, 40))).await.unwrap();
        let raised = table("trades").update(set("px", col("px") * 2.0)).filter(col("ticker").eq("ibm"));
        connection.execute(&raised).await.unwrap();
        assert_eq!(answer(connection, "(sum (at trades 'qty))").await, "I64(100)");
        assert_eq!(answer(connection, "(sum (at trades 'px))").await, "F64(17.0)");
        assert_eq!(connection.dialect(), is_known.then_some(dialect));
        // 0.1.5 would spoil the column, so that the others of its generation are told apart.
        for _ in 0..2 {
            let renamed = table("trades").update(set("ticker", "ibm")).filter(col("ticker").eq("msft"));
            match connection.execute(&renamed).await {
                Ok(_) => assert_ne!(server.version(), "0.1.5"),
                Err(Error::Request(RequestError::Lacks { what, .. })) => {
                    assert_eq!(server.version(), "0.1.5", "{what}")
                }
                Err(error) => panic!("{error}"),
            }
            assert_eq!(connection.dialect(), Some(dialect));
        }
        let named = if dialect == Dialect::V1a { 2 } else { 3 };
        let count = format!("I64({named})");
        assert_eq!(answer(connection, "(count (where (== (at trades 'ticker) 'ibm)))").await, count);
        assert_eq!(connection.skipped(), 0);
    })
    .await;
}

#[tokio::test]
async fn errors_of_the_server_are_typed_and_have_their_text() {
    // What 0.1.5, 1.0.0, 2.0.0 and 2.4.0 say.
    let programs = [
        ("no_such_name", ["eval", "value", "name", "name"]),
        ("(+ 1 'a)", ["type", "type: expected i64, got symbol", "type", "type"]),
        ("(+ 1", ["parse", "domain", "parse", "parse"]),
        ("(raise \"boom\")", ["raised", "user", "domain", "domain"]),
    ];
    let texts = ["undefined symbol: 'no_such_name", "add: unsupported types: 'i64, 'symbol"];
    on_each(ALL, async |server, connection| {
        let version = ALL.iter().position(|version| *version == server.version()).unwrap();
        for (at, (program, said)) in programs.into_iter().enumerate() {
            let error = server_error(connection.execute(program).await.map(drop));
            assert_eq!(error.to_string(), said[version], "{program}");
            let text = connection.error_text().map(|text| text.to_string());
            if let Some(expected) = texts.get(at) {
                assert_eq!(text, (version == 0).then(|| (*expected).to_owned()));
            }
            assert_eq!(answer(connection, "(+ 40 2)").await, "I64(42)");
            assert!(connection.error_text().is_none());
        }
        // A request that cannot be sent leaves no trace.
        let refused = connection.execute(&Symbol::name("a\0b")).await.map(drop);
        assert!(matches!(refused, Err(Error::Request(RequestError::NulInName(1)))), "{refused:?}");
        assert_eq!(answer(connection, "(+ 40 2)").await, "I64(42)");
    })
    .await;
}

fn server_error(result: Result<(), Error>) -> ServerError {
    match result {
        Err(Error::Server(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn requests_without_an_answer_keep_their_order() {
    on_each(ALL, async |server, connection| {
        for number in 0..100 {
            connection.send_async(format!("(set zz {number})").as_str()).await.unwrap();
        }
        connection.send_async("(+ 1 'a)").await.unwrap();
        assert_eq!(answer(connection, "zz").await, "I64(99)");
        connection.send_async(&Call("set", &[&Symbol::name("zz"), &77i64])).await.unwrap();
        if connection.generation() == Generation::V1 {
            // Its servers leave a request undone that arrives together with the end of the stream.
            assert_eq!(answer(connection, "zz").await, "I64(77)");
        }
        connection.close().await.unwrap();
        assert!(matches!(connection.execute("zz").await, Err(Error::Closed(_))));
        // What was sent still arrives.
        let mut buffers = Buffers::<256, 64>::new();
        let mut other = connect(server, buffers.lend()).await;
        let mut rounds = 0..10_000;
        while answer(&mut other, "zz").await != "I64(77)" {
            assert!(rounds.next().is_some());
        }
    })
    .await;
}

#[tokio::test]
async fn wire_1_has_no_topics_and_prints_nothing() {
    on_each(&["0.1.5", "1.0.0"], async |_, connection| {
        let lacks = |result| matches!(result, Err(Error::Request(RequestError::Lacks { .. })));
        assert!(lacks(connection.subscribe("trades").await));
        assert!(lacks(connection.execute_verbose("7").await.map(drop)));
        assert_eq!(answer(connection, "(+ 40 2)").await, "I64(42)");
    })
    .await;
}
