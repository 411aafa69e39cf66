//! Formats of trails that are read and no longer written.

use serde::{Deserialize, Serialize};
use store::{DecodeError, Migrate, OldFormat};

use crate::digest::{DigestState, LogFile, Previous};
use crate::insights::Insight;
use crate::selectors::Selectors;
use crate::trail::{LogGroup, TrailRecord};

/// Without what it chose before.
#[derive(Serialize, Deserialize)]
pub(crate) struct TrailRecord3 {
    account: String,
    region: String,
    name: String,
    bucket: String,
    prefix: Option<String>,
    is_multi_region: bool,
    has_global_events: bool,
    is_validated: bool,
    start_millis: Option<i64>,
    stop_millis: Option<i64>,
    ranges: Vec<(u64, Option<u64>)>,
    delivered_millis: Option<i64>,
    digest_millis: Option<i64>,
    error: Option<String>,
    digests: Vec<DigestState>,
    selectors: Selectors,
    insights: Vec<Insight>,
    tags: Vec<(String, String)>,
    kms_key: Option<String>,
    log_group: Option<LogGroup>,
    topic: Option<String>,
    organization: Option<String>,
    is_recursive: bool,
    logged_millis: Option<i64>,
    log_error: Option<String>,
    notified_millis: Option<i64>,
    notify_error: Option<String>,
}

/// Without the state of what goes to CloudWatch Logs and Amazon SNS.
#[derive(Serialize, Deserialize)]
pub(crate) struct TrailRecord2 {
    account: String,
    region: String,
    name: String,
    bucket: String,
    prefix: Option<String>,
    is_multi_region: bool,
    has_global_events: bool,
    is_validated: bool,
    start_millis: Option<i64>,
    stop_millis: Option<i64>,
    ranges: Vec<(u64, Option<u64>)>,
    delivered_millis: Option<i64>,
    digest_millis: Option<i64>,
    error: Option<String>,
    digests: Vec<DigestState>,
    selectors: Selectors,
    insights: Vec<Insight>,
    tags: Vec<(String, String)>,
    kms_key: Option<String>,
    log_group: Option<LogGroup>,
    topic: Option<String>,
    organization: Option<String>,
    is_recursive: bool,
}

/// Without selectors, tags, encryption, notification and organization; digests of one account.
#[derive(Serialize, Deserialize)]
pub(crate) struct TrailRecord1 {
    account: String,
    region: String,
    name: String,
    bucket: String,
    prefix: Option<String>,
    is_multi_region: bool,
    has_global_events: bool,
    is_validated: bool,
    start_millis: Option<i64>,
    stop_millis: Option<i64>,
    ranges: Vec<(u64, Option<u64>)>,
    delivered_millis: Option<i64>,
    digest_millis: Option<i64>,
    error: Option<String>,
    digests: Vec<DigestState1>,
}

#[derive(Serialize, Deserialize)]
struct DigestState1 {
    region: String,
    since_millis: i64,
    files: Vec<LogFile1>,
    previous: Option<Previous1>,
}

#[derive(Serialize, Deserialize)]
struct LogFile1 {
    key: String,
    hash: String,
    oldest_millis: i64,
    newest_millis: i64,
}

#[derive(Serialize, Deserialize)]
struct Previous1 {
    key: String,
    hash: String,
    signature: String,
}

impl OldFormat for TrailRecord1 {
    const FORMAT: u8 = 1;
}

impl Migrate for TrailRecord2 {
    type Previous = TrailRecord1;

    fn migrate(old: TrailRecord1) -> Self {
        let digests = old.digests.into_iter();
        let digests = digests.map(|state| state.migrate(&old.account, &old.bucket));
        Self {
            digests: digests.collect(),
            account: old.account,
            region: old.region,
            name: old.name,
            bucket: old.bucket,
            prefix: old.prefix,
            is_multi_region: old.is_multi_region,
            has_global_events: old.has_global_events,
            is_validated: old.is_validated,
            start_millis: old.start_millis,
            stop_millis: old.stop_millis,
            ranges: old.ranges,
            delivered_millis: old.delivered_millis,
            digest_millis: old.digest_millis,
            error: old.error,
            selectors: Selectors::default(),
            insights: Vec::new(),
            tags: Vec::new(),
            kms_key: None,
            log_group: None,
            topic: None,
            organization: None,
            is_recursive: true,
        }
    }
}

impl OldFormat for TrailRecord2 {
    const FORMAT: u8 = 2;

    fn decode_older(format: u8, bytes: &[u8]) -> Result<Self, DecodeError> {
        Self::decode_previous(format, bytes)
    }
}

impl Migrate for TrailRecord3 {
    type Previous = TrailRecord2;

    fn migrate(old: TrailRecord2) -> Self {
        Self {
            account: old.account,
            region: old.region,
            name: old.name,
            bucket: old.bucket,
            prefix: old.prefix,
            is_multi_region: old.is_multi_region,
            has_global_events: old.has_global_events,
            is_validated: old.is_validated,
            start_millis: old.start_millis,
            stop_millis: old.stop_millis,
            ranges: old.ranges,
            delivered_millis: old.delivered_millis,
            digest_millis: old.digest_millis,
            error: old.error,
            digests: old.digests,
            selectors: old.selectors,
            insights: old.insights,
            tags: old.tags,
            kms_key: old.kms_key,
            log_group: old.log_group,
            topic: old.topic,
            organization: old.organization,
            is_recursive: old.is_recursive,
            logged_millis: None,
            log_error: None,
            notified_millis: None,
            notify_error: None,
        }
    }
}

impl OldFormat for TrailRecord3 {
    const FORMAT: u8 = 3;

    fn decode_older(format: u8, bytes: &[u8]) -> Result<Self, DecodeError> {
        Self::decode_previous(format, bytes)
    }
}

impl Migrate for TrailRecord {
    type Previous = TrailRecord3;

    fn migrate(old: TrailRecord3) -> Self {
        Self {
            account: old.account,
            region: old.region,
            name: old.name,
            bucket: old.bucket,
            prefix: old.prefix,
            is_multi_region: old.is_multi_region,
            has_global_events: old.has_global_events,
            is_validated: old.is_validated,
            start_millis: old.start_millis,
            stop_millis: old.stop_millis,
            ranges: old.ranges,
            delivered_millis: old.delivered_millis,
            digest_millis: old.digest_millis,
            error: old.error,
            digests: old.digests,
            selectors: old.selectors,
            insights: old.insights,
            tags: old.tags,
            kms_key: old.kms_key,
            log_group: old.log_group,
            topic: old.topic,
            organization: old.organization,
            is_recursive: old.is_recursive,
            logged_millis: old.logged_millis,
            log_error: old.log_error,
            notified_millis: old.notified_millis,
            notify_error: old.notify_error,
            logging_from: 0,
            earlier: Vec::new(),
        }
    }
}

impl DigestState1 {
    fn migrate(self, account: &str, bucket: &str) -> DigestState {
        let files = self.files.into_iter().map(|file| LogFile {
            bucket: bucket.to_owned(),
            key: file.key,
            hash: file.hash,
            oldest_millis: file.oldest_millis,
            newest_millis: file.newest_millis,
        });
        DigestState {
            account: account.to_owned(),
            region: self.region,
            since_millis: self.since_millis,
            files: files.collect(),
            previous: self.previous.map(|previous| Previous {
                bucket: bucket.to_owned(),
                key: previous.key,
                hash: previous.hash,
                signature: previous.signature,
            }),
        }
    }
}

/// Decodes a trail of any older format.
pub(crate) fn decode(format: u8, bytes: &[u8]) -> Result<TrailRecord, DecodeError> {
    TrailRecord::decode_previous(format, bytes)
}
