//! A server that the environment names, its own client, and connections to it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;

use crypto::{Random, RandomFailure};
use databases::{Engine, Failure, Network, Opening, Stream};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio_rustls::TlsConnector;

/// Connects to wherever it is told, and knows no TLS.
pub(crate) struct Direct;

impl Network for Direct {
    fn connect<'a>(&'a self, host: &'a str, port: u16, _: bool) -> Opening<'a> {
        Box::pin(async move {
            let stream = tokio::net::TcpStream::connect((host, port)).await;
            let stream = stream.map_err(|_| Failure::Unreachable)?;
            Ok(Box::new(stream) as Box<dyn Stream>)
        })
    }

    fn secure<'a>(&'a self, _: &'a str, _: Box<dyn Stream>) -> Opening<'a> {
        Box::pin(std::future::ready(Err(Failure::Tls)))
    }
}

/// Connects likewise, and knows one certificate.
pub(crate) struct Secured(TlsConnector);

impl Network for Secured {
    fn connect<'a>(&'a self, host: &'a str, port: u16, plain: bool) -> Opening<'a> {
        assert!(!plain, "there is TLS");
        Direct.connect(host, port, plain)
    }

    fn secure<'a>(&'a self, host: &'a str, stream: Box<dyn Stream>) -> Opening<'a> {
        Box::pin(async move {
            let name = ServerName::try_from(host.to_owned()).expect("an address");
            let stream = self.0.connect(name, stream).await;
            let stream = stream.map_err(|_| Failure::Tls)?;
            Ok(Box::new(stream) as Box<dyn Stream>)
        })
    }
}

/// The same bytes always: nonces and salts of tests.
pub(crate) struct Steady;

impl Random for Steady {
    fn fill(&self, dest: &mut [u8]) -> Result<(), RandomFailure> {
        dest.fill(7);
        Ok(())
    }
}

/// A server.
pub(crate) struct Server {
    pub(crate) engine: Engine,
    pub(crate) port: u16,
    name: &'static str,
}

#[expect(
    clippy::disallowed_methods,
    reason = "whoever runs the tests says where servers are"
)]
fn told(name: &str) -> Option<String> {
    std::env::var(format!("STRONGROOM_TEST_{name}")).ok()
}

impl Server {
    /// The one of this kind, if there is one.
    pub(crate) fn named(engine: Engine) -> Option<Self> {
        let name = match engine {
            Engine::Postgres => "POSTGRES",
            Engine::Mariadb | Engine::Mysql => "MARIADB",
            Engine::Redis | Engine::SqlServer => "REDIS",
        };
        let Some(port) = told(&format!("{name}_PORT")) else {
            println!("skipped: no {name} in the environment");
            return None;
        };
        Some(Self {
            engine,
            port: port.parse().expect("a port"),
            name,
        })
    }

    /// Connections with TLS to this server alone, if it has TLS.
    pub(crate) fn secured(&self) -> Option<Secured> {
        let Some(path) = told(&format!("{}_CERTIFICATE", self.name)) else {
            println!("skipped: no certificate for {}", self.name);
            return None;
        };
        let mut roots = RootCertStore::empty();
        let certificate = CertificateDer::from_pem_file(path).expect("a certificate");
        roots.add(certificate).expect("a certificate");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        Some(Secured(TlsConnector::from(Arc::new(config))))
    }

    /// What the server wrote to its log.
    pub(crate) fn log(&self) -> String {
        let path = told(&format!("{}_LOG", self.name)).expect("a log");
        std::fs::read_to_string(path).expect("a log")
    }

    /// What the server answers its administrator.
    pub(crate) fn admin(&self, statement: &str) -> String {
        let (told, answer) = self.tell("root", "sesame", statement);
        assert!(told, "{statement}: {answer}");
        answer
    }

    /// Whether the server does what a user asks for.
    pub(crate) fn tells(&self, username: &str, password: &str, statement: &str) -> bool {
        self.tell(username, password, statement).0
    }

    /// A session that stays open.
    pub(crate) fn session(&self, username: &str, password: &str) -> Session {
        let mut child = self
            .client(username, password)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a client");
        Session {
            engine: self.engine,
            to: child.stdin.take().expect("a pipe"),
            from: BufReader::new(child.stdout.take().expect("a pipe")),
            child,
        }
    }

    fn tell(&self, username: &str, password: &str, statement: &str) -> (bool, String) {
        let mut client = self.client(username, password);
        match self.engine {
            Engine::Postgres => client.args(["-v", "ON_ERROR_STOP=1", "-c", statement]),
            Engine::Mariadb | Engine::Mysql => client.args(["-e", statement]),
            Engine::Redis | Engine::SqlServer => client.args(statement.split(' ')),
        };
        let output = client.output().expect("a client");
        let answer = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr);
        // The client of Redis ends well whatever the server says.
        let refused = ["NOPERM", "WRONGPASS", "NOAUTH", "ERR"];
        let refused = self.engine == Engine::Redis
            && refused
                .iter()
                .any(|it| answer.contains(it) || errors.contains(it));
        (output.status.success() && !refused, answer + &errors)
    }

    fn client(&self, username: &str, password: &str) -> Command {
        let program = told(&format!("{}_CLIENT", self.name)).expect("a client");
        let mut client = Command::new(program);
        let port = self.port.to_string();
        if let Some(libraries) = told("LIBRARIES") {
            client.env("LD_LIBRARY_PATH", libraries);
        }
        match self.engine {
            Engine::Postgres => client
                .env("PGPASSWORD", password)
                .args(["-X", "-q", "-A", "-t", "-h", "127.0.0.1", "-d", "postgres"])
                .args(["-p", &port, "-U", username]),
            Engine::Mariadb | Engine::Mysql => client
                .env("MYSQL_PWD", password)
                .args([
                    "--no-defaults",
                    "--batch",
                    "--unbuffered",
                    "-N",
                    "-h",
                    "127.0.0.1",
                ])
                .args([
                    "--default-character-set=utf8mb4",
                    "-P",
                    &port,
                    "-u",
                    username,
                ]),
            Engine::Redis | Engine::SqlServer => client
                .args(["-h", "127.0.0.1", "-p", &port, "--no-auth-warning"])
                .args(["--user", username, "--pass", password]),
        };
        client
    }
}

/// A session of the server's own client.
pub(crate) struct Session {
    engine: Engine,
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Session {
    /// Asks the server for the word `here`; empty if the session has ended.
    pub(crate) fn ask(&mut self) -> String {
        let question = match self.engine {
            Engine::Redis | Engine::SqlServer => "ECHO here\n",
            _ => "SELECT 'here';\n",
        };
        let mut answer = String::new();
        let sent = self.to.write_all(question.as_bytes());
        if sent.and_then(|()| self.to.flush()).is_ok() {
            let _ = self.from.read_line(&mut answer);
        }
        answer.trim().to_owned()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
