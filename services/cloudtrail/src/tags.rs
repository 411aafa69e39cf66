//! Tags of trails.

use api::cloudtrail::Tag;
use platform::{Access, Ctx, Result};
use wire::Fault;

use crate::trail::{self, TrailRecord, TrailResource};
use crate::{names, refusals};

/// The most tags of a trail (AddTags).
const MOST: usize = 50;

/// Tags as policies see them: a key without a value has an empty one.
pub(crate) fn asked(tags: &[Tag]) -> Vec<(String, String)> {
    let pairs = tags.iter().map(|tag| {
        let value = tag.value.clone().unwrap_or_default();
        (tag.key.clone(), value)
    });
    pairs.collect()
}

/// The tags of a request in the order of their keys; refuses those that AWS does not take.
pub(crate) fn checked(tags: &[Tag]) -> std::result::Result<Vec<(String, String)>, Fault> {
    let mut tags = asked(tags);
    tags.sort();
    let mut pairs = tags.windows(2);
    if pairs.any(|pair| matches!(pair, [(one, _), (other, _)] if one == other)) {
        return Err(refusals::bad_tag("Duplicate tag keys are not allowed."));
    }
    for (key, _) in &tags {
        let begins = key.get(..4);
        if begins.is_some_and(|begins| begins.eq_ignore_ascii_case("aws:")) {
            return Err(refusals::bad_tag("Tag keys must not begin with aws:."));
        }
    }
    if tags.len() > MOST {
        return Err(refusals::too_many_tags());
    }
    Ok(tags)
}

/// The trail of this ARN, once the caller may do what `ask` asks about it. Trails are tagged in
/// their home Region, by the account that owns them.
pub(crate) async fn trail_of<'a>(
    ctx: &'a Ctx,
    arn: &str,
    ask: impl FnOnce(TrailResource) -> Access<'a, TrailResource>,
) -> Result<TrailRecord> {
    if let Err(refused) = check_arn(ctx, arn) {
        // Whoever may not do it at all hears that first.
        let any = TrailResource::new(ctx, ctx.account(), "*");
        ask(any).decide().await?;
        return Err(refused);
    }
    let resource = trail::resource(ctx, arn).await?;
    let allowed = ask(resource).decide().await?;
    let found = allowed.into_inner().known;
    let found = found.filter(|known| known.region == ctx.region);
    let found = found.ok_or_else(|| refusals::no_resource(arn))?;
    Ok((*found).clone())
}

/// Refuses what is not the ARN of a trail of the account.
fn check_arn(ctx: &Ctx, arn: &str) -> Result<()> {
    names::check_kind(arn)?;
    let named = names::trail(ctx, arn)?;
    if named.account != ctx.account() {
        return Err(refusals::other_account(ctx.account()).into());
    }
    Ok(())
}

impl TrailRecord {
    /// Sets `new` tags beside and over those that there are.
    pub(crate) fn merge_tags(
        &mut self,
        new: Vec<(String, String)>,
    ) -> std::result::Result<(), Fault> {
        self.tags
            .retain(|(known, _)| new.iter().all(|(key, _)| key != known));
        self.tags.extend(new);
        self.tags.sort();
        match self.tags.len() > MOST {
            true => Err(refusals::too_many_tags()),
            false => Ok(()),
        }
    }
}
