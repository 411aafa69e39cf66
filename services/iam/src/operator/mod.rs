//! What operators ask of a running server beyond AWS's APIs: why a decision falls as it does, and
//! which accounts there are. A service of its own, so that its calls are signed, authorized and on
//! record like all others.

mod create_account;
mod explain_decision;
mod list_accounts;
mod tables;
pub(crate) mod trusted_role;

use api::iam::InvalidInputException;
use platform::{CallerKind, Ctx, Everything, Result, Service, access_denied};

use crate::account::HomeAccount;

/// The service with all its operations.
pub fn service() -> Service {
    Service::new(&tables::SERVICE)
        .global()
        .op::<tables::CreateAccount>(create_account::create_account)
        .op::<tables::ExplainDecision>(explain_decision::explain_decision)
        .op::<tables::ListAccounts>(list_accounts::list_accounts)
}

/// Accounts are the operator's: only the root user of the account that the first start made, with
/// its own access key, may see or make them.
async fn permit(ctx: &Ctx, action: &'static str) -> Result<()> {
    let account = ctx.account().to_owned();
    let everything = Everything { account };
    ctx.authorize(action, everything).decide().await?;
    let home = ctx.get::<HomeAccount>(&HomeAccount::key()).await?;
    let is_home = home.is_some_and(|home| home.account == ctx.account());
    let is_root = ctx.caller.kind == CallerKind::Root && ctx.caller.session.is_none();
    if is_home && is_root {
        return Ok(());
    }
    let because = "because only the root user of the home account may";
    Err(access_denied(&ctx.caller.arn, action, "*", because))
}

fn invalid(message: impl Into<String>) -> platform::Error {
    InvalidInputException::new(message).into()
}
