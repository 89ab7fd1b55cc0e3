//! Real servers: each version starts, listens, dies and comes back.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::io::{BufRead, BufReader, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use xtask::server::{Options, Server, VERSIONS, fetch};

fn lives_and_dies(version: &str) {
    let mut server = Server::start(version).unwrap();
    let (address, first) = (server.address(), server.pid());
    assert_eq!((server.version(), address.port()), (version, server.port()));
    let client = TcpStream::connect(address).unwrap();
    assert!(server.is_running());

    server.kill();
    assert!(!server.is_running());
    assert_eq!(server.pid(), None);
    assert!(TcpStream::connect(address).is_err());

    // With a connection of the first process still open at this end.
    server.restart().unwrap();
    assert_eq!(server.address(), address);
    assert_ne!(server.pid(), first);
    assert!(server.pid().is_some() && server.is_running());
    drop(client);
    TcpStream::connect(address).unwrap();

    let log = server.log().to_path_buf();
    assert!(log.is_file());
    drop(server);
    assert!(TcpStream::connect(address).is_err());
    assert!(!log.exists());
}

#[test]
fn version_2_4_0() {
    lives_and_dies("2.4.0");
}

#[test]
fn version_2_0_0() {
    lives_and_dies("2.0.0");
}

#[test]
fn version_1_0_0() {
    lives_and_dies("1.0.0");
}

#[test]
fn version_0_1_5() {
    lives_and_dies("0.1.5");
}

#[test]
fn a_server_survives_clients_that_hang_up() {
    for version in VERSIONS {
        let mut server = Server::start(version).unwrap();
        for _ in 0..10 {
            TcpStream::connect(server.address()).unwrap();
        }
        thread::sleep(Duration::from_millis(200));
        assert!(server.is_running(), "{version}");
    }
}

#[test]
fn many_servers_get_ports_of_their_own() {
    let starts: Vec<_> = (0..12).map(|_| thread::spawn(|| Server::start("2.0.0").unwrap())).collect();
    let servers: Vec<Server> = starts.into_iter().map(|start| start.join().unwrap()).collect();
    let mut ports: Vec<u16> = servers.iter().map(Server::port).collect();
    ports.sort_unstable();
    ports.dedup();
    assert_eq!(ports.len(), servers.len());
}

#[test]
fn a_taken_port_is_an_error() {
    for version in VERSIONS {
        let first = Server::start(version).unwrap();
        let options = Options { port: Some(first.port()), ..Options::default() };
        let error = Server::start_with(version, &options).unwrap_err().to_string();
        assert!(error.contains(&format!("port {}", first.port())), "{version}: {error}");
    }
}

/// Runs one expression in the newest server's own interpreter.
fn evaluate(name: &str, expression: &str) -> String {
    let directory = std::env::temp_dir().join(format!("{name}-{}", std::process::id()));
    fs::create_dir_all(&directory).unwrap();
    let script = directory.join("script.rfl");
    fs::write(&script, format!("(println {expression})\n")).unwrap();
    let output = Command::new(fetch("2.4.0").unwrap()).arg(&script).current_dir(&directory).output().unwrap();
    fs::remove_dir_all(&directory).unwrap();
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

#[test]
fn a_password_is_asked_for() {
    for (restricted, version) in [(false, "2.4.0"), (true, "2.4.0"), (false, "2.0.0")] {
        let options = Options { password: Some("open sesame".to_owned()), restricted, ..Options::default() };
        let server = Server::start_with(version, &options).unwrap();
        let with = |login: &str| {
            let open = format!("(.ipc.open \"{}{login}\")", server.address());
            evaluate("password", &format!("(.ipc.send {open} \"(+ 40 2)\")"))
        };
        assert!(with(":user:open sesame").starts_with("42"), "{version}: {}", with(":user:open sesame"));
        assert!(with(":user:wrong").contains("authentication"), "{version}: {}", with(":user:wrong"));
        assert!(with("").contains("authentication"), "{version}: {}", with(""));
    }
}

#[test]
fn a_journal_outlives_its_server_also_when_it_is_torn() {
    let options = Options { journal: true, ..Options::default() };
    let mut server = Server::start_with("2.4.0", &options).unwrap();
    let ask = |server: &Server, text: &str| {
        evaluate("journal", &format!("(.ipc.send (.ipc.open \"{}\") \"{text}\")", server.address()))
    };
    ask(&server, "(set kept 42)");
    server.restart().unwrap();
    assert!(ask(&server, "kept").starts_with("42"));
    assert_eq!(server.mended(), 0);

    server.kill();
    let name = server.log().file_stem().unwrap();
    let journal = server.log().with_file_name("../run").join(name).join("journal.log");
    let mut journal = fs::File::options().append(true).open(journal).unwrap();
    // The header of an entry that did not come.
    journal.write_all(b"\xfa\xde\xfa\xce\x03\0\0\x01\x11\0\0\0\0\0\0\0").unwrap();
    server.restart().unwrap();
    assert!(ask(&server, "kept").starts_with("42"));
    assert_eq!(server.mended(), 1);
}

/// The address that `cargo xtask server` prints first.
fn announced(owner: &mut Child) -> SocketAddr {
    let mut line = String::new();
    BufReader::new(owner.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    line.split_whitespace().last().unwrap().parse().unwrap()
}

fn own(version: &str) -> (Child, SocketAddr) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(["server", version]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut owner = command.spawn().unwrap();
    let address = announced(&mut owner);
    TcpStream::connect(address).unwrap();
    (owner, address)
}

#[test]
fn dies_with_its_killed_owner() {
    for version in VERSIONS {
        let (mut owner, address) = own(version);
        owner.kill().unwrap();
        owner.wait().unwrap();
        let limit = Instant::now() + Duration::from_secs(5);
        while TcpStream::connect(address).is_ok() {
            assert!(Instant::now() < limit, "{version} outlives its owner");
            thread::sleep(Duration::from_millis(10));
        }
    }
}

#[test]
fn the_server_command_ends_with_its_input() {
    let (mut owner, address) = own("2.4.0");
    drop(owner.stdin.take());
    assert!(owner.wait().unwrap().success());
    assert!(TcpStream::connect(address).is_err());
}
