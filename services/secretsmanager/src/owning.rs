//! Secrets that another service made and keeps ("AWS Secrets Manager secrets managed by other AWS
//! services", user guide): names that are kept for services, and what others may not do.

use platform::Ctx;
use wire::Fault;

use crate::refusals;
use crate::secret::SecretRecord;

/// The tag by which such secrets are found.
pub(crate) const TAG: &str = "aws:secretsmanager:owningService";

/// The ids of the services whose secrets have names that begin with the id and an exclamation mark.
const SERVICES: &[&str] = &[
    "appflow",
    "databrew",
    "datasync",
    "directconnect",
    "ecs-sc",
    "events",
    "evs",
    "marketplace-deployment",
    "opsworks-cm",
    "rds",
    "redshift",
    "sqlworkbench",
];

/// The service that is to own a new secret of this name. Nobody else makes one.
pub(crate) fn of_new(ctx: &Ctx, name: &str) -> Result<Option<&'static str>, Fault> {
    match owner(name) {
        Some(owner) if !acts(ctx, owner) => Err(refusals::reserved_name(owner)),
        owner => Ok(owner),
    }
}

/// Refuses what the owning service alone does to its secrets.
pub(crate) fn check(ctx: &Ctx, secret: &SecretRecord) -> Result<(), Fault> {
    match secret.owning_service.as_deref() {
        Some(owner) if !acts(ctx, owner) => Err(refusals::is_managed()),
        _ => Ok(()),
    }
}

fn owner(name: &str) -> Option<&'static str> {
    let (prefix, _) = name.split_once('!')?;
    SERVICES.iter().copied().find(|known| *known == prefix)
}

/// Whether the service of this id makes the call. What is in a principal before the id is a part of
/// the service: `apidestinations.events.amazonaws.com`.
fn acts(ctx: &Ctx, id: &str) -> bool {
    ctx.calling_service()
        .is_some_and(|service| is_of(service, id))
}

fn is_of(principal: &str, id: &str) -> bool {
    let name = principal.strip_suffix(".amazonaws.com");
    name.and_then(|name| name.rsplit('.').next()) == Some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_services_begin_with_their_ids() {
        assert_eq!(owner("events!connection/c/1"), Some("events"));
        assert_eq!(owner("rds!db-1"), Some("rds"));
        for name in [
            "events",
            "events/a",
            "my!secret",
            "Events!a",
            "!a",
            "a/events!b",
        ] {
            assert_eq!(owner(name), None, "{name}");
        }
    }

    #[test]
    fn a_service_has_principals_that_end_in_its_id() {
        assert!(is_of("events.amazonaws.com", "events"));
        assert!(is_of("apidestinations.events.amazonaws.com", "events"));
        assert!(!is_of("events.lambda.amazonaws.com", "events"));
        assert!(!is_of("myevents.amazonaws.com", "events"));
        assert!(!is_of("events.example.com", "events"));
    }
}
