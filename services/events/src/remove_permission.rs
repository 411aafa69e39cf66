//! `events:RemovePermission`: takes a statement, or all of them, from the policy of a bus.

use api::events::RemovePermissionRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::bus::BusRecord;
use crate::names::BusPlace;
use crate::{access, permissions, refusals};

pub(crate) async fn remove_permission(ctx: &Ctx, req: RemovePermissionRequest) -> Result<Empty> {
    access::everything(ctx, "events:RemovePermission").await?;
    let place = BusPlace::asked(ctx, req.event_bus_name.as_deref())?;
    let mut record = BusRecord::clone(&*BusRecord::existing(ctx, &place).await?);
    let left = match (&record.policy, &req.statement_id) {
        (_, _) if req.remove_all_permissions => None,
        (_, None) => {
            let message = "Parameter StatementId is required.";
            return Err(refusals::invalid(message).into());
        }
        (None, _) => return Err(refusals::no_statement().into()),
        (Some(policy), Some(id)) => {
            let left = permissions::without(policy, id).ok_or_else(refusals::no_statement)?;
            (!permissions::is_empty(&left)).then(|| policy::canonical(&left.to_string()))
        }
    };
    record.policy = left;
    record.put(ctx, &place).await;
    Ok(Empty)
}
