//! Redis and Valkey: users of access control lists over RESP2
//! (Redis documentation, "ACL", "Redis serialization protocol specification").

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use zeroize::Zeroizing;

use crate::bytes::{LONGEST_MESSAGE, write};
use crate::failure::Failure;
use crate::login::{Login, Tls};
use crate::network::{Network, Stream};
use crate::proof::redis_hash;

/// How long a line may be, in bytes.
const LONGEST_LINE: u64 = 64 * 1024;
/// How many values an answer may have.
const MOST_VALUES: usize = 4096;

/// A session of a user who has logged in.
pub(crate) struct Redis {
    stream: BufReader<Box<dyn Stream>>,
}

impl Redis {
    /// Logs in.
    pub(crate) async fn enter(network: &dyn Network, login: &Login) -> Result<Self, Failure> {
        let stream = BufReader::new(connect(network, login).await?);
        let mut session = Self { stream };
        let name = login.username.as_bytes();
        session
            .call(&[b"AUTH", name, login.password.expose().as_bytes()])
            .await?;
        Ok(session)
    }

    /// Asks for something that every user may ask for.
    pub(crate) async fn ask(&mut self) -> Result<(), Failure> {
        match self.call(&[b"PING"]).await {
            // A user may have been given a few commands, and this not among them.
            Err(Failure::Rejected { code }) if code == "NOPERM" => Ok(()),
            answer => answer.map(|_| ()),
        }
    }

    /// Gives the user of `pending` its password and takes all others away. The server gets a hash.
    pub(crate) async fn set_password(&mut self, pending: &Login) -> Result<(), Failure> {
        let hash = format!("#{}", redis_hash(pending.password.expose()));
        let name = pending.username.as_bytes();
        self.call(&[b"ACL", b"SETUSER", name, b"resetpass", hash.as_bytes()])
            .await?;
        self.keep().await
    }

    /// Gives the user of `pending` its password; where there is no such user, makes one that may do
    /// what `original` may.
    pub(crate) async fn set_or_clone(
        &mut self,
        original: &str,
        pending: &Login,
    ) -> Result<(), Failure> {
        let users = self.call(&[b"ACL", b"LIST"]).await?;
        if rules(&users, &pending.username).is_some() {
            return self.set_password(pending).await;
        }
        let rules = rules(&users, original).ok_or(Failure::Denied)?;
        let hash = format!("#{}", redis_hash(pending.password.expose()));
        let mut call: Vec<&[u8]> = vec![b"ACL", b"SETUSER", pending.username.as_bytes(), b"reset"];
        call.extend(rules.iter().map(|rule| rule.as_bytes()));
        call.push(hash.as_bytes());
        self.call(&call).await?;
        self.keep().await
    }

    /// Has the server keep its users beyond its life: in its file of users, or in its configuration.
    /// One that has neither forgets them, as whoever set it up wants it.
    async fn keep(&mut self) -> Result<(), Failure> {
        for call in [[&b"ACL"[..], b"SAVE"], [b"CONFIG", b"REWRITE"]] {
            match self.call(&call).await {
                Ok(_) => return Ok(()),
                Err(Failure::Rejected { .. }) => {}
                Err(failure) => return Err(failure),
            }
        }
        Ok(())
    }

    /// Sends a command; returns the texts of the answer, from front to back.
    async fn call(&mut self, parts: &[&[u8]]) -> Result<Vec<String>, Failure> {
        let mut command = Zeroizing::new(format!("*{}\r\n", parts.len()).into_bytes());
        for part in parts {
            command.extend_from_slice(format!("${}\r\n", part.len()).as_bytes());
            command.extend_from_slice(part);
            command.extend_from_slice(b"\r\n");
        }
        write(&mut **self.stream.get_mut(), command).await?;
        let mut values = Vec::new();
        let mut awaited = 1_usize;
        let mut total = 0;
        while awaited > 0 {
            awaited -= 1;
            awaited += self.value(&mut values).await?;
            total += 1;
            if awaited > MOST_VALUES || total > MOST_VALUES {
                return Err(Failure::Garbled);
            }
        }
        Ok(values)
    }

    /// Reads one value; returns how many more follow as its parts.
    async fn value(&mut self, values: &mut Vec<String>) -> Result<usize, Failure> {
        let line = self.line().await?;
        let mut chars = line.chars();
        let kind = chars.next();
        let rest = chars.as_str();
        match kind {
            Some('+' | ':') => values.push(rest.to_owned()),
            Some('-') => return Err(refusal(rest)),
            Some('$') => {
                if let Some(length) = count(rest)? {
                    let mut bytes = vec![0; length];
                    let read = self.stream.read_exact(&mut bytes).await;
                    read.map_err(|_| Failure::Unreachable)?;
                    values.push(String::from_utf8(bytes).map_err(|_| Failure::Garbled)?);
                    if !self.line().await?.is_empty() {
                        return Err(Failure::Garbled);
                    }
                }
            }
            Some('*') => return Ok(count(rest)?.unwrap_or(0)),
            _ => return Err(Failure::Garbled),
        }
        Ok(0)
    }

    async fn line(&mut self) -> Result<String, Failure> {
        let mut line = Vec::new();
        let mut bounded = (&mut self.stream).take(LONGEST_LINE);
        let read = bounded.read_until(b'\n', &mut line).await;
        read.map_err(|_| Failure::Unreachable)?;
        match line.strip_suffix(b"\r\n") {
            Some(text) => String::from_utf8(text.to_vec()).map_err(|_| Failure::Garbled),
            None if line.len() < 2 || !line.ends_with(b"\n") && line.len() < 65_536 => {
                Err(Failure::Unreachable)
            }
            None => Err(Failure::Garbled),
        }
    }
}

/// Connects as `login` says. A server has TLS or not, and says so in no way but by answering.
async fn connect(network: &dyn Network, login: &Login) -> Result<Box<dyn Stream>, Failure> {
    if login.tls == Tls::Off {
        return network.connect(&login.host, login.port, true).await;
    }
    if login.tls == Tls::Preferred
        && let Some(stream) = answers_in_clear(network, login).await?
    {
        return Ok(stream);
    }
    let stream = network.connect(&login.host, login.port, false).await?;
    network.secure(&login.host, stream).await
}

/// A connection without TLS, where there may be one and the server understands a command on it.
async fn answers_in_clear(
    network: &dyn Network,
    login: &Login,
) -> Result<Option<Box<dyn Stream>>, Failure> {
    let stream = match network.connect(&login.host, login.port, true).await {
        Ok(stream) => stream,
        Err(Failure::Refused) => return Ok(None),
        Err(failure) => return Err(failure),
    };
    let mut session = Redis {
        stream: BufReader::new(stream),
    };
    // One that speaks TLS waits for more, or ends.
    let glance = network.patience() / 4;
    let asked = tokio::time::timeout(glance, session.call(&[b"PING"])).await;
    let understood = matches!(
        asked,
        Ok(Ok(_) | Err(Failure::Rejected { .. } | Failure::Denied))
    );
    Ok(understood.then(|| session.stream.into_inner()))
}

/// How long or how many; none for null.
fn count(text: &str) -> Result<Option<usize>, Failure> {
    if text == "-1" {
        return Ok(None);
    }
    let count: usize = text.parse().map_err(|_| Failure::Garbled)?;
    match count <= LONGEST_MESSAGE {
        true => Ok(Some(count)),
        false => Err(Failure::Garbled),
    }
}

/// An error, by its first word.
fn refusal(text: &str) -> Failure {
    match text.split(' ').next().unwrap_or_default() {
        "WRONGPASS" => Failure::Denied,
        word => Failure::rejected(word),
    }
}

/// The rules of the user `name` in the answer of `ACL LIST`, without passwords; none if there is no
/// such user.
fn rules<'a>(users: &'a [String], name: &str) -> Option<Vec<&'a str>> {
    let rules = users.iter().find_map(|user| {
        let (word, rest) = user.split_once(' ')?;
        let (found, rules) = rest.split_once(' ')?;
        (word == "user" && found == name).then_some(rules)
    })?;
    let is_password = |rule: &str| rule.starts_with('#') || rule == "nopass";
    let kept = rules.split(' ').filter(|rule| !is_password(rule));
    Some(kept.collect())
}
