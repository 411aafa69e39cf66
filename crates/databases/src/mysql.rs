//! MySQL and MariaDB: the client/server protocol as far as logging in and plain queries go
//! (MySQL Internals, "Client/Server Protocol"; MariaDB documentation, "Connection phase").

mod grants;
mod greeting;
mod packet;

use crypto::Secret;
use zeroize::Zeroizing;

use self::greeting::Greeting;
use self::packet::{Packets, refusal};
use crate::bytes::{MOST_MESSAGES, Rest};
use crate::failure::Failure;
use crate::login::{Login, Tls};
use crate::network::Network;
use crate::proof::{hex, mysql_encrypted, mysql_native, mysql_sha2};

const NATIVE: &[u8] = b"mysql_native_password";
const SHA2: &[u8] = b"caching_sha2_password";
/// How many characters the name of an unfinished clone has.
const MAIDEN_NAME: usize = 26;
/// The first byte of a query (`COM_QUERY`).
const QUERY: u8 = 0x03;
/// Makes texts mean what they say: a backslash is one, and only `'` quotes.
const PLAIN_TEXTS: &str = "SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES'";

/// A session of a user who has logged in.
pub(crate) struct Mysql {
    packets: Packets,
    is_mariadb: bool,
}

impl Mysql {
    /// Logs in.
    pub(crate) async fn enter(network: &dyn Network, login: &Login) -> Result<Self, Failure> {
        if login.tls != Tls::Off {
            match Self::try_enter(network, login, true).await {
                Err(Failure::Tls) if login.tls == Tls::Preferred => {}
                entered => return entered,
            }
        }
        Self::try_enter(network, login, false).await
    }

    /// Asks for something that every user may ask for.
    pub(crate) async fn ask(&mut self) -> Result<(), Failure> {
        self.query("SELECT 1").await.map(|_| ())
    }

    /// Gives the user of this session the password of `pending`. MariaDB lets users change their own
    /// in this way alone, which MySQL no longer knows.
    pub(crate) async fn set_own_password(&mut self, pending: &Login) -> Result<(), Failure> {
        let password = Zeroizing::new(literal(pending.password.expose()));
        let statement = match self.is_mariadb {
            true => format!("SET PASSWORD = PASSWORD({})", &*password),
            false => format!("ALTER USER CURRENT_USER() IDENTIFIED BY {}", &*password),
        };
        self.query(&Zeroizing::new(statement)).await.map(|_| ())
    }

    /// Gives the user of `pending` its password; where there is no such user, makes one that may do
    /// what `original` may, from where that one may.
    pub(crate) async fn set_or_clone(
        &mut self,
        original: &str,
        pending: &Login,
    ) -> Result<(), Failure> {
        let hosts = self.hosts(&pending.username).await?;
        for host in &hosts {
            self.set_password(&pending.username, host, &pending.password)
                .await?;
        }
        if !hosts.is_empty() {
            return Ok(());
        }
        let originals = self.hosts(original).await?;
        if originals.is_empty() {
            return Err(Failure::Denied);
        }
        // Under another name until it is whole: after an interruption there is no clone, or a whole one.
        let unique = hex(&crypto::sha256(pending.username.as_bytes()));
        let maiden: String = format!("clone_{unique}")
            .chars()
            .take(MAIDEN_NAME)
            .collect();
        for host in &originals {
            self.make(original, &maiden, host, &pending.password)
                .await?;
        }
        let renamed = originals.iter().map(|host| {
            let (from, to) = (account(&maiden, host), account(&pending.username, host));
            format!("{from} TO {to}")
        });
        let statement = format!("RENAME USER {}", renamed.collect::<Vec<_>>().join(", "));
        self.query(&statement).await.map(|_| ())
    }

    async fn make(
        &mut self,
        original: &str,
        name: &str,
        host: &str,
        password: &Secret<String>,
    ) -> Result<(), Failure> {
        let (from, to) = (account(original, host), account(name, host));
        self.query(&format!("DROP USER IF EXISTS {to}")).await?;
        let made = format!(
            "CREATE USER {to} IDENTIFIED BY {}",
            literal(password.expose())
        );
        self.query(&Zeroizing::new(made)).await?;
        let granted = self.grant(&from, &to, original, host).await;
        if granted.is_err() {
            // What is left of a failed attempt is nobody's.
            let _ = self.query(&format!("DROP USER {to}")).await;
        }
        granted
    }

    async fn grant(
        &mut self,
        from: &str,
        to: &str,
        original: &str,
        host: &str,
    ) -> Result<(), Failure> {
        for grant in self.query(&format!("SHOW GRANTS FOR {from}")).await? {
            let statement = grants::transferred(&grant, original, host, to)?;
            self.query(&statement).await?;
        }
        if self.is_mariadb {
            return Ok(());
        }
        // MySQL shows no default roles among the grants.
        let question = format!(
            "SELECT CONCAT('`', REPLACE(DEFAULT_ROLE_USER, '`', '``'), '`@`', \
             REPLACE(DEFAULT_ROLE_HOST, '`', '``'), '`') FROM mysql.default_roles \
             WHERE USER = {} AND HOST = {}",
            literal(original),
            literal(host)
        );
        // Servers before 8.0 have no roles, and no such table: error 1146.
        let roles = match self.query(&question).await {
            Err(Failure::Rejected { code }) if code == "1146" => return Ok(()),
            roles => roles?,
        };
        if roles.is_empty() {
            return Ok(());
        }
        let statement = format!("SET DEFAULT ROLE {} TO {to}", roles.join(", "));
        self.query(&statement).await.map(|_| ())
    }

    async fn set_password(
        &mut self,
        name: &str,
        host: &str,
        password: &Secret<String>,
    ) -> Result<(), Failure> {
        let (account, password) = (account(name, host), literal(password.expose()));
        let statement = format!("ALTER USER {account} IDENTIFIED BY {password}");
        self.query(&Zeroizing::new(statement)).await.map(|_| ())
    }

    /// From where the user may log in, as patterns. A role has none.
    async fn hosts(&mut self, name: &str) -> Result<Vec<String>, Failure> {
        let question = format!(
            "SELECT Host FROM mysql.user WHERE User = {} AND Host <> ''",
            literal(name)
        );
        self.query(&question).await
    }

    async fn try_enter(
        network: &dyn Network,
        login: &Login,
        encrypted: bool,
    ) -> Result<Self, Failure> {
        let stream = network.connect(&login.host, login.port, !encrypted).await?;
        let mut packets = Packets::over(stream);
        let greeting = Greeting::read(&packets.receive().await?)?;
        if encrypted {
            if !greeting.has_tls() {
                return Err(Failure::Tls);
            }
            packets.send(&greeting.tls_request()).await?;
            packets = packets.secured(network, &login.host).await?;
        }
        let mut session = Self {
            packets,
            is_mariadb: greeting.is_mariadb,
        };
        session.authenticate(login, &greeting, encrypted).await?;
        session.query(PLAIN_TEXTS).await?;
        Ok(session)
    }

    async fn authenticate(
        &mut self,
        login: &Login,
        greeting: &Greeting,
        encrypted: bool,
    ) -> Result<(), Failure> {
        let mut plugin = greeting.plugin.clone();
        let mut nonce = greeting.nonce.clone();
        if proof(&plugin, &login.password, &nonce).is_err() {
            // The server asks again for what the user's account needs.
            plugin = NATIVE.to_vec();
        }
        let first = proof(&plugin, &login.password, &nonce)?;
        let response = greeting.response(login, &plugin, &first, encrypted)?;
        self.packets.send(&response).await?;
        for _ in 0..8 {
            let packet = self.packets.receive().await?;
            let mut rest = Rest(&packet);
            match (rest.byte()?, rest.0) {
                (0x00, _) => return Ok(()),
                (0xff, _) => return Err(refusal(&packet)),
                (0xfe, []) => return Err(Failure::method("mysql_old_password")),
                (0xfe, _) => {
                    plugin = rest.until_zero()?.to_vec();
                    nonce = rest.0.strip_suffix(&[0]).unwrap_or(rest.0).to_vec();
                    let answer = proof(&plugin, &login.password, &nonce)?;
                    self.packets.send(&answer).await?;
                }
                // `caching_sha2_password`: the server has the proof's other half in its cache.
                (0x01, [0x03]) if plugin == SHA2 => {}
                (0x01, [0x04]) if plugin == SHA2 => {
                    self.send_password(login, &nonce, encrypted).await?;
                }
                _ => return Err(Failure::Garbled),
            }
        }
        Err(Failure::Garbled)
    }

    /// `caching_sha2_password` where the server has only a verifier: the password itself, through TLS
    /// or encrypted under the server's key.
    async fn send_password(
        &mut self,
        login: &Login,
        nonce: &[u8],
        encrypted: bool,
    ) -> Result<(), Failure> {
        let password = login.password.expose();
        if encrypted {
            let plain = Zeroizing::new([password.as_bytes(), b"\0"].concat());
            return self.packets.send(&plain).await;
        }
        self.packets.send(&[0x02]).await?;
        let packet = self.packets.receive().await?;
        let key = match packet.split_first() {
            Some((0x01, key)) => key,
            Some((0xff, _)) => return Err(refusal(&packet)),
            _ => return Err(Failure::Garbled),
        };
        let sealed = mysql_encrypted(password, nonce, key)?;
        self.packets.send(&sealed).await
    }

    /// Sends one statement; returns the first column of every row, those that are null left out.
    async fn query(&mut self, statement: &str) -> Result<Vec<String>, Failure> {
        self.packets.begin();
        let query = Zeroizing::new([&[QUERY], statement.as_bytes()].concat());
        self.packets.send(&query).await?;
        let first = self.packets.receive().await?;
        let mut rest = Rest(&first);
        let columns = match rest.byte()? {
            0x00 => return Ok(Vec::new()),
            0xff => return Err(refusal(&first)),
            // 0xfb asks for a file of the client's, which nobody gets; more columns nobody asked for.
            columns @ 1..=0xfa => columns,
            _ => return Err(Failure::Garbled),
        };
        for _ in 0..columns {
            self.packets.receive().await?;
        }
        if !is_end(&self.packets.receive().await?) {
            return Err(Failure::Garbled);
        }
        let mut rows = Vec::new();
        for _ in 0..MOST_MESSAGES {
            let row = self.packets.receive().await?;
            if is_end(&row) {
                return Ok(rows);
            }
            if row.first() == Some(&0xff) {
                return Err(refusal(&row));
            }
            rows.extend(packet::first_text(&row)?);
        }
        Err(Failure::Garbled)
    }
}

/// What answers `nonce` by the method `plugin`.
fn proof(plugin: &[u8], password: &Secret<String>, nonce: &[u8]) -> Result<Vec<u8>, Failure> {
    // The nonces of both methods have 20 bytes; a shorter one is no challenge.
    match plugin {
        NATIVE | SHA2 if nonce.len() < 20 => Err(Failure::Garbled),
        NATIVE => Ok(mysql_native(password.expose(), nonce)),
        SHA2 => Ok(mysql_sha2(password.expose(), nonce)),
        other => Err(Failure::method(&String::from_utf8_lossy(other))),
    }
}

fn is_end(packet: &[u8]) -> bool {
    packet.first() == Some(&0xfe) && packet.len() < 9
}

/// A literal, in a session in which a backslash is one.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The name of an account.
fn account(name: &str, host: &str) -> String {
    format!("{}@{}", literal(name), literal(host))
}
