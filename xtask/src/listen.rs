//! Ports: a free one, and who listens on it.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

/// A port on which nobody listens at the moment.
pub(crate) fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

pub(crate) fn address(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

pub(crate) fn accepts(port: u16) -> bool {
    match TcpStream::connect_timeout(&address(port), Duration::from_secs(1)) {
        // A connection to a free port in the ephemeral range can meet itself.
        Ok(stream) => stream.local_addr().is_ok_and(|local| local != address(port)),
        Err(_) => false,
    }
}

/// Whether the process `pid` itself listens on `port`; `None` where the system doesn't tell.
///
/// A connection alone doesn't answer that: somebody else may have taken the port, and a 2.0.0 that
/// finds its port taken stays alive.
pub(crate) fn listens(pid: u32, port: u16) -> Option<bool> {
    let mut sockets = sockets(&fs::read_to_string("/proc/net/tcp").ok()?, port);
    sockets.extend(self::sockets(&fs::read_to_string("/proc/net/tcp6").unwrap_or_default(), port));
    let files = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
    let mut links = files.filter_map(|entry| fs::read_link(entry.path()).ok());
    Some(links.any(|link| link.to_str().is_some_and(|link| sockets.iter().any(|socket| socket == link))))
}

/// The sockets that listen on `port` according to a table in the form of `/proc/net/tcp`, named the way
/// the file descriptors of a process name them.
fn sockets(table: &str, port: u16) -> Vec<String> {
    let socket = |line: &str| {
        let mut fields = line.split_whitespace();
        let (local, state) = (fields.nth(1)?, fields.nth(1)?);
        let (_, local_port) = local.rsplit_once(':')?;
        let listening = state == "0A" && u16::from_str_radix(local_port, 16) == Ok(port);
        let inode = fields.nth(5)?;
        listening.then(|| format!("socket:[{inode}]"))
    };
    table.lines().skip(1).filter_map(socket).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:07E8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 630 1 0 100 0 0 10 0
   1: 0100007F:D0FD 0100007F:07E8 01 00000000:00000000 00:00000000 00000000     0        0 631 1 0 100 0 0 10 0
   2: 00000000:D0FD 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 27846 1 0 100 0 0 10 0
";

    #[test]
    fn finds_the_listening_socket_of_a_port() {
        assert_eq!(sockets(TABLE, 0xD0FD), ["socket:[27846]"]);
        assert_eq!(sockets(TABLE, 2024), ["socket:[630]"]);
        assert!(sockets(TABLE, 1).is_empty());
        assert!(sockets("", 1).is_empty());
        assert!(sockets("header\n  broken line\n", 1).is_empty());
    }

    #[test]
    fn knows_who_listens() -> io::Result<()> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        if let Some(answer) = listens(std::process::id(), port) {
            assert!(answer);
            assert_eq!(listens(1, port), Some(false));
        }
        assert!(accepts(port));
        drop(listener);
        assert_ne!(listens(std::process::id(), port), Some(true));
        Ok(())
    }
}
