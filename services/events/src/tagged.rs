//! What has tags: buses and rules, found by their ARNs.

use platform::{Ctx, NoKeys, Result};

use crate::access::{self, Tagging, Thing};
use crate::bus::BusRecord;
use crate::names::{BusPlace, DEFAULT};
use crate::refusals;
use crate::rules::RulesRecord;

/// What a request about tags names.
pub(crate) struct Tagged {
    place: BusPlace,
    /// The rule's name; none for the bus itself.
    rule: Option<String>,
}

impl Tagged {
    /// The thing of this ARN, once the caller may perform `action` on it.
    pub(crate) async fn permitted(
        ctx: &Ctx,
        action: &'static str,
        arn: &str,
        tagging: Tagging<'_>,
    ) -> Result<Self> {
        let Some(found) = Self::of_arn(ctx, arn)? else {
            let thing = Thing {
                arn: arn.to_owned(),
                account: ctx.account().to_owned(),
                tags: Vec::new(),
                creator: None,
            };
            access::thing(ctx, action, thing, tagging).await?;
            let message = "Parameter ResourceARN is not valid. Reason: Provided Arn is not in \
                           correct format.";
            return Err(refusals::invalid(message).into());
        };
        match &found.rule {
            None => drop(access::bus(ctx, action, &found.place, tagging, &NoKeys).await?),
            Some(rule) => {
                let thing = RulesRecord::thing(ctx, &found.place, rule).await?;
                access::thing(ctx, action, thing, tagging).await?;
            }
        }
        Ok(found)
    }

    /// Its tags.
    pub(crate) async fn tags(&self, ctx: &Ctx) -> Result<Vec<(String, String)>> {
        let bus = BusRecord::existing(ctx, &self.place).await?;
        let Some(rule) = &self.rule else {
            return Ok(bus.tags.clone());
        };
        let rules = RulesRecord::get(ctx, &self.place).await?;
        Ok(rules.existing(rule, &self.place)?.tags.clone())
    }

    /// Stages other tags.
    pub(crate) async fn put(&self, ctx: &Ctx, tags: Vec<(String, String)>) -> Result<()> {
        let Some(rule) = &self.rule else {
            let mut bus = BusRecord::clone(&*BusRecord::existing(ctx, &self.place).await?);
            bus.tags = tags;
            bus.put(ctx, &self.place).await;
            return Ok(());
        };
        let mut rules = RulesRecord::draft(ctx, &self.place).await?;
        rules.existing_mut(rule, &self.place)?.tags = tags;
        rules.put(ctx, &self.place).await?;
        Ok(())
    }

    fn of_arn(ctx: &Ctx, arn: &str) -> Result<Option<Self>> {
        if BusPlace::of_arn(arn).is_some() {
            let place = BusPlace::asked(ctx, Some(arn))?;
            return Ok(Some(Self { place, rule: None }));
        }
        let Some((head, rule)) = arn.split_once(":rule/") else {
            return Ok(None);
        };
        let (bus, rule) = rule.rsplit_once('/').unwrap_or((DEFAULT, rule));
        let bus = format!("{head}:event-bus/{bus}");
        if BusPlace::of_arn(&bus).is_none() {
            return Ok(None);
        }
        let (place, rule) = (BusPlace::asked(ctx, Some(&bus))?, Some(rule.to_owned()));
        Ok(Some(Self { place, rule }))
    }
}
