//! What it takes to log in, and the JSON that tells it
//! (AWS Secrets Manager, "JSON structure of AWS Secrets Manager secrets").

use crypto::Secret;
use serde_json::{Map, Value};

use crate::failure::Failure;

/// What a clone is called: the user's name and this, or without it if it ends so.
const CLONE: &str = "_clone";
/// How long a password may be, in bytes; a secret holds no longer one.
const LONGEST_PASSWORD: usize = 65_536;

/// The kind of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// PostgreSQL and what speaks as it does.
    Postgres,
    /// MySQL.
    Mysql,
    /// MariaDB.
    Mariadb,
    /// Redis or Valkey, with users of access control lists.
    Redis,
    /// Microsoft SQL Server.
    SqlServer,
}

impl Engine {
    /// The engine that a secret's `engine` names.
    pub fn named(name: &str) -> Result<Self, Failure> {
        match name {
            "postgres" | "aurora-postgresql" => Ok(Self::Postgres),
            "mysql" | "aurora-mysql" => Ok(Self::Mysql),
            "mariadb" => Ok(Self::Mariadb),
            "redis" | "valkey" => Ok(Self::Redis),
            "sqlserver" => Ok(Self::SqlServer),
            _ => Err(Failure::Login(
                "the `engine` must be postgres, aurora-postgresql, mysql, aurora-mysql, mariadb, \
                 redis, valkey or sqlserver"
                    .to_owned(),
            )),
        }
    }

    /// The port that its servers listen at where no other is named.
    pub fn port(self) -> u16 {
        match self {
            Self::Postgres => 5432,
            Self::Mysql | Self::Mariadb => 3306,
            Self::Redis => 6379,
            Self::SqlServer => 1433,
        }
    }

    /// How long a user's name may be, in characters.
    fn longest_name(self) -> usize {
        match self {
            Self::Postgres => 63,
            Self::Mysql => 32,
            Self::Mariadb => 80,
            Self::Redis | Self::SqlServer => 128,
        }
    }
}

/// Whether a connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// With TLS or not at all.
    Required,
    /// With TLS if the server has it and its certificate is trusted, or else without, in networks
    /// that may be reached without.
    Preferred,
    /// Without.
    Off,
}

/// What it takes to log in. It holds a password, so it cannot be printed.
pub struct Login {
    /// What kind of server it is.
    pub engine: Engine,
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The user.
    pub username: String,
    /// The user's password.
    pub password: Secret<String>,
    /// The database to log in to, where the engine knows such a thing.
    pub dbname: Option<String>,
    /// Whether the connection is encrypted.
    pub tls: Tls,
}

impl Login {
    /// Reads the object that a secret holds: `engine`, `host`, `port`, `username`, `password`,
    /// `dbname` and `ssl`; others are passed over. A failure names the member that is wrong.
    pub fn from_json(text: &str) -> Result<Self, Failure> {
        let object: Map<String, Value> = serde_json::from_str(text)
            .map_err(|_| Failure::Login("the secret is no JSON object".to_owned()))?;
        let mut object = object;
        let engine = Engine::named(required(&object, "engine")?)?;
        let login = Self {
            engine,
            host: required(&object, "host")?.to_owned(),
            port: port(&object, engine)?,
            username: required(&object, "username")?.to_owned(),
            dbname: text_of(&object, "dbname").map(str::to_owned),
            tls: tls(&object),
            password: match object.remove("password") {
                Some(Value::String(password)) => Secret::new(password),
                _ => return Err(missing("password")),
            },
        };
        login.check()?;
        Ok(login)
    }

    /// Whether it names the same server as `other`.
    pub fn is_beside(&self, other: &Self) -> bool {
        let host = self.host.eq_ignore_ascii_case(&other.host);
        host && self.port == other.port && self.engine == other.engine
    }

    /// Refuses what no server can take, or what would end a text early in a protocol.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let texts = [
            ("host", self.host.as_str()),
            ("username", self.username.as_str()),
            ("dbname", self.dbname.as_deref().unwrap_or("-")),
            ("password", self.password.expose().as_str()),
        ];
        for (name, text) in texts {
            if text.is_empty() {
                return Err(missing(name));
            }
            if text.contains('\0') {
                return Err(Failure::Login(format!("the `{name}` holds a NUL")));
            }
        }
        let spaces = self.username.contains(char::is_whitespace);
        if self.engine == Engine::Redis && spaces {
            let text = "a `username` of Redis holds no spaces";
            return Err(Failure::Login(text.to_owned()));
        }
        let longest = self.engine.longest_name();
        if self.username.chars().count() > longest || self.username.len() > 4 * longest {
            let text = format!("the `username` has more than {longest} characters");
            return Err(Failure::Login(text));
        }
        if self.password.expose().len() > LONGEST_PASSWORD {
            return Err(Failure::Login("the `password` is too long".to_owned()));
        }
        Ok(())
    }
}

/// The name of the user that takes turns with `username`: with `_clone` at its end, or without.
pub fn counterpart(engine: Engine, username: &str) -> Result<String, Failure> {
    if let Some(name) = username.strip_suffix(CLONE)
        && !name.is_empty()
    {
        return Ok(name.to_owned());
    }
    let name = format!("{username}{CLONE}");
    let longest = engine.longest_name();
    if name.chars().count() > longest {
        return Err(Failure::Login(format!(
            "the `username` with `{CLONE}` appended would exceed {longest} characters"
        )));
    }
    Ok(name)
}

fn text_of<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    let text = object.get(name).and_then(Value::as_str);
    text.filter(|text| !text.is_empty())
}

fn required<'a>(object: &'a Map<String, Value>, name: &str) -> Result<&'a str, Failure> {
    text_of(object, name).ok_or_else(|| missing(name))
}

fn missing(name: &str) -> Failure {
    Failure::Login(format!("the `{name}` is missing from the secret"))
}

/// A number, or a number in a text.
fn port(object: &Map<String, Value>, engine: Engine) -> Result<u16, Failure> {
    let found = match object.get("port") {
        None | Some(Value::Null) => return Ok(engine.port()),
        Some(Value::String(text)) => text.parse().ok(),
        Some(value) => value.as_u64().and_then(|number| u16::try_from(number).ok()),
    };
    let wrong = || Failure::Login("the `port` is no port".to_owned());
    found.filter(|port| *port != 0).ok_or_else(wrong)
}

/// `true` and `false`, as values or texts; anything else means that both are tried.
fn tls(object: &Map<String, Value>) -> Tls {
    let said = match object.get("ssl") {
        Some(Value::Bool(said)) => Some(*said),
        Some(Value::String(text)) => text.to_ascii_lowercase().parse().ok(),
        _ => None,
    };
    match said {
        Some(true) => Tls::Required,
        Some(false) => Tls::Off,
        None => Tls::Preferred,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(more: &str) -> Result<Login, String> {
        let text = format!(
            r#"{{"host":"db.example","username":"app","password":"geheim","engine":"postgres"{more}}}"#
        );
        Login::from_json(&text).map_err(|failure| failure.to_string())
    }

    fn known(more: &str) -> Login {
        let Ok(login) = read(more) else {
            panic!("{more}")
        };
        login
    }

    #[test]
    fn a_secret_says_where_and_how() {
        let login = known("");
        assert_eq!(
            (login.port, login.dbname, login.tls),
            (5432, None, Tls::Preferred)
        );
        assert_eq!(login.password.expose(), "geheim");
        for (more, port, tls) in [
            (r#","port":15432,"ssl":true"#, 15432, Tls::Required),
            (r#","port":"15432","ssl":"True""#, 15432, Tls::Required),
            (r#","ssl":false"#, 5432, Tls::Off),
            (r#","ssl":"FALSE","masterarn":"arn""#, 5432, Tls::Off),
            (r#","ssl":"maybe""#, 5432, Tls::Preferred),
            (r#","ssl":1,"port":null"#, 5432, Tls::Preferred),
        ] {
            let login = known(more);
            assert_eq!((login.port, login.tls), (port, tls), "{more}");
        }
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        for (more, named) in [
            (r#","port":0"#, "`port`"),
            (r#","port":70000"#, "`port`"),
            (r#","port":"-1""#, "`port`"),
            (r#","engine":"oracle""#, "`engine`"),
            (r#","engine":5"#, "`engine`"),
            (r#","password":5"#, "`password`"),
            (r#","password":"""#, "`password`"),
            (r#","password":"a\u0000b""#, "`password`"),
            (r#","username":"a\u0000b""#, "`username`"),
            (r#","username":"""#, "`username`"),
            (r#","engine":"redis","username":"a b""#, "`username`"),
            (r#","host":"a\u0000b""#, "`host`"),
            (r#","dbname":"a\u0000b""#, "`dbname`"),
        ] {
            let failure = read(more).err().expect(more);
            assert!(failure.contains(named), "{more}: {failure}");
        }
        assert!(Login::from_json("[]").is_err());
        assert!(Login::from_json("geheim").is_err());
        let long = "x".repeat(64);
        assert!(read(&format!(r#","username":"{long}""#)).is_err());
        assert!(read(&format!(r#","username":"{}""#, &long[1..])).is_ok());
    }

    #[test]
    fn users_take_turns() {
        let turn = |name: &str| counterpart(Engine::Mysql, name).ok();
        assert_eq!(turn("app").as_deref(), Some("app_clone"));
        assert_eq!(turn("app_clone").as_deref(), Some("app"));
        assert_eq!(turn("_clone").as_deref(), Some("_clone_clone"));
        assert_eq!(turn(&"x".repeat(26)).map(|it| it.len()), Some(32));
        assert_eq!(turn(&"x".repeat(27)), None);
    }
}
