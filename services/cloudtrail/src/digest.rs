//! Digest files: once an hour, what was delivered, signed and chained ("CloudTrail digest file
//! structure", AWS CloudTrail user guide).

use platform::{BucketObject, Error, Result};
use serde::{Deserialize, Serialize};
use wire::Timestamp;
use wire::json::Writer;

use crate::digest_key::Signer;
use crate::hex::{hex, sha256_hex};
use crate::log_file::{compact, compress, day};
use crate::trail::TrailRecord;

/// What a digest is about, in milliseconds.
const HOUR: i64 = 60 * 60 * 1000;
/// The most digests of one Region in one go: a server that was down for long goes on with the next.
const MOST: usize = 48;

/// What the next digest of an account and Region will say.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct DigestState {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) since_millis: i64,
    pub(crate) files: Vec<LogFile>,
    pub(crate) previous: Option<Previous>,
}

/// A log file that was delivered.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct LogFile {
    pub(crate) bucket: String,
    pub(crate) key: String,
    /// SHA-256 of the file before it was compressed.
    pub(crate) hash: String,
    pub(crate) oldest_millis: i64,
    pub(crate) newest_millis: i64,
}

/// The digest before.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Previous {
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) hash: String,
    pub(crate) signature: String,
}

impl DigestState {
    pub(crate) fn new(account: &str, region: &str, since_millis: i64) -> Self {
        Self {
            account: account.to_owned(),
            region: region.to_owned(),
            since_millis,
            files: Vec::new(),
            previous: None,
        }
    }

    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        now.millis - self.since_millis >= HOUR
    }

    /// The digests of the hours that are over. What comes next goes into the one after them.
    pub(crate) fn deliver(
        &mut self,
        trail: &TrailRecord,
        signer: &Signer,
        now: Timestamp,
    ) -> Result<Vec<BucketObject>> {
        let mut objects = Vec::new();
        for _ in 0..MOST {
            if !self.is_due(now) {
                break;
            }
            let end = Timestamp {
                millis: self.since_millis + HOUR,
            };
            let key = self.key(trail, end);
            let body = self.body(trail, signer, &key, end);
            let hash = sha256_hex(&body);
            let before = self.previous.as_ref().map_or("null", |it| &it.signature);
            let place = format!("{}/{key}", trail.bucket);
            let signed = [&end.whole_secs().iso8601(), &place, &hash, before].join("\n");
            let signature = signer.key.sign_pkcs1(signed.as_bytes());
            let signature = hex(&signature.map_err(Error::internal)?);
            let metadata = [
                ("signature", signature.clone()),
                ("signature-algorithm", "SHA256withRSA".to_owned()),
            ];
            objects.push(BucketObject {
                bucket: trail.bucket.clone(),
                key: key.clone(),
                body: compress(&body)?.into(),
                metadata: metadata
                    .map(|(name, value)| (name.to_owned(), value))
                    .into(),
                kms_key: None,
            });
            self.files.clear();
            self.since_millis = end.millis;
            self.previous = Some(Previous {
                bucket: trail.bucket.clone(),
                key,
                hash,
                signature,
            });
        }
        Ok(objects)
    }

    fn key(&self, trail: &TrailRecord, end: Timestamp) -> String {
        let (account, region, home) = (&self.account, &self.region, &trail.region);
        let prefix = trail.key_prefix(account);
        format!(
            "{prefix}/CloudTrail-Digest/{region}/{}/\
             {account}_CloudTrail-Digest_{region}_{}_{home}_{}.json.gz",
            day(end),
            trail.name,
            compact(end),
        )
    }

    fn body(&self, trail: &TrailRecord, signer: &Signer, key: &str, end: Timestamp) -> Vec<u8> {
        let time = |millis: i64| Timestamp { millis }.whole_secs().iso8601();
        let newest = self.files.iter().map(|file| file.newest_millis).max();
        let oldest = self.files.iter().map(|file| file.oldest_millis).min();
        let previous = self.previous.as_ref();
        let mut out = Writer::new();
        out.begin_object();
        for (name, value) in [
            ("awsAccountId", Some(self.account.clone())),
            ("digestStartTime", Some(time(self.since_millis))),
            ("digestEndTime", Some(time(end.millis))),
            ("digestS3Bucket", Some(trail.bucket.clone())),
            ("digestS3Object", Some(key.to_owned())),
            (
                "digestPublicKeyFingerprint",
                Some(signer.fingerprint.clone()),
            ),
            ("digestSignatureAlgorithm", Some("SHA256withRSA".to_owned())),
            ("newestEventTime", newest.map(time)),
            ("oldestEventTime", oldest.map(time)),
            (
                "previousDigestS3Bucket",
                previous.map(|it| it.bucket.clone()),
            ),
            ("previousDigestS3Object", previous.map(|it| it.key.clone())),
            (
                "previousDigestHashValue",
                previous.map(|it| it.hash.clone()),
            ),
            (
                "previousDigestHashAlgorithm",
                previous.map(|_| "SHA-256".to_owned()),
            ),
            (
                "previousDigestSignature",
                previous.map(|it| it.signature.clone()),
            ),
        ] {
            out.key(name);
            match value {
                Some(value) => out.string(&value),
                None => out.null(),
            }
        }
        out.key("logFiles");
        out.begin_array();
        for file in &self.files {
            out.begin_object();
            for (name, value) in [
                ("s3Bucket", file.bucket.clone()),
                ("s3Object", file.key.clone()),
                ("hashValue", file.hash.clone()),
                ("hashAlgorithm", "SHA-256".to_owned()),
                ("newestEventTime", time(file.newest_millis)),
                ("oldestEventTime", time(file.oldest_millis)),
            ] {
                out.key(name);
                out.string(&value);
            }
            out.end_object();
        }
        out.end_array();
        out.end_object();
        out.finish().to_vec()
    }
}
