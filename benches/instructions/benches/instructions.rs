//! Instructions of the codec and of an exchange. What is written in an attribute is made before the counting begins, and
//! all memory is leaked, so that none is given back while it lasts.

use std::hint::black_box;

use gungraun::prelude::*;
use instructions::data::{self, Rows};
use instructions::{Dial, THREE, Wire, ended, leaked, packed_reply, said};
use rayforce_ipc::client::frames::Frames;
use rayforce_ipc::client::{Buffers, Connection, Options, Packing, asynch};
use rayforce_ipc::codec::{Decoder, Encode, Value, Writer};
use rayforce_ipc::engine::{self, Engine, Slot};
use rayforce_ipc::query::{col, table};
use rayforce_ipc::transports::adapters::Unbounded;
use rayforce_ipc::wire::{Generation, MessageType, Timestamp};

const GENERATION: Generation = Generation::V3;
/// The rows of the larger table.
const ROWS: usize = 1_000;

type Blocking = Connection<'static, Unbounded<Wire>>;
type Async = asynch::Connection<'static, Unbounded<Wire>>;
type Row<'a> = (Timestamp, &'a str, i64, f64, bool);

// What is decoded.

fn large() -> &'static [u8] {
    data::payload(&Rows::new(ROWS)).leak()
}

fn small() -> &'static [u8] {
    data::small().leak()
}

fn atom() -> &'static [u8] {
    data::payload(&3i64).leak()
}

fn select() -> &'static [u8] {
    data::payload(&query()).leak()
}

fn query() -> impl Encode {
    table("trades")
        .select((col("price").avg().named("mean"), col("size").sum().named("total")))
        .filter(col("price").gt(100.0).and(col("sym").eq("AAPL")))
        .by("sym")
}

#[library_benchmark]
#[bench::table(large())]
#[bench::small(small())]
#[bench::atom(atom())]
fn value(payload: &'static [u8]) -> bool {
    Value::decode(GENERATION, black_box(payload)).is_ok()
}

// To the last token.
#[library_benchmark]
#[bench::table(large())]
#[bench::small(small())]
#[bench::select(select())]
fn tokens(payload: &'static [u8]) -> u64 {
    let mut decoder = Decoder::new(GENERATION, payload.len() as u64);
    let mut input = black_box(payload);
    let mut count = 0;
    while let Some(token) = decoder.next(&mut input).unwrap() {
        black_box(token);
        count += 1;
    }
    count
}

#[library_benchmark]
#[bench::table(large())]
fn by_columns(payload: &'static [u8]) -> u64 {
    data::read_by_columns(&Value::decode(GENERATION, black_box(payload)).unwrap().table().unwrap())
}

#[library_benchmark]
#[bench::table(large())]
fn by_rows(payload: &'static [u8]) -> f64 {
    let table = Value::decode(GENERATION, black_box(payload)).unwrap().table().unwrap();
    table.rows::<Row<'_>>().unwrap().map(|row| row.unwrap()).fold(
        0.0,
        |sum, (at, name, quantity, price, buy)| {
            sum + at.0 as f64 + name.len() as f64 + quantity as f64 + price + f64::from(u8::from(buy))
        },
    )
}

library_benchmark_group!(name = decode, benchmarks = [value, tokens, by_columns, by_rows]);

// What is encoded.

fn rows() -> &'static dyn Encode {
    leaked(Rows::new(ROWS))
}

fn few_rows() -> &'static dyn Encode {
    leaked(Rows::new(10))
}

fn insert() -> impl Encode {
    let times = (0..ROWS).map(|n| Timestamp(n as i64 * 1_000_000)).collect::<Vec<_>>().leak();
    let celsius = (0..ROWS).map(|n| n as f64 * 0.25).collect::<Vec<_>>().leak();
    let sensors = (0..ROWS).map(|n| n as i32 % 7).collect::<Vec<_>>().leak();
    table("readings").insert((&times[..], &celsius[..], &sensors[..]))
}

fn room() -> &'static mut [u8] {
    vec![0; 0x10000].leak()
}

#[library_benchmark]
#[bench::table(rows(), room())]
#[bench::small(few_rows(), room())]
#[bench::atom(leaked(3i64), room())]
#[bench::insert(leaked(insert()), room())]
fn payload(value: &'static dyn Encode, room: &'static mut [u8]) -> usize {
    Writer::encode(GENERATION, black_box(value), room).unwrap().len()
}

// Built, too.
#[library_benchmark]
#[bench::select(room())]
fn built(room: &'static mut [u8]) -> usize {
    Writer::encode(GENERATION, &black_box(query()), room).unwrap().len()
}

library_benchmark_group!(name = encode, benchmarks = [payload, built]);

// What is exchanged. Each connection has done it once.

/// A connection that is told these answers, each in one piece.
fn opened(answers: &[&'static [u8]], options: &Options<'_>) -> &'static mut Blocking {
    let buffers = leaked(Buffers::<0x10000, 0x1000>::new());
    leaked(Connection::open(Unbounded(Wire::new(said(answers))), buffers.lend(), options).unwrap())
}

fn blocking() -> &'static mut Blocking {
    let connection = opened(&[THREE; 2], &Options::new());
    asked(connection);
    connection
}

fn packing() -> &'static mut Blocking {
    let connection = opened(&[THREE; 2], &Options { packing: Packing::ALWAYS, ..Options::new() });
    asked(connection);
    connection
}

/// It is about to be told the larger table, packed.
fn unpacking() -> &'static mut Blocking {
    let connection = opened(&[THREE, packed_reply(&Rows::new(ROWS))], &Options::new());
    asked(connection);
    connection
}

fn asynchronous() -> &'static mut Async {
    let buffers = leaked(Buffers::<0x10000, 0x1000>::new());
    let wire = Unbounded(Wire::new(said(&[THREE; 2])));
    let connection = leaked(ended(Async::open(wire, buffers.lend(), &Options::new())).unwrap());
    ended(asked_async(connection));
    connection
}

fn smallest() -> &'static mut Frames<'static, Wire> {
    let wire = Wire::new(said(&[THREE; 2]));
    let frames = leaked(Frames::open(wire, leaked([0; 0x1000]), None).unwrap());
    frames.execute("(+ 1 2)").unwrap().value().unwrap();
    frames
}

fn pool() -> &'static Engine<'static, Dial, 2> {
    let slots = leaked([const { Slot::<_, 0x1000, 0x1000>::new() }; 2]);
    let pool = leaked(Engine::new(Dial(said(&[THREE; 2])), slots));
    asked_of_pool(pool);
    pool
}

fn async_pool() -> &'static engine::asynch::Engine<'static, Dial, 2> {
    let slots = leaked([const { Slot::<_, 0x1000, 0x1000>::new() }; 2]);
    let pool = leaked(engine::asynch::Engine::new(Dial(said(&[THREE; 2])), slots));
    ended(asked_of_async_pool(pool));
    pool
}

fn asked(connection: &mut Blocking) -> i64 {
    connection.execute(black_box("(+ 1 2)")).unwrap().value().unwrap().as_i64().unwrap()
}

async fn asked_async(connection: &mut Async) -> i64 {
    connection.execute(black_box("(+ 1 2)")).await.unwrap().value().await.unwrap().as_i64().unwrap()
}

fn asked_of_pool(pool: &Engine<'static, Dial, 2>) -> i64 {
    let mut connection = pool.acquire().unwrap();
    let answer = connection.execute(black_box("(+ 1 2)")).unwrap().value().unwrap().as_i64().unwrap();
    connection.release();
    answer
}

async fn asked_of_async_pool(pool: &engine::asynch::Engine<'static, Dial, 2>) -> i64 {
    let mut connection = pool.acquire().await.unwrap();
    let reply = connection.execute(black_box("(+ 1 2)")).await;
    let answer = reply.unwrap().value().await.unwrap().as_i64().unwrap();
    connection.release();
    answer
}

#[library_benchmark]
#[bench::text(blocking())]
fn connection(connection: &'static mut Blocking) -> i64 {
    asked(connection)
}

#[library_benchmark]
#[bench::text(asynchronous())]
fn async_connection(connection: &'static mut Async) -> i64 {
    ended(asked_async(connection))
}

#[library_benchmark]
#[bench::text(smallest())]
fn frames(frames: &'static mut Frames<'static, Wire>) -> i64 {
    frames.execute(black_box("(+ 1 2)")).unwrap().value().unwrap().as_i64().unwrap()
}

// A request alone.
#[library_benchmark]
#[bench::text(smallest())]
fn frame(frames: &'static mut Frames<'static, Wire>) {
    frames.send(MessageType::Sync, black_box("(+ 1 2)")).unwrap();
}

// Acquired, used and given back.
#[library_benchmark]
#[bench::text(pool())]
fn pooled(pool: &'static Engine<'static, Dial, 2>) -> i64 {
    asked_of_pool(pool)
}

#[library_benchmark]
#[bench::text(async_pool())]
fn async_pooled(pool: &'static engine::asynch::Engine<'static, Dial, 2>) -> i64 {
    ended(asked_of_async_pool(pool))
}

// Through a transmit buffer smaller than it is.
#[library_benchmark]
#[bench::plain(blocking(), leaked(insert()))]
#[bench::packed(packing(), leaked(insert()))]
fn insert_of_rows(connection: &'static mut Blocking, rows: &'static dyn Encode) {
    connection.execute(black_box(rows)).unwrap().value().unwrap();
}

// Unpacked as it comes.
#[library_benchmark]
#[bench::packed(unpacking())]
fn answer(connection: &'static mut Blocking) -> bool {
    connection.execute(black_box("(+ 1 2)")).unwrap().value().unwrap().table().is_ok()
}

library_benchmark_group!(
    name = exchange,
    benchmarks = [connection, async_connection, frames, frame, pooled, async_pooled, insert_of_rows, answer]
);

main!(library_benchmark_groups = [decode, encode, exchange]);
