//! Where trails deliver their files.

use std::path::PathBuf;

use crypto::Secret;

use super::{Sources, or};
use crate::cli::ServeOptions;
use crate::exit::Failure;

/// Where trails deliver their files, if anywhere.
pub enum TrailSettings {
    /// Nowhere: there is no bucket.
    Nowhere,
    /// A directory with a folder for each bucket.
    Directory(PathBuf),
    /// Another S3.
    Endpoint {
        /// `https://host[:port]`
        url: String,
        /// The access key.
        access_key_id: String,
        /// Its secret.
        secret: Secret<String>,
    },
}

impl TrailSettings {
    pub(super) fn resolve(options: &ServeOptions, sources: &Sources) -> Result<Self, Failure> {
        let directory = or(options.trail_directory.clone(), || {
            sources.parsed("trail-directory")
        })?;
        let text = |given: &Option<String>, name| or(given.clone(), || sources.text(name));
        let url = text(&options.trail_endpoint, "trail-endpoint")?;
        let id = text(&options.trail_access_key_id, "trail-access-key-id")?;
        let secret = text(&options.trail_secret_access_key, "trail-secret-access-key")?;
        match (directory, url, id, secret) {
            (None, None, None, None) => Ok(Self::Nowhere),
            (Some(directory), None, None, None) => Ok(Self::Directory(directory)),
            (None, Some(url), Some(access_key_id), Some(secret)) => Ok(Self::Endpoint {
                url: checked(&url)?,
                access_key_id,
                secret: Secret::new(secret),
            }),
            _ => Err(Failure::usage(
                "set trail-directory alone, or trail-endpoint with trail-access-key-id and \
                 STRONGROOM_TRAIL_SECRET_ACCESS_KEY",
            )),
        }
    }
}

/// The URL without a slash at the end; it has no path, query or user.
fn checked(url: &str) -> Result<String, Failure> {
    let bare = url.strip_suffix('/').unwrap_or(url);
    let host = ["https://", "http://"]
        .iter()
        .find_map(|scheme| bare.strip_prefix(scheme));
    let is_good = host
        .is_some_and(|host| !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ', '\\']));
    if is_good {
        return Ok(bare.to_owned());
    }
    Err(Failure::usage(format!(
        "`{url}` is no endpoint: write https://HOST[:PORT]"
    )))
}
