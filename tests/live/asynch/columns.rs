//! Replies of any size through buffers of a few bytes; those of 2.0.0 are packed.

use rayforce_ipc::client::Buffers;
use rayforce_ipc::client::asynch::Column;
use rayforce_ipc::codec::Text;
use rayforce_ipc::codec::cell::Scalar;
use rayforce_ipc::codec::token::Token;
use rayforce_ipc::error::Storage;
use rayforce_ipc::transports::tokio::Stream;
use rayforce_ipc::wire::{Date, Timestamp};
use xtask::server::Server;

use super::support::{Connection, Error, answer, connect, on_each};
use crate::support::{ALL, start};

const ROWS: i64 = 10_000;
const TABLE: &str = "(table [n half name day at] (list (til 10000) (* 0.5 (til 10000)) \
                     (take [alpha be c] 10000) (take [2024.01.15 1999.12.31] 10000) \
                     (take [2024.01.15D10:30:00.000000001 0Np] 10000)))";

/// Looks at each cell of a column, with its row.
async fn each<E: Scalar + Default>(column: &mut Column<'_, '_, Stream>, mut look: impl FnMut(i64, E)) {
    let (mut chunk, mut row) = ([E::default(); 7], 0);
    while let count @ 1.. = column.read(&mut chunk).await.unwrap() {
        for cell in &chunk[..count] {
            look(row, *cell);
            row += 1;
        }
    }
    assert_eq!((row, column.count()), (ROWS, ROWS as u64));
}

/// Reads all columns, told apart by their index.
async fn assert_read(connection: &mut Connection<'_>, names_fit: bool) {
    let mut reply = connection.execute(TABLE).await.unwrap();
    let mut columns = reply.columns().await.unwrap();
    assert_eq!(columns.column_count(), 5);
    let names = ["n", "half", "name", "day", "at"];
    for name in names {
        let mut column = columns.next().await.unwrap().unwrap();
        match column.name() {
            Ok(text) => assert!(names_fit && text == name),
            Err(Error::Capacity { what: Storage::Receive, available: 16, .. }) => assert!(!names_fit),
            Err(error) => panic!("{error}"),
        }
        match name {
            "n" => each(&mut column, |row, cell: i64| assert_eq!(cell, row)).await,
            "half" => each(&mut column, |row, cell: f64| assert_eq!(cell, row as f64 / 2.0)).await,
            "day" => {
                each(&mut column, |row, cell: Date| assert_eq!(cell.0, [8780, -1][row as usize % 2])).await
            }
            "at" => {
                let moments = [Timestamp(758_629_800_000_000_001), Timestamp::NULL];
                each(&mut column, |row, cell: Timestamp| assert_eq!(cell, moments[row as usize % 2])).await;
            }
            _ => {
                let (mut buffer, mut row) = ([0; 5], 0);
                while let Some(text) = column.next_text(&mut buffer).await.unwrap() {
                    assert_eq!(text, Text::from(["alpha", "be", "c"][row % 3]));
                    row += 1;
                }
                assert_eq!(row as i64, ROWS);
            }
        }
    }
    assert!(columns.next().await.unwrap().is_none());
}

async fn through<const SIZE: usize>(server: &Server, names_fit: bool) {
    let mut buffers = Buffers::<SIZE, 256>::new();
    let mut connection = connect(server, buffers.lend()).await;
    assert_read(&mut connection, names_fit).await;
    assert_eq!(answer(&mut connection, "(+ 40 2)").await, "I64(42)");
}

#[tokio::test]
async fn a_table_goes_through_a_small_buffer_by_columns() {
    for version in ALL {
        println!("--- {version}");
        let server = start(version);
        through::<16>(&server, false).await;
        through::<64>(&server, true).await;
        through::<4096>(&server, true).await;
    }
}

#[tokio::test]
async fn columns_are_passed_over_and_replies_left() {
    for version in ALL {
        println!("--- {version}");
        let server = start(version);
        let mut buffers = Buffers::<64, 256>::new();
        let mut connection = connect(&server, buffers.lend()).await;
        for _ in 0..3 {
            let mut reply = connection.execute(TABLE).await.unwrap();
            let mut columns = reply.columns().await.unwrap();
            while let Some(mut column) = columns.next().await.unwrap() {
                if column.name().unwrap() == "day" {
                    let mut chunk = [Date(0); 3];
                    assert!(column.read(&mut chunk).await.unwrap() > 0);
                    assert_eq!(chunk[0], Date(8780));
                    break;
                }
            }
            // Begun anew where it was left.
            let mut column =
                reply.columns().await.unwrap().next().await.unwrap().map(|column| column.index());
            assert_eq!(column.take(), Some(4));
        }
        assert_eq!(answer(&mut connection, "(+ 40 2)").await, "I64(42)");
    }
}

#[tokio::test]
async fn a_long_value_is_read_by_tokens() {
    on_each(ALL, async |_, connection| {
        let mut reply = connection.execute("(til 100000)").await.unwrap();
        let head = reply.next_token().await.unwrap();
        assert!(matches!(head, Some(Token::Vector { count: 100_000, .. })), "{head:?}");
        let mut count = 0;
        while let Some(token) = reply.next_token().await.unwrap() {
            let Token::Elements(elements) = token else { panic!("{token:?}") };
            count += elements.count();
        }
        assert_eq!(count, 100_000);
        assert_eq!(answer(connection, "(+ 40 2)").await, "I64(42)");
    })
    .await;
}

#[tokio::test]
async fn a_reply_larger_than_the_buffer_is_had_in_memory_of_its_own() {
    for version in ALL {
        println!("--- {version}");
        let server = start(version);
        let mut buffers = Buffers::<64, 256>::new();
        let mut connection = connect(&server, buffers.lend()).await;
        let owned = connection.execute(TABLE).await.unwrap().read_to_vec(1 << 20).await.unwrap();
        let table = owned.value().table().unwrap();
        assert_eq!((table.column_count(), table.row_count()), (5, ROWS as usize));
        let numbers = table.column("n").unwrap().vector().unwrap().i64s().unwrap();
        assert!(numbers.iter().map(|cell| cell.get()).eq(0..ROWS));
        let error = connection.execute(TABLE).await.unwrap().read_to_vec(100_000).await.err();
        assert!(matches!(error, Some(Error::Capacity { what: Storage::Limit, available: 100_000, .. })));
        assert_eq!(answer(&mut connection, "(+ 40 2)").await, "I64(42)");
    }
}
