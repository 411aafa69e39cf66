//! `sts:AssumeRoot`: a privileged task on a member account, as its root user.
//!
//! Source: STS API reference, AssumeRoot, and "Centrally manage root access for member accounts"
//! (IAM user guide).

use std::borrow::Cow;
use std::sync::Arc;

use api::sts::{AssumeRootRequest, AssumeRootResponse};
use platform::{
    Caller, CallerKind, ConditionKeys, Ctx, Resource, Result, Session, SessionPolicies,
    access_denied, validation,
};
use policy::Values;
use wire::{Common, Fault};

use crate::issuing::{self, hand_out};

/// The longest session, and the default, in seconds.
const MOST: i32 = 900;
/// The service whose delegated administrator may take privileged tasks.
const SERVICE: &str = "iam.amazonaws.com";
const ACTION: &str = "sts:AssumeRoot";
const TASKS: &str = "arn:aws:iam::aws:policy/root-task/";
/// What a root user may do before its task limits it.
const EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
/// The tasks that there are.
const NAMES: [&str; 5] = [
    "IAMAuditRootUserCredentials",
    "IAMCreateRootUserPassword",
    "IAMDeleteRootUserCredentials",
    "S3UnlockBucketPolicy",
    "SQSUnlockQueuePolicy",
];

pub(crate) async fn assume_root(
    ctx: &Ctx,
    request: AssumeRootRequest,
) -> Result<AssumeRootResponse> {
    if ctx.caller.kind == CallerKind::Root {
        let message = "Root credentials cannot be used to call AssumeRoot.";
        return Err(Fault::common(Common::AccessDenied, message).into());
    }
    let account = account_of(&request.target_principal)?;
    let task = task(request.task_policy_arn.arn)?;
    let member = RootUser {
        asking: ctx.account().to_owned(),
        arn: format!("arn:aws:iam::{account}:root"),
    };
    let keys = TaskKeys(&task);
    let access = ctx.authorize(ACTION, member.clone());
    access.keys(&keys).decide_without_reason().await?;
    if !privileged(ctx, &account).await? {
        return Err(access_denied(&ctx.caller.arn, ACTION, &member.arn, ""));
    }
    let calling = ctx.caller.session.as_deref();
    let source_identity = calling.and_then(|session| session.source_identity.clone());
    let seconds = request.duration_seconds.unwrap_or(MOST);
    let session = Session {
        issued_millis: ctx.now.whole_secs().millis,
        expires_millis: issuing::end(ctx.now, seconds),
        policies: Some(SessionPolicies {
            // Tasks are written as denials of everything else.
            inline: Some(EVERYTHING.to_owned()),
            arns: vec![task],
        }),
        source_identity: source_identity.clone(),
        ..Session::default()
    };
    let caller = Caller {
        session: Some(Arc::new(session)),
        ..Caller::root(&account, "")
    };
    let handed = hand_out(ctx, caller, request.minimum_session_token_size)?;
    Ok(AssumeRootResponse {
        credentials: Some(handed.credentials),
        source_identity,
        session_token_utilization: Some(handed.utilization),
        session_token_size: Some(handed.size),
    })
}

/// The account that `TargetPrincipal` names: by its number or its root user's ARN.
fn account_of(target: &str) -> Result<String> {
    let inner = target.strip_prefix("arn:aws:iam::");
    let number = inner.and_then(|inner| inner.strip_suffix(":root"));
    let number = number.unwrap_or(target);
    let is_account = number.len() == 12 && number.bytes().all(|byte| byte.is_ascii_digit());
    if is_account {
        return Ok(number.to_owned());
    }
    Err(validation("The specified target principal is invalid."))
}

fn task(arn: Option<String>) -> Result<String> {
    let known = |arn: &String| {
        arn.strip_prefix(TASKS)
            .is_some_and(|name| NAMES.contains(&name))
    };
    let refused = || validation("The specified task policy is invalid.");
    arn.filter(known).ok_or_else(refused)
}

/// Whether the caller's account may take privileged tasks in `member`: it manages the organization
/// that both belong to, or does so for IAM in its place, and the organization enabled it.
async fn privileged(ctx: &Ctx, member: &str) -> Result<bool> {
    let caller = ctx.account();
    let (own, other) = (ctx.membership(caller).await?, ctx.membership(member).await?);
    let (Some(own), Some(other)) = (own, other) else {
        return Ok(false);
    };
    let management = &own.management_account;
    if own.organization_id != other.organization_id || member == management {
        return Ok(false);
    }
    let access = ctx.service_access(management, SERVICE).await?;
    let mut delegated = access.delegated_administrators.iter();
    let administers = caller == management || delegated.any(|account| account == caller);
    let (directory, mut txn) = ctx.directory().await;
    let features = directory
        .root_features(&mut txn, &own.organization_id)
        .await?;
    Ok(administers && access.all_features && access.trusted && features.sessions)
}

/// The root user of a member account, as a resource. It counts as one of the asking account, since
/// the caller's policies alone decide: a member has no policy that could agree.
#[derive(Clone)]
struct RootUser {
    asking: String,
    arn: String,
}

impl Resource for RootUser {
    fn arn(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.arn)
    }

    fn account(&self) -> &str {
        &self.asking
    }
}

struct TaskKeys<'a>(&'a str);

impl ConditionKeys for TaskKeys<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        (key == "sts:taskpolicyarn").then(|| Values::from(self.0))
    }
}
