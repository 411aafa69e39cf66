//! Filters of lists (ListSecrets, `Filters`).

use api::secretsmanager::{Filter, FilterNameStringType as Name};
use platform::Ctx;
use wire::Fault;

use crate::names::Place;
use crate::refusals;
use crate::secret::SecretRecord;

/// All of them hold for what a list has.
pub(crate) struct Filters {
    filters: Vec<One>,
    /// Deletions that were asked for do not keep secrets out.
    pub(crate) with_deleted: bool,
    /// Where secrets are that do not say of another Region that they are from there.
    region: String,
}

/// Any of the values that are wanted, if there are such, and none of those that are not.
struct One {
    name: Name,
    wanted: Vec<String>,
    unwanted: Vec<String>,
}

impl Filters {
    /// Reads the filters of a request.
    pub(crate) fn parse(ctx: &Ctx, asked: &[Filter]) -> Result<Self, Fault> {
        let filters: Result<Vec<One>, Fault> = asked.iter().map(One::parse).collect();
        Ok(Self {
            filters: filters?,
            with_deleted: false,
            region: ctx.region.clone(),
        })
    }

    /// Whether a list has this secret.
    pub(crate) fn admit(&self, place: &Place, record: &SecretRecord) -> bool {
        let is_shown = self.with_deleted || record.deletion.is_none();
        let mut filters = self.filters.iter();
        is_shown && filters.all(|filter| filter.admits((place, record), &self.region))
    }
}

impl One {
    fn parse(asked: &Filter) -> Result<Self, Fault> {
        let (Some(name), Some(values)) = (asked.key, asked.values.as_ref()) else {
            return Err(refusals::invalid(
                "A filter must have a Key and at least one of Values.",
            ));
        };
        let (mut wanted, mut unwanted) = (Vec::new(), Vec::new());
        for value in values {
            match value.strip_prefix('!') {
                Some(value) => unwanted.push(value.to_owned()),
                None => wanted.push(value.clone()),
            }
        }
        Ok(Self {
            name,
            wanted,
            unwanted,
        })
    }

    fn admits(&self, secret: (&Place, &SecretRecord), region: &str) -> bool {
        let matches = |value: &String| matches(self.name, secret, region, value);
        let is_wanted = self.wanted.is_empty() || self.wanted.iter().any(matches);
        is_wanted && !self.unwanted.iter().any(matches)
    }
}

fn matches(
    name: Name,
    (place, record): (&Place, &SecretRecord),
    region: &str,
    value: &str,
) -> bool {
    let begins = |text: &Option<String>| text.as_deref().is_some_and(|it| it.starts_with(value));
    match name {
        Name::Name => place.name.starts_with(value),
        Name::Description => {
            let text = record.description.as_deref().unwrap_or_default();
            !text.is_empty() && text.to_lowercase().starts_with(&value.to_lowercase())
        }
        Name::TagKey => record.tags.iter().any(|(key, _)| key.starts_with(value)),
        Name::TagValue => record.tags.iter().any(|(_, text)| text.starts_with(value)),
        Name::PrimaryRegion => {
            let primary = record.primary_region.as_deref();
            primary.unwrap_or(region).starts_with(value)
        }
        Name::OwningService => begins(&record.owning_service),
        Name::All => anywhere((place, record), value),
    }
}

/// Whether each word of `value` is in some attribute, in whatever case.
fn anywhere((place, record): (&Place, &SecretRecord), value: &str) -> bool {
    let mut attributes = vec![place.name.to_lowercase()];
    let texts = [
        &record.description,
        &record.primary_region,
        &record.owning_service,
    ];
    attributes.extend(texts.into_iter().flatten().map(|text| text.to_lowercase()));
    for (key, value) in &record.tags {
        attributes.extend([key.to_lowercase(), value.to_lowercase()]);
    }
    let lower = value.to_lowercase();
    let mut words = lower.split_whitespace();
    words.all(|word| attributes.iter().any(|text| text.contains(word)))
}
