//! `logs:DeleteDestination`: deletes a destination. Filters that send to it send nothing any more.

use api::logs::DeleteDestinationRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::access::Tagging;
use crate::destination::DestinationPlace;
use crate::refusals;

pub(crate) async fn delete_destination(ctx: &Ctx, req: DeleteDestinationRequest) -> Result<Empty> {
    let place = DestinationPlace::named(ctx, &req.destination_name);
    let known = place
        .reach(ctx, "logs:DeleteDestination", Tagging::Shows)
        .await?;
    let known = known.ok_or_else(refusals::no_destination)?;
    known.delete(ctx).await;
    Ok(Empty)
}
