//! The policies that AWS makes and keeps, `arn:aws:iam::aws:policy/..`, as far as they are here.
//!
//! Names, dates, versions, descriptions and documents are AWS's ("AWS managed policies", AWS
//! managed policy reference guide). They belong to no account and cannot be changed, so they live
//! in the program and not in the store, and each is parsed once, when first asked for.

mod table;

use std::sync::{Arc, OnceLock};

use platform::{Error, NamedPolicy, Result};
use policy::{Policy, PolicyKind};
use wire::Timestamp;

/// What the ARNs of AWS managed policies begin with.
const PREFIX: &str = "arn:aws:iam::aws:policy/";

/// One AWS managed policy, in its default version.
pub(crate) struct AwsManaged {
    /// The name.
    pub(crate) name: &'static str,
    /// The path, `/` or such as `/service-role/`.
    pub(crate) path: &'static str,
    /// The unique id, `ANPA` and 17 characters. Where AWS does not show its own, one that only
    /// depends on the name.
    pub(crate) policy_id: &'static str,
    /// The id of the default version, such as `v12`.
    pub(crate) version: &'static str,
    /// When AWS made the policy.
    pub(crate) created: Timestamp,
    /// When AWS made its default version.
    pub(crate) updated: Timestamp,
    /// What AWS says it is for.
    pub(crate) description: &'static str,
    /// The JSON document of the default version.
    pub(crate) document: &'static str,
    parsed: OnceLock<Arc<NamedPolicy>>,
}

/// Every AWS managed policy, sorted by name.
pub(crate) fn all() -> &'static [AwsManaged] {
    &table::TABLE
}

/// The AWS managed policy with this ARN.
pub(crate) fn find(arn: &str) -> Option<&'static AwsManaged> {
    let resource = arn.strip_prefix(PREFIX)?;
    let name = resource.rsplit('/').next()?;
    let index = all().binary_search_by_key(&name, |known| known.name).ok()?;
    all().get(index).filter(|found| found.arn() == arn)
}

impl AwsManaged {
    /// The ARN, which names no account.
    pub(crate) fn arn(&self) -> String {
        let path = self.path.trim_start_matches('/');
        format!("{PREFIX}{path}{}", self.name)
    }

    /// 12 of `v12`.
    pub(crate) fn version_number(&self) -> u32 {
        let digits = self.version.trim_start_matches('v');
        digits.parse().unwrap_or_default()
    }

    /// The policy, ready to decide with; everybody shares the same one.
    pub(crate) fn policy(&self) -> Result<Arc<NamedPolicy>> {
        if let Some(parsed) = self.parsed.get() {
            return Ok(Arc::clone(parsed));
        }
        let policy = Policy::parse(self.document, PolicyKind::Identity).map_err(|malformed| {
            Error::internal(format!("`{}`: {}", self.name, malformed.detail()))
        })?;
        let name = self.arn();
        let parsed = || Arc::new(NamedPolicy { name, policy });
        Ok(Arc::clone(self.parsed.get_or_init(parsed)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_table_is_sorted_and_nothing_in_it_repeats() {
        assert!(all().is_sorted_by(|one, next| one.name < next.name));
        let folded: BTreeSet<_> = all().iter().map(|one| one.name.to_lowercase()).collect();
        assert_eq!(folded.len(), all().len(), "names do not distinguish case");
        let ids: BTreeSet<_> = all().iter().map(|one| one.policy_id).collect();
        assert_eq!(ids.len(), all().len());
    }

    #[test]
    fn every_row_has_the_form_that_aws_gives_it() {
        for one in all() {
            let name = one.name;
            let id = one.policy_id.strip_prefix("ANPA").unwrap();
            assert_eq!(id.len(), 17, "{name}");
            let base32 = |byte: u8| byte.is_ascii_uppercase() || (b'2'..=b'7').contains(&byte);
            assert!(id.bytes().all(base32), "{name}");
            let version = one.version.strip_prefix('v').unwrap();
            assert!(version.parse::<u32>().unwrap() > 0, "{name}");
            assert_eq!(format!("v{}", one.version_number()), one.version);
            assert!(
                one.path.starts_with('/') && one.path.ends_with('/'),
                "{name}"
            );
            assert!(one.created.millis <= one.updated.millis, "{name}");
            assert_eq!(one.created == one.updated, version == "1", "{name}");
            assert!(!one.description.is_empty(), "{name}");
            assert!(one.description.chars().count() <= 1000, "{name}");
        }
    }

    #[test]
    fn every_document_parses_once_and_is_shared() {
        for one in all() {
            let first = one.policy().unwrap_or_else(|_| panic!("{}", one.name));
            assert_eq!(first.name, one.arn());
            assert!(first.policy.require_current_version().is_ok());
            let again = one.policy().unwrap_or_else(|_| panic!("{}", one.name));
            assert!(Arc::ptr_eq(&first, &again), "{}", one.name);
        }
    }

    #[test]
    fn an_arn_finds_its_policy_and_no_other_arn_does() {
        for one in all() {
            assert_eq!(find(&one.arn()).map(|found| found.name), Some(one.name));
        }
        let billing = find("arn:aws:iam::aws:policy/job-function/Billing").unwrap();
        assert_eq!(billing.path, "/job-function/");
        for stranger in [
            "arn:aws:iam::aws:policy/Billing",
            "arn:aws:iam::aws:policy/job-function/AdministratorAccess",
            "arn:aws:iam::aws:policy/administratoraccess",
            "arn:aws:iam::111122223333:policy/AdministratorAccess",
            "arn:aws:iam::aws:role/AdministratorAccess",
            "AdministratorAccess",
            "",
        ] {
            assert!(find(stranger).is_none(), "{stranger}");
        }
    }

    #[test]
    fn every_action_that_a_document_names_is_one() {
        let mut strangers = BTreeSet::new();
        let mut known = 0;
        for one in all() {
            for pattern in actions(one.document) {
                match matching(&pattern) {
                    Some(0) => strangers.insert(pattern),
                    Some(_) => {
                        known += 1;
                        false
                    }
                    None => false,
                };
            }
        }
        assert!(known > 800, "{known} actions of known services");
        assert_eq!(strangers, BTreeSet::new());
    }

    /// Every text of the `Action` and `NotAction` elements.
    fn actions(document: &str) -> Vec<String> {
        let document: serde_json::Value = serde_json::from_str(document).unwrap();
        let list = |value: &serde_json::Value| match value {
            serde_json::Value::Array(items) => items.clone(),
            serde_json::Value::Null => Vec::new(),
            single => vec![single.clone()],
        };
        let statements = list(&document["Statement"]);
        let elements = statements
            .iter()
            .flat_map(|statement| [&statement["Action"], &statement["NotAction"]])
            .flat_map(list);
        elements
            .map(|element| element.as_str().unwrap().to_owned())
            .collect()
    }

    /// How many actions a pattern matches, if its service is known.
    fn matching(pattern: &str) -> Option<usize> {
        let (prefix, name) = pattern.split_once(':')?;
        let service = policy::reference::service(prefix)?;
        let pattern = name.to_lowercase().replace('*', ".*").replace('?', ".");
        let pattern = regex::Regex::new(&format!("^{pattern}$")).unwrap();
        let matches = service
            .actions
            .iter()
            .map(|action| action.name.to_lowercase());
        Some(matches.filter(|name| pattern.is_match(name)).count())
    }

    #[test]
    fn dates_are_those_of_the_reference_guide() {
        let found = find("arn:aws:iam::aws:policy/PowerUserAccess").unwrap();
        assert_eq!(found.created.iso8601(), "2015-02-06T18:39:47Z");
        assert_eq!(found.updated.iso8601(), "2026-02-12T17:59:14Z");
        assert_eq!(found.version, "v12");
        let found = find("arn:aws:iam::aws:policy/AdministratorAccess").unwrap();
        assert_eq!(found.updated.iso8601(), "2015-02-06T18:39:46Z");
    }
}
