//! Patterns of the `Action` and `NotAction` elements.

use crate::condition::{Conditions, Values};
use crate::malformed::{Fault, Refusal};
use crate::pattern::{Pattern, Syntax};
use crate::reference;

/// `*` or `vendor:name`, matched without regard to case.
#[derive(Debug)]
pub(crate) struct ActionPattern {
    pattern: Pattern,
    /// The service whose actions it stands for; absent for those of all.
    vendor: Option<Box<str>>,
    /// Whether it stands for all actions of the service.
    whole: bool,
}

impl ActionPattern {
    pub(crate) fn parse(text: &str) -> Result<Self, Refusal> {
        if text != "*" {
            check(text)?;
        }
        let syntax = Syntax {
            wildcards: true,
            variables: false,
            fold: true,
        };
        let (vendor, name) = text.split_once(':').unwrap_or(("*", "*"));
        Ok(Self {
            pattern: Pattern::parse(text, syntax).map_err(Refusal::syntax)?,
            vendor: (vendor != "*").then(|| vendor.into()),
            whole: name.bytes().all(|byte| byte == b'*'),
        })
    }

    pub(crate) fn matches(&self, action: &str) -> bool {
        self.pattern.matches(action, &NoConditions)
    }

    /// Whether it stands for actions of this service.
    pub(crate) fn names_service(&self, service: &str) -> bool {
        let vendor = self.vendor.as_ref();
        vendor.is_none_or(|vendor| vendor.eq_ignore_ascii_case(service))
    }

    /// Whether it stands for every action of this service.
    pub(crate) fn covers_service(&self, service: &str) -> bool {
        self.whole && self.names_service(service)
    }

    /// Whether `text` stands for actions of every vendor.
    pub(crate) fn names_no_vendor(text: &str) -> bool {
        text.starts_with('*')
    }
}

/// Whether `text` is an action of assuming a role, or a pattern that matches one. These are the
/// actions of STS that work on roles ("Actions defined by AWS Security Token Service").
pub(crate) fn assumes_role(text: &str) -> Result<bool, Refusal> {
    let is_sts = text
        .split_once(':')
        .is_some_and(|(vendor, _)| vendor.eq_ignore_ascii_case("sts"));
    let Some(sts) = reference::service("sts").filter(|_| is_sts) else {
        return Ok(false);
    };
    let pattern = ActionPattern::parse(text)?;
    let works_on_role = |action: &&reference::Action| {
        let mut targets = action.resources.iter();
        targets.any(|target| target.resource == "role")
    };
    let mut assuming = sts.actions.iter().filter(works_on_role);
    Ok(assuming.any(|action| pattern.matches(&format!("sts:{}", action.name))))
}

/// Refuses an exactly named action that KMS does not have, as KMS does when a
/// key policy is put. Patterns with wildcards stand, also if they match none.
pub(crate) fn check_kms(text: &str) -> Result<(), Refusal> {
    let Some((vendor, name)) = text.split_once(':') else {
        return Ok(());
    };
    if !vendor.eq_ignore_ascii_case("kms") || name.contains(['*', '?']) {
        return Ok(());
    }
    if reference::action(text).is_some() {
        return Ok(());
    }
    Err(Refusal::new(
        Fault::UnknownAction(text.to_owned()),
        format!("KMS has no action `{text}`"),
    ))
}

fn check(text: &str) -> Result<(), Refusal> {
    let Some((vendor, name)) = text.split_once(':') else {
        return Err(Refusal::new(
            Fault::NoVendor,
            format!("`{text}` names no vendor"),
        ));
    };
    if name.contains(':') {
        return Err(Refusal::new(
            Fault::ManyColons,
            format!("`{text}` has several colons"),
        ));
    }
    if vendor == "*" && name != "*" {
        let detail = format!("`{text}` is about every vendor");
        return Err(Refusal::new(Fault::VendorWildcard, detail));
    }
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || b"-.".contains(&byte);
    if vendor != "*" && (vendor.is_empty() || !vendor.bytes().all(valid)) {
        let fault = Fault::InvalidVendor(vendor.to_owned());
        return Err(Refusal::new(fault, format!("`{vendor}` is not a vendor")));
    }
    // AWS takes spaces, although no action has one.
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.*? ".contains(&byte);
    if name.is_empty() || !name.bytes().all(valid) {
        return Err(Refusal::new(
            Fault::LegacyParsing,
            format!("`{text}` is not an action"),
        ));
    }
    Ok(())
}

/// Actions have no variables, so nothing is ever asked for.
struct NoConditions;

impl Conditions for NoConditions {
    fn values(&self, _: &str) -> Option<Values<'_>> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> Option<Fault> {
        ActionPattern::parse(text)
            .err()
            .map(|refusal| refusal.fault)
    }

    #[test]
    fn actions_match_without_regard_to_case() {
        let pattern = ActionPattern::parse("KMS:generatedatakey*").unwrap();
        assert!(pattern.matches("kms:GenerateDataKeyPair"));
        assert!(!pattern.matches("kms:GenerateMac"));
        assert!(ActionPattern::parse("*").unwrap().matches("s3:GetObject"));
        assert!(
            !ActionPattern::parse("kms:Decrypt")
                .unwrap()
                .matches("kms:Decrypt2")
        );
    }

    #[test]
    fn patterns_know_their_services() {
        let of = |text: &str| {
            let pattern = ActionPattern::parse(text).unwrap();
            (pattern.names_service("kms"), pattern.covers_service("kms"))
        };
        assert_eq!(of("KMS:Decrypt"), (true, false));
        assert_eq!(of("kms:*"), (true, true));
        assert_eq!(of("*"), (true, true));
        assert_eq!(of("s3:*"), (false, false));
    }

    #[test]
    fn malformed_actions_are_refused() {
        assert_eq!(fault("Decrypt"), Some(Fault::NoVendor));
        assert_eq!(fault("kms*"), Some(Fault::NoVendor));
        assert_eq!(fault("kms:De:crypt"), Some(Fault::ManyColons));
        assert_eq!(
            fault("k_ms:Decrypt"),
            Some(Fault::InvalidVendor("k_ms".into()))
        );
        assert_eq!(fault(":Decrypt"), Some(Fault::InvalidVendor("".into())));
        assert_eq!(fault("kms:"), Some(Fault::LegacyParsing));
        assert_eq!(fault("kms: Decrypt"), None);
        assert_eq!(fault("kms:De,crypt"), Some(Fault::LegacyParsing));
        assert_eq!(fault("execute-api:Invoke"), None);
        assert_eq!(fault("*:*"), None);
        assert_eq!(fault("*:Untag*"), Some(Fault::VendorWildcard));
    }

    #[test]
    fn roles_are_assumed_by_the_actions_of_sts_that_work_on_them() {
        for text in [
            "sts:AssumeRole",
            "STS:assumerolewithsaml",
            "sts:AssumeRoleWithWebIdentity",
            "sts:TagSession",
            "sts:SetSourceIdentity",
            "sts:SetContext",
            "sts:*",
            "sts:AssumeRole*",
        ] {
            assert!(assumes_role(text).unwrap(), "{text}");
        }
        for text in [
            "*",
            "sts:TagSessions",
            "sts:GetCallerIdentity",
            "sts:Get*",
            "iam:PassRole",
        ] {
            assert!(!assumes_role(text).unwrap(), "{text}");
        }
        assert!(assumes_role("sts:").is_err());
    }

    #[test]
    fn kms_knows_its_actions() {
        assert!(check_kms("kms:decrypt").is_ok());
        assert!(check_kms("kms:Decrypted*").is_ok());
        assert!(check_kms("s3:Decrypted").is_ok());
        assert!(check_kms("kms:Decrypted").is_err());
    }
}
