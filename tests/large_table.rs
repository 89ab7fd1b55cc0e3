//! A table larger than any frame that servers take, read through 4 KiB: a process of its own, so that its memory can be
//! measured.

#![cfg(feature = "std-tcp")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::fs;
use std::time::Duration;

use rayforce_ipc::client::{Buffers, Connect, Connection, Options, Reply};
use rayforce_ipc::transports::tcp::{Connector, Stream};
use xtask::server::Server;

const ROWS: i64 = 10_000_000;
const TABLE: &str = "(table [a b c d] (list (til 10000000) (* 2 (til 10000000)) (* 0.5 (til 10000000)) (- 0 (til 10000000))))";

/// The most memory that the process has used so far, where the system tells.
fn peak_kib() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// The sums of the four columns.
fn sums(reply: &mut Reply<'_, '_, Stream>) -> (i64, i64, f64, i64) {
    let mut columns = reply.columns().unwrap();
    let (mut whole, mut half) = ([0i64; 4], 0.0);
    while let Some(mut column) = columns.next().unwrap() {
        assert_eq!(column.count(), ROWS as u64);
        let at = column.index() as usize;
        assert_eq!(column.name().unwrap().as_str().unwrap(), ["a", "b", "c", "d"][at]);
        if at == 2 {
            let mut chunk = [0f64; 256];
            while let count @ 1.. = column.read(&mut chunk).unwrap() {
                half += chunk[..count].iter().sum::<f64>();
            }
        } else {
            let mut chunk = [0i64; 256];
            while let count @ 1.. = column.read(&mut chunk).unwrap() {
                whole[at] += chunk[..count].iter().sum::<i64>();
            }
        }
    }
    (whole[0], whole[1], half, whole[3])
}

#[test]
fn a_table_of_320_mb_is_read_through_4_kib() {
    let sum = ROWS * (ROWS - 1) / 2;
    for version in ["2.4.0", "2.0.0"] {
        let server = Server::start(version).unwrap();
        let stream = Connector::new("127.0.0.1", server.port()).connect(Duration::from_secs(5)).unwrap();
        let mut buffers = Buffers::<0x1000, 256>::new();
        let mut options = Options::new();
        options.timeouts.first_byte = Duration::from_secs(120);
        options.timeouts.reply = Duration::from_secs(300);
        // 2.0.0 packs it.
        options.unpack_limit = 1 << 30;
        let mut connection = Connection::open(stream, buffers.lend(), &options).unwrap();
        let before = peak_kib();
        let mut reply = connection.execute(TABLE).unwrap();
        let size = reply.remaining_len();
        assert_eq!(sums(&mut reply), (sum, 2 * sum, 0.5 * sum as f64, -sum));
        let after = peak_kib();
        println!(
            "{version}: {size} bytes on the wire, peak memory {before:?} KiB before, {after:?} KiB after"
        );
        if let (Some(before), Some(after)) = (before, after) {
            assert!(after - before < 1024, "memory grew by {} KiB", after - before);
        }
        assert_eq!(connection.execute("(+ 1 2)").unwrap().value().unwrap().as_i64(), Ok(3));
    }
}
