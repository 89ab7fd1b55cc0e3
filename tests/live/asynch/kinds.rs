//! An exchange of any kind, of which one can tell whether the answer is its own.

use rayforce_ipc::client::asynch::{self, Reply};
use rayforce_ipc::codec::Encode;
use rayforce_ipc::codec::literal::{Symbols, Table};
use rayforce_ipc::error::{Error, RequestError};
use rayforce_ipc::query::{col, from, set, table};
use rayforce_ipc::transports::tcp::TcpError;
use rayforce_ipc::transports::tokio::Stream;
use rayforce_ipc::wire::{Dialect, Generation};

use super::support::Connection as Plain;
use super::yielding::Yielding;
use crate::support::{Call, Evaluated};

/// Over a stream whose futures wait once more than they have to.
pub type Connection<'b> = asynch::Connection<'b, Yielding<Stream>>;
type Push<'c, 'b> = asynch::Push<'c, 'b, Yielding<Stream>>;

/// How many kinds there are.
pub const KINDS: usize = 8;
/// The one whose handler hears what comes unasked.
pub const WATCHED: usize = 4;

/// What was heard unasked. Each payload is a number above those before.
#[derive(Debug, Default)]
pub struct Heard {
    pub pushes: u32,
    last: i64,
    /// Of the publications of a topic.
    pub delivered: i64,
    pub missed: i64,
}

impl Heard {
    pub async fn hear(&mut self, push: Push<'_, '_>) -> Result<(), Error<TcpError>> {
        match push {
            Push::Async(mut payload) => {
                self.pushes += 1;
                self.above(payload.value().await?.as_i64()?);
            }
            Push::Message { topic: "lots", sequence, mut payload } => {
                self.delivered += 1;
                assert_eq!(sequence, self.delivered + self.missed);
                self.above(payload.value().await?.as_i64()?);
            }
            Push::Gap { topic: "lots", gap } => {
                assert_eq!(gap.last_seen, self.delivered + self.missed);
                self.missed += gap.missed as i64;
                assert_eq!(gap.next_seen, self.delivered + self.missed + 1);
            }
            other => panic!("{other:?}"),
        }
        Ok(())
    }

    fn above(&mut self, payload: i64) {
        assert!(payload > self.last, "{payload} after {}", self.last);
        self.last = payload;
    }
}

async fn assert_is(mut reply: Reply<'_, '_, Yielding<Stream>>, expected: i64) -> Result<(), Error<TcpError>> {
    assert_eq!(reply.value().await?.as_i64()?, expected);
    Ok(())
}

/// One exchange of a kind below [`KINDS`].
pub async fn exchange(
    connection: &mut Connection<'_>,
    own: i64,
    kind: usize,
    heard: &mut Heard,
) -> Result<(), Error<TcpError>> {
    let is_3 = connection.generation() == Generation::V3;
    match kind {
        0 => assert_is(connection.execute(format!("(+ {own} 1)").as_str()).await?, own + 1).await,
        1 => {
            let call = Call("+", &[&own, &2i64]);
            assert_is(connection.execute(&Evaluated(&call)).await?, own + 2).await
        }
        2 => {
            let mut reply = connection.execute(format!("(+ {own} (til 200))").as_str()).await?;
            let mut columns = reply.columns().await?;
            let mut column = columns.next().await?.expect("a column");
            let (mut chunk, mut next) = ([0i64; 16], own);
            while let count @ 1.. = column.read(&mut chunk).await? {
                assert!(chunk[..count].iter().copied().eq(next..next + count as i64));
                next += count as i64;
            }
            assert_eq!(next, own + 200);
            Ok(())
        }
        3 => {
            // Where the dialect is unknown, it is asked for.
            let update = table("rows").update(set("s", "b")).filter(col("n").eq(own % 50));
            match connection.execute(&update).await {
                Err(Error::Request(RequestError::Lacks { dialect: Some(Dialect::V1a), .. })) => {}
                updated => {
                    updated?;
                }
            }
            let query = table("rows").filter(col("n").eq(own % 50)).select("n");
            let mut reply = connection.execute(&query).await?;
            let mut columns = reply.columns().await?;
            let mut column = columns.next().await?.expect("a column");
            let mut cells = [0i64; 2];
            assert_eq!((column.read(&mut cells).await?, cells[0]), (1, own % 50));
            Ok(())
        }
        WATCHED => {
            let request = format!("(* {own} 3)");
            let handler = async |push: Push<'_, '_>| heard.hear(push).await;
            assert_is(connection.execute_with(request.as_str(), handler).await?, own * 3).await
        }
        5 if is_3 => {
            let request = format!("(do (println \"{own}\") (- {own} 1))");
            let mut verbose = connection.execute_verbose(request.as_str()).await?;
            let (mut text, mut chunk) = (Vec::new(), [0; 3]);
            while let count @ 1.. = verbose.read(&mut chunk).await? {
                text.extend_from_slice(&chunk[..count]);
            }
            assert_eq!(text, format!("{own}\n").as_bytes());
            assert_is(verbose.result().await?, own - 1).await
        }
        6 => match connection.next_push().await? {
            Some(push) => heard.hear(push).await,
            None => Ok(()),
        },
        _ => match connection.execute("(+ 1 'a)").await {
            Err(Error::Server(_)) => Ok(()),
            other => panic!("{:?}", other.map(drop)),
        },
    }
}

/// Makes the table for the queries.
pub async fn prepare(connection: &mut Plain<'_>) {
    let numbers: Vec<i64> = (0..50).collect();
    let columns: [&dyn Encode; 2] = [&numbers.as_slice(), &Symbols(&["a"; 50])];
    connection.execute(&from(Table::new(&["n", "s"], &columns)).save("rows")).await.unwrap();
}
