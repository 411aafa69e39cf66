//! Connections to a function.

use std::future::Future;
use std::pin::Pin;
use std::sync::Mutex;
use std::time::Duration;

use crypto::{Random, RandomFailure, Secret};
use databases::{Engine, Failure, How, Login, Network, Opening, Rotation, Stream, Tls};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};

/// What a server does with a connection.
pub(crate) type Served = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Each connection goes to `serve`, and TLS is never had.
pub(crate) struct Scripted<F> {
    serve: F,
    /// Whether each connection was asked for without TLS.
    pub(crate) plain: Mutex<Vec<bool>>,
    /// How long a login may take.
    pub(crate) patience: Duration,
}

impl<F: Fn(Peer) -> Served + Send + Sync> Scripted<F> {
    pub(crate) fn new(serve: F) -> Self {
        Self {
            serve,
            plain: Mutex::default(),
            patience: Duration::from_secs(60),
        }
    }
}

impl<F: Fn(Peer) -> Served + Send + Sync> Network for Scripted<F> {
    fn connect<'a>(&'a self, _: &'a str, _: u16, plain: bool) -> Opening<'a> {
        self.plain.lock().expect("a lock").push(plain);
        let (ours, theirs) = tokio::io::duplex(1 << 16);
        tokio::spawn((self.serve)(Peer(theirs)));
        Box::pin(async move { Ok(Box::new(ours) as Box<dyn Stream>) })
    }

    fn secure<'a>(&'a self, _: &'a str, _: Box<dyn Stream>) -> Opening<'a> {
        Box::pin(std::future::ready(Err(Failure::Tls)))
    }

    fn patience(&self) -> Duration {
        self.patience
    }
}

/// The client, as a server sees it.
pub(crate) struct Peer(pub(crate) DuplexStream);

impl Peer {
    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        // A client that has heard enough is gone.
        let _ = self.0.write_all(bytes.as_ref()).await;
    }

    pub(crate) async fn take(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        match self.0.read_exact(&mut bytes).await {
            Ok(_) => bytes,
            Err(_) => std::future::pending().await,
        }
    }
}

/// The same bytes always.
pub(crate) struct Steady;

impl Random for Steady {
    fn fill(&self, dest: &mut [u8]) -> Result<(), RandomFailure> {
        dest.fill(7);
        Ok(())
    }
}

/// The user `app`, without TLS.
pub(crate) fn login(engine: Engine, password: &str) -> Login {
    Login {
        engine,
        host: "db.example".to_owned(),
        port: 1,
        username: "app".to_owned(),
        password: Secret::new(password.to_owned()),
        dbname: None,
        tls: Tls::Off,
    }
}

/// From `old` to `new`.
pub(crate) fn single(engine: Engine) -> Rotation {
    Rotation {
        pending: login(engine, "new"),
        current: login(engine, "old"),
        previous: None,
        how: How::Single,
    }
}
