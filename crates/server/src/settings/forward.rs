//! Where the audit journal is forwarded.

use std::path::PathBuf;
use std::sync::Arc;

use crypto::{Secret, WebhookKey};

use super::{OutboundSettings, Sources, or, tls};
use crate::cli::{ForwardFrom, ForwardOptions};
use crate::exit::Failure;
use crate::outbound::Opening;
use crate::tls::TlsFiles;

/// The port of syslog over TLS (RFC 5425, section 4.1).
const SYSLOG_PORT: u16 = 6514;

/// Where the audit journal is forwarded, and how.
#[derive(Clone, Default)]
pub struct ForwardSettings {
    /// Host and port of a syslog receiver.
    pub syslog: Option<(String, u16)>,
    /// An OTLP receiver.
    pub otlp: Option<OtlpSettings>,
    /// A webhook.
    pub webhook: Option<WebhookSettings>,
    /// The only root certificates to believe, as a PEM file; none is those of the system.
    pub ca: Option<PathBuf>,
    /// The certificate to show.
    pub identity: Option<TlsFiles>,
    /// Where a destination begins that is new.
    pub from: ForwardFrom,
    /// Where plain HTTP may go.
    pub plain: Vec<Opening>,
}

/// An OTLP/HTTP receiver of logs.
#[derive(Clone)]
pub struct OtlpSettings {
    /// The whole URL: `https://collector:4318/v1/logs`.
    pub url: String,
    /// Names and values of more headers.
    pub headers: Arc<[(String, Secret<String>)]>,
}

/// A webhook and what its messages are signed with.
#[derive(Clone)]
pub struct WebhookSettings {
    /// The URL.
    pub url: String,
    /// What its messages are signed with.
    pub key: Arc<WebhookKey>,
}

impl ForwardSettings {
    /// Whether there is no destination.
    pub fn is_empty(&self) -> bool {
        self.syslog.is_none() && self.otlp.is_none() && self.webhook.is_none()
    }

    pub(super) fn resolve(
        options: &ForwardOptions,
        sources: &Sources,
        outbound: &OutboundSettings,
    ) -> Result<Self, Failure> {
        let text = |given: &Option<String>, name| or(given.clone(), || sources.text(name));
        let path = |given: &Option<PathBuf>, name| or(given.clone(), || sources.parsed(name));
        let syslog = text(&options.forward_syslog, "forward-syslog")?;
        let settings = Self {
            syslog: syslog.as_deref().map(receiver).transpose()?,
            otlp: otlp(
                text(&options.forward_otlp, "forward-otlp")?,
                text(&options.forward_otlp_headers, "forward-otlp-headers")?,
            )?,
            webhook: webhook(
                text(&options.forward_webhook, "forward-webhook")?,
                text(&options.forward_webhook_secret, "forward-webhook-secret")?,
            )?,
            ca: path(&options.forward_ca, "forward-ca")?,
            identity: tls(
                ("forward-cert", options.forward_cert.clone()),
                ("forward-key", options.forward_key.clone()),
                sources,
            )?,
            from: or(options.forward_from, || sources.choice("forward-from"))?.unwrap_or_default(),
            plain: plain(outbound),
        };
        Ok(settings)
    }
}

/// Plain HTTP stays on this machine, unless the operator opens more to it.
fn plain(outbound: &OutboundSettings) -> Vec<Opening> {
    let here = ["127.0.0.0/8", "::1"].into_iter();
    let mut plain: Vec<Opening> = here.filter_map(|range| range.parse().ok()).collect();
    if outbound.http {
        plain.extend(outbound.allow.iter().cloned());
    }
    plain
}

/// `HOST`, `HOST:PORT` or `[ADDRESS]:PORT`
fn receiver(text: &str) -> Result<(String, u16), Failure> {
    let wrong = || {
        Failure::usage(format!(
            "`{text}` is no valid value for the option `forward-syslog`; use HOST or HOST:PORT"
        ))
    };
    let authority: ::http::uri::Authority = text.parse().map_err(|_| wrong())?;
    let host = authority.host();
    let bare = host.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    let rest = text.strip_prefix(host).ok_or_else(wrong)?;
    let port = match rest.strip_prefix(':') {
        Some(port) => port.parse().map_err(|_| wrong())?,
        None if rest.is_empty() => SYSLOG_PORT,
        None => return Err(wrong()),
    };
    Ok((bare.unwrap_or(host).to_owned(), port))
}

fn otlp(url: Option<String>, headers: Option<String>) -> Result<Option<OtlpSettings>, Failure> {
    let Some(url) = url else { return Ok(None) };
    let headers = Secret::new(headers.unwrap_or_default());
    let entries = headers.expose().split(',').map(str::trim);
    let parse = |entry: &str| match entry.split_once('=') {
        Some((name, value)) if is_header(name, value) => {
            Ok((name.trim().to_owned(), Secret::new(value.trim().to_owned())))
        }
        _ => Err(Failure::usage(
            "the option `forward-otlp-headers` is not NAME=VALUE, several parted by commas",
        )),
    };
    let headers = entries.filter(|entry| !entry.is_empty()).map(parse);
    let headers = headers.collect::<Result<Vec<_>, _>>()?;
    Ok(Some(OtlpSettings {
        url: checked_url("forward-otlp", url)?,
        headers: headers.into(),
    }))
}

fn is_header(name: &str, value: &str) -> bool {
    let name = name.trim().parse::<::http::HeaderName>();
    name.is_ok() && ::http::HeaderValue::from_str(value.trim()).is_ok()
}

fn webhook(
    url: Option<String>,
    secret: Option<String>,
) -> Result<Option<WebhookSettings>, Failure> {
    let Some(url) = url else { return Ok(None) };
    let secret = Secret::new(secret.unwrap_or_default());
    let Some(key) = WebhookKey::parse(secret.expose()) else {
        return Err(Failure::usage(
            "--forward-webhook needs a secret that its messages are signed with, of 24 bytes or more: \
             set STRONGROOM_FORWARD_WEBHOOK_SECRET_FILE to a file that holds it, as text or as whsec_ \
             and base64",
        ));
    };
    Ok(Some(WebhookSettings {
        url: checked_url("forward-webhook", url)?,
        key: Arc::new(key),
    }))
}

fn checked_url(option: &str, url: String) -> Result<String, Failure> {
    let parsed = url.parse::<::http::Uri>().ok();
    let is_url = parsed.is_some_and(|uri| {
        let is_known = matches!(uri.scheme_str(), Some("http" | "https"));
        is_known && uri.host().is_some_and(|host| !host.is_empty())
    });
    if is_url {
        return Ok(url);
    }
    // The URL itself may hold a token.
    Err(Failure::usage(format!(
        "the value of the option `{option}` is no URL that begins with https:// or http://"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn receivers_are_hosts_with_or_without_a_port() {
        for (text, host, port) in [
            ("siem.example", "siem.example", 6514),
            ("siem.example:601", "siem.example", 601),
            ("[::1]:601", "::1", 601),
            ("[::1]", "::1", 6514),
            ("192.0.2.1", "192.0.2.1", 6514),
        ] {
            let found = receiver(text).unwrap_or_else(|_| panic!("{text}"));
            assert_eq!(found, (host.to_owned(), port));
        }
        for wrong in ["", "a:b", "a:99999", "a:", "https://a", "user@a", "a b"] {
            assert!(receiver(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn webhooks_need_urls_and_secrets_that_are_long_enough() {
        let parse =
            |url: &str, secret: &str| webhook(Some(url.to_owned()), Some(secret.to_owned()));
        let (url, long) = ("https://a.example/hook", "a text of 24 bytes, just");
        assert!(parse(url, long).is_ok_and(|found| found.is_some()));
        for short in ["", "short", "whsec_AAAA"] {
            assert!(parse(url, short).is_err(), "{short}");
        }
        assert!(webhook(Some(url.to_owned()), None).is_err());
        assert!(webhook(None, None).is_ok_and(|none| none.is_none()));
        for wrong in ["a.example", "ftp://a.example", "https://", "/x"] {
            assert!(parse(wrong, long).is_err(), "{wrong}");
        }
    }

    #[test]
    fn headers_are_names_and_values() {
        let url = || Some("http://localhost:4318/v1/logs".to_owned());
        let count = |headers: &str| {
            let found = otlp(url(), Some(headers.to_owned()));
            found.ok().flatten().map(|settings| settings.headers.len())
        };
        assert_eq!(count(""), Some(0));
        assert_eq!(count("authorization=Bearer a=b, x-tenant=1"), Some(2));
        for wrong in ["x", "=x", "a b=c", "a=b\nc: d"] {
            assert_eq!(count(wrong), None, "{wrong}");
        }
    }
}
