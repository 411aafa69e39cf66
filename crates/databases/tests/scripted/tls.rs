//! Servers with TLS: PostgreSQL asks for it in its own way, SQL Server shakes hands inside its packets.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use databases::{Engine, Failure, Network, Opening, Stream, Tls, test};
use rustls::pki_types::{PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig, ServerConnection};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::network::{Steady, login};

/// Connections to a server with a certificate, which the client believes or not.
struct Secured {
    client: TlsConnector,
    server: Arc<ServerConfig>,
    serve: fn(DuplexStream, Arc<ServerConfig>) -> crate::network::Served,
}

impl Secured {
    fn new(
        known: bool,
        serve: fn(DuplexStream, Arc<ServerConfig>) -> crate::network::Served,
    ) -> Self {
        let names = vec!["db.example".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).expect("a certificate");
        let certificate = made.cert.der().clone();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut roots = RootCertStore::empty();
        if known {
            roots.add(certificate.clone()).expect("a certificate");
        }
        let client = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        // What SQL Server speaks in the version of its protocol that shakes hands in packets.
        let server = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS12])
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .expect("a server");
        let client = TlsConnector::from(Arc::new(client));
        let server = Arc::new(server);
        Self {
            client,
            server,
            serve,
        }
    }
}

impl Network for Secured {
    fn connect<'a>(&'a self, _: &'a str, _: u16, _: bool) -> Opening<'a> {
        let (ours, theirs) = tokio::io::duplex(1 << 16);
        tokio::spawn((self.serve)(theirs, Arc::clone(&self.server)));
        Box::pin(async move { Ok(Box::new(ours) as Box<dyn Stream>) })
    }

    fn secure<'a>(&'a self, host: &'a str, stream: Box<dyn Stream>) -> Opening<'a> {
        Box::pin(async move {
            let name = ServerName::try_from(host.to_owned()).expect("a name");
            let secured = self.client.connect(name, stream).await;
            let stream = secured.map_err(|_| Failure::Tls)?;
            Ok(Box::new(stream) as Box<dyn Stream>)
        })
    }

    fn patience(&self) -> Duration {
        Duration::from_secs(60)
    }
}

/// Asks for the password in clear, and says that all is well if it is the right one.
fn postgres(mut stream: DuplexStream, config: Arc<ServerConfig>) -> crate::network::Served {
    Box::pin(async move {
        let served = async {
            stream.read_exact(&mut [0; 8]).await?;
            stream.write_all(b"S").await?;
            let mut stream = TlsAcceptor::from(config).accept(stream).await?;
            let length = stream.read_u32().await?;
            let mut rest = vec![0; length as usize - 4];
            stream.read_exact(&mut rest).await?;
            stream.write_all(b"R\0\0\0\x08\0\0\0\x03").await?;
            stream.flush().await?;
            let mut password = [0; 12];
            stream.read_exact(&mut password).await?;
            if &password != b"p\0\0\0\x0bgeheim\0" {
                return Ok(());
            }
            stream.write_all(b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I").await?;
            stream.write_all(b"C\0\0\0\x05\0Z\0\0\0\x05I").await?;
            stream.flush().await?;
            stream.read_u8().await.map(|_| ())
        };
        let _: io::Result<()> = served.await;
    })
}

/// A packet's body.
async fn packet(stream: &mut DuplexStream) -> io::Result<(u8, Vec<u8>)> {
    let mut header = [0; 8];
    stream.read_exact(&mut header).await?;
    let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
    let mut body = vec![0; length - 8];
    stream.read_exact(&mut body).await?;
    Ok((header[0], body))
}

fn answer(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 8).expect("short").to_be_bytes();
    [&[kind, 1, length[0], length[1], 0, 0, 1, 0], body].concat()
}

/// Shakes hands in packets, then lets everybody in.
fn sqlserver(mut stream: DuplexStream, config: Arc<ServerConfig>) -> crate::network::Served {
    Box::pin(async move {
        let served = async {
            packet(&mut stream).await?;
            stream
                .write_all(&answer(4, &[1, 0, 6, 0, 1, 0xff, 1]))
                .await?;
            let mut tls = ServerConnection::new(config).map_err(io::Error::other)?;
            while tls.is_handshaking() {
                let (kind, body) = packet(&mut stream).await?;
                assert_eq!(kind, 0x12, "the handshake goes in packets");
                tls.read_tls(&mut &body[..])?;
                tls.process_new_packets().map_err(io::Error::other)?;
                let mut bytes = Vec::new();
                while tls.wants_write() {
                    tls.write_tls(&mut bytes)?;
                }
                // In small packets: a record may end in any of them.
                for part in bytes.chunks(100) {
                    stream.write_all(&answer(0x12, part)).await?;
                }
            }
            for reply in [
                &[
                    0xad, 3, 0, b'a', b'c', b'k', 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                ][..],
                &[0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            ] {
                // Outside packets there is TLS, and inside it packets again.
                let mut plain = Vec::new();
                while plain.is_empty() {
                    let mut bytes = vec![0; 4096];
                    let read = stream.read(&mut bytes).await?;
                    if read == 0 {
                        return Ok(());
                    }
                    tls.read_tls(&mut &bytes[..read])?;
                    let state = tls.process_new_packets().map_err(io::Error::other)?;
                    plain.resize(state.plaintext_bytes_to_read(), 0);
                    io::Read::read_exact(&mut tls.reader(), &mut plain)?;
                }
                assert!(matches!(plain[0], 0x10 | 0x01));
                io::Write::write_all(&mut tls.writer(), &answer(4, reply))?;
                let mut bytes = Vec::new();
                while tls.wants_write() {
                    tls.write_tls(&mut bytes)?;
                }
                stream.write_all(&bytes).await?;
            }
            stream.read_u8().await.map(|_| ())
        };
        let _: io::Result<()> = served.await;
    })
}

#[tokio::test]
async fn a_trusted_server_is_spoken_to_through_tls() {
    let serves = [
        (Engine::Postgres, postgres as fn(_, _) -> _),
        (Engine::SqlServer, sqlserver),
    ];
    for (engine, serve) in serves {
        for tls in [Tls::Required, Tls::Preferred] {
            let mut login = login(engine, "geheim");
            login.tls = tls;
            let met = test(&Secured::new(true, serve), &Steady, &login).await;
            assert_eq!(met, Ok(()), "{engine:?} {tls:?}");
        }
        let mut login = login(engine, "geheim");
        login.tls = Tls::Required;
        let met = test(&Secured::new(false, serve), &Steady, &login).await;
        assert_eq!(met, Err(Failure::Tls), "{engine:?}, unknown certificate");
    }
}
