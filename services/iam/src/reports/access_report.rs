//! A report on last use, as it was made.

use std::sync::Arc;

use api::iam::{AccessAdvisorUsageGranularityType as Granularity, NoSuchEntityException};
use platform::{Ctx, LastCall, Result};
use policy::reference;
use serde::{Deserialize, Serialize};
use store::{Key, Record};
use wire::Timestamp;

use crate::reports::last_access;
use crate::reports::scope::{Member, Scope};

/// How long a report is kept, in milliseconds: 7 days.
pub(crate) const LIFE_MILLIS: i64 = 7 * 24 * 3600 * 1000;

/// A report of `GenerateServiceLastAccessedDetails`.
#[derive(Serialize, Deserialize)]
pub(crate) struct AccessReport {
    /// The unique id of whoever asked for it, who alone may read it.
    owner: String,
    /// When it was made, in milliseconds since 1970.
    pub(crate) created_millis: i64,
    /// Whether it tells actions apart.
    pub(crate) by_action: bool,
    /// The services that the permissions reach, by namespace.
    pub(crate) services: Vec<ServiceAccess>,
    /// The users and roles that have the permissions.
    pub(crate) entities: Vec<EntityAccess>,
}

/// The last use of a service.
#[derive(Serialize, Deserialize)]
pub(crate) struct ServiceAccess {
    /// `kms`
    pub(crate) namespace: String,
    /// The last call, if there was one.
    pub(crate) last: Option<Access>,
    /// How many principals called it.
    pub(crate) entities: i32,
    /// The last use of its actions.
    pub(crate) actions: Vec<ActionAccess>,
}

/// The last use of an action.
#[derive(Serialize, Deserialize)]
pub(crate) struct ActionAccess {
    /// `Decrypt`
    pub(crate) name: String,
    /// The last call, if there was one.
    pub(crate) last: Option<Access>,
}

/// A call.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Access {
    /// When, in milliseconds since 1970.
    pub(crate) millis: i64,
    /// Where.
    pub(crate) region: String,
    /// The ARN of who called.
    pub(crate) entity: String,
}

/// What one user or role used.
#[derive(Serialize, Deserialize)]
pub(crate) struct EntityAccess {
    /// The ARN.
    pub(crate) arn: String,
    /// The name.
    pub(crate) name: String,
    /// The path.
    pub(crate) path: String,
    /// The unique id.
    pub(crate) id: String,
    /// Whether it is a role.
    pub(crate) is_role: bool,
    /// Namespaces with the time of the last call, in milliseconds since 1970.
    pub(crate) used: Vec<(String, i64)>,
}

impl Record for AccessReport {
    const TABLE: &'static str = "iam.access-reports";
    const SERVICE: &'static str = "iam";
}

impl AccessReport {
    fn key(account: &str, job_id: &str) -> Key {
        Key::new(account, "", [job_id])
    }

    /// Makes and keeps a report; gives its id.
    pub(crate) async fn make(ctx: &Ctx, scope: &Scope, granularity: Granularity) -> Result<String> {
        forget_old(ctx).await?;
        let by_action = granularity == Granularity::ActionLevel;
        let ids = scope
            .members
            .iter()
            .map(|member| member.id.clone())
            .collect();
        let calls = last_access::of_principals(ctx, ids).await?;
        let uses: Vec<Use<'_>> = scope
            .members
            .iter()
            .zip(&calls)
            .flat_map(|(member, calls)| calls.iter().map(move |call| Use { member, call }))
            .collect();
        let names = reference::service_names().iter().map(|(prefix, _)| *prefix);
        let reached = names.filter(|prefix| scope.reaches(prefix));
        let services = reached.map(|prefix| service(prefix, scope, &uses, by_action));
        let entities = scope.members.iter().map(|member| entity(member, &uses));
        let report = Self {
            owner: ctx.caller.unique_id().to_owned(),
            created_millis: ctx.now.whole_secs().millis,
            by_action,
            services: services.collect(),
            entities: entities.collect(),
        };
        let job_id = ctx.new_uuid()?;
        ctx.put(Self::key(ctx.account(), &job_id), report).await;
        Ok(job_id)
    }

    /// The report of this id, which the caller asked for.
    pub(crate) async fn find(ctx: &Ctx, job_id: &str) -> Result<Arc<Self>> {
        let found = ctx.get::<Self>(&Self::key(ctx.account(), job_id)).await?;
        let found = found.filter(|report| report.owner == ctx.caller.unique_id());
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

/// A call by one of the principals.
struct Use<'a> {
    member: &'a Member,
    call: &'a LastCall,
}

fn service(prefix: &str, scope: &Scope, uses: &[Use<'_>], by_action: bool) -> ServiceAccess {
    let of_service: Vec<&Use<'_>> = uses
        .iter()
        .filter(|one| one.call.service == prefix)
        .collect();
    let mut callers: Vec<&str> = of_service
        .iter()
        .map(|one| one.member.id.as_str())
        .collect();
    callers.sort_unstable();
    callers.dedup();
    let names = if by_action {
        scope.actions(prefix)
    } else {
        Vec::new()
    };
    let actions = names.into_iter().map(|name| ActionAccess {
        name: name.to_owned(),
        last: last(of_service.iter().filter(|one| one.call.action == name)),
    });
    ServiceAccess {
        namespace: prefix.to_owned(),
        last: last(of_service.iter()),
        entities: i32::try_from(callers.len()).unwrap_or(i32::MAX),
        actions: actions.collect(),
    }
}

fn last<'a>(uses: impl Iterator<Item = &'a &'a Use<'a>>) -> Option<Access> {
    let last = uses.max_by_key(|one| one.call.at.millis)?;
    Some(Access {
        millis: last.call.at.millis,
        region: last.call.region.clone(),
        entity: last.member.arn.clone(),
    })
}

fn entity(member: &Member, uses: &[Use<'_>]) -> EntityAccess {
    let mut used: Vec<(String, i64)> = Vec::new();
    for one in uses.iter().filter(|one| one.member.id == member.id) {
        let (service, millis) = (&one.call.service, one.call.at.millis);
        match used.iter_mut().find(|(known, _)| known == service) {
            Some((_, known)) => *known = millis.max(*known),
            None => used.push((service.clone(), millis)),
        }
    }
    EntityAccess {
        arn: member.arn.clone(),
        name: member.name.clone(),
        path: member.path.clone(),
        id: member.id.clone(),
        is_role: member.is_role,
        used,
    }
}

/// Takes reports away that nobody will ask for any more.
async fn forget_old(ctx: &Ctx) -> Result<()> {
    let all = Key::new(ctx.account(), "", std::iter::empty::<String>());
    for (key, report) in ctx.scan_all::<AccessReport>(&all).await? {
        if ctx.now.millis.saturating_sub(report.created_millis) > LIFE_MILLIS {
            ctx.delete::<AccessReport>(&key).await;
        }
    }
    Ok(())
}
