//! What stands between a client and a server of wire 3, and loses frames.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use rayforce_ipc::client::Connect;
use rayforce_ipc::transports::tcp::{Connector, Stream};
use rayforce_ipc::wire::{Generation, Header};

/// A proxy for one connection. It ends with that connection.
pub struct Proxy {
    address: SocketAddr,
}

impl Proxy {
    /// Loses those frames of the server, counted from 0, that `is_lost` says.
    pub fn start(server: SocketAddr, is_lost: impl Fn(usize) -> bool + Send + 'static) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || -> io::Result<()> {
            let (mut client, _) = listener.accept()?;
            let mut server = TcpStream::connect(server)?;
            let (mut from_client, mut to_server) = (client.try_clone()?, server.try_clone()?);
            thread::spawn(move || io::copy(&mut from_client, &mut to_server));
            let mut answer = [0; 2];
            server.read_exact(&mut answer)?;
            client.write_all(&answer)?;
            for frame in 0.. {
                let mut bytes = vec![0; Header::LEN];
                server.read_exact(&mut bytes)?;
                let header = Header::parse(Generation::V3, bytes.first_chunk().unwrap()).unwrap();
                bytes.resize(Header::LEN + usize::try_from(header.size).unwrap(), 0);
                server.read_exact(&mut bytes[Header::LEN..])?;
                if !is_lost(frame) {
                    client.write_all(&bytes)?;
                }
            }
            Ok(())
        });
        Proxy { address }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn dial(&self) -> Stream {
        let connector = Connector::new(self.address().ip().to_string(), self.address().port());
        connector.connect(Duration::from_secs(5)).unwrap()
    }
}
