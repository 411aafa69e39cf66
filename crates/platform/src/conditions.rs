//! Condition keys. Every value comes from the server's own knowledge of the call: no header and
//! no parameter can set an `aws:` or `kms:` key.

use std::borrow::Cow;
use std::fmt::Write as _;

use policy::{Conditions, Values};
use wire::Timestamp;

use crate::authorize::Bound;
use crate::caller::CallerKind;
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
    pub(crate) bound: &'a Bound,
    pub(crate) resource: &'a dyn Resource,
    pub(crate) keys: &'a dyn ConditionKeys,
    pub(crate) request_tags: &'a [(String, String)],
    pub(crate) tag_keys: &'a [String],
    /// Whether the decision is about the caller, whose keys count then.
    pub(crate) is_caller: bool,
    /// Whether the call itself proved a second factor.
    pub(crate) second_factor: bool,
}

impl Conditions for RequestConditions<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        match key.strip_prefix("aws:") {
            Some(global) => self.global(global),
            None => self.keys.values(key).or_else(|| self.of_provider(key)),
        }
    }
}

impl RequestConditions<'_> {
    /// The global keys (AWS IAM user guide, "AWS global condition context keys").
    fn global(&self, key: &str) -> Option<Values<'_>> {
        self.of_request(key)
            .or_else(|| self.of_principal(key).filter(|_| self.is_caller))
            .or_else(|| self.of_resource(key))
            .or_else(|| self.tag(key))
    }

    fn of_request(&self, key: &str) -> Option<Values<'_>> {
        let ctx = self.ctx;
        match key {
            "sourceip" => one(&ctx.connection.peer?.to_canonical().to_string()),
            "securetransport" => Some(boolean(ctx.connection.secure)),
            "currenttime" => one(&ctx.now.iso8601()),
            "epochtime" => one(&ctx.now.secs().to_string()),
            "useragent" => one(ctx.connection.user_agent.as_deref()?),
            "referer" => one(ctx.connection.referer.as_deref()?),
            "requestedregion" => one(self.resource.region().unwrap_or(&ctx.region)),
            "viaawsservice" => Some(boolean(!ctx.through.called_via.is_empty())),
            "calledvia" if ctx.through.called_via.is_empty() => None,
            "calledvia" => Some(Values::Many(&ctx.through.called_via)),
            "calledviafirst" => one(ctx.through.called_via.first()?),
            "calledvialast" => one(ctx.through.called_via.last()?),
            "principalisawsservice" => Some(boolean(ctx.caller.service_name().is_some())),
            "tagkeys" if !self.request_tags.is_empty() => {
                let keys = self
                    .request_tags
                    .iter()
                    .map(|(key, _)| Cow::Borrowed(key.as_str()));
                Some(Values::Set(keys.collect()))
            }
            "tagkeys" if !self.tag_keys.is_empty() => Some(Values::Many(self.tag_keys)),
            _ => None,
        }
    }

    /// The keys of a service that acts for itself. It has none of those of principals of accounts.
    fn of_service(&self, key: &str, name: &str) -> Option<Values<'_>> {
        let source = &self.ctx.through.source;
        let organization = self.bound.source_organization.as_ref();
        match key {
            "principalservicename" => one(name),
            "principalservicenameslist" => {
                let names = service_names(name, &self.ctx.region).into_iter();
                Some(Values::Set(names.map(Cow::Owned).collect()))
            }
            "sourcearn" => one(source.arn.as_deref()?),
            "sourceaccount" => one(source.account.as_deref()?),
            "sourceorgid" => one(&organization?.organization_id),
            "sourceorgpaths" => set(&organization?.path),
            _ => None,
        }
    }

    fn of_principal(&self, key: &str) -> Option<Values<'_>> {
        let caller = &*self.ctx.caller;
        if let Some(name) = caller.service_name() {
            return self.of_service(key, name);
        }
        let session = caller.session.as_deref();
        match key {
            "principalarn" => one(caller.principal_arn()),
            "principalaccount" => one(&caller.account),
            "principaltype" => one(caller.principal_type()),
            "principalorgid" => one(&self.bound.organization.as_ref()?.organization_id),
            "principalorgpaths" => set(&self.bound.organization.as_ref()?.path),
            "userid" => one(&caller.user_id),
            "username" => one(caller.user_name()?),
            "tokenissuetime" => one(&seconds(session?.issued_millis).iso8601()),
            // Only temporary credentials carry the key: `Bool` on an access key that a user keeps
            // compares with nothing.
            "multifactorauthpresent" => Some(boolean(self.shows_second_factor()?)),
            "multifactorauthage" if self.second_factor => one("0"),
            "multifactorauthage" => {
                let age = self.ctx.now.millis.saturating_sub(session?.mfa_millis?);
                one(&(age.max(0) / 1000).to_string())
            }
            "federatedprovider" => one(session?.provider.as_deref()?),
            "sourceidentity" => one(session?.source_identity.as_deref()?),
            "assumedroot" => {
                let limited = session?.policies.is_some();
                (limited && caller.kind == CallerKind::Root).then(|| boolean(true))
            }
            _ => None,
        }
    }

    /// Whether a session began with a second factor; none for long-term access keys.
    fn shows_second_factor(&self) -> Option<bool> {
        if self.second_factor {
            return Some(true);
        }
        let session = self.ctx.caller.session.as_deref()?;
        Some(session.mfa_millis.is_some())
    }

    fn of_resource(&self, key: &str) -> Option<Values<'_>> {
        let organization = self.bound.resource_organization.as_ref();
        match key {
            "resourceaccount" => one(self.resource.account()),
            "resourceorgid" => one(&organization?.organization_id),
            "resourceorgpaths" => set(&organization?.path),
            _ => None,
        }
    }

    /// A key that the session keeps of the identity provider that vouched for it.
    fn of_provider(&self, key: &str) -> Option<Values<'_>> {
        let session = self.ctx.caller.session.as_deref()?;
        let mut kept = session.provider_keys.iter();
        let (_, values) = kept.find(|(known, _)| known == key)?;
        Some(Values::Many(values)).filter(|_| self.is_caller)
    }

    /// The tag of the principal: of the session, or else of the user or role.
    fn principal_tag(&self, name: &str) -> Option<Values<'_>> {
        let session = self.ctx.caller.session.as_deref();
        let session = session.into_iter().flat_map(|session| &session.tags);
        let (_, value) = session
            .chain(&self.bound.held.tags)
            .find(|(key, _)| same_key(key, name))?;
        Some(Values::from(value.as_str()))
    }

    fn tag(&self, key: &str) -> Option<Values<'_>> {
        if let Some(name) = key.strip_prefix("resourcetag/") {
            return self.resource.tag(name).map(Values::from);
        }
        if let Some(name) = key.strip_prefix("principaltag/") {
            return self.principal_tag(name).filter(|_| self.is_caller);
        }
        let name = key.strip_prefix("requesttag/")?;
        let (_, value) = self
            .request_tags
            .iter()
            .find(|(key, _)| same_key(key, name))?;
        Some(Values::from(value.as_str()))
    }
}

fn one(text: &str) -> Option<Values<'static>> {
    Some(Values::One(Cow::Owned(text.to_owned())))
}

/// The one value of a key that may have several.
fn set(text: &str) -> Option<Values<'static>> {
    Some(Values::Set(vec![Cow::Owned(text.to_owned())]))
}

/// The names of a service principal, of the region and of all regions.
fn service_names(name: &str, region: &str) -> Vec<String> {
    let Some(label) = name.strip_suffix(".amazonaws.com") else {
        return vec![name.to_owned()];
    };
    let regional = format!(".{region}");
    let label = label.strip_suffix(&regional).unwrap_or(label);
    vec![
        format!("{label}.amazonaws.com"),
        format!("{label}{regional}.amazonaws.com"),
    ]
}

fn boolean(value: bool) -> Values<'static> {
    Values::from(if value { "true" } else { "false" })
}

fn seconds(millis: i64) -> Timestamp {
    Timestamp { millis }.whole_secs()
}

/// Whether a tag's key is the one that a policy names in lower case.
fn same_key(key: &str, lower: &str) -> bool {
    let mut folded = String::with_capacity(key.len());
    key.chars().flat_map(char::to_lowercase).for_each(|letter| {
        let _ = folded.write_char(letter);
    });
    folded == lower
}
