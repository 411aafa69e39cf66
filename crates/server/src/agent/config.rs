//! The agent's configuration file, with the keys of the AWS Secrets Manager Agent's.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;

use serde::Deserialize;

/// How the agent works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// What is logged: `debug`, `info`, `warn`, `error` or `off`.
    pub log_level: String,
    /// Where it listens: on a loopback address.
    pub listen: SocketAddr,
    /// The region to ask.
    pub region: Option<String>,
    /// How many seconds a value is given again; 0 for not at all.
    pub ttl_seconds: u32,
    /// How many values are kept.
    pub cache_size: NonZeroUsize,
    /// The headers that may hold the token, in lower case.
    pub ssrf_headers: Vec<String>,
    /// The variables that may say it.
    pub ssrf_env_variables: Vec<String>,
    /// What paths begin with that name a secret.
    pub path_prefix: String,
    /// How many requests are answered at once.
    pub max_conn: usize,
    /// Whether an older value is given where the server cannot be asked.
    pub ignore_transient_errors: bool,
    /// Whether the credentials are tried before it serves.
    pub validate_credentials: bool,
}

impl Config {
    /// Reads a file; one without keys is the default. The error is for people.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.message().to_owned())?;
        if file.log_to_file == Some(true) {
            return Err("log_to_file: logs go to standard error; write false".to_owned());
        }
        let address = file.http_address.as_deref().map(str::parse::<IpAddr>);
        let address = match address {
            None => IpAddr::V4(Ipv4Addr::LOCALHOST),
            Some(Ok(address)) if address.is_loopback() => address,
            Some(_) => return Err("http_address: a loopback address is needed".to_owned()),
        };
        let port = number("http_port", file.http_port, 2773, 0..=65_535)?;
        if (1..1024).contains(&port) {
            return Err(range("http_port", "from 1024 to 65535"));
        }
        let cache_size = number("cache_size", file.cache_size, 1000, 1..=1000)?;
        let path_prefix = file.path_prefix.unwrap_or_else(|| "/v1/".to_owned());
        if !path_prefix.starts_with('/') {
            return Err("path_prefix: it has to begin with `/`".to_owned());
        }
        Ok(Self {
            log_level: level(file.log_level.as_deref().unwrap_or("info"))?,
            listen: SocketAddr::new(address, u16::try_from(port).unwrap_or_default()),
            region: file.region,
            ttl_seconds: number("ttl_seconds", file.ttl_seconds, 300, 0..=3600)?,
            cache_size: usize::try_from(cache_size)
                .ok()
                .and_then(NonZeroUsize::new)
                .ok_or_else(|| range("cache_size", "from 1 to 1000"))?,
            ssrf_headers: headers(file.ssrf_headers)?,
            ssrf_env_variables: variables(file.ssrf_env_variables)?,
            path_prefix,
            max_conn: usize::try_from(number("max_conn", file.max_conn, 800, 1..=1000)?)
                .unwrap_or_default(),
            ignore_transient_errors: file.ignore_transient_errors.unwrap_or(true),
            validate_credentials: file.validate_credentials.unwrap_or(true),
        })
    }
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    log_level: Option<String>,
    log_to_file: Option<bool>,
    http_address: Option<String>,
    http_port: Option<Number>,
    region: Option<String>,
    ttl_seconds: Option<Number>,
    cache_size: Option<Number>,
    ssrf_headers: Option<Vec<String>>,
    ssrf_env_variables: Option<Vec<String>>,
    path_prefix: Option<String>,
    max_conn: Option<Number>,
    ignore_transient_errors: Option<bool>,
    validate_credentials: Option<bool>,
}

/// Files of the AWS Secrets Manager Agent write numbers in quotes, too.
#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Number(u32),
    Text(String),
}

fn number(
    key: &str,
    given: Option<Number>,
    default: u32,
    allowed: std::ops::RangeInclusive<u32>,
) -> Result<u32, String> {
    let number = match given {
        None => Some(default),
        Some(Number::Number(number)) => Some(number),
        Some(Number::Text(text)) => text.parse().ok(),
    };
    let number = number.filter(|number| allowed.contains(number));
    number.ok_or_else(|| {
        range(
            key,
            &format!("from {} to {}", allowed.start(), allowed.end()),
        )
    })
}

fn range(key: &str, allowed: &str) -> String {
    format!("{key}: a number {allowed} is needed")
}

fn level(given: &str) -> Result<String, String> {
    let level = given.to_ascii_lowercase();
    match level.as_str() {
        "debug" | "info" | "warn" | "error" => Ok(level),
        "none" => Ok("off".to_owned()),
        _ => Err("log_level: DEBUG, INFO, WARN, ERROR or NONE is needed".to_owned()),
    }
}

fn headers(given: Option<Vec<String>>) -> Result<Vec<String>, String> {
    let default = || {
        vec![
            "x-aws-parameters-secrets-token".to_owned(),
            "x-vault-token".to_owned(),
        ]
    };
    let names = given.unwrap_or_else(default);
    let names: Result<Vec<String>, _> = names
        .iter()
        .map(|name| ::http::HeaderName::try_from(name).map(|name| name.as_str().to_owned()))
        .collect();
    match names {
        Ok(names) if !names.is_empty() => Ok(names),
        _ => Err("ssrf_headers: one name of a header at least is needed".to_owned()),
    }
}

fn variables(given: Option<Vec<String>>) -> Result<Vec<String>, String> {
    let default = || {
        let names = [
            "AWS_TOKEN",
            "AWS_SESSION_TOKEN",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN",
        ];
        names.map(str::to_owned).to_vec()
    };
    let names = given.unwrap_or_else(default);
    match names.is_empty() {
        true => Err("ssrf_env_variables: one name of a variable at least is needed".to_owned()),
        false => Ok(names),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_file_is_the_default() {
        let config = Config::parse("").unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:2773");
        assert_eq!(
            (config.ttl_seconds, config.cache_size.get(), config.max_conn),
            (300, 1000, 800)
        );
        assert_eq!(
            config.ssrf_headers,
            ["x-aws-parameters-secrets-token", "x-vault-token"]
        );
        assert_eq!(config.ssrf_env_variables.first().unwrap(), "AWS_TOKEN");
        assert_eq!(
            (config.path_prefix.as_str(), config.log_level.as_str()),
            ("/v1/", "info")
        );
        assert!(config.ignore_transient_errors && config.validate_credentials);
        assert_eq!(config.region, None);
    }

    #[test]
    fn files_of_the_aws_agent_are_read() {
        let config = Config::parse(
            "log_level = \"NONE\"\nlog_to_file = false\nhttp_port = \"0\"\nttl_seconds = 0\ncache_size = \"5\"\n\
             ssrf_headers = [\"X-Mine\"]\nssrf_env_variables = [\"MINE\"]\npath_prefix = \"/s/\"\nmax_conn = 7\n\
             region = \"eu-west-2\"\nignore_transient_errors = false\nvalidate_credentials = false\n\
             http_address = \"127.0.0.2\"\n",
        )
        .unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.2:0");
        assert_eq!(
            (config.ttl_seconds, config.cache_size.get(), config.max_conn),
            (0, 5, 7)
        );
        assert_eq!(config.ssrf_headers, ["x-mine"]);
        assert_eq!(config.ssrf_env_variables, ["MINE"]);
        assert_eq!(
            (config.path_prefix.as_str(), config.log_level.as_str()),
            ("/s/", "off")
        );
        assert_eq!(config.region.as_deref(), Some("eu-west-2"));
        assert!(!config.ignore_transient_errors && !config.validate_credentials);
    }

    #[test]
    fn what_cannot_be_is_refused_with_its_key() {
        for (text, key) in [
            ("http_port = 80", "http_port"),
            ("http_port = 65536", "http_port"),
            ("http_port = \"x\"", "http_port"),
            ("http_address = \"0.0.0.0\"", "http_address"),
            ("http_address = \"here\"", "http_address"),
            ("ttl_seconds = 3601", "ttl_seconds"),
            ("cache_size = 0", "cache_size"),
            ("cache_size = 1001", "cache_size"),
            ("max_conn = 0", "max_conn"),
            ("log_level = \"LOUD\"", "log_level"),
            ("log_to_file = true", "log_to_file"),
            ("path_prefix = \"v1\"", "path_prefix"),
            ("ssrf_headers = []", "ssrf_headers"),
            ("ssrf_headers = [\"a b\"]", "ssrf_headers"),
            ("ssrf_env_variables = []", "ssrf_env_variables"),
            ("unknown = 1", "unknown"),
        ] {
            let error = Config::parse(text).unwrap_err();
            assert!(error.contains(key), "{text}: {error}");
        }
        assert!(Config::parse("ttl_seconds = -1").is_err());
    }
}
