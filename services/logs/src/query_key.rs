//! The KMS key under which an account keeps what its queries find, in a Region ("Encrypt query
//! results with AWS Key Management Service", CloudWatch Logs user guide). Results are sealed by the
//! store and under the keys of the groups that were searched all the same.

use platform::{Ctx, Result, partition};
use serde::{Deserialize, Serialize};
use store::{Key, Record};

use crate::encryption;
use crate::group::WrappedDataKey;
use crate::query::Layer;

/// The key of an account in a Region.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct QueryKeyRecord {
    /// A data key under it, for the queries that are started from now on.
    pub(crate) data_key: WrappedDataKey,
}

impl Record for QueryKeyRecord {
    const TABLE: &'static str = "logs.query-keys";
    const SERVICE: &'static str = "logs";
}

/// The ARN of the caller's query results in the call's Region, which is what KMS hears of them.
pub(crate) fn arn(ctx: &Ctx) -> String {
    let (region, account) = (&ctx.region, ctx.account());
    let partition = partition(region);
    format!("arn:{partition}:logs:{region}:{account}:query-result:*")
}

/// Has the queries of the caller that are started from now on keep what they find under the key of
/// this ARN.
pub(crate) async fn associate(ctx: &Ctx, kms_key: &str) -> Result<()> {
    let data_key = encryption::generate(ctx, &arn(ctx), kms_key).await?;
    ctx.put(place(ctx), QueryKeyRecord { data_key }).await;
    Ok(())
}

/// The opposite. What was found already stays under the key.
pub(crate) async fn disassociate(ctx: &Ctx) {
    ctx.delete::<QueryKeyRecord>(&place(ctx)).await;
}

/// What seals the results of a query that the caller starts now, if there is a key.
pub(crate) async fn layer(ctx: &Ctx) -> Result<Option<Layer>> {
    let known = ctx.get::<QueryKeyRecord>(&place(ctx)).await?;
    Ok(known.map(|known| Layer {
        arn: arn(ctx),
        data_key: known.data_key.clone(),
    }))
}

fn place(ctx: &Ctx) -> Key {
    Key::new(ctx.account(), &ctx.region, [] as [&str; 0])
}
