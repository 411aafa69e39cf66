//! A report on the use of services in an organization, as it was made.

use std::collections::BTreeSet;
use std::sync::Arc;

use api::iam::NoSuchEntityException;
use platform::{Activity, Ctx, ReportAbout, Reported, ReportedAccount, Result, Unreportable};
use policy::reference;
use serde::{Deserialize, Serialize};
use store::{Key, Record};
use wire::Timestamp;

use crate::reports::access_report::LIFE_MILLIS;
use crate::reports::last_access;

/// A report of `GenerateOrganizationsAccessReport`.
#[derive(Serialize, Deserialize)]
pub(crate) struct OrganizationReport {
    /// When it was made, in milliseconds since 1970.
    created_millis: i64,
    /// What came of it.
    pub(crate) outcome: Outcome,
}

/// What came of a report.
#[derive(Serialize, Deserialize)]
pub(crate) enum Outcome {
    /// The services that are let in, by namespace.
    Completed(Vec<ServiceUse>),
    /// There is nothing to report on.
    Failed {
        /// The code of the error.
        code: String,
        /// What is wrong.
        message: String,
    },
}

/// The last use of a service.
#[derive(Serialize, Deserialize)]
pub(crate) struct ServiceUse {
    /// `kms`
    pub(crate) namespace: String,
    /// The last call, if there was one.
    pub(crate) last: Option<LastUse>,
    /// How many accounts called it.
    pub(crate) accounts: i32,
}

/// A call.
#[derive(Serialize, Deserialize)]
pub(crate) struct LastUse {
    /// When, in milliseconds since 1970.
    pub(crate) millis: i64,
    /// Where.
    pub(crate) region: String,
    /// The path of the account that it came from.
    pub(crate) path: String,
}

impl Record for OrganizationReport {
    const TABLE: &'static str = "iam.organization-reports";
    const SERVICE: &'static str = "iam";
}

impl OrganizationReport {
    fn key(account: &str, job_id: &str) -> Key {
        Key::new(account, "", [job_id])
    }

    /// Makes and keeps a report; gives its id.
    pub(crate) async fn make(
        ctx: &Ctx,
        reported: Result<Reported, Unreportable>,
        about: ReportAbout<'_>,
    ) -> Result<String> {
        forget_old(ctx).await?;
        let outcome = match reported {
            Ok(reported) => Outcome::Completed(services(ctx, reported).await?),
            Err(reason) => failed(reason, about),
        };
        let created_millis = ctx.now.whole_secs().millis;
        let report = Self {
            created_millis,
            outcome,
        };
        let job_id = ctx.new_uuid()?;
        ctx.put(Self::key(ctx.account(), &job_id), report).await;
        Ok(job_id)
    }

    /// The report of this id, which somebody of the caller's account asked for.
    pub(crate) async fn find(ctx: &Ctx, job_id: &str) -> Result<Arc<Self>> {
        let found = ctx.get::<Self>(&Self::key(ctx.account(), job_id)).await?;
        found.ok_or_else(|| {
            let message = format!("Job with id {job_id} cannot be found.");
            NoSuchEntityException::new(message).into()
        })
    }

    /// When it was made, and done.
    pub(crate) fn created(&self) -> Option<Timestamp> {
        let millis = self.created_millis;
        Some(Timestamp { millis })
    }
}

/// Every service that the policies let in, with its last use.
async fn services(ctx: &Ctx, reported: Reported) -> Result<Vec<ServiceUse>> {
    let since = last_access::since(ctx.now);
    ctx.activity(move |activity| {
        let names = reference::service_names().iter().map(|(prefix, _)| *prefix);
        let open = names.filter(|service| lets_in(&reported, service));
        open.map(|service| service_use(service, &reported.accounts, activity, since))
            .collect()
    })
    .await
}

/// Whether every level allows something in the service, and none denies everything.
fn lets_in(reported: &Reported, service: &str) -> bool {
    reported.levels.iter().all(|level| {
        let mut policies = level.iter().map(|named| &named.policy);
        let allowed = policies
            .clone()
            .any(|policy| policy.reaches_service(service));
        allowed && !policies.any(|policy| policy.closes_service(service))
    })
}

fn service_use(
    service: &str,
    accounts: &[ReportedAccount],
    activity: &Activity,
    since: i64,
) -> ServiceUse {
    let mut callers = BTreeSet::new();
    let mut last: Option<LastUse> = None;
    for account in accounts {
        let calls = activity.of_account(&account.id);
        let counts =
            |call: &&platform::LastCall| call.service == service && call.at.millis >= since;
        for call in calls.filter(counts) {
            callers.insert(&account.id);
            let millis = call.at.millis;
            if last.as_ref().is_none_or(|known| known.millis <= millis) {
                last = Some(LastUse {
                    millis,
                    region: call.region.clone(),
                    path: account.path.clone(),
                });
            }
        }
    }
    ServiceUse {
        namespace: service.to_owned(),
        last,
        accounts: i32::try_from(callers.len()).unwrap_or(i32::MAX),
    }
}

fn failed(reason: Unreportable, about: ReportAbout<'_>) -> Outcome {
    let (code, message) = match reason {
        Unreportable::ControlsDisabled => (
            "InvalidInput",
            "Service control policies are not enabled in the organization's root.".to_owned(),
        ),
        Unreportable::UnknownPath => (
            "NoSuchEntity",
            format!("The entity path {} cannot be found.", about.path),
        ),
        Unreportable::UnknownPolicy => {
            let id = about.policy_id.unwrap_or_default();
            let message = format!("The service control policy with id {id} cannot be found.");
            ("NoSuchEntity", message)
        }
    };
    Outcome::Failed {
        code: code.to_owned(),
        message,
    }
}

/// Takes reports away that nobody will ask for any more.
async fn forget_old(ctx: &Ctx) -> Result<()> {
    let all = Key::new(ctx.account(), "", std::iter::empty::<String>());
    for (key, report) in ctx.scan_all::<OrganizationReport>(&all).await? {
        if ctx.now.millis.saturating_sub(report.created_millis) > LIFE_MILLIS {
            ctx.delete::<OrganizationReport>(&key).await;
        }
    }
    Ok(())
}
