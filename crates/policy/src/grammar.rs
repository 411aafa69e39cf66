//! What each kind of policy must and must not contain.

use crate::PolicyKind;
use crate::action::{ActionPattern, assumes_role, check_kms};
use crate::arn::{SEGMENTS, split};
use crate::malformed::{Fault, Refusal};
use crate::named_principal::NamedPrincipal;
use crate::outline::{Listed, Outline};
use crate::reference;
use crate::shared_provider;
use crate::statement::Effect;

impl PolicyKind {
    /// Whether documents of this kind must say `Version: 2012-10-17`.
    pub(crate) fn needs_current_version(self) -> bool {
        matches!(self, Self::ServiceControl | Self::ResourceControl)
    }

    /// Whether IAM reads documents of this kind as those of identities.
    pub(crate) fn is_identity_based(self) -> bool {
        matches!(self, Self::Identity | Self::Boundary | Self::Session)
    }

    /// Checks a statement against the rules of this kind of policy.
    pub(crate) fn check(self, outline: &Outline<'_>) -> Result<(), Refusal> {
        self.check_sid(outline.sid)?;
        if self == Self::Trust {
            // AWS speaks of the resource first when a role is made with an identity-based policy.
            self.check_resource(outline)?;
        }
        self.check_principal(outline)?;
        self.check_actions(outline)?;
        self.check_resource(outline)?;
        match self {
            Self::ResourceControl => check_resource_control(outline),
            Self::Trust => shared_provider::check(outline),
            _ => Ok(()),
        }
    }

    /// IAM and Organizations want letters and digits; resource policies may
    /// name a statement `Enable IAM User Permissions`.
    fn check_sid(self, sid: Option<&str>) -> Result<(), Refusal> {
        let free = matches!(
            self,
            Self::Resource | Self::KeyPolicy | Self::ResourceControl
        );
        match sid {
            Some(sid) if !free && !sid.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
                Err(Refusal::new(Fault::SidCharacters, format!("Sid `{sid}`")))
            }
            _ => Ok(()),
        }
    }

    fn check_principal(self, outline: &Outline<'_>) -> Result<(), Refusal> {
        let negated = outline.principals.as_ref().map(|list| list.negated);
        let prohibited = |name| Err(Refusal::new(Fault::Prohibited(name), "not in this policy"));
        match self {
            Self::Identity | Self::Boundary | Self::Session | Self::ServiceControl => match negated
            {
                Some(true) => prohibited("NotPrincipal"),
                Some(false) => prohibited("Principal"),
                None => Ok(()),
            },
            Self::Trust | Self::ResourceControl if negated == Some(true) => {
                prohibited("NotPrincipal")
            }
            Self::Trust if outline.bare_star => {
                Err(Refusal::new(Fault::BareStar, "everyone needs a type here"))
            }
            Self::Resource | Self::KeyPolicy | Self::Trust | Self::ResourceControl => {
                let missing = || Refusal::new(Fault::NoPrincipal, "no principal");
                negated.map(|_| ()).ok_or_else(missing)
            }
        }
    }

    fn check_actions(self, outline: &Outline<'_>) -> Result<(), Refusal> {
        let actions = outline.actions();
        let negated = outline.actions.as_ref().is_some_and(|list| list.negated);
        match self {
            // "If either of the required Resource or Action elements are
            // missing from a key policy statement, the policy statement has no
            // effect" (KMS API reference, PutKeyPolicy), and is accepted.
            Self::KeyPolicy => actions.iter().try_for_each(|action| check_kms(action)),
            _ if actions.is_empty() => Err(Refusal::new(Fault::NoAction, "no action")),
            Self::Trust => actions.iter().try_for_each(|action| {
                if !negated && assumes_role(action)? {
                    return Ok(());
                }
                let detail = format!("`{action}` assumes no role");
                Err(Refusal::new(Fault::NotAssumeRole, detail))
            }),
            _ => Ok(()),
        }
    }

    fn check_resource(self, outline: &Outline<'_>) -> Result<(), Refusal> {
        let mut resources = outline.resources().iter();
        match self {
            Self::Trust => match outline.resources.as_ref().map(|list| list.negated) {
                None => Ok(()),
                Some(negated) => {
                    let name = if negated { "NotResource" } else { "Resource" };
                    let detail = "a trust policy is about its role alone";
                    Err(Refusal::new(Fault::Prohibited(name), detail))
                }
            },
            Self::KeyPolicy => resources.try_for_each(|text| arn_like(text)),
            _ if outline.resources().is_empty() => {
                Err(Refusal::new(Fault::NoResource, "no resource"))
            }
            Self::Resource | Self::ResourceControl => resources.try_for_each(|text| arn_like(text)),
            _ => resources.try_for_each(|text| {
                check_partition(text)?;
                identity_resource(text)
            }),
        }
    }
}

/// RCPs deny, to everyone, named actions. The one exception is the policy that
/// Organizations attaches itself, `RCPFullAWSAccess`.
fn check_resource_control(outline: &Outline<'_>) -> Result<(), Refusal> {
    let (actions, resources) = (outline.actions(), outline.resources());
    let everyone = |list: &Listed<NamedPrincipal>| *list.items == [NamedPrincipal::Everyone];
    if outline.actions.as_ref().is_some_and(|list| list.negated) {
        return Err(Refusal::new(
            Fault::Prohibited("NotAction"),
            "not in an RCP",
        ));
    }
    if !outline.principals.as_ref().is_some_and(everyone) {
        return Err(Refusal::syntax("the principal of an RCP is `*`"));
    }
    let full_access = actions == ["*"] && resources == ["*"];
    match outline.effect {
        Effect::Allow if full_access && outline.condition.is_none() => Ok(()),
        Effect::Allow => Err(Refusal::syntax("an RCP only denies")),
        Effect::Deny
            if actions
                .iter()
                .any(|action| ActionPattern::names_no_vendor(action)) =>
        {
            Err(Refusal::syntax("an RCP names services, not `*`"))
        }
        Effect::Deny => Ok(()),
    }
}

fn arn_like(text: &str) -> Result<(), Refusal> {
    if text == "*" || text.starts_with("arn:") {
        return Ok(());
    }
    let fault = Fault::ResourceFormat(text.to_owned());
    Err(Refusal::new(fault, format!("resource `{text}` is no ARN")))
}

/// The partition of a resource of an identity-based policy. It may hold no variable, and may be
/// `*`. AWS looks at it in whatever has a colon, and shows that as an ARN of six segments.
fn check_partition(text: &str) -> Result<(), Refusal> {
    let mut segments: Vec<&str> = text.split(':').collect();
    let Some(&partition) = segments.get(1) else {
        return Ok(());
    };
    if partition == "aws" || partition == "*" || partition.starts_with("aws-") {
        return Ok(());
    }
    if segments.len() < SEGMENTS {
        segments.resize(SEGMENTS, "*");
    }
    let rest = segments.get(1..).unwrap_or_default().join(":");
    let fault = Fault::ResourcePartition(format!("arn:{rest}"));
    Err(Refusal::new(fault, format!("partition of `{text}`")))
}

/// Whether a resource is an ARN of S3 with a segment too few, which AWS's older parser cannot read.
pub(crate) fn is_cut_short(text: &str) -> bool {
    let bucket = text.strip_prefix("arn:aws:s3::");
    bucket.is_some_and(|bucket| !bucket.is_empty() && !bucket.contains([':', '*', '?', '$']))
}

/// The service of a resource of an identity-based policy, which may hold no variable.
fn identity_resource(text: &str) -> Result<(), Refusal> {
    arn_like(text)?;
    let mut parts = text.split(':').skip(2);
    let vendor = match parts.next() {
        Some("") => {
            let detail = format!("no service in `{text}`");
            return Err(Refusal::new(Fault::LegacyParsing, detail));
        }
        Some(vendor) => vendor,
        None if text.contains(':') => "",
        None => return Ok(()),
    };
    // A lone `*` in place of all segments from the service on is accepted.
    let open = vendor == "*" && parts.next().is_none();
    if vendor.is_empty() || (!open && vendor.contains(['*', '?', '$'])) {
        return Err(Refusal::new(
            Fault::ResourceVendor,
            format!("service of `{text}`"),
        ));
    }
    match &*split(text, true) {
        [_, _, vendor, region, account, path] => {
            global_resource(text, vendor, (region, account))?;
            iam_resource(vendor, path)
        }
        _ => Ok(()),
    }
}

/// What AWS is known to refuse of services without regions: any region in an ARN of IAM or Route
/// 53, also a wildcard; in one of S3 where no account tells a regional resource from a bucket.
fn global_resource(
    text: &str,
    vendor: &str,
    (region, account): (&str, &str),
) -> Result<(), Refusal> {
    let regional = match vendor {
        "iam" | "route53" => false,
        "s3" => !account.is_empty(),
        _ => true,
    };
    if !regional && !region.is_empty() {
        let fault = Fault::ResourceRegion(text.to_owned());
        return Err(Refusal::new(fault, format!("region of `{text}`")));
    }
    if vendor == "route53" && !account.is_empty() {
        let fault = Fault::ResourceAccount(text.to_owned());
        return Err(Refusal::new(fault, format!("account of `{text}`")));
    }
    Ok(())
}

/// A resource of IAM begins with its type.
fn iam_resource(vendor: &str, path: &str) -> Result<(), Refusal> {
    // AWS's sentence names these; types that came later are accepted as well.
    let named = ["report/", "access-report/", "sms-mfa/", "federated-user/"];
    let known = |path: &str| {
        let iam = reference::service("iam").map_or(&[][..], |iam| iam.resources);
        let typed = |name: &str| {
            path.strip_prefix(name)
                .is_some_and(|rest| rest.starts_with('/'))
        };
        iam.iter().any(|kind| typed(kind.name))
            || named.iter().any(|prefix| path.starts_with(prefix))
    };
    let open = path == "*" || path == "root" || path.starts_with("${");
    if vendor != "iam" || open || known(path) {
        return Ok(());
    }
    Err(Refusal::new(Fault::IamPath, format!("IAM has no `{path}`")))
}
