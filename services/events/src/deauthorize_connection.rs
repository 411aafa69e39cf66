//! `events:DeauthorizeConnection`: takes the secret from a connection. It calls nobody until it is
//! updated.

use api::events::{DeauthorizeConnectionRequest, DeauthorizeConnectionResponse};
use platform::{Ctx, Result};

use crate::bus::time;
use crate::connection::ConnectionRecord;
use crate::connection_secrets;

pub(crate) async fn deauthorize_connection(
    ctx: &Ctx,
    req: DeauthorizeConnectionRequest,
) -> Result<DeauthorizeConnectionResponse> {
    ConnectionRecord::permit(ctx, "events:DeauthorizeConnection", &req.name).await?;
    let mut record = ConnectionRecord::clone(&*ConnectionRecord::existing(ctx, &req.name).await?);
    connection_secrets::remove(ctx, &record).await?;
    record.secret_arn = None;
    record.state = "DEAUTHORIZED".to_owned();
    record.revision += 1;
    record.modified_millis = ctx.now.millis;
    let response = DeauthorizeConnectionResponse {
        connection_arn: Some(record.arn(ctx.account(), &ctx.region)),
        connection_state: record.shown_state(),
        creation_time: time(record.created_millis),
        last_modified_time: Some(ctx.now),
        last_authorized_time: time(record.authorized_millis),
    };
    ctx.put(ConnectionRecord::key(ctx, &req.name), record).await;
    Ok(response)
}
