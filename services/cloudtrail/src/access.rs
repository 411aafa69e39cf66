//! Who may ask what ("Actions, resources, and condition keys for AWS CloudTrail", service
//! authorization reference).

use std::borrow::Cow;

use platform::{Ctx, Resource, Result};

/// Decides about an action that AWS knows no resource of.
pub(crate) async fn everything(ctx: &Ctx, action: &'static str) -> Result<()> {
    let account = ctx.account().to_owned();
    ctx.authorize(action, Everything { account })
        .decide()
        .await?;
    Ok(())
}

struct Everything {
    account: String,
}

impl Resource for Everything {
    fn arn(&self) -> Cow<'_, str> {
        Cow::Borrowed("*")
    }

    fn account(&self) -> &str {
        &self.account
    }

    // CloudTrail is not among the services that RCPs are for.
    fn is_under_resource_control(&self) -> bool {
        false
    }
}
