//! `events:DeleteConnection`: forgets a connection, and takes its secret away. API destinations that use it become inactive.

use api::events::{ConnectionState, DeleteConnectionRequest, DeleteConnectionResponse};
use platform::{Ctx, Result};

use crate::bus::time;
use crate::connection::ConnectionRecord;
use crate::connection_secrets;

pub(crate) async fn delete_connection(
    ctx: &Ctx,
    req: DeleteConnectionRequest,
) -> Result<DeleteConnectionResponse> {
    ConnectionRecord::permit(ctx, "events:DeleteConnection", &req.name).await?;
    let record = ConnectionRecord::existing(ctx, &req.name).await?;
    connection_secrets::remove(ctx, &record).await?;
    ctx.delete::<ConnectionRecord>(&ConnectionRecord::key(ctx, &req.name))
        .await;
    Ok(DeleteConnectionResponse {
        connection_arn: Some(record.arn(ctx.account(), &ctx.region)),
        connection_state: Some(ConnectionState::Deleting),
        creation_time: time(record.created_millis),
        last_modified_time: time(record.modified_millis),
        last_authorized_time: time(record.authorized_millis),
    })
}
