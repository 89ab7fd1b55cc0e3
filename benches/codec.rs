//! Wall clock of decoding and encoding at three sizes: `cargo bench --bench codec`.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

mod data;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rayforce_ipc::codec::{Encode, Value, Writer};
use rayforce_ipc::wire::Generation;

const GENERATION: Generation = Generation::V3;

fn codec(criterion: &mut Criterion) {
    let rows = data::Rows::new(1_000_000);
    let few = data::Rows::new(10);
    let values: [(&str, &dyn Encode); 3] =
        [("table of 1,000,000 x 5", &rows), ("table of 10 x 5", &few), ("atom", &3i64)];
    for (name, value) in values {
        let payload = data::payload(value);
        let mut target = vec![0; payload.len()];
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Bytes(payload.len() as u64));
        group.bench_function("memcpy", |bencher| {
            bencher.iter(|| black_box(&mut target[..]).copy_from_slice(black_box(&payload)));
        });
        group.bench_function("decode", |bencher| {
            bencher.iter(|| black_box(Value::decode(GENERATION, black_box(&payload)).unwrap()));
        });
        group.bench_function("encode", |bencher| {
            bencher
                .iter(|| black_box(Writer::encode(GENERATION, black_box(value), &mut target).unwrap().len()));
        });
        group.finish();
    }
}

criterion_group!(benches, codec);
criterion_main!(benches);
