//! Queries of Logs Insights and what they found, as the store keeps them.

use api::logs::{QueryLanguage, QueryStatistics, QueryStatus};
use platform::{Ctx, Error, Result, Upkeep};
use serde::{Deserialize, Serialize};
use store::{Key, Record};
use wire::Timestamp;

use crate::access::{self, Target};
use crate::batch::Bytes;
use crate::encryption;
use crate::group::{DAY_MILLIS, WrappedDataKey};
use crate::refusals;

/// So long queries and their results are kept (CloudWatch Logs quotas, "Query results availability").
const KEPT_MILLIS: i64 = 7 * DAY_MILLIS;
/// So many rows share a record.
const ROWS_AT_ONCE: usize = 1000;

/// What the store keeps of a query.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct QueryRecord {
    pub(crate) id: String,
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) text: String,
    /// The log groups that are searched.
    pub(crate) groups: Vec<Searched>,
    /// The first millisecond, and the first that is too late.
    pub(crate) start_millis: i64,
    pub(crate) end_millis: i64,
    /// The most rows, where the query itself says nothing of them.
    pub(crate) limit: u32,
    pub(crate) created_millis: i64,
    /// The ARN of who started it.
    pub(crate) user: String,
    pub(crate) status: Status,
    pub(crate) progress: Progress,
    /// The data keys under which the rows are sealed, one around the other.
    pub(crate) layers: Vec<Layer>,
}

/// A log group that a query searches.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Searched {
    pub(crate) account: String,
    pub(crate) name: String,
    /// Tells it from another group of this name.
    pub(crate) id: String,
}

impl Searched {
    pub(crate) fn target(&self) -> Target {
        Target {
            account: self.account.clone(),
            name: self.name.clone(),
        }
    }
}

/// A data key of a searched group, or of the account's query results.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Layer {
    /// Whose it is: what KMS hears of it.
    pub(crate) arn: String,
    pub(crate) data_key: WrappedDataKey,
}

/// How far a query has come.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Status {
    Scheduled,
    Running,
    Complete,
    Failed,
    Cancelled,
    Timeout,
}

/// What a query has seen so far.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Progress {
    pub(crate) matched: u64,
    pub(crate) scanned: u64,
    pub(crate) bytes: u64,
    pub(crate) rows: u64,
    pub(crate) duration_millis: i64,
}

/// Some of the rows that a query found: sealed, in clear for nobody.
#[derive(Serialize, Deserialize)]
pub(crate) struct RowsRecord {
    pub(crate) rows: Bytes,
}

impl Record for QueryRecord {
    const TABLE: &'static str = "logs.queries";
    const SERVICE: &'static str = "logs";
}

impl Record for RowsRecord {
    const TABLE: &'static str = "logs.query-rows";
    const SERVICE: &'static str = "logs";
    const CACHED: bool = false;
}

/// A row: names of columns and values.
pub(crate) type ShownRow = Vec<(String, String)>;

/// Rows in clear, which are never a record of their own.
#[derive(Serialize, Deserialize)]
struct PlainRows {
    rows: Vec<ShownRow>,
}

impl Record for PlainRows {
    const TABLE: &'static str = "logs.query-plain-rows";
    const SERVICE: &'static str = "logs";
    const CACHED: bool = false;
}

impl QueryRecord {
    /// Outside of accounts, so that one scan finds what has expired.
    pub(crate) fn place(account: &str, region: &str, id: &str) -> Key {
        Key::new("", "", [account, region, id])
    }

    /// Where the record stands.
    pub(crate) fn key(&self) -> Key {
        Self::place(&self.account, &self.region, &self.id)
    }

    /// The query of this id in the caller's account.
    pub(crate) async fn find(ctx: &Ctx, id: &str) -> Result<Option<Self>> {
        let place = Self::place(ctx.account(), &ctx.region, id);
        let found = ctx.get::<Self>(&place).await?;
        let found = found.as_deref().cloned();
        Ok(found.filter(|query| !query.has_expired(ctx.now)))
    }

    /// The queries of the caller's account.
    pub(crate) async fn all(ctx: &Ctx) -> Result<Vec<Self>> {
        let all = Key::new("", "", [ctx.account(), &ctx.region]);
        let rows = ctx.scan_all::<Self>(&all).await?;
        let queries = rows.iter().map(|(_, query)| Self::clone(query));
        Ok(queries
            .filter(|query| !query.has_expired(ctx.now))
            .collect())
    }

    /// The query of this id, if the caller may do this to the groups that it searches.
    pub(crate) async fn readable(ctx: &Ctx, action: &'static str, id: &str) -> Result<Self> {
        let Some(query) = Self::find(ctx, id).await? else {
            access::groups(ctx, action).await?;
            return Err(refusals::no_query().into());
        };
        for searched in &query.groups {
            access::may(ctx, action, &searched.target()).await?;
        }
        Ok(query)
    }

    /// The ARN of the KMS key of the account's query results, where there was one when the query was
    /// started.
    pub(crate) fn kms_key(&self, results_arn: &str) -> Option<&str> {
        let mut layers = self.layers.iter();
        let own = layers.find(|layer| layer.arn == results_arn)?;
        Some(&own.data_key.kms_key)
    }

    pub(crate) fn is_under_way(&self) -> bool {
        matches!(self.status, Status::Scheduled | Status::Running)
    }

    fn has_expired(&self, now: Timestamp) -> bool {
        self.created_millis + KEPT_MILLIS <= now.millis
    }

    /// Statistics as answers show them.
    pub(crate) fn statistics(&self) -> QueryStatistics {
        let Progress {
            matched,
            scanned,
            bytes,
            rows,
            ..
        } = self.progress;
        QueryStatistics {
            records_matched: Some(count(matched)),
            records_scanned: Some(count(scanned)),
            estimated_records_skipped: Some(0.0),
            bytes_scanned: Some(count(bytes)),
            estimated_bytes_skipped: Some(0.0),
            log_groups_scanned: Some(count(self.groups.len() as u64)),
            result_count: Some(count(rows)),
        }
    }

    /// What binds sealed rows to their place.
    fn bound(&self, part: usize) -> Vec<u8> {
        format!("{}/{part}", self.id).into_bytes()
    }

    fn rows_place(&self, part: usize) -> Key {
        Key::new(
            &*self.account,
            &*self.region,
            [self.id.clone(), part.to_string()],
        )
    }

    /// Stages the rows that the query found.
    pub(crate) async fn put_rows(&self, ctx: &Ctx, rows: Vec<ShownRow>) -> Result<()> {
        let mut keys = Vec::with_capacity(self.layers.len());
        for layer in &self.layers {
            keys.push(encryption::unwrap_for(ctx, &layer.arn, &layer.data_key).await?);
        }
        for (part, rows) in rows.chunks(ROWS_AT_ONCE).enumerate() {
            let place = self.rows_place(part);
            let plain = PlainRows {
                rows: rows.to_vec(),
            };
            let plain = store::record::encode(&place, &plain).map_err(Error::internal)?;
            let mut sealed = plain.to_vec();
            for key in &keys {
                let whole = key.seal(&self.bound(part), &sealed, ctx.random());
                sealed = whole.map_err(Error::internal)?;
            }
            ctx.put(
                place,
                RowsRecord {
                    rows: Bytes(sealed),
                },
            )
            .await;
        }
        Ok(())
    }

    /// Up to `most` of the rows from `first` on. KMS is asked for every key that seals them.
    pub(crate) async fn rows(&self, ctx: &Ctx, first: usize, most: usize) -> Result<Vec<ShownRow>> {
        let mut keys = Vec::with_capacity(self.layers.len());
        for layer in &self.layers {
            keys.push(encryption::unwrap_for(ctx, &layer.arn, &layer.data_key).await?);
        }
        let mut shown = Vec::new();
        let mut skip = first % ROWS_AT_ONCE;
        for part in first / ROWS_AT_ONCE.. {
            let Some(record) = ctx.get::<RowsRecord>(&self.rows_place(part)).await? else {
                break;
            };
            let mut plain = record.rows.0.clone();
            for key in keys.iter().rev() {
                plain = key
                    .open(&self.bound(part), &plain)
                    .map_err(Error::internal)?
                    .to_vec();
            }
            let (_, PlainRows { rows }) = store::record::decode(&plain).map_err(Error::internal)?;
            shown.extend(rows.into_iter().skip(skip).take(most - shown.len()));
            skip = 0;
            if shown.len() == most {
                break;
            }
        }
        Ok(shown)
    }
}

/// A number as statistics have it.
pub(crate) fn count(number: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "nobody counts to 2^53")]
    {
        number as f64
    }
}

impl From<Status> for QueryStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Scheduled => Self::Scheduled,
            Status::Running => Self::Running,
            Status::Complete => Self::Complete,
            Status::Failed => Self::Failed,
            Status::Cancelled => Self::Cancelled,
            Status::Timeout => Self::Timeout,
        }
    }
}

/// Refuses the languages that are not spoken here.
pub(crate) fn check_language(language: Option<QueryLanguage>) -> Result<()> {
    match language {
        None | Some(QueryLanguage::Cwli) => Ok(()),
        Some(other) => {
            let text = format!("The query language {} is not supported.", other.as_str());
            Err(refusals::invalid(text).into())
        }
    }
}

/// Deletes the queries that have expired at `now`, with what they found. Returns how many.
pub(crate) async fn expire(upkeep: &Upkeep, now: Timestamp) -> Result<usize> {
    let everything = Key::new("", "", [""; 0]);
    let (mut gone, mut after) = (0, None);
    loop {
        let mut txn = upkeep.begin();
        let page = txn
            .scan::<QueryRecord>(&everything, after.as_ref(), 256)
            .await?;
        for (key, query) in &page.rows {
            if !query.has_expired(now) {
                continue;
            }
            let rows = Key::new(&*query.account, &*query.region, [&*query.id]);
            for (row, _) in txn.scan::<RowsRecord>(&rows, None, 1000).await?.rows {
                txn.delete::<RowsRecord>(&row);
            }
            txn.delete::<QueryRecord>(key);
            gone += 1;
        }
        // Somebody else may have been first: the next run looks again.
        upkeep.commit_part(txn).await?;
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(gone),
        }
    }
}
