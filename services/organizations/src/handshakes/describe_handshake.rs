//! `organizations:DescribeHandshake`: shows a handshake to its parties.

use api::organizations::{DescribeHandshakeRequest, DescribeHandshakeResponse};
use platform::{Ctx, Result};

use crate::handshakes::party::{self, Party};

pub(crate) async fn describe_handshake(
    ctx: &Ctx,
    req: DescribeHandshakeRequest,
) -> Result<DescribeHandshakeResponse> {
    let action = "organizations:DescribeHandshake";
    let permitted = party::permit(ctx, action, &req.handshake_id).await?;
    Ok(DescribeHandshakeResponse {
        handshake: Some(Party::handshake(&permitted)?.shown(ctx.now)),
    })
}
