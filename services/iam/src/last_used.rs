//! When access keys and roles were last used. It has records of its own: a change of a key's
//! record would make every use derive signing keys again.

use platform::{Ctx, Result, Used};
use serde::{Deserialize, Serialize};
use store::{Key, Record, Txn};
use wire::Timestamp;

use crate::access_keys::record::AccessKeyRecord;

/// The last use of an access key or a role.
#[derive(Serialize, Deserialize)]
struct LastUsedRecord {
    /// When, in milliseconds since 1970.
    at_millis: i64,
    /// The service's signing name.
    service: String,
    /// The region of the credential scope.
    region: String,
}

impl Record for LastUsedRecord {
    const TABLE: &'static str = "iam.last-used";
    const SERVICE: &'static str = "iam";
}

impl LastUsedRecord {
    fn key(id: &str) -> Key {
        Key::new("", "", [id])
    }
}

/// Remembers a use. Of an access key that is gone, nothing is remembered.
pub(crate) async fn record(txn: &mut Txn, id: &str, used: &Used) -> Result<()> {
    if id.starts_with("AKIA") {
        let key = AccessKeyRecord::key(id);
        if txn.get::<AccessKeyRecord>(&key).await?.is_none() {
            return Ok(());
        }
    }
    let record = LastUsedRecord {
        at_millis: used.at.millis,
        service: used.service.clone(),
        region: used.region.clone(),
    };
    txn.put(LastUsedRecord::key(id), record);
    Ok(())
}

/// The last use of an access key, or of a role by its unique id.
pub(crate) async fn of(ctx: &Ctx, id: &str) -> Result<Option<Used>> {
    if let Some(used) = ctx.recent_use(id) {
        return Ok(Some(used));
    }
    let found = ctx.get::<LastUsedRecord>(&LastUsedRecord::key(id)).await?;
    Ok(found.map(|found| Used {
        at: Timestamp {
            millis: found.at_millis,
        },
        service: found.service.clone(),
        region: found.region.clone(),
    }))
}

/// Forgets the use of what is deleted.
pub(crate) async fn forget(ctx: &Ctx, id: &str) {
    ctx.delete::<LastUsedRecord>(&LastUsedRecord::key(id)).await;
}
