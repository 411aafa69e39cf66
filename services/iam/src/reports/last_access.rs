//! What the journal tells about the last use of principals.

use platform::{Ctx, LastCall, Result};
use wire::Timestamp;

/// How far back activity is reported, in milliseconds: 400 days ("Regions where data is tracked").
const TRACKED_MILLIS: i64 = 400 * 24 * 3600 * 1000;

/// The last call by the user or role of the caller's account with this unique id.
pub(crate) async fn of_principal(ctx: &Ctx, unique_id: &str) -> Result<Option<LastCall>> {
    let calls = of_principals(ctx, vec![unique_id.to_owned()]).await?;
    let calls = calls.into_iter().flatten();
    Ok(calls.max_by_key(|call| call.at.millis))
}

/// The last call of each operation by each of the principals, in their order.
pub(crate) async fn of_principals(ctx: &Ctx, ids: Vec<String>) -> Result<Vec<Vec<LastCall>>> {
    let account = ctx.account().to_owned();
    let since = since(ctx.now);
    ctx.activity(move |activity| {
        let calls = |id: &String| {
            let calls = activity.of(&account, id);
            calls
                .filter(|call| call.at.millis >= since)
                .cloned()
                .collect()
        };
        ids.iter().map(calls).collect()
    })
    .await
}

/// The earliest call that counts now, in milliseconds since 1970.
pub(crate) fn since(now: Timestamp) -> i64 {
    now.millis.saturating_sub(TRACKED_MILLIS)
}
