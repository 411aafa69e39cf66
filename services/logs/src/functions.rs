//! Functions of Lambda that subscription filters send to ("Subscription filters with AWS Lambda",
//! CloudWatch Logs user guide). The function's policy decides about CloudWatch Logs and the group.

use bytes::Bytes;
use platform::{Ctx, Failure, FunctionCaller, FunctionFailure, Outcome, Result, partition};
use serde_json::Value;

use crate::envelope;
use crate::group::GroupRecord;

/// Who runs functions, as policies name it for one Region or for all.
const LOGS: &str = "logs.amazonaws.com";
/// The most bytes of an event that waits for a function ("Lambda quotas").
const MOST: usize = 1_048_576;

/// Whether this is the ARN of a function, a version or an alias of the group's account and Region.
pub(crate) fn is_of(group: &GroupRecord, arn: &str) -> bool {
    let (account, region) = (&group.account, &group.region);
    let start = format!(
        "arn:{}:lambda:{region}:{account}:function:",
        partition(region)
    );
    let Some(rest) = arn.strip_prefix(&start) else {
        return false;
    };
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'$');
    let is_name = |name: &str| !name.is_empty() && name.bytes().all(is_known);
    rest.split(':').count() <= 2 && rest.split(':').all(is_name)
}

/// Who runs the function for the group; an error if nobody may. CloudWatch Logs has two names,
/// `logs.amazonaws.com` and that with its Region (`aws:PrincipalServiceNamesList`): the user guide's
/// example of AddPermission has the first one, older policies and many templates the second. Either
/// lets it in. None of the two can be denied by itself: permissions of a function only allow.
pub(crate) async fn caller(
    ctx: &Ctx,
    group: &GroupRecord,
    function: &str,
) -> Result<FunctionCaller, FunctionFailure> {
    let named = |service: String| FunctionCaller {
        function: function.to_owned(),
        service,
        source_arn: format!("{}:*", group.arn),
        source_account: group.account.clone(),
    };
    let everywhere = named(LOGS.to_owned());
    let functions = ctx.upkeep().functions();
    let Err(failure) = functions.may_run(ctx, &everywhere).await else {
        return Ok(everywhere);
    };
    let here = named(format!("logs.{}.amazonaws.com", group.region));
    match functions.may_run(ctx, &here).await {
        Ok(()) => Ok(here),
        Err(_) => Err(failure),
    }
}

/// Has the function get a document some time soon.
pub(crate) async fn deliver(
    ctx: &Ctx,
    group: &GroupRecord,
    function: &str,
    document: Value,
) -> Result<Outcome> {
    let caller = match caller(ctx, group, function).await {
        Ok(caller) => caller,
        Err(failure) => return Ok(refused(&failure)),
    };
    let bodies = ctx.blocking(move |_| envelope::bodies(document, MOST));
    let upkeep = ctx.upkeep();
    for body in bodies.await?? {
        let queued = upkeep.functions().queue(upkeep, &caller, Bytes::from(body));
        if let Err(failure) = queued.await {
            return Ok(refused(&failure));
        }
    }
    Ok(Outcome::Done)
}

/// What becomes of a delivery that Lambda does not take.
fn refused(refused: &FunctionFailure) -> Outcome {
    let failure = Failure::new(&refused.code, &refused.text);
    match refused.is_transient {
        true => Outcome::Retry(failure),
        false => Outcome::GiveUp(failure),
    }
}
