//! Who may ask what ("Actions, resources, and condition keys for Service Quotas", service
//! authorization reference).

use std::borrow::Cow;

use platform::{ConditionKeys, Ctx, Everything, Resource, Result};
use policy::Values;

use crate::lookup;
use crate::tags::TagRecord;

/// Decides about an action that AWS knows no resource of.
pub(crate) async fn everything(ctx: &Ctx, action: &'static str) -> Result<()> {
    tagging(ctx, action, &[], &[]).await
}

/// Decides about tags that are given, or keys of tags that are taken away.
pub(crate) async fn tagging(
    ctx: &Ctx,
    action: &'static str,
    tags: &[(String, String)],
    keys: &[String],
) -> Result<()> {
    let account = ctx.account().to_owned();
    let access = ctx.authorize(action, Everything { account });
    access.request_tags(tags).tag_keys(keys).decide().await?;
    Ok(())
}

/// Decides about a quota, whether or not it exists.
pub(crate) async fn quota(
    ctx: &Ctx,
    action: &'static str,
    service_code: &str,
    code: &str,
) -> Result<()> {
    let place = TagRecord::place(ctx, service_code, code);
    let tags = ctx.get::<TagRecord>(&place).await?;
    let resource = QuotaResource {
        arn: lookup::arn(&ctx.region, ctx.account(), service_code, code),
        account: ctx.account().to_owned(),
        tags: tags.map(|known| known.tags.clone()).unwrap_or_default(),
    };
    let access = ctx.authorize(action, resource);
    access.keys(&OfService(service_code)).decide().await?;
    Ok(())
}

struct QuotaResource {
    arn: String,
    account: String,
    tags: Vec<(String, String)>,
}

impl Resource for QuotaResource {
    fn arn(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.arn)
    }

    fn account(&self) -> &str {
        &self.account
    }

    // Service Quotas is not among the services that RCPs are for.
    fn is_under_resource_control(&self) -> bool {
        false
    }

    fn tag(&self, key: &str) -> Option<&str> {
        let wanted = key.to_lowercase();
        let mut tags = self.tags.iter();
        let found = tags.find(|(known, _)| known.to_lowercase() == wanted);
        found.map(|(_, value)| value.as_str())
    }
}

/// `servicequotas:service`
struct OfService<'a>(&'a str);

impl ConditionKeys for OfService<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        (key == "servicequotas:service").then(|| self.0.into())
    }
}
