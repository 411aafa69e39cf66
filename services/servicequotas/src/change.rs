//! Requests for more, which are kept.

use std::sync::Arc;

use api::servicequotas::{AppliedLevelEnum, RequestStatus, RequestedServiceQuotaChange};
use platform::{Ctx, Result};
use serde::{Deserialize, Serialize};
use store::{Key, Record};
use wire::Timestamp;
use wire::json::Writer;

use crate::lookup::{self, Found};
use crate::page::{Paged, page};
use crate::shown::UNIT;

/// Lists show the requests of so many days (ListRequestedServiceQuotaChangeHistory).
const LISTED_MILLIS: i64 = 90 * 24 * 60 * 60 * 1000;

/// A request. All of them are granted when they are made.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ChangeRecord {
    /// 40 hexadecimal digits.
    id: String,
    service_code: String,
    quota_code: String,
    desired_value: f64,
    created_millis: i64,
    /// Who asked: account and ARN as JSON.
    requester: String,
}

impl Record for ChangeRecord {
    const TABLE: &'static str = "servicequotas.changes";
    const SERVICE: &'static str = "servicequotas";
}

/// What a list is limited to.
#[derive(Default)]
pub(crate) struct Filter<'a> {
    pub(crate) service_code: Option<&'a str>,
    pub(crate) quota_code: Option<&'a str>,
    pub(crate) status: Option<RequestStatus>,
    pub(crate) level: Option<AppliedLevelEnum>,
    pub(crate) next_token: Option<&'a str>,
    pub(crate) max_results: Option<i32>,
}

impl ChangeRecord {
    /// A request of the caller, now.
    pub(crate) fn new(ctx: &Ctx, found: Found, desired_value: f64) -> Result<Self> {
        let digits = ctx.random_bytes::<20>()?.map(|byte| format!("{byte:02x}"));
        Ok(Self {
            id: digits.concat(),
            service_code: found.table.service_code.to_owned(),
            quota_code: found.quota.code.to_owned(),
            desired_value,
            created_millis: ctx.now.millis,
            requester: requester(ctx),
        })
    }

    fn place(ctx: &Ctx, id: &str) -> Key {
        Key::new(ctx.account(), &ctx.region, [id])
    }

    /// The request with this id, if the caller's account made it in the call's region.
    pub(crate) async fn find(ctx: &Ctx, id: &str) -> Result<Option<Arc<Self>>> {
        ctx.get(&Self::place(ctx, id)).await
    }

    /// Stages the record.
    pub(crate) async fn put(self, ctx: &Ctx) {
        ctx.put(Self::place(ctx, &self.id), self).await;
    }

    /// The newest first, so that requests made between two pages shift none.
    fn order(&self) -> String {
        format!("{:016x}-{}", i64::MAX - self.created_millis, self.id)
    }

    fn fits(&self, filter: &Filter<'_>) -> bool {
        let service = filter
            .service_code
            .is_none_or(|code| code == self.service_code);
        let quota = filter.quota_code.is_none_or(|code| code == self.quota_code);
        let status = filter
            .status
            .is_none_or(|status| status == RequestStatus::Approved);
        service && quota && status && filter.level != Some(AppliedLevelEnum::Resource)
    }

    /// The request as answers show it.
    pub(crate) fn shown(&self, ctx: &Ctx) -> RequestedServiceQuotaChange {
        let known = lookup::quota(ctx, &self.service_code, &self.quota_code).ok();
        let at = Timestamp {
            millis: self.created_millis,
        };
        RequestedServiceQuotaChange {
            id: Some(self.id.clone()),
            service_code: Some(self.service_code.clone()),
            service_name: known.map(|found| found.table.service_name.to_owned()),
            quota_code: Some(self.quota_code.clone()),
            quota_name: known.map(|found| found.quota.name.to_owned()),
            desired_value: Some(self.desired_value),
            status: Some(RequestStatus::Approved),
            created: Some(at),
            last_updated: Some(at),
            requester: Some(self.requester.clone()),
            quota_arn: known.map(|found| found.arn(ctx)),
            global_quota: Some(false),
            unit: Some(UNIT.to_owned()),
            quota_requested_at_level: Some(AppliedLevelEnum::Account),
            ..RequestedServiceQuotaChange::default()
        }
    }
}

#[cfg(test)]
impl ChangeRecord {
    /// A request for samples of formats.
    pub(crate) fn sample() -> Self {
        Self {
            id: "id".to_owned(),
            service_code: "kms".to_owned(),
            quota_code: "L-1".to_owned(),
            desired_value: 5.0,
            created_millis: 300,
            requester: "{}".to_owned(),
        }
    }
}

/// A page of the requests of the caller's account that fit `filter`.
pub(crate) async fn list(
    ctx: &Ctx,
    filter: Filter<'_>,
) -> Result<Paged<RequestedServiceQuotaChange>> {
    let all = Key::new(ctx.account(), &ctx.region, [] as [&str; 0]);
    let rows = ctx.scan_all::<ChangeRecord>(&all).await?;
    let since = ctx.now.millis - LISTED_MILLIS;
    let listed = rows.into_iter().map(|(_, change)| change);
    let listed = listed.filter(|change| change.created_millis >= since && change.fits(&filter));
    let mut listed: Vec<_> = listed.collect();
    listed.sort_by_cached_key(|change| change.order());
    let (changes, next) = page(
        listed,
        |change| change.order(),
        filter.next_token,
        filter.max_results,
    )?;
    Ok((
        changes.iter().map(|change| change.shown(ctx)).collect(),
        next,
    ))
}

fn requester(ctx: &Ctx) -> String {
    let mut out = Writer::new();
    out.begin_object();
    out.key("accountId");
    out.string(ctx.account());
    out.key("callerArn");
    out.string(&ctx.caller.arn);
    out.end_object();
    String::from_utf8_lossy(&out.finish()).into_owned()
}
