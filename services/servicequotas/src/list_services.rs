//! `servicequotas:ListServices`: lists the services that have quotas.

use api::servicequotas::{ListServicesRequest, ListServicesResponse, ServiceInfo};
use platform::{Ctx, Result};

use crate::access;
use crate::page::page;

pub(crate) async fn list_services(
    ctx: &Ctx,
    req: ListServicesRequest,
) -> Result<ListServicesResponse> {
    access::everything(ctx, "servicequotas:ListServices").await?;
    let mut tables = ctx.quota_tables().to_vec();
    tables.sort_by_key(|table| table.service_code);
    let (tables, next_token) = page(
        tables,
        |table| table.service_code.to_owned(),
        req.next_token.as_deref(),
        req.max_results,
    )?;
    let services = tables.iter().map(|table| ServiceInfo {
        service_code: Some(table.service_code.to_owned()),
        service_name: Some(table.service_name.to_owned()),
    });
    Ok(ListServicesResponse {
        next_token,
        services: Some(services.collect()),
    })
}
