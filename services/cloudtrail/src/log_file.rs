//! Log files: events of one Region, compressed ("Finding your CloudTrail log files", AWS CloudTrail
//! user guide).

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use platform::{BucketObject, Error, Result};
use store::journal::Entry;
use wire::Timestamp;

use crate::digest::LogFile;
use crate::hex::sha256_hex;
use crate::trail::TrailRecord;

/// Events of one account and Region as a file. It has the same key whenever it begins with the same
/// event, so that what a crash interrupts is delivered again in its place. With it what a digest says
/// of it, if the trail has digests.
pub(crate) fn file(
    trail: &TrailRecord,
    (account, region): (&str, &str),
    events: &[Entry],
) -> Result<Option<(BucketObject, Option<LogFile>)>> {
    let millis = |entry: &Entry| i64::try_from(entry.now_millis).unwrap_or(i64::MAX);
    let (Some(first), oldest, newest) = (
        events.first(),
        events.iter().map(millis).min().unwrap_or_default(),
        events.iter().map(millis).max().unwrap_or_default(),
    ) else {
        return Ok(None);
    };
    let at = Timestamp {
        millis: millis(first),
    };
    let prefix = trail.key_prefix(account);
    let minute = compact(at);
    let (minute, _) = minute.split_at_checked(13).unwrap_or_default();
    let named = format!("{}/{account}/{region}/{}", trail.arn(), first.seq);
    let mut unique = sha256_hex(named.as_bytes()).to_uppercase();
    unique.truncate(16);
    let key = format!(
        "{prefix}/CloudTrail/{region}/{}/\
         {account}_CloudTrail_{region}_{minute}Z_{unique}.json.gz",
        day(at),
    );
    let bytes: usize = events.iter().map(|event| event.payload.len() + 1).sum();
    let mut body = Vec::with_capacity(bytes + 14);
    body.extend_from_slice(br#"{"Records":["#);
    for (position, event) in events.iter().enumerate() {
        if position > 0 {
            body.push(b',');
        }
        body.extend_from_slice(&event.payload);
    }
    body.extend_from_slice(b"]}");
    let object = BucketObject {
        bucket: trail.bucket.clone(),
        key: key.clone(),
        body: compress(&body)?.into(),
        metadata: Vec::new(),
        kms_key: None,
    };
    let file = trail.is_validated.then(|| LogFile {
        bucket: trail.bucket.clone(),
        key,
        hash: sha256_hex(&body),
        oldest_millis: oldest,
        newest_millis: newest,
    });
    Ok(Some((object, file)))
}

/// gzip, fast: events are so alike that more effort takes several times as long and saves little.
pub(crate) fn compress(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).map_err(Error::internal)?;
    encoder.finish().map_err(Error::internal)
}

/// `20260101T000000Z`
pub(crate) fn compact(time: Timestamp) -> String {
    time.whole_secs().iso8601().replace(['-', ':'], "")
}

/// `2026/01/01`
pub(crate) fn day(time: Timestamp) -> String {
    let text = time.whole_secs().iso8601();
    text.get(..10).unwrap_or_default().replace('-', "/")
}
