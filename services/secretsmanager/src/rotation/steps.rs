//! The four steps of a rotation, and who carries them out ("Lambda rotation functions", user guide).

use std::borrow::Cow;

use bytes::Bytes;
use platform::{Ctx, FunctionCaller, Resource, Result, Upkeep, partition};
use serde::{Deserialize, Serialize};
use wire::json::Writer;
use wire::{Common, Fault};

use super::PRINCIPAL;
use super::managed::Managed;
use crate::names::Place;
use crate::refusals;
use crate::secret::SecretRecord;

/// What a caller needs permission for who has a function run.
const LAMBDA: &str = "lambda:InvokeFunction";

/// A step of a rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Step {
    Create,
    Set,
    Test,
    Finish,
}

impl Step {
    /// As functions know it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Create => "createSecret",
            Self::Set => "setSecret",
            Self::Test => "testSecret",
            Self::Finish => "finishSecret",
        }
    }

    /// The step after this one; none after the last.
    pub(super) fn next(self) -> Option<Self> {
        match self {
            Self::Create => Some(Self::Set),
            Self::Set => Some(Self::Test),
            Self::Test => Some(Self::Finish),
            Self::Finish => None,
        }
    }
}

/// Why a step was not done: the text of the event that tells of it.
pub(super) struct StepFailure(pub(super) String);

/// A step to be done.
pub(super) struct Errand<'a> {
    pub(super) place: &'a Place,
    pub(super) secret: &'a SecretRecord,
    /// The id of the version that is made.
    pub(super) token: &'a str,
    /// What calls for the rotation prove themselves with.
    pub(super) rotation_token: &'a str,
    pub(super) step: Step,
}

impl Errand<'_> {
    /// Does the step, through whoever rotates the secret.
    pub(super) async fn run(&self, upkeep: &Upkeep) -> Result<Result<(), StepFailure>> {
        let rotation = self.secret.rotation.as_ref();
        let function = rotation.and_then(|rotation| rotation.function.as_deref());
        let managed = rotation.and_then(|rotation| rotation.managed.as_ref());
        match (function, managed) {
            (Some(function), _) => Ok(self.run_function(upkeep, function).await),
            (None, Some(managed)) => self.run_managed(upkeep, managed).await,
            (None, None) => Ok(Err(StepFailure("nobody rotates the secret".to_owned()))),
        }
    }

    /// Does the step from here. What it stages holds if it succeeds; where somebody else commits
    /// first, the step failed.
    async fn run_managed(
        &self,
        upkeep: &Upkeep,
        managed: &Managed,
    ) -> Result<Result<(), StepFailure>> {
        let ctx = upkeep.ctx(PRINCIPAL, &self.place.region, upkeep.time()?)?;
        let changed = || Err(StepFailure("the secret changed meanwhile".to_owned()));
        // What is staged rests on the secret as this transaction reads it.
        let found = SecretRecord::get(&ctx, self.place).await?;
        let found = found.filter(|found| {
            found.suffix == self.secret.suffix && found.version(self.token).is_some()
        });
        let Some(secret) = found else {
            return Ok(changed());
        };
        let errand = Errand {
            secret: &secret,
            ..*self
        };
        if let Err(failure) = errand.manage(&ctx, managed).await {
            upkeep.drop_ctx(ctx).await?;
            return Ok(Err(failure));
        }
        match upkeep.commit_ctx(ctx, &[]).await? {
            true => Ok(Ok(())),
            false => Ok(changed()),
        }
    }

    /// Runs the function. What it returns does not matter, unless it says that it failed.
    async fn run_function(&self, upkeep: &Upkeep, function: &str) -> Result<(), StepFailure> {
        let caller = function_caller(function, &self.place.arn(&self.secret.suffix));
        let ran = upkeep.functions().run(upkeep, &caller, self.event()).await;
        match ran {
            Ok(answer) if answer.error.is_none() => Ok(()),
            Ok(_) | Err(_) => Err(StepFailure(format!(
                "Error when executing lambda {function} during {} step",
                self.step.name()
            ))),
        }
    }

    /// What the function is run with.
    fn event(&self) -> Bytes {
        let mut out = Writer::with_capacity(512);
        out.begin_object();
        for (key, value) in [
            ("Step", self.step.name()),
            ("SecretId", &*self.place.arn(&self.secret.suffix)),
            ("ClientRequestToken", self.token),
            ("RotationToken", self.rotation_token),
        ] {
            out.key(key);
            out.string(value);
        }
        out.end_object();
        Bytes::copy_from_slice(&out.finish())
    }
}

/// Refuses a function that the caller may not run, and one whose policy does not let Secrets Manager
/// in ("Permissions for rotation", user guide).
pub(crate) async fn may_run(ctx: &Ctx, function: &str, secret_arn: &str) -> Result<()> {
    check_arn(ctx, function)?;
    let resource = Function {
        arn: function.to_owned(),
        account: ctx.account().to_owned(),
    };
    ctx.authorize(LAMBDA, resource).decide().await?;
    let caller = function_caller(function, secret_arn);
    let functions = ctx.upkeep().functions();
    match functions.may_run(ctx, &caller).await {
        Ok(()) => Ok(()),
        Err(failure) if failure.is_transient => Err(platform::Error::internal(failure)),
        // Whether there is such a function is nobody's business who may not run it.
        Err(_) => Err(Fault::common(
            Common::AccessDenied,
            "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function \
             policy grants access to the principal secretsmanager.amazonaws.com.",
        )
        .into()),
    }
}

/// Refuses what is no ARN of a function in the Region of the call.
fn check_arn(ctx: &Ctx, arn: &str) -> Result<(), Fault> {
    let (partition, region) = (partition(&ctx.region), &ctx.region);
    let head = format!("arn:{partition}:lambda:{region}:");
    let rest = arn.strip_prefix(&head);
    let parts: Vec<&str> = rest
        .map(|rest| rest.split(':').collect())
        .unwrap_or_default();
    let is_name = |part: &str| {
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-_$".contains(&byte);
        !part.is_empty() && part.bytes().all(is_letter)
    };
    let is_function = match parts.as_slice() {
        [account, "function", names @ ..] => {
            platform::is_account(account)
                && (1..=2).contains(&names.len())
                && names.iter().all(|name| is_name(name))
        }
        _ => false,
    };
    match is_function {
        true => Ok(()),
        false => Err(refusals::invalid(format!(
            "Invalid rotation Lambda ARN. Ensure the ARN matches format \
             arn:{partition}:lambda:{region}:<account>:function:<functionName>."
        ))),
    }
}

fn function_caller(function: &str, secret_arn: &str) -> FunctionCaller {
    FunctionCaller {
        function: function.to_owned(),
        service: PRINCIPAL.to_owned(),
        source_arn: secret_arn.to_owned(),
        source_account: secret_arn.split(':').nth(4).unwrap_or_default().to_owned(),
    }
}

/// A function, for the decision whether the caller may have it run. What its policy says of Secrets
/// Manager is asked apart, of whoever keeps functions.
struct Function {
    arn: String,
    account: String,
}

impl Resource for Function {
    fn arn(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.arn)
    }

    fn account(&self) -> &str {
        &self.account
    }
}
