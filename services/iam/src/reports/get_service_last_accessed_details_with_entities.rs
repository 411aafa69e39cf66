//! `iam:GetServiceLastAccessedDetailsWithEntities`: shows who used a service, of those that a
//! report on last use is about.

use std::cmp::Reverse;

use api::iam::{
    EntityDetails, EntityInfo, GetServiceLastAccessedDetailsWithEntitiesRequest,
    GetServiceLastAccessedDetailsWithEntitiesResponse, JobStatusType,
};
use platform::{Ctx, Result};
use wire::Timestamp;

use crate::page::{Wanted, page_in_order};
use crate::reports::access_report::{AccessReport, EntityAccess};
use crate::reports::permit;
use crate::reports::scope::Member;

pub(crate) async fn get_service_last_accessed_details_with_entities(
    ctx: &Ctx,
    req: GetServiceLastAccessedDetailsWithEntitiesRequest,
) -> Result<GetServiceLastAccessedDetailsWithEntitiesResponse> {
    permit(ctx, "iam:GetServiceLastAccessedDetailsWithEntities").await?;
    let report = AccessReport::find(ctx, &req.job_id).await?;
    let used = |entity: &EntityAccess| {
        let mut used = entity.used.iter();
        let found = used.find(|(service, _)| *service == req.service_namespace);
        found.map(|(_, millis)| *millis)
    };
    let mut entities: Vec<(&EntityAccess, Option<i64>)> = report
        .entities
        .iter()
        .map(|entity| (entity, used(entity)))
        .collect();
    entities.sort_by_key(|(entity, millis)| (Reverse(*millis), entity.arn.clone()));
    let wanted = Wanted {
        marker: req.marker,
        max_items: req.max_items,
    };
    let paged = page_in_order(entities, |(entity, _)| &entity.id, &wanted);
    Ok(GetServiceLastAccessedDetailsWithEntitiesResponse {
        job_status: Some(JobStatusType::Completed),
        job_creation_date: report.created(),
        job_completion_date: report.created(),
        entity_details_list: Some(paged.items.into_iter().map(shown).collect()),
        is_truncated: Some(paged.marker.is_some()),
        marker: paged.marker,
        error: None,
    })
}

fn shown((entity, millis): (&EntityAccess, Option<i64>)) -> EntityDetails {
    EntityDetails {
        entity_info: Some(EntityInfo {
            arn: Some(entity.arn.clone()),
            name: Some(entity.name.clone()),
            r#type: Some(Member::kind(entity.is_role)),
            id: Some(entity.id.clone()),
            path: Some(entity.path.clone()),
        }),
        last_authenticated: millis.map(|millis| Timestamp { millis }),
    }
}
