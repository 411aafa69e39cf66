//! Where files go that services deliver: buckets, each with objects under keys.
//!
//! A port, since it is I/O. Jobs put objects; handlers at most ask whether there is a bucket.

use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;

/// A future of a put.
pub type PutFuture<'a> = Pin<Box<dyn Future<Output = Result<(), PutFailure>> + Send + 'a>>;

/// An object to put.
#[derive(Clone)]
pub struct BucketObject {
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// The content.
    pub body: Bytes,
    /// Names in lower case, without `x-amz-meta-`, and values in ASCII.
    pub metadata: Vec<(String, String)>,
    /// The ARN of the KMS key that the object is encrypted under, where buckets encrypt
    /// ([`Buckets::encrypts`]).
    pub kms_key: Option<String>,
}

/// Why an object cannot be put.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {text}")]
pub struct PutFailure {
    /// What S3 calls it: `NoSuchBucket`, `AccessDenied`, `ServiceUnavailable`.
    pub code: String,
    /// The same for people, without anything secret.
    pub text: String,
}

impl PutFailure {
    /// A failure by its code.
    pub fn new(code: &str, text: impl std::fmt::Display) -> Self {
        Self {
            code: code.to_owned(),
            text: text.to_string(),
        }
    }
}

/// Buckets, wherever they are.
pub trait Buckets: Send + Sync {
    /// Whether there is a bucket of this name, as far as that can be known without asking anybody.
    fn exists(&self, bucket: &str) -> bool;

    /// Whether objects with a KMS key are encrypted where they are put, as S3 does. Otherwise
    /// whoever puts them encrypts them.
    fn encrypts(&self) -> bool;

    /// Puts an object with its metadata, durably, in place of one with the same key.
    fn put(&self, object: BucketObject) -> PutFuture<'_>;
}

/// No buckets at all.
pub struct NoBuckets;

impl Buckets for NoBuckets {
    fn exists(&self, _bucket: &str) -> bool {
        false
    }

    fn encrypts(&self) -> bool {
        false
    }

    fn put(&self, _: BucketObject) -> PutFuture<'_> {
        let absent = PutFailure::new("NoSuchBucket", "there are no buckets");
        Box::pin(std::future::ready(Err(absent)))
    }
}
