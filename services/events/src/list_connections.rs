//! `events:ListConnections`: lists the caller's connections.

use api::events::{Connection, ListConnectionsRequest, ListConnectionsResponse};
use platform::{Ctx, Result};
use store::Key;

use crate::bus::time;
use crate::connection::ConnectionRecord;
use crate::{access, page};

pub(crate) async fn list_connections(
    ctx: &Ctx,
    req: ListConnectionsRequest,
) -> Result<ListConnectionsResponse> {
    access::everything(ctx, "events:ListConnections").await?;
    let own = Key::new(ctx.account(), &ctx.region, [""; 0]);
    let rows = ctx.scan_all::<ConnectionRecord>(&own).await?;
    let prefix = req.name_prefix.unwrap_or_default();
    let mut found: Vec<_> = rows.into_iter().map(|(_, record)| record).collect();
    found.retain(|one| {
        one.name.starts_with(&prefix)
            && (req.connection_state.is_none() || one.shown_state() == req.connection_state)
    });
    found.sort_by(|one, other| one.name.cmp(&other.name));
    let token = req.next_token.as_deref();
    let (found, next_token) = page::page(found, |one| one.name.clone(), token, req.limit)?;
    let shown = found.iter().map(|one| Connection {
        connection_arn: Some(one.arn(ctx.account(), &ctx.region)),
        name: Some(one.name.clone()),
        connection_state: one.shown_state(),
        state_reason: one.reason.clone(),
        authorization_type: Some(one.auth.kind()),
        creation_time: time(one.created_millis),
        last_modified_time: time(one.modified_millis),
        last_authorized_time: time(one.authorized_millis),
    });
    Ok(ListConnectionsResponse {
        connections: Some(shown.collect()),
        next_token,
    })
}
