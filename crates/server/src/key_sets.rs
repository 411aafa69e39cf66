//! The keys of OpenID Connect issuers: fetched over HTTPS and kept for a while, or read from files
//! where a site has no way out.
//!
//! What it never does: follow a redirect, believe an issuer that names itself otherwise, take a
//! certificate that is neither trusted by the system nor pinned by the provider, or wait for long.

mod fetch;
mod trust;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use platform::{KeySetError, KeySetFuture, KeySets, OidcProvider, Stopwatch};
use serde_json::Value;

use crate::exit::Failure;

/// How long a key set is kept, in seconds.
const KEPT: f64 = 600.0;
/// How soon it may be fetched again for a key that it lacks, in seconds: whoever makes up key ids
/// must not make this server flood an issuer.
const SOONEST: f64 = 30.0;
/// How long an issuer may take for all its answers.
const PATIENCE: Duration = Duration::from_secs(5);

/// A set with the time since it was fetched.
type Kept = (Stopwatch, Arc<str>);

/// Key sets from their issuers and from files.
pub struct Issuers {
    files: BTreeMap<String, PathBuf>,
    roots: Arc<rustls::RootCertStore>,
    /// By issuer and pinned certificates: another account's pins must not vouch.
    kept: Mutex<BTreeMap<(String, Vec<String>), Kept>>,
}

impl Issuers {
    /// Fetches key sets over HTTPS, except those of the issuers in `files`.
    pub fn new(files: BTreeMap<String, PathBuf>) -> Self {
        Self {
            files,
            roots: Arc::new(trust::system_roots()),
            kept: Mutex::default(),
        }
    }

    fn kept(&self, provider: &OidcProvider, again: bool) -> Option<Arc<str>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, set) = kept.get(&place(provider))?;
        let limit = if again { SOONEST } else { KEPT };
        (since.seconds() < limit).then(|| Arc::clone(set))
    }

    async fn fetch(&self, provider: &OidcProvider) -> Result<Arc<str>, KeySetError> {
        if let Some(path) = self.files.get(&provider.url) {
            let read = tokio::task::spawn_blocking({
                let path = path.clone();
                move || std::fs::read_to_string(path)
            });
            let read = read.await.ok().and_then(Result::ok);
            return read.map(Arc::from).ok_or(KeySetError::Unreachable);
        }
        let fetched = tokio::time::timeout(PATIENCE, self.discover(provider)).await;
        let set = fetched.map_err(|_| KeySetError::Unreachable)??;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(place(provider), (Stopwatch::start(), Arc::clone(&set)));
        Ok(set)
    }

    /// OpenID Connect Discovery 1.0: the configuration names the key set.
    async fn discover(&self, provider: &OidcProvider) -> Result<Arc<str>, KeySetError> {
        let tls = trust::client(&self.roots, &provider.thumbprints)?;
        let base = provider.url.trim_end_matches('/');
        let url = format!("{base}/.well-known/openid-configuration");
        let configuration = fetch::get(&tls, &url).await?;
        let configuration: Value =
            serde_json::from_str(&configuration).map_err(|_| KeySetError::Unreachable)?;
        let member = |name: &str| configuration.get(name).and_then(Value::as_str);
        let (Some(issuer), Some(keys)) = (member("issuer"), member("jwks_uri")) else {
            return Err(KeySetError::Unreachable);
        };
        if issuer.trim_end_matches('/') != base {
            return Err(KeySetError::Unreachable);
        }
        fetch::get(&tls, keys).await.map(Arc::from)
    }
}

impl KeySets for Issuers {
    fn key_set<'a>(&'a self, provider: &'a OidcProvider, again: bool) -> KeySetFuture<'a> {
        Box::pin(async move {
            match self.kept(provider, again) {
                Some(set) => Ok(set),
                None => self.fetch(provider).await,
            }
        })
    }
}

fn place(provider: &OidcProvider) -> (String, Vec<String>) {
    (provider.url.clone(), provider.thumbprints.clone())
}

/// Reads `ISSUER=FILE`, several parted by commas.
pub fn parse_files(text: &str) -> Result<BTreeMap<String, PathBuf>, Failure> {
    let entries = text.split(',').map(str::trim).filter(|one| !one.is_empty());
    entries
        .map(|entry| match entry.split_once('=') {
            Some((issuer, path)) if issuer.starts_with("https://") && !path.is_empty() => {
                Ok((issuer.to_owned(), PathBuf::from(path)))
            }
            _ => Err(Failure::usage(format!(
                "`{entry}` is not ISSUER=FILE with an issuer that begins with https://"
            ))),
        })
        .collect()
}

#[cfg(test)]
mod tests;
