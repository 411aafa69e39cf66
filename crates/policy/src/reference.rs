//! What actions there are: AWS's service authorization reference as tables.
//!
//! For each service whose actions are known: its actions with their access level, the resource
//! types they work on, the condition keys they offer and the actions they depend on; and for every
//! service of AWS its prefix and name. Lookups disregard case, as policies do.
//! (https://docs.aws.amazon.com/service-authorization/latest/reference/)

mod tables;

use std::cmp::Ordering;

use crate::wildcard::{Atom, Wildcard};

/// A service whose actions are known.
#[derive(Debug)]
pub struct Service {
    /// What its actions begin with, `kms`.
    pub prefix: &'static str,
    /// Its name, `AWS Key Management Service`.
    pub name: &'static str,
    /// Sorted by name without regard to case.
    pub actions: &'static [Action],
    /// Sorted by name without regard to case.
    pub resources: &'static [ResourceType],
}

/// One action.
#[derive(Debug)]
pub struct Action {
    /// Its name without the prefix, `Decrypt`.
    pub name: &'static str,
    /// What kind of access it gives.
    pub access_level: AccessLevel,
    /// The resource types it works on. Without any, policies name `*`.
    pub resources: &'static [Target],
    /// Condition keys of the action itself, such as `kms:EncryptionContext:${EncryptionContextKey}`.
    pub condition_keys: &'static [&'static str],
    /// Actions that may be needed as well, `iam:PassRole`.
    pub dependents: &'static [&'static str],
}

/// A resource type an action works on.
#[derive(Debug)]
pub struct Target {
    /// The name of a [`ResourceType`] of the same service.
    pub resource: &'static str,
    /// Whether a policy that names resources must name one of this type.
    pub required: bool,
}

/// A kind of resource.
#[derive(Debug)]
pub struct ResourceType {
    /// Its name, `key`.
    pub name: &'static str,
    /// Its ARN, `arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}`.
    pub arn: &'static str,
    /// Condition keys that tell about the resource.
    pub condition_keys: &'static [&'static str],
}

/// AWS's classes of actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessLevel {
    /// Shows which resources there are.
    List,
    /// Shows what is in a resource.
    Read,
    /// Makes, changes or deletes.
    Write,
    /// Changes who may do what.
    PermissionsManagement,
    /// Changes tags alone.
    Tagging,
}

/// The action of this name, `kms:Decrypt`, if its service is known and has it.
pub fn action(name: &str) -> Option<&'static Action> {
    let (prefix, name) = name.split_once(':')?;
    service(prefix)?.action(name)
}

/// The service with this prefix, if its actions are known.
pub fn service(prefix: &str) -> Option<&'static Service> {
    find(tables::SERVICES, prefix, |service| service.prefix).copied()
}

/// Every service whose actions are known, sorted by prefix.
pub fn services() -> &'static [&'static Service] {
    tables::SERVICES
}

/// The name of the service with this prefix, also of those whose actions are not known.
pub fn service_name(prefix: &str) -> Option<&'static str> {
    find(tables::NAMES, prefix, |(prefix, _)| prefix).map(|(_, name)| *name)
}

/// Prefix and name of every service of AWS, sorted by prefix.
pub fn service_names() -> &'static [(&'static str, &'static str)] {
    tables::NAMES
}

impl Service {
    /// The action of this name, which comes without the prefix.
    pub fn action(&self, name: &str) -> Option<&'static Action> {
        find(self.actions, name, |action| action.name)
    }

    /// The resource type of this name.
    pub fn resource(&self, name: &str) -> Option<&'static ResourceType> {
        find(self.resources, name, |resource| resource.name)
    }
}

impl ResourceType {
    /// Whether `arn` could be of a resource of this type: each `${..}` stands for some text, in
    /// the first five segments for one without colons.
    pub fn matches(&self, arn: &str) -> bool {
        let mut segments = arn.splitn(6, ':');
        let mut matched = pattern_segments(self.arn).into_iter().all(|pattern| {
            let segment = segments.next();
            segment.is_some_and(|segment| Wildcard::new(&atoms(pattern), false).matches(segment))
        });
        matched &= segments.next().is_none();
        matched
    }
}

/// At most six segments; no placeholder has a colon in its name.
fn pattern_segments(pattern: &str) -> Vec<&str> {
    pattern.splitn(6, ':').collect()
}

fn atoms(pattern: &str) -> Vec<Atom> {
    let mut atoms = Vec::new();
    let mut rest = pattern;
    while let Some((text, after)) = rest.split_once("${") {
        if !text.is_empty() {
            atoms.push(Atom::Text(text.into()));
        }
        atoms.extend([Atom::One, Atom::Many]);
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    if !rest.is_empty() {
        atoms.push(Atom::Text(rest.into()));
    }
    atoms
}

fn find<'t, T>(table: &'t [T], name: &str, key: impl Fn(&T) -> &'static str) -> Option<&'t T> {
    let index = table.binary_search_by(|row| folded(key(row), name)).ok()?;
    table.get(index)
}

fn folded(one: &str, other: &str) -> Ordering {
    let one = one.bytes().map(|byte| byte.to_ascii_lowercase());
    one.cmp(other.bytes().map(|byte| byte.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_so_that_everything_in_them_is_found() {
        assert!(tables::SERVICES.len() >= 10);
        for known in tables::SERVICES {
            let found = service(&known.prefix.to_uppercase()).unwrap();
            assert_eq!(found.prefix, known.prefix);
            assert_eq!(service_name(known.prefix), Some(known.name));
            for action in known.actions {
                let name = action.name.to_uppercase();
                assert_eq!(
                    known.action(&name).map(|found| found.name),
                    Some(action.name)
                );
            }
            for resource in known.resources {
                let found = known.resource(resource.name);
                assert_eq!(found.map(|found| found.arn), Some(resource.arn));
            }
        }
        for (prefix, name) in tables::NAMES {
            assert_eq!(service_name(prefix), Some(*name));
        }
    }

    #[test]
    fn actions_name_resource_types_and_dependents_that_exist() {
        for known in tables::SERVICES {
            for action in known.actions {
                for target in action.resources {
                    let resource = known.resource(target.resource);
                    assert!(resource.is_some(), "{} {}", action.name, target.resource);
                }
                for dependent in action.dependents {
                    let prefix = dependent.split(':').next().unwrap();
                    assert!(service_name(prefix).is_some(), "{dependent}");
                }
            }
        }
    }

    #[test]
    fn the_actions_of_kms_are_the_documented_ones() {
        let decrypt = action("KMS:decrypt").unwrap();
        assert_eq!(decrypt.name, "Decrypt");
        assert_eq!(decrypt.access_level, AccessLevel::Write);
        let [key] = decrypt.resources else {
            panic!("{:?}", decrypt.resources)
        };
        assert_eq!((key.resource, key.required), ("key", true));
        assert!(decrypt.condition_keys.contains(&"kms:ViaService"));
        assert!(action("kms:CreateKey").unwrap().resources.is_empty());
        let tagging = action("kms:TagResource").unwrap().access_level;
        assert_eq!(tagging, AccessLevel::Tagging);
        let policy = action("kms:PutKeyPolicy").unwrap().access_level;
        assert_eq!(policy, AccessLevel::PermissionsManagement);
        let create = action("kms:CreateKey").unwrap();
        assert!(create.dependents.contains(&"kms:TagResource"));
        for stranger in [
            "kms:Decrypted",
            "kms:",
            "kms",
            ":Decrypt",
            "nobody:Decrypt",
            "",
        ] {
            assert!(action(stranger).is_none(), "{stranger}");
        }
    }

    #[test]
    fn arns_match_the_resource_type_they_are_of() {
        let key = service("kms").unwrap().resource("key").unwrap();
        let user = service("iam").unwrap().resource("user").unwrap();
        let stream = service("logs").unwrap().resource("log-stream").unwrap();
        assert!(key.matches("arn:aws:kms:us-east-1:111122223333:key/1234"));
        assert!(!key.matches("arn:aws:kms:us-east-1:111122223333:alias/1234"));
        assert!(!key.matches("arn:aws:kms:us-east-1:111122223333:key/"));
        assert!(!key.matches("arn:aws:kms::111122223333:key/1234"));
        assert!(!key.matches("*"));
        assert!(user.matches("arn:aws:iam::111122223333:user/a/b/Bob"));
        assert!(!user.matches("arn:aws:iam:eu-west-1:111122223333:user/Bob"));
        let arn = "arn:aws:logs:us-east-1:111122223333:log-group:g:log-stream:s";
        assert!(stream.matches(arn));
        assert!(!stream.matches("arn:aws:logs:us-east-1:111122223333:log-group:g"));
    }
}
