//! PostgreSQL: frontend/backend protocol 3.0 as far as logging in and simple queries go
//! (PostgreSQL documentation, "Frontend/Backend Protocol").

mod scram;

use crypto::Random;
use zeroize::Zeroizing;

use crate::bytes::{LONGEST_MESSAGE, MOST_MESSAGES, Rest, read, read_array, text, write};
use crate::failure::Failure;
use crate::login::{Login, Tls};
use crate::network::{Network, Stream};
use crate::proof::{ITERATIONS, ScramKeys, postgres_md5, postgres_md5_proof};

/// Version 3.0 of the protocol.
const VERSION: u32 = 196_608;
/// What stands instead of a version to ask for TLS.
const TLS_REQUEST: u32 = 80_877_103;
/// The database to log in to where none is named.
const DATABASE: &str = "postgres";
/// How many bytes of salt a verifier gets, as the server's own do.
const SALT: usize = 16;

/// A session of a user who has logged in.
pub(crate) struct Postgres {
    stream: Box<dyn Stream>,
}

impl Postgres {
    /// Logs in.
    pub(crate) async fn enter(
        network: &dyn Network,
        random: &dyn Random,
        login: &Login,
    ) -> Result<Self, Failure> {
        let (stream, encrypted) = connect(network, login).await?;
        let mut session = Self { stream };
        session.start(login).await?;
        session.authenticate(random, login, encrypted).await?;
        session.settle().await?;
        Ok(session)
    }

    /// Asks for something that every user may ask for.
    pub(crate) async fn ask(&mut self) -> Result<(), Failure> {
        self.query("SELECT 1").await.map(|_| ())
    }

    /// Gives the user of this session the password of `pending`.
    pub(crate) async fn set_password(
        &mut self,
        random: &dyn Random,
        pending: &Login,
    ) -> Result<(), Failure> {
        let password = self.verifier(random, pending).await?;
        let name = identifier(&pending.username);
        let statement = format!("ALTER ROLE {name} WITH PASSWORD {}", &*password);
        self.query(&Zeroizing::new(statement)).await.map(|_| ())
    }

    /// Gives the user of `pending` its password; where there is no such user, makes one that may do
    /// what `original` may, since it is a member of it.
    pub(crate) async fn set_or_clone(
        &mut self,
        random: &dyn Random,
        original: &str,
        pending: &Login,
    ) -> Result<(), Failure> {
        let name = literal(&pending.username);
        let question = format!("SELECT rolname FROM pg_catalog.pg_roles WHERE rolname = {name}");
        if !self.query(&question).await?.is_empty() {
            return self.set_password(random, pending).await;
        }
        // One statement: there is never a clone without its rights.
        let password = self.verifier(random, pending).await?;
        let statement = format!(
            "CREATE ROLE {} WITH LOGIN PASSWORD {} IN ROLE {}",
            identifier(&pending.username),
            &*password,
            identifier(original),
        );
        self.query(&Zeroizing::new(statement)).await.map(|_| ())
    }

    /// The password of `pending` as a literal: a verifier of the kind that the server makes itself.
    /// Only a password that the server might normalize first (RFC 4013) goes there as it is.
    async fn verifier(
        &mut self,
        random: &dyn Random,
        pending: &Login,
    ) -> Result<Zeroizing<String>, Failure> {
        let password = pending.password.expose();
        let kind = self.query("SHOW password_encryption").await?;
        let is_scram = kind.first().is_some_and(|kind| kind == "scram-sha-256");
        if !is_scram {
            let hash = postgres_md5(&pending.username, password);
            return Ok(Zeroizing::new(literal(&hash)));
        }
        if !password.is_ascii() {
            return Ok(Zeroizing::new(literal(password)));
        }
        let mut salt = [0; SALT];
        random.fill(&mut salt)?;
        let keys = ScramKeys::derive(password, &salt, ITERATIONS).await?;
        Ok(Zeroizing::new(literal(&keys.verifier(&salt))))
    }

    async fn start(&mut self, login: &Login) -> Result<(), Failure> {
        let database = login.dbname.as_deref().unwrap_or(DATABASE);
        let mut body = VERSION.to_be_bytes().to_vec();
        for part in [
            "user",
            &login.username,
            "database",
            database,
            "client_encoding",
            "UTF8",
        ] {
            body.extend_from_slice(part.as_bytes());
            body.push(0);
        }
        body.push(0);
        write(&mut *self.stream, framed(None, &body)?).await
    }

    async fn authenticate(
        &mut self,
        random: &dyn Random,
        login: &Login,
        encrypted: bool,
    ) -> Result<(), Failure> {
        let message = self.message(b'R').await?;
        let mut rest = Rest(&message);
        let password = login.password.expose();
        let answer = match u32::from_be_bytes(rest.array()?) {
            0 => return Ok(()),
            // Whoever listens to a connection without TLS would have the password.
            3 if encrypted => password.clone(),
            3 => return Err(Failure::method("password")),
            5 => postgres_md5_proof(&login.username, password, rest.array()?),
            10 => return self.prove(random, rest, password).await,
            other => return Err(Failure::method(&other.to_string())),
        };
        let answer = Zeroizing::new([answer.as_bytes(), b"\0"].concat());
        self.send(b'p', &answer).await?;
        let message = self.message(b'R').await?;
        match u32::from_be_bytes(Rest(&message).array()?) {
            0 => Ok(()),
            _ => Err(Failure::Garbled),
        }
    }

    /// Reads until the server is ready for a query.
    async fn settle(&mut self) -> Result<(), Failure> {
        for _ in 0..MOST_MESSAGES {
            match self.next().await? {
                (b'Z', _) => return Ok(()),
                (b'S' | b'K' | b'N', _) => {}
                _ => return Err(Failure::Garbled),
            }
        }
        Err(Failure::Garbled)
    }

    /// Sends one statement; returns the first column of every row, those that are null left out.
    async fn query(&mut self, statement: &str) -> Result<Vec<String>, Failure> {
        let body = Zeroizing::new([statement.as_bytes(), b"\0"].concat());
        self.send(b'Q', &body).await?;
        let mut rows = Vec::new();
        let mut refused = None;
        for _ in 0..MOST_MESSAGES {
            let (kind, message) = match self.next().await {
                Ok(message) => message,
                // The session goes on after it is ready again.
                Err(failure @ Failure::Rejected { .. }) => {
                    refused = Some(failure);
                    continue;
                }
                Err(failure) => return Err(refused.unwrap_or(failure)),
            };
            match kind {
                b'Z' => return refused.map_or(Ok(rows), Err),
                b'D' => rows.extend(first_column(&message)?),
                b'T' | b'C' | b'I' | b'N' | b'S' | b'A' => {}
                _ => return Err(Failure::Garbled),
            }
        }
        Err(Failure::Garbled)
    }

    async fn send(&mut self, kind: u8, body: &[u8]) -> Result<(), Failure> {
        write(&mut *self.stream, framed(Some(kind), body)?).await
    }

    /// The body of the next message that is no notice, which must be of this kind.
    async fn message(&mut self, kind: u8) -> Result<Vec<u8>, Failure> {
        for _ in 0..MOST_MESSAGES {
            match self.next().await? {
                (found, body) if found == kind => return Ok(body),
                (b'N' | b'S' | b'v', _) => {}
                _ => return Err(Failure::Garbled),
            }
        }
        Err(Failure::Garbled)
    }

    /// The next message. An error of the server is a failure.
    async fn next(&mut self) -> Result<(u8, Vec<u8>), Failure> {
        let [kind, length @ ..]: [u8; 5] = read_array(&mut *self.stream).await?;
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        let length = length.checked_sub(4).ok_or(Failure::Garbled)?;
        let body = read(&mut *self.stream, length).await?;
        match kind {
            b'E' => Err(refusal(&body)),
            _ => Ok((kind, body)),
        }
    }
}

/// Connects as `login` says; whether the connection has TLS.
async fn connect(network: &dyn Network, login: &Login) -> Result<(Box<dyn Stream>, bool), Failure> {
    if login.tls != Tls::Off {
        match secured(network, login).await {
            Ok(stream) => return Ok((stream, true)),
            Err(Failure::Tls) if login.tls == Tls::Preferred => {}
            Err(failure) => return Err(failure),
        }
    }
    let stream = network.connect(&login.host, login.port, true).await?;
    Ok((stream, false))
}

async fn secured(network: &dyn Network, login: &Login) -> Result<Box<dyn Stream>, Failure> {
    let mut stream = network.connect(&login.host, login.port, false).await?;
    write(&mut *stream, framed(None, &TLS_REQUEST.to_be_bytes())?).await?;
    // No more than this byte is read: what a stranger might send behind it is for TLS to refuse.
    match read_array(&mut *stream).await? {
        [b'S'] => network.secure(&login.host, stream).await,
        [b'N' | b'E'] => Err(Failure::Tls),
        _ => Err(Failure::Garbled),
    }
}

fn framed(kind: Option<u8>, body: &[u8]) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let length = u32::try_from(body.len() + 4).map_err(|_| Failure::Garbled)?;
    if body.len() > LONGEST_MESSAGE {
        return Err(Failure::Login("the statement is too long".to_owned()));
    }
    let mut message = Zeroizing::new(Vec::with_capacity(body.len() + 5));
    message.extend(kind);
    message.extend_from_slice(&length.to_be_bytes());
    message.extend_from_slice(body);
    Ok(message)
}

/// The text of the first column of a row.
fn first_column(message: &[u8]) -> Result<Option<String>, Failure> {
    let mut rest = Rest(message);
    if u16::from_be_bytes(rest.array()?) == 0 {
        return Ok(None);
    }
    match usize::try_from(i32::from_be_bytes(rest.array()?)) {
        Ok(length) => text(rest.take(length)?).map(Some),
        Err(_) => Ok(None),
    }
}

/// An error, by its SQLSTATE: class 28 is about who logs in.
fn refusal(body: &[u8]) -> Failure {
    let mut rest = Rest(body);
    while let Ok(kind) = rest.byte() {
        match (kind, rest.until_zero()) {
            (b'C', Ok(code)) if code.starts_with(b"28") => return Failure::Denied,
            (b'C', Ok(code)) => return Failure::rejected(&String::from_utf8_lossy(code)),
            (_, Ok(_)) => {}
            (_, Err(_)) => break,
        }
    }
    Failure::Garbled
}

/// A quoted identifier: nothing ends it but its closing quote.
fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A literal, whatever `standard_conforming_strings` says.
fn literal(text: &str) -> String {
    let text = text.replace('\'', "''");
    match text.contains('\\') {
        true => format!(" E'{}'", text.replace('\\', "\\\\")),
        false => format!("'{text}'"),
    }
}
