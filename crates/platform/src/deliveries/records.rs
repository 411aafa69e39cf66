//! Deliveries at rest. What is due is apart from what is delivered, so that a start reads no
//! payloads and a further attempt writes none.

use serde::{Deserialize, Serialize};
use store::{DecodeError, Migrate, OldFormat, Record};
use wire::Timestamp;

use super::agenda::{DeliveryId, Scheduled};
use super::{Delivery, Exhausted, Failure};

/// A delivery without its payload.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct DeliveryRecord {
    /// The name of the service's table.
    pub(crate) service: String,
    /// The queue, as the service names it.
    pub(crate) queue: String,
    /// Whether it waits for what stands before it in the queue.
    pub(crate) ordered: bool,
    /// The account for which it is made.
    pub(crate) account: String,
    /// The Region.
    pub(crate) region: String,
    /// When it was staged.
    pub(crate) staged_millis: i64,
    /// When it is to be tried.
    pub(crate) due_millis: i64,
    /// How many attempts were made.
    pub(crate) attempts: u32,
    /// The most attempts after the first one.
    pub(crate) most_retries: u32,
    /// The most seconds between staging and an attempt.
    pub(crate) most_age_secs: u32,
    /// Those of the payload; of what an older format held, none.
    pub(crate) bytes: u32,
}

/// A delivery as it was before its bytes counted.
#[derive(Deserialize)]
pub(crate) struct DeliveryRecordV1 {
    service: String,
    queue: String,
    ordered: bool,
    account: String,
    region: String,
    staged_millis: i64,
    due_millis: i64,
    attempts: u32,
    most_retries: u32,
    most_age_secs: u32,
}

/// What is delivered.
#[derive(Serialize, Deserialize)]
pub(crate) struct PayloadRecord(pub(crate) Vec<u8>);

impl Record for DeliveryRecord {
    const TABLE: &'static str = "platform.deliveries";
    const SERVICE: &'static str = "platform";
    const CACHED: bool = false;
    const FORMAT: u8 = 2;

    fn decode_older(format: u8, bytes: &[u8]) -> Result<Self, DecodeError> {
        Self::decode_previous(format, bytes)
    }
}

impl OldFormat for DeliveryRecordV1 {
    const FORMAT: u8 = 1;
}

impl Migrate for DeliveryRecord {
    type Previous = DeliveryRecordV1;

    fn migrate(old: DeliveryRecordV1) -> Self {
        Self {
            service: old.service,
            queue: old.queue,
            ordered: old.ordered,
            account: old.account,
            region: old.region,
            staged_millis: old.staged_millis,
            due_millis: old.due_millis,
            attempts: old.attempts,
            most_retries: old.most_retries,
            most_age_secs: old.most_age_secs,
            bytes: 0,
        }
    }
}

impl Record for PayloadRecord {
    const TABLE: &'static str = "platform.delivery_payloads";
    const SERVICE: &'static str = "platform";
    const CACHED: bool = false;
}

/// A queue's name among those of all accounts and services.
pub(crate) fn whole_queue(account: &str, service: &str, queue: &str) -> String {
    format!("{account} {service} {queue}")
}

impl DeliveryRecord {
    /// Its place in the agenda.
    pub(crate) fn scheduled(&self, id: DeliveryId) -> Scheduled {
        Scheduled {
            account: self.account.as_str().into(),
            queue: whole_queue(&self.account, &self.service, &self.queue).into(),
            ordered: self.ordered,
            due_millis: self.due_millis,
            bytes: self.bytes,
            id,
        }
    }

    /// The delivery as its service sees it.
    pub(crate) fn with(&self, id: DeliveryId, payload: &PayloadRecord) -> Delivery {
        Delivery {
            id: id.text(),
            account: self.account.clone(),
            queue: self.queue.clone(),
            attempts: self.attempts,
            staged: Timestamp {
                millis: self.staged_millis,
            },
            payload: payload.0.clone(),
        }
    }

    /// Sets the next attempt, `delay` milliseconds after `now` or when the receiver says, or tells
    /// why there is none.
    pub(crate) fn postpone(
        &mut self,
        now: Timestamp,
        delay: i64,
        failure: &Failure,
    ) -> Result<i64, Exhausted> {
        if self.attempts >= self.most_retries {
            return Err(Exhausted::Attempts);
        }
        let asked = failure.retry_after.map_or(0, |after| {
            i64::try_from(after.as_millis()).unwrap_or(i64::MAX)
        });
        let due = now.millis.saturating_add(delay.max(asked));
        let age = due.saturating_sub(self.staged_millis);
        if age > i64::from(self.most_age_secs) * 1000 {
            return Err(Exhausted::Age);
        }
        self.attempts += 1;
        self.due_millis = due;
        Ok(due)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn record() -> DeliveryRecord {
        DeliveryRecord {
            service: "s".to_owned(),
            queue: "q".to_owned(),
            ordered: true,
            account: "1".to_owned(),
            region: "r".to_owned(),
            staged_millis: 1,
            due_millis: 2,
            attempts: 3,
            most_retries: 4,
            most_age_secs: 5,
            bytes: 200,
        }
    }

    /// Samples as the formats were written once; they must never change.
    #[test]
    fn records_of_all_formats_decode() {
        let sample = b"\x01s\x01q\x01\x011\x01r\x02\x04\x03\x04\x05\xc8\x01";
        assert_eq!(postcard::to_stdvec(&record()).unwrap(), sample);
        let decoded: DeliveryRecord = postcard::from_bytes(sample).unwrap();
        assert_eq!((decoded.most_age_secs, decoded.bytes), (5, 200));
        let sample = b"\x01s\x01q\x01\x011\x01r\x02\x04\x03\x04\x05";
        let decoded = DeliveryRecord::decode_older(1, sample).unwrap();
        assert_eq!((decoded.most_age_secs, decoded.bytes), (5, 0));
        let payload = postcard::to_stdvec(&PayloadRecord(vec![7, 200])).unwrap();
        assert_eq!(payload, b"\x02\x07\xc8");
    }

    #[test]
    fn attempts_and_age_have_an_end() {
        let now = Timestamp { millis: 1 };
        let failure = Failure::default();
        let mut record = record();
        assert_eq!(record.postpone(now, 5001, &failure), Err(Exhausted::Age));
        assert_eq!((record.attempts, record.due_millis), (3, 2));
        assert_eq!(record.postpone(now, 5000, &failure), Ok(5001));
        assert_eq!((record.attempts, record.due_millis), (4, 5001));
        assert_eq!(record.postpone(now, 0, &failure), Err(Exhausted::Attempts));
    }

    #[test]
    fn a_receiver_may_ask_for_more_time_but_not_for_less() {
        let now = Timestamp { millis: 1 };
        let asks = |millis| Failure {
            retry_after: Some(Duration::from_millis(millis)),
            ..Failure::default()
        };
        assert_eq!(record().postpone(now, 100, &asks(700)), Ok(701));
        assert_eq!(record().postpone(now, 100, &asks(7)), Ok(101));
        let never = record().postpone(now, 100, &asks(u64::MAX));
        assert_eq!(never, Err(Exhausted::Age));
    }
}
