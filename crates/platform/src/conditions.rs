//! Condition keys. Every value comes from the server's own knowledge of the call: no header and
//! no parameter can set an `aws:` or `kms:` key.

use std::borrow::Cow;
use std::fmt::Write as _;

use policy::{Conditions, Values};

use crate::ctx::Ctx;
use crate::resource::Resource;

/// The condition keys of a service, for example `kms:encryptionalgorithm`.
pub trait ConditionKeys: Send + Sync {
    /// The values of `key`, which comes in lower case; `None` where it is absent.
    fn values(&self, key: &str) -> Option<Values<'_>>;
}

/// No keys beyond the global ones.
pub struct NoKeys;

impl ConditionKeys for NoKeys {
    fn values(&self, _: &str) -> Option<Values<'_>> {
        None
    }
}

/// The keys of one decision. Values are made when a policy asks for them.
pub(crate) struct RequestConditions<'a> {
    pub(crate) ctx: &'a Ctx,
    pub(crate) resource: &'a dyn Resource,
    pub(crate) keys: &'a dyn ConditionKeys,
    pub(crate) request_tags: &'a [(String, String)],
    pub(crate) tag_keys: &'a [String],
}

impl Conditions for RequestConditions<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        match key.strip_prefix("aws:") {
            Some(global) => self.global(global),
            None => self.keys.values(key),
        }
    }
}

impl RequestConditions<'_> {
    /// The global keys (AWS IAM user guide, "AWS global condition context keys").
    fn global(&self, key: &str) -> Option<Values<'_>> {
        let (ctx, caller) = (self.ctx, &*self.ctx.caller);
        let one = |text: &str| Some(Values::One(Cow::Owned(text.to_owned())));
        match key {
            "principalarn" => one(&caller.arn),
            "principalaccount" => one(&caller.account),
            "principaltype" => one(caller.principal_type()),
            "userid" => one(&caller.user_id),
            "username" => one(caller.user_name()?),
            "sourceip" => one(&ctx.connection.peer?.to_canonical().to_string()),
            "securetransport" => one(if ctx.connection.secure {
                "true"
            } else {
                "false"
            }),
            "currenttime" => one(&ctx.now.iso8601()),
            "epochtime" => one(&ctx.now.secs().to_string()),
            "useragent" => one(ctx.connection.user_agent.as_deref()?),
            "referer" => one(ctx.connection.referer.as_deref()?),
            "requestedregion" => one(&ctx.region),
            "viaawsservice" | "principalisawsservice" => one("false"),
            "resourceaccount" => one(self.resource.account()),
            "tagkeys" if !self.request_tags.is_empty() => {
                let keys = self
                    .request_tags
                    .iter()
                    .map(|(key, _)| Cow::Borrowed(key.as_str()));
                Some(Values::Set(keys.collect()))
            }
            "tagkeys" if !self.tag_keys.is_empty() => Some(Values::Many(self.tag_keys)),
            _ => self.tag(key),
        }
    }

    fn tag(&self, key: &str) -> Option<Values<'_>> {
        if let Some(name) = key.strip_prefix("resourcetag/") {
            return self.resource.tag(name).map(Values::from);
        }
        let name = key.strip_prefix("requesttag/")?;
        let (_, value) = self
            .request_tags
            .iter()
            .find(|(key, _)| same_key(key, name))?;
        Some(Values::from(value.as_str()))
    }
}

/// Whether a tag's key is the one that a policy names in lower case.
fn same_key(key: &str, lower: &str) -> bool {
    let mut folded = String::with_capacity(key.len());
    key.chars().flat_map(char::to_lowercase).for_each(|letter| {
        let _ = folded.write_char(letter);
    });
    folded == lower
}
