//! The keys of OpenID Connect issuers: fetched over HTTPS and kept for a while, or read from files
//! where a site has no way out.
//!
//! What it never does: follow a redirect, believe an issuer that names itself otherwise, take a
//! certificate that is neither trusted by the system nor pinned by the provider, reach into a
//! network that the operator did not open to issuers, ask again at once, or wait for long.

mod fetch;
mod trust;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lru::LruCache;
use platform::{KeySetError, KeySetFuture, KeySets, OidcProvider, Stopwatch};
use serde_json::Value;

use crate::exit::Failure;
use crate::outbound::Reach;

/// How long a key set is kept, in seconds.
const KEPT: f64 = 600.0;
/// How soon it may be fetched again for a key that it lacks, in seconds: whoever makes up key ids
/// must not make this server flood an issuer.
const SOONEST: f64 = 30.0;
/// How long an issuer may take for all its answers.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long it is kept that there was no answer, in seconds: nobody needs to prove anything to make
/// this server ask.
const FAILURE_KEPT: f64 = 10.0;
/// How many sets are kept. Each takes as much as an answer may.
const PLACES: NonZeroUsize = NonZeroUsize::MIN.saturating_add(255);

/// What came of asking, with the time since. Who holds it is asking; others wait for the answer.
type Place = Arc<tokio::sync::Mutex<Option<Kept>>>;
type Kept = (Stopwatch, Result<Arc<str>, KeySetError>);

/// Key sets from their issuers and from files.
pub struct Issuers {
    files: BTreeMap<String, PathBuf>,
    reach: Reach,
    roots: Arc<rustls::RootCertStore>,
    /// By issuer and pinned certificates: another account's pins must not vouch.
    kept: Mutex<LruCache<(String, Vec<String>), Place>>,
}

impl Issuers {
    /// Fetches key sets over HTTPS, except those of the issuers in `files`, from where `reach` goes
    /// and under `roots` or pinned certificates.
    pub fn new(
        files: BTreeMap<String, PathBuf>,
        reach: Reach,
        roots: rustls::RootCertStore,
    ) -> Self {
        Self {
            files,
            reach,
            roots: Arc::new(roots),
            kept: Mutex::new(LruCache::new(PLACES)),
        }
    }

    fn place(&self, provider: &OidcProvider) -> Place {
        let key = (provider.url.clone(), provider.thumbprints.clone());
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(kept.get_or_insert(key, Place::default))
    }

    async fn fetched(&self, provider: &OidcProvider, again: bool) -> Result<Arc<str>, KeySetError> {
        let place = self.place(provider);
        let mut kept = place.lock().await;
        if let Some((since, known)) = &*kept {
            let limit = match known {
                Err(_) => FAILURE_KEPT,
                Ok(_) if again => SOONEST,
                Ok(_) => KEPT,
            };
            if since.seconds() < limit {
                return known.clone();
            }
        }
        let fetched = tokio::time::timeout(PATIENCE, self.discover(provider)).await;
        let fetched = fetched.unwrap_or(Err(KeySetError::Unreachable));
        *kept = Some((Stopwatch::start(), fetched.clone()));
        fetched
    }

    /// OpenID Connect Discovery 1.0: the configuration names the key set.
    async fn discover(&self, provider: &OidcProvider) -> Result<Arc<str>, KeySetError> {
        let tls = trust::client(&self.roots, &provider.thumbprints)?;
        let base = provider.url.trim_end_matches('/');
        let url = format!("{base}/.well-known/openid-configuration");
        let configuration = fetch::get(&tls, &self.reach, &url).await?;
        let configuration: Value =
            serde_json::from_str(&configuration).map_err(|_| KeySetError::Unreachable)?;
        let member = |name: &str| configuration.get(name).and_then(Value::as_str);
        let (Some(issuer), Some(keys)) = (member("issuer"), member("jwks_uri")) else {
            return Err(KeySetError::Unreachable);
        };
        if issuer.trim_end_matches('/') != base {
            return Err(KeySetError::Unreachable);
        }
        let set = fetch::get(&tls, &self.reach, keys).await?;
        Ok(Arc::from(set))
    }
}

impl KeySets for Issuers {
    fn key_set<'a>(&'a self, provider: &'a OidcProvider, again: bool) -> KeySetFuture<'a> {
        Box::pin(async move {
            match self.files.get(&provider.url) {
                Some(path) => read(path.clone()).await,
                None => self.fetched(provider, again).await,
            }
        })
    }
}

async fn read(path: PathBuf) -> Result<Arc<str>, KeySetError> {
    let read = tokio::task::spawn_blocking(move || std::fs::read_to_string(path));
    let read = read.await.ok().and_then(Result::ok);
    read.map(Arc::from).ok_or(KeySetError::Unreachable)
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
