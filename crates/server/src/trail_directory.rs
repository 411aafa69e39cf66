//! Buckets in a directory: a folder each, made by whoever runs the program, with objects as files.
//! The metadata of an object is a JSON file beside it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use platform::{BucketObject, Buckets, PutFailure, PutFuture};

/// The suffix of files with metadata.
const METADATA: &str = ".metadata.json";

/// A directory of buckets.
pub struct TrailDirectory(pub PathBuf);

impl Buckets for TrailDirectory {
    fn exists(&self, bucket: &str) -> bool {
        is_plain(bucket) && self.0.join(bucket).is_dir()
    }

    fn encrypts(&self) -> bool {
        false
    }

    fn put(&self, object: BucketObject) -> PutFuture<'_> {
        let directory = self.0.clone();
        Box::pin(async move {
            let putting = tokio::task::spawn_blocking(move || put(&directory, &object)).await;
            let put = putting.map_err(io::Error::other).flatten();
            put.map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => PutFailure::new("NoSuchBucket", error),
                io::ErrorKind::PermissionDenied => PutFailure::new("AccessDenied", error),
                _ => PutFailure::new("InternalError", error),
            })
        })
    }
}

fn put(directory: &Path, object: &BucketObject) -> io::Result<()> {
    // Services have checked both; a path that leads out of the directory is never followed.
    if !is_plain(&object.bucket) || !object.key.split('/').all(is_plain) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let bucket = directory.join(&object.bucket);
    if !bucket.is_dir() {
        return Err(io::ErrorKind::NotFound.into());
    }
    let path = bucket.join(&object.key);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    if !object.metadata.is_empty() {
        let members: BTreeMap<_, _> = object.metadata.iter().map(|(a, b)| (a, b)).collect();
        write(&metadata_of(&path), &serde_json::to_vec(&members)?)?;
    }
    write(&path, &object.body)
}

/// Where the metadata of the object at `path` are.
pub fn metadata_of(path: &Path) -> PathBuf {
    with_suffix(path, METADATA)
}

fn is_plain(part: &str) -> bool {
    !part.is_empty() && part != "." && part != ".." && !part.contains(['/', '\\', '\0'])
}

/// Whole or not at all, and durable.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let unfinished = with_suffix(path, ".part");
    let mut file = File::create(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&unfinished, path)?;
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(bucket: &str, key: &str, metadata: &[(&str, &str)]) -> BucketObject {
        let metadata = metadata.iter().map(|(a, b)| ((*a).into(), (*b).into()));
        BucketObject {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            body: (&b"x"[..]).into(),
            metadata: metadata.collect(),
            kms_key: None,
        }
    }

    #[tokio::test]
    async fn nothing_is_written_outside_of_a_bucket() {
        let dir = tempfile::tempdir().expect("a directory");
        let buckets = TrailDirectory(dir.path().join("buckets"));
        std::fs::create_dir_all(dir.path().join("buckets/logs")).expect("a directory");
        assert!(buckets.exists("logs"));
        for bucket in ["", ".", "..", "logs/..", "other"] {
            assert!(!buckets.exists(bucket), "{bucket}");
            let put = buckets.put(object(bucket, "a", &[])).await;
            assert!(put.is_err(), "{bucket}");
        }
        for key in ["", "/a", "a/", "../a", "a/../../b", "a//b"] {
            let put = buckets.put(object("logs", key, &[])).await;
            assert!(put.is_err(), "{key}");
        }
        let put = buckets.put(object("logs", "a/b.gz", &[("k", "v")]));
        put.await.expect("room");
        let read = |name: &str| std::fs::read(dir.path().join("buckets/logs/a").join(name));
        assert_eq!(read("b.gz").expect("a file"), b"x");
        assert_eq!(read("b.gz.metadata.json").expect("a file"), br#"{"k":"v"}"#);
        let count = std::fs::read_dir(dir.path().join("buckets/logs/a")).expect("a directory");
        assert_eq!(count.count(), 2);
    }
}
