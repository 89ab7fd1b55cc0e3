//! The smallest client against real servers.

use rayforce_ipc::client::Buffers;
use rayforce_ipc::client::frames::Frames;
use rayforce_ipc::codec::Value;
use rayforce_ipc::error::{Error, Fault, Storage};
use rayforce_ipc::query::{col, set, table};
use rayforce_ipc::wire::{Dialect, MessageType};

use crate::support::{ALL, answer, connect, dial, start};

#[test]
fn both_clients_get_the_same() {
    for version in ALL {
        let server = start(version);
        let mut buffers = Box::new(Buffers::<0x2_0000, 256>::new());
        let mut connection = connect(&server, buffers.lend());
        let mut buffer = vec![0; 0x2_0000];
        let mut frames = Frames::open(dial(&server), &mut buffer, None).unwrap();
        assert_eq!(frames.generation(), connection.generation());
        frames.set_unpacking();
        for text in [
            "(+ 1 2)",
            "(til 3)",
            "(+ 1.5 2)",
            "\"text\"",
            "'name",
            "(til 10000)",
            "(list 1 'a \"b\")",
            "(table [a b] (list (til 3) (* 2.0 (til 3))))",
            "(dict [a b] (list 1 2))",
        ] {
            let frame = frames.execute(text).unwrap();
            let value = format!("{:?}", frame.value().unwrap());
            assert_eq!(value, answer(&mut connection, text), "{version}");
            if let Ok(leaf) = frame.leaf() {
                assert_eq!(format!("{leaf:?}"), value, "{version}");
            }
        }
        assert!(matches!(frames.execute("(+ 1 'a)").unwrap().value(), Ok(Value::Error(_))), "{version}");
        // What is not answered is carried out before what comes after it.
        frames.send(MessageType::Async, "(set x 41)").unwrap();
        assert_eq!(frames.execute("(+ x 1)").unwrap().value().unwrap(), Value::I64(42), "{version}");
    }
}

#[test]
fn what_does_not_fit_or_is_packed_is_passed_over() {
    for version in ALL {
        let server = start(version);
        let mut buffer = [0; 100];
        let mut frames = Frames::open(dial(&server), &mut buffer, None).unwrap();
        match frames.execute("(til 1000)").unwrap_err() {
            Error::Capacity { what: Storage::Receive, needed, available: 100 } => {
                assert!(needed > 8000, "{version}")
            }
            // 2.0.0 packs also for its own host.
            Error::Peer(error) if *version == "2.0.0" => {
                assert!(matches!(error.fault, Fault::Unpacked { limit: 0, .. }), "{error}");
            }
            error => panic!("{version}: {error}"),
        }
        assert_eq!(frames.execute("(+ 1 2)").unwrap().value().unwrap(), Value::I64(3), "{version}");
    }
}

#[test]
fn queries_are_understood() {
    for (version, dialect) in
        [("0.1.5", Dialect::V1a), ("1.0.0", Dialect::V1b), ("2.0.0", Dialect::V3), ("2.4.0", Dialect::V3)]
    {
        let server = start(version);
        let mut buffer = [0; 1000];
        let mut frames = Frames::open(dial(&server), &mut buffer, None).unwrap();
        frames.set_dialect(dialect);
        frames.execute("(set t (table [x y] (list (til 5) (til 5))))").unwrap();
        let update = table("t").update(set("y", 7)).filter(col("x").gt(3));
        let updated = frames.execute(&update).unwrap();
        assert!(!matches!(updated.value().unwrap(), Value::Error(_)), "{version}");
        let query = table("t").select(("x", "y")).filter(col("x").gt(2));
        let frame = frames.execute(&query).unwrap();
        let Value::Table(found) = frame.value().unwrap() else { panic!("{version}") };
        let rows: Vec<(i64, i64)> = found.rows().unwrap().collect::<Result<_, _>>().unwrap();
        assert_eq!(rows.len(), 2, "{version}");
        assert_eq!(rows.iter().map(|row| row.0).collect::<Vec<_>>(), [3, 4], "{version}");
    }
}
