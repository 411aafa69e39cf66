//! Log files: events of one Region, compressed ("Finding your CloudTrail log files", AWS CloudTrail
//! user guide).

use std::io::Write as _;

use crypto::Sha256;
use flate2::Compression;
use flate2::write::GzEncoder;
use platform::{BucketObject, Error, Result};
use store::journal::Entry;
use wire::Timestamp;

use crate::digest::LogFile;
use crate::hex::{hex, sha256_hex};
use crate::trail::TrailRecord;

/// How much is gathered before it is compressed.
const PART: usize = 64 << 10;

/// A file that is being written: events of one account and Region, compressed as they come, so that
/// they are not in memory all at once.
pub(crate) struct LogFileWriter {
    encoder: GzEncoder<Vec<u8>>,
    /// Of what goes into the file before it is compressed; where the trail has digests.
    hash: Option<Sha256>,
    /// What comes next.
    part: Vec<u8>,
    /// The first event: its number and time.
    first: Option<(u64, i64)>,
    oldest_millis: i64,
    newest_millis: i64,
}

impl LogFileWriter {
    /// A file of the trail without events.
    pub(crate) fn new(trail: &TrailRecord) -> Self {
        let mut part = Vec::with_capacity(PART * 2);
        part.extend_from_slice(br#"{"Records":["#);
        Self {
            encoder: GzEncoder::new(Vec::new(), Compression::fast()),
            hash: trail.is_validated.then(Sha256::default),
            part,
            first: None,
            oldest_millis: i64::MAX,
            newest_millis: i64::MIN,
        }
    }

    /// Writes the next event.
    pub(crate) fn push(&mut self, event: &Entry) -> Result<()> {
        let millis = i64::try_from(event.now_millis).unwrap_or(i64::MAX);
        match self.first {
            None => self.first = Some((event.seq, millis)),
            Some(_) => self.part.push(b','),
        }
        self.oldest_millis = self.oldest_millis.min(millis);
        self.newest_millis = self.newest_millis.max(millis);
        self.part.extend_from_slice(&event.payload);
        if self.part.len() >= PART {
            self.compress()?;
        }
        Ok(())
    }

    /// The file, if it has events. It has the same key whenever it begins with the same event, so that
    /// what a crash interrupts is delivered again in its place. With it what a digest says of it, if
    /// the trail has digests.
    pub(crate) fn finish(
        mut self,
        trail: &TrailRecord,
        (account, region): (&str, &str),
    ) -> Result<Option<(BucketObject, Option<LogFile>)>> {
        let Some(first) = self.first else {
            return Ok(None);
        };
        self.part.extend_from_slice(b"]}");
        self.compress()?;
        let key = key(trail, (account, region), first);
        let object = BucketObject {
            bucket: trail.bucket.clone(),
            key: key.clone(),
            body: self.encoder.finish().map_err(Error::internal)?.into(),
            metadata: Vec::new(),
            kms_key: None,
        };
        let file = self.hash.map(|hash| LogFile {
            bucket: trail.bucket.clone(),
            key,
            hash: hex(&hash.finish()),
            oldest_millis: self.oldest_millis,
            newest_millis: self.newest_millis,
        });
        Ok(Some((object, file)))
    }

    fn compress(&mut self) -> Result<()> {
        self.encoder
            .write_all(&self.part)
            .map_err(Error::internal)?;
        if let Some(hash) = &mut self.hash {
            hash.update(&self.part);
        }
        self.part.clear();
        Ok(())
    }
}

/// The key of the file that begins with an event, given its number and time.
fn key(trail: &TrailRecord, (account, region): (&str, &str), (seq, millis): (u64, i64)) -> String {
    let at = Timestamp { millis };
    let prefix = trail.key_prefix(account);
    let minute = compact(at);
    let (minute, _) = minute.split_at_checked(13).unwrap_or_default();
    let named = format!("{}/{account}/{region}/{seq}", trail.arn());
    let mut unique = sha256_hex(named.as_bytes()).to_uppercase();
    unique.truncate(16);
    format!(
        "{prefix}/CloudTrail/{region}/{}/\
         {account}_CloudTrail_{region}_{minute}Z_{unique}.json.gz",
        day(at),
    )
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

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::GzDecoder;

    use super::*;
    use crate::formats::trail;

    #[test]
    fn files_of_every_length_hold_all_events_and_their_hash() {
        let trail = trail();
        let lengths = [0, 1, PART - 14, PART - 13, PART, PART + 1, 3 * PART];
        for count in 1..=lengths.len() {
            let mut writer = LogFileWriter::new(&trail);
            let mut texts = Vec::new();
            for (seq, length) in (5..).zip(lengths.iter().take(count)) {
                let text = format!("\"{}\"", "x".repeat(*length));
                let event = Entry {
                    seq,
                    commit_seq: 0,
                    now_millis: 100 - seq,
                    payload: text.clone().into_bytes(),
                };
                assert!(writer.push(&event).is_ok());
                texts.push(text);
            }
            let finished = writer.finish(&trail, ("1", "r")).ok().flatten();
            let (object, file) = finished.expect("a file");
            let mut body = Vec::new();
            let mut reader = GzDecoder::new(&object.body[..]);
            reader.read_to_end(&mut body).expect("gzip");
            assert_eq!(
                body,
                format!("{{\"Records\":[{}]}}", texts.join(",")).into_bytes()
            );
            let file = file.expect("the trail has digests");
            assert_eq!(file.hash, sha256_hex(&body));
            let oldest = 96 - i64::try_from(count).expect("few");
            assert_eq!((file.oldest_millis, file.newest_millis), (oldest, 95));
            assert!(object.key == file.key && file.key.contains("CloudTrail_r_19700101T0000Z_"));
        }
        assert!(
            LogFileWriter::new(&trail)
                .finish(&trail, ("1", "r"))
                .ok()
                .flatten()
                .is_none()
        );
    }
}
