//! OpenID Connect providers.

use std::sync::Arc;

use api::iam::{InvalidInputException, LimitExceededException, NoSuchEntityException};
use platform::{Ctx, OidcProvider, Result};
use serde::{Deserialize, Serialize};
use store::{Key, Record, Txn};
use wire::Fault;

use crate::tagging::Tagged;
use crate::target::{Entity, Target};

/// The most providers of an account ("IAM and AWS STS quotas").
pub(crate) const QUOTA: usize = 100;
/// The most client IDs of a provider ("IAM and AWS STS quotas").
const CLIENT_IDS: usize = 100;
/// The most thumbprints of a provider (`CreateOpenIDConnectProvider`).
const THUMBPRINTS: usize = 5;

/// An OpenID Connect provider.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct OidcProviderRecord {
    /// The account, 12 digits.
    pub(crate) account: String,
    /// The issuer without `https://`.
    pub(crate) url: String,
    /// The audiences, in the order in which they came.
    pub(crate) client_ids: Vec<String>,
    /// SHA-1 fingerprints of certificates, in lower case.
    pub(crate) thumbprints: Vec<String>,
    /// When it was made, in milliseconds since 1970.
    pub(crate) created_millis: i64,
    /// Keys and values.
    pub(crate) tags: Vec<(String, String)>,
}

impl Record for OidcProviderRecord {
    const TABLE: &'static str = "iam.oidc-providers";
    const SERVICE: &'static str = "iam";
}

impl OidcProviderRecord {
    /// Where the provider of this URL is, given without `https://`.
    pub(crate) fn key(account: &str, url: &str) -> Key {
        Key::new(account, "", [url])
    }

    /// Where all providers of an account are.
    pub(crate) fn prefix(account: &str) -> Key {
        Key::new(account, "", std::iter::empty::<String>())
    }

    /// What an operation is about that names a provider by its ARN.
    pub(crate) async fn target(ctx: &Ctx, arn: String) -> Result<Target<Self>> {
        let url = arn.strip_prefix(&arn_of(ctx.account(), ""));
        let found = match url {
            Some(url) => ctx.get(&Self::key(ctx.account(), url)).await?,
            None => None,
        };
        Ok(Target::new(ctx, arn, found))
    }
}

/// The provider of `account` for the issuer `url`, given without `https://`.
pub(crate) async fn provider(
    txn: &mut Txn,
    account: &str,
    url: &str,
) -> Result<Option<OidcProvider>> {
    let found: Option<Arc<OidcProviderRecord>> =
        txn.get(&OidcProviderRecord::key(account, url)).await?;
    Ok(found.map(|found| OidcProvider {
        arn: found.arn(),
        url: format!("https://{}", found.url),
        client_ids: found.client_ids.clone(),
        thumbprints: found.thumbprints.clone(),
    }))
}

impl Entity for OidcProviderRecord {
    const KIND: &'static str = "OpenID Connect provider";

    /// Requests name providers by ARN, so that is the name.
    fn arn_at(_: &str, _: &str, name: &str) -> String {
        name.to_owned()
    }

    fn arn(&self) -> String {
        arn_of(&self.account, &self.url)
    }

    fn tags(&self) -> &[(String, String)] {
        &self.tags
    }

    fn shown(name: &str) -> String {
        name.to_owned()
    }

    fn absent(name: &str) -> Fault {
        NoSuchEntityException::new(format!("OpenIDConnect Provider not found for arn {name}"))
    }
}

impl Tagged for OidcProviderRecord {
    fn with_tags(&self, tags: Vec<(String, String)>) -> Self {
        Self {
            tags,
            ..self.clone()
        }
    }

    async fn put(self, ctx: &Ctx) {
        ctx.put(Self::key(&self.account, &self.url), self).await;
    }
}

/// The ARN of the provider for an issuer, given without `https://`.
pub(crate) fn arn_of(account: &str, url: &str) -> String {
    format!("arn:aws:iam::{account}:oidc-provider/{url}")
}

/// The issuer without `https://`, or AWS's answer that it cannot be one: it has neither port,
/// query nor fragment (`CreateOpenIDConnectProvider`, OpenID Connect Discovery 1.0 section 3).
pub(crate) fn checked_url(url: &str) -> Result<&str> {
    let invalid = || platform::validation("Invalid Open ID Connect Provider URL");
    let rest = url.strip_prefix("https://").ok_or_else(invalid)?;
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let is_label = |label: &str| {
        let edges = [label.bytes().next(), label.bytes().last()];
        let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        edges
            .iter()
            .all(|edge| edge.is_some_and(|byte| byte.is_ascii_alphanumeric()))
            && label.bytes().all(inner)
    };
    let in_path = |byte: u8| byte.is_ascii_graphic() && !b"?#\"<>\\^`{|}".contains(&byte);
    if host.split('.').all(is_label) && path.bytes().all(in_path) {
        Ok(rest)
    } else {
        Err(invalid())
    }
}

/// Thumbprints in lower case, each once, or AWS's answer that they are none.
pub(crate) fn checked_thumbprints(given: Vec<String>) -> Result<Vec<String>> {
    let mut thumbprints: Vec<String> = Vec::with_capacity(given.len());
    for thumbprint in given {
        if !thumbprint.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            let message = "Thumbprint list contains an invalid thumbprint: it must be the hex-encoded SHA-1 hash of a certificate.";
            return Err(InvalidInputException::new(message).into());
        }
        let thumbprint = thumbprint.to_ascii_lowercase();
        if !thumbprints.contains(&thumbprint) {
            thumbprints.push(thumbprint);
        }
    }
    if thumbprints.len() > THUMBPRINTS {
        let message = "Thumbprint list must contain fewer than 5 entries.";
        return Err(InvalidInputException::new(message).into());
    }
    Ok(thumbprints)
}

/// Client IDs, each once, or AWS's answer that they are too many.
pub(crate) fn checked_client_ids(given: Vec<String>) -> Result<Vec<String>> {
    let mut client_ids: Vec<String> = Vec::with_capacity(given.len());
    for id in given {
        if !client_ids.contains(&id) {
            client_ids.push(id);
        }
    }
    if client_ids.len() > CLIENT_IDS {
        let message =
            format!("Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: {CLIENT_IDS}");
        return Err(LimitExceededException::new(message).into());
    }
    Ok(client_ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_a_host_and_a_path() {
        let good = [
            "token.actions.githubusercontent.com",
            "oidc.eks.us-east-1.amazonaws.com/id/ABC",
            "localhost",
            "example.com/a/",
        ];
        for rest in good {
            assert_eq!(checked_url(&format!("https://{rest}")).ok(), Some(rest));
        }
        let bad = [
            "http://example.com",
            "https://",
            "https://-a.com",
            "https://a..b",
            "https://a.com:443",
            "https://u@a.com",
            "https://a.com/?q",
            "https://a.com/#f",
            "https://a.com/ b",
            "example.com",
        ];
        for url in bad {
            assert!(checked_url(url).is_err(), "{url}");
        }
    }

    #[test]
    fn lists_hold_each_entry_once_and_have_an_end() {
        let print = |index: usize| format!("{index:040X}");
        let kept = checked_thumbprints(vec!["A".repeat(40), "a".repeat(40)]);
        assert_eq!(kept.ok(), Some(vec!["a".repeat(40)]));
        assert!(checked_thumbprints((0..5).map(print).collect()).is_ok());
        assert!(checked_thumbprints((0..6).map(print).collect()).is_err());
        assert!(checked_thumbprints(vec!["g".repeat(40)]).is_err());
        let ids = |count: usize| (0..count).map(|index| index.to_string()).collect();
        assert!(checked_client_ids(ids(100)).is_ok());
        assert!(checked_client_ids(ids(101)).is_err());
    }
}
