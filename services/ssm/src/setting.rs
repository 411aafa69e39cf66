//! Settings of an account ("Specifying a default parameter tier", "Changing Parameter Store
//! throughput", Systems Manager user guide).

use std::sync::Arc;

use api::ssm::{ParameterTier, ServiceSetting, ServiceSettingNotFound};
use platform::{Ctx, Result, partition};
use serde::{Deserialize, Serialize};
use store::{Key, Record};
use wire::Timestamp;

use crate::{access, quotas, refusals};

const DEFAULT_TIER: Known = Known {
    id: "/ssm/parameter-store/default-parameter-tier",
    default: "Standard",
    values: &["Standard", "Advanced", "Intelligent-Tiering"],
};
const HIGH_THROUGHPUT: Known = Known {
    id: "/ssm/parameter-store/high-throughput-enabled",
    default: "false",
    values: &["true", "false"],
};

/// A setting that there is.
pub(crate) struct Known {
    pub(crate) id: &'static str,
    default: &'static str,
    values: &'static [&'static str],
}

/// A setting that an account changed.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct SettingRecord {
    pub(crate) value: String,
    pub(crate) modified_millis: i64,
    /// The ARN of whoever changed it.
    pub(crate) modified_by: String,
}

impl Record for SettingRecord {
    const TABLE: &'static str = "ssm.settings";
    const SERVICE: &'static str = "ssm";
}

/// The setting of this id or ARN, if the caller may do this to it.
pub(crate) async fn authorized(
    ctx: &Ctx,
    action: &'static str,
    id: &str,
) -> Result<&'static Known> {
    static ALL: [Known; 2] = [DEFAULT_TIER, HIGH_THROUGHPUT];
    let prefix = arn(ctx, "");
    let id = match id.strip_prefix(&prefix) {
        Some(rest) => format!("/{rest}"),
        None => id.to_owned(),
    };
    access::setting(ctx, action, arn(ctx, &id)).await?;
    let found = ALL.iter().find(|known| known.id == id);
    Ok(found.ok_or_else(|| {
        ServiceSettingNotFound::new(format!("The specified service setting wasn't found: {id}"))
    })?)
}

/// The tier of a parameter for which none is asked.
pub(crate) async fn default_tier(ctx: &Ctx) -> Result<ParameterTier> {
    let found = DEFAULT_TIER.get(ctx).await?;
    let tier = found.and_then(|found| ParameterTier::parse(&found.value));
    Ok(tier.unwrap_or(ParameterTier::Standard))
}

impl Known {
    fn key(&self, ctx: &Ctx) -> Key {
        Key::new(ctx.account(), &ctx.region, [self.id])
    }

    async fn get(&self, ctx: &Ctx) -> Result<Option<Arc<SettingRecord>>> {
        ctx.get(&self.key(ctx)).await
    }

    /// Stages another value.
    pub(crate) async fn set(&self, ctx: &Ctx, value: &str) -> Result<()> {
        if !self.values.contains(&value) {
            let values = self.values.join(", ");
            return Err(refusals::invalid(format!(
                "The value {value} is not valid for the setting {}. Valid values: {values}.",
                self.id
            ))
            .into());
        }
        let record = SettingRecord {
            value: value.to_owned(),
            modified_millis: ctx.now.millis,
            modified_by: ctx.caller.arn.clone(),
        };
        ctx.put(self.key(ctx), record).await;
        self.follow(ctx, value).await
    }

    /// Stages that it has AWS's value again.
    pub(crate) async fn reset(&self, ctx: &Ctx) -> Result<()> {
        ctx.delete::<SettingRecord>(&self.key(ctx)).await;
        self.follow(ctx, self.default).await
    }

    /// Stages what follows from its value.
    async fn follow(&self, ctx: &Ctx, value: &str) -> Result<()> {
        match self.id == HIGH_THROUGHPUT.id {
            true => quotas::set_high_throughput(ctx, value == "true").await,
            false => Ok(()),
        }
    }

    /// The setting as answers show it.
    pub(crate) async fn shown(&self, ctx: &Ctx) -> Result<ServiceSetting> {
        let found = self.get(ctx).await?;
        let found = found.as_deref();
        let status = match found {
            Some(_) => "Customized",
            None => "Default",
        };
        let value = found.map_or(self.default, |found| &found.value);
        let user = found.map_or("System", |found| &found.modified_by);
        let modified = found.map(|found| found.modified_millis);
        Ok(ServiceSetting {
            setting_id: Some(self.id.to_owned()),
            setting_value: Some(value.to_owned()),
            last_modified_date: modified.map(|millis| Timestamp { millis }),
            last_modified_user: Some(user.to_owned()),
            arn: Some(arn(ctx, self.id)),
            status: Some(status.to_owned()),
        })
    }
}

fn arn(ctx: &Ctx, id: &str) -> String {
    let (partition, region, account) = (partition(&ctx.region), &ctx.region, ctx.account());
    let id = id.strip_prefix('/').unwrap_or(id);
    format!("arn:{partition}:ssm:{region}:{account}:servicesetting/{id}")
}
