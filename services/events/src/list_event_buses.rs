//! `events:ListEventBuses`: lists the buses of the account.

use api::events::{ListEventBusesRequest, ListEventBusesResponse};
use platform::{Ctx, Result};
use store::Key;

use crate::bus::BusRecord;
use crate::names::{BusPlace, DEFAULT};
use crate::{access, page};

pub(crate) async fn list_event_buses(
    ctx: &Ctx,
    req: ListEventBusesRequest,
) -> Result<ListEventBusesResponse> {
    access::everything(ctx, "events:ListEventBuses").await?;
    let own = Key::new(ctx.account(), &ctx.region, [""; 0]);
    let rows = ctx.scan_all::<BusRecord>(&own).await?;
    let mut names: Vec<String> = rows.iter().map(|(_, bus)| bus.name.clone()).collect();
    if !names.iter().any(|name| name == DEFAULT) {
        names.push(DEFAULT.to_owned());
    }
    let prefix = req.name_prefix.unwrap_or_default();
    names.retain(|name| name.starts_with(&prefix));
    names.sort();
    let token = req.next_token.as_deref();
    let (names, next_token) = page::page(names, String::clone, token, req.limit)?;
    let mut buses = Vec::with_capacity(names.len());
    for name in names {
        let place = BusPlace::own(ctx, &name);
        let record = BusRecord::existing(ctx, &place).await?;
        buses.push(record.shown(ctx, &place).await?);
    }
    Ok(ListEventBusesResponse {
        event_buses: Some(buses),
        next_token,
    })
}
