//! The URL of a server.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ::http::Uri;

/// `http://127.0.0.1:4566` or `https://kms.eu-west-2.amazonaws.com`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    secure: bool,
    authority: String,
    host: String,
    port: u16,
}

impl Endpoint {
    /// Whether it speaks TLS.
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// Whether what is sent there leaves the machine.
    pub fn is_loopback(&self) -> bool {
        match self.host.parse::<IpAddr>() {
            Ok(address) => address.is_loopback(),
            Err(_) => self.host == "localhost" || self.host.ends_with(".localhost"),
        }
    }

    /// Host and port as the URL spells them: the `Host` header.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The host, an IPv6 address without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl FromStr for Endpoint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            |what: &str| format!("`{text}` is no endpoint: {what}; write http(s)://HOST[:PORT]");
        let uri: Uri = text.parse().map_err(|_| wrong("it is no URL"))?;
        let secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(wrong("it begins with neither http:// nor https://")),
        };
        let (Some(authority), Some(host)) = (uri.authority(), uri.host()) else {
            return Err(wrong("it names no host"));
        };
        if authority.as_str().contains('@') || !matches!(uri.path(), "" | "/") {
            return Err(wrong("it has more than a host and a port"));
        }
        if uri.query().is_some() {
            return Err(wrong("it has more than a host and a port"));
        }
        let port = match authority.as_str().strip_prefix(host).unwrap_or_default() {
            "" => Ok(if secure { 443 } else { 80 }),
            port => port.trim_start_matches(':').parse(),
        };
        Ok(Self {
            secure,
            authority: authority.as_str().to_owned(),
            host: host.trim_matches(['[', ']']).to_owned(),
            port: port.map_err(|_| wrong("its port is no number up to 65535"))?,
        })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.secure { "https" } else { "http" };
        write!(out, "{scheme}://{}", self.authority)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_taken_apart() {
        let check = |text: &str, host: &str, port: u16, secure: bool, loopback: bool| {
            let endpoint: Endpoint = text.parse().unwrap();
            assert_eq!((endpoint.host(), endpoint.port()), (host, port), "{text}");
            assert_eq!(
                (endpoint.is_secure(), endpoint.is_loopback()),
                (secure, loopback)
            );
            assert_eq!(endpoint.to_string(), text.trim_end_matches('/'));
        };
        check("http://127.0.0.1:4566", "127.0.0.1", 4566, false, true);
        check("http://[::1]:4566/", "::1", 4566, false, true);
        check("http://localhost", "localhost", 80, false, true);
        check("http://192.0.2.1:1", "192.0.2.1", 1, false, false);
        check(
            "http://localhost.example",
            "localhost.example",
            80,
            false,
            false,
        );
        let aws = "https://kms.eu-west-2.amazonaws.com";
        check(aws, "kms.eu-west-2.amazonaws.com", 443, true, false);
    }

    #[test]
    fn what_is_no_endpoint_is_refused() {
        for text in [
            "",
            "127.0.0.1:4566",
            "ftp://a",
            "http://",
            "http://a/b",
            "http://a/?b",
            "http://user:word@a",
            "http://a:x",
        ] {
            let error = text.parse::<Endpoint>().unwrap_err();
            assert!(error.contains(text), "{error}");
        }
    }
}
