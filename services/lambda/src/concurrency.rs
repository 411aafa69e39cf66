//! How many invocations may run at once ("Understanding Lambda function scaling").

use platform::{AppliedQuotas, Ctx, Result};
use store::Key;

use crate::function::FunctionRecord;
use crate::quotas::{CONCURRENCY, QUOTAS};

/// What functions without a reservation always have together (PutFunctionConcurrency).
pub(crate) const LEAST_UNRESERVED: u32 = 100;

/// The limit of an account in a Region.
pub(crate) async fn limit(ctx: &Ctx, account: &str, region: &str) -> Result<u32> {
    let applied = AppliedQuotas::place(account, region, QUOTAS.service_code);
    let applied = ctx.get::<AppliedQuotas>(&applied).await?;
    let value = applied.and_then(|applied| applied.value(CONCURRENCY.code));
    let value = value.unwrap_or(CONCURRENCY.default);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a quota is a small whole number"
    )]
    Ok(value as u32)
}

/// What is reserved for all functions of an account but the one of this name.
pub(crate) async fn reserved(ctx: &Ctx, (account, region): (&str, &str), but: &str) -> Result<u32> {
    let own = Key::new(account, region, [""; 0]);
    let rows = ctx.scan_all::<FunctionRecord>(&own).await?;
    let others = rows.iter().filter(|(_, function)| function.name != but);
    Ok(others
        .filter_map(|(_, function)| function.reserved_concurrency)
        .sum())
}
