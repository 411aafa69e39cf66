//! Aliases: names for versions ("Create an alias for a Lambda function", Lambda developer guide).

use api::lambda::{AliasConfiguration, AliasRoutingConfiguration};
use platform::{Ctx, Result};
use wire::{Common, Entries, Fault};

use crate::function::{AliasRecord, VersionRecord};
use crate::names::{FunctionPlace, LATEST, is_alias};
use crate::refusals;

/// Refuses what is no name of an alias: a number is a version, and `$LATEST` is one (shape `Alias`,
/// whose pattern looks ahead for that).
pub(crate) fn check_name(name: &str) -> Result<(), Fault> {
    match is_alias(name) {
        true => Ok(()),
        false => Err(Fault::common(
            Common::Validation,
            format!(
                "1 validation error detected: Value '{name}' at 'name' failed to satisfy constraint: \
                 Member must satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)"
            ),
        )),
    }
}

/// The second version of an alias, with its share of calls; none where the weights are empty.
pub(crate) fn additional(
    routing: Option<AliasRoutingConfiguration>,
) -> Result<Option<(String, f64)>, Fault> {
    let weights = routing.and_then(|routing| routing.additional_version_weights);
    let mut weights = weights.map_or_else(Vec::new, |weights| weights.0);
    match weights.len() {
        0 | 1 => Ok(weights.pop()),
        _ => Err(refusals::invalid(
            "Number of items in AdditionalVersionWeights cannot be greater than 1",
        )),
    }
}

/// Refuses an alias whose versions are none, or cannot stand beside each other.
pub(crate) async fn check(ctx: &Ctx, place: &FunctionPlace, alias: &AliasRecord) -> Result<()> {
    let version = &alias.version;
    if let Some((other, _)) = &alias.additional {
        if other == version {
            return Err(refusals::invalid(format!(
                "Invalid function version {version}. Function version {version} is already included \
                 in routing configuration."
            ))
            .into());
        }
        if version == LATEST {
            return Err(refusals::invalid(
                "$LATEST is not supported for an alias pointing to more than 1 version",
            )
            .into());
        }
        exists(ctx, place, other).await?;
    }
    exists(ctx, place, version).await
}

async fn exists(ctx: &Ctx, place: &FunctionPlace, version: &str) -> Result<()> {
    match VersionRecord::get(ctx, place, version).await? {
        Some(_) => Ok(()),
        None => Err(refusals::no_function(&place.qualified(Some(version))).into()),
    }
}

impl AliasRecord {
    /// Whether calls of the alias may go to this version.
    pub(crate) fn names(&self, version: &str) -> bool {
        let additional = self.additional.as_ref();
        self.version == version || additional.is_some_and(|(other, _)| other == version)
    }

    /// The alias as answers show it.
    pub(crate) fn shown(&self, place: &FunctionPlace) -> AliasConfiguration {
        let routing = |(version, weight): (String, f64)| AliasRoutingConfiguration {
            additional_version_weights: Some(Entries(vec![(version, weight)])),
        };
        AliasConfiguration {
            alias_arn: Some(place.qualified(Some(&self.name))),
            name: Some(self.name.clone()),
            function_version: Some(self.version.clone()),
            description: Some(self.description.clone()),
            routing_config: self.additional.clone().map(routing),
            revision_id: Some(self.revision_id.clone()),
        }
    }
}
