//! Ending a query that runs, from another thread.

use std::io::Read;
use std::net::TcpStream;
use std::thread;
use std::time::Instant;

use rayforce_ipc::Error;
use rayforce_ipc::client::{Abort, Buffers};
use rayforce_ipc::wire::Header;

use crate::support::{ALL, answer, connect, on_each, start};

/// A stream that gets a push when a query has begun.
fn watcher(server: &xtask::server::Server) -> TcpStream {
    use std::io::Write;
    let mut watcher = TcpStream::connect(server.address()).unwrap();
    watcher.write_all(&[3, 0]).unwrap();
    watcher.read_exact(&mut [0; 2]).unwrap();
    watcher
}

#[test]
fn a_query_that_never_ends_is_cancelled_and_the_connection_goes_on() {
    let server = start("2.4.0");
    let mut buffers = Buffers::<256, 128>::new();
    let mut connection = connect(&server, buffers.lend());
    connection.execute("(set .ipc.on.open (fn [h] (set watcher h)))").unwrap();
    let mut watcher = watcher(&server);
    for _ in 0..10 {
        let handle = connection.handle().unwrap();
        thread::scope(|scope| {
            let query = scope.spawn(|| {
                let result = connection.execute("(do (.ipc.post watcher 1) (while true 1))");
                (result.map(drop), Instant::now())
            });
            // It has begun.
            watcher.read_exact(&mut [0; Header::LEN + 10]).unwrap();
            let cancelled = Instant::now();
            assert!(handle.cancel());
            let (result, returned) = query.join().unwrap();
            println!("returned {:.1?} after the urgent byte", returned - cancelled);
            let Err(Error::Server(error)) = result else { panic!("{result:?}") };
            assert_eq!(error.code(), "cancel");
        });
        assert_eq!(answer(&mut connection, "(+ 40 2)"), "I64(42)");
    }
}

#[test]
fn cancelling_while_nothing_runs_does_nothing() {
    on_each(ALL, |_, connection| {
        for _ in 0..10 {
            assert!(connection.handle().unwrap().cancel());
            assert_eq!(answer(connection, "(+ 40 2)"), "I64(42)");
        }
        let handle = connection.handle().unwrap();
        connection.close().unwrap();
        assert!(!handle.cancel());
        assert!(matches!(connection.handle(), Err(Error::Closed(_))));
    });
}
