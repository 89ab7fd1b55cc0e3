//! Servers by IPv4, by IPv6 and by name.

use std::io;
use std::net::{Ipv6Addr, Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use rayforce_ipc::Error;
use rayforce_ipc::client::{Buffers, Connect, Connection, Options};
use rayforce_ipc::engine::{Engine, Slot};
use rayforce_ipc::error::Phase;
use rayforce_ipc::transports::tcp::{Connector, TcpError};

use crate::support::{ALL, answer, start};

fn ask(host: &str, port: u16) -> String {
    let stream = Connector::new(host, port).connect(Duration::from_secs(5)).unwrap();
    let mut buffers = Buffers::<256, 64>::new();
    let mut connection = Connection::open(stream, buffers.lend(), &Options::new()).unwrap();
    let answer = answer(&mut connection, "(+ 40 2)");
    connection.close().unwrap();
    answer
}

#[test]
fn a_server_is_reached_by_its_ipv4_address_and_by_name() {
    for version in ALL {
        let server = start(version);
        assert_eq!(ask("127.0.0.1", server.port()), "I64(42)", "{version}");
        assert_eq!(ask("localhost", server.port()), "I64(42)", "{version}");
    }
}

/// Servers listen on IPv4; what they would get over IPv6 is passed on to them.
#[test]
fn a_server_is_reached_by_an_ipv6_address() {
    let listener = match TcpListener::bind((Ipv6Addr::LOCALHOST, 0)) {
        Ok(listener) => listener,
        // Of this host, not of a server: containers often have none.
        Err(error) => return eprintln!("NOT RUN: this host has no IPv6: {error}"),
    };
    let port = listener.local_addr().unwrap().port();
    for version in ALL {
        let server = start(version);
        thread::scope(|scope| {
            scope.spawn(|| {
                let (client, _) = listener.accept().unwrap();
                pass_on(&client, &TcpStream::connect(server.address()).unwrap());
            });
            assert_eq!(ask("::1", port), "I64(42)", "{version}");
        });
    }
}

/// Copies in both directions until the client ends.
fn pass_on(mut client: &TcpStream, mut server: &TcpStream) {
    thread::scope(|scope| {
        scope.spawn(move || io::copy(&mut server, &mut client));
        io::copy(&mut client, &mut server).unwrap();
        server.shutdown(Shutdown::Both).unwrap();
    });
}

#[test]
fn nobody_at_an_address_is_an_error_of_the_phase_connect() {
    let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    // An empty label is no name: no network is asked for it.
    for (host, named) in [("127.0.0.1", true), ("localhost", true), ("no..host", false)] {
        let mut slots = [const { Slot::<_, 256, 64>::new() }; 1];
        let engine = Engine::new(Connector::new(host, port), &mut slots);
        assert_eq!(engine.to_string(), format!("IPCEngine(host={host}, port={port}, pool_size: 0)"));
        let error = engine.acquire().unwrap_err();
        let Error::Transport { phase: Phase::Connect, source } = error else { panic!("{host}: {error}") };
        assert_eq!(matches!(source, TcpError::NameNotFound(_)), !named, "{host}: {source}");
    }
}
