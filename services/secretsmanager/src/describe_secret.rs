//! `secretsmanager:DescribeSecret`: everything about a secret but what it says.

use api::secretsmanager::{DescribeSecretRequest, DescribeSecretResponse};
use platform::{Ctx, Result};

use crate::access::{self, Asked};
use crate::{describing, links};

pub(crate) async fn describe_secret(
    ctx: &Ctx,
    req: DescribeSecretRequest,
) -> Result<DescribeSecretResponse> {
    let action = "secretsmanager:DescribeSecret";
    let secret = access::any(ctx, action, &req.secret_id, Asked::default()).await?;
    let shown = (&secret.place, &*secret);
    let accessed = describing::accessed(ctx, describing::arns(shown)).await?;
    let mut described = describing::described(shown, &accessed);
    links::describe(ctx, &secret, &mut described).await?;
    Ok(described)
}
