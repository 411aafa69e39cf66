//! Event selectors: which events a trail delivers ("Filtering CloudTrail data events by using
//! advanced event selectors", AWS CloudTrail user guide).

use api::cloudtrail as api;
use serde::{Deserialize, Serialize};

use crate::event::Event;

/// What a trail selects.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Selectors {
    Basic(Vec<Basic>),
    Advanced(Vec<Advanced>),
}

/// A basic event selector.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Basic {
    pub(crate) access: ReadWrite,
    pub(crate) has_management: bool,
    pub(crate) data: Vec<DataResources>,
    pub(crate) excluded_sources: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) enum ReadWrite {
    All,
    ReadOnly,
    WriteOnly,
}

/// Resources whose data events are wanted.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct DataResources {
    pub(crate) kind: String,
    pub(crate) values: Vec<String>,
}

/// An advanced event selector: what meets all its conditions.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Advanced {
    pub(crate) name: Option<String>,
    pub(crate) fields: Vec<Field>,
}

/// The conditions on a field.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) equals: Vec<String>,
    pub(crate) starts_with: Vec<String>,
    pub(crate) ends_with: Vec<String>,
    pub(crate) not_equals: Vec<String>,
    pub(crate) not_starts_with: Vec<String>,
    pub(crate) not_ends_with: Vec<String>,
}

/// All management events and nothing else: what a trail without selectors delivers.
impl Default for Selectors {
    fn default() -> Self {
        Self::Basic(vec![Basic {
            access: ReadWrite::All,
            has_management: true,
            data: Vec::new(),
            excluded_sources: Vec::new(),
        }])
    }
}

impl Selectors {
    /// Whether the trail delivers `event`.
    pub(crate) fn select(&self, event: &Event<'_>) -> bool {
        match self {
            Self::Basic(selectors) => selectors.iter().any(|one| one.selects(event)),
            Self::Advanced(selectors) => selectors.iter().any(|one| one.selects(event)),
        }
    }

    /// Whether some management events are selected: of calls that write, or of any.
    pub(crate) fn has_management(&self, writing: bool) -> bool {
        let wanted = |access| !writing || access != ReadWrite::ReadOnly;
        match self {
            Self::Basic(all) => all.iter().any(|it| it.has_management && wanted(it.access)),
            Self::Advanced(all) => all.iter().any(|it| {
                let read_only = it.field("readOnly");
                let is_read_only =
                    read_only.is_some_and(|it| it.equals.iter().any(|it| it == "true"));
                it.is_about("Management") && !(writing && is_read_only)
            }),
        }
    }

    /// Whether some data events are selected.
    pub(crate) fn has_data(&self) -> bool {
        match self {
            Self::Basic(all) => all.iter().any(|it| !it.data.is_empty()),
            Self::Advanced(all) => all.iter().any(|it| it.is_about("Data")),
        }
    }
}

impl Basic {
    fn selects(&self, event: &Event<'_>) -> bool {
        let is_of_kind = match self.access {
            ReadWrite::All => true,
            ReadWrite::ReadOnly => event.read_only,
            ReadWrite::WriteOnly => !event.read_only,
        };
        let is_wanted = match &*event.event_category {
            "Management" => {
                let mut excluded = self.excluded_sources.iter();
                self.has_management && !excluded.any(|source| *source == event.event_source)
            }
            "Data" => self.data.iter().any(|wanted| wanted.includes(event)),
            _ => false,
        };
        is_of_kind && is_wanted
    }
}

impl DataResources {
    fn includes(&self, event: &Event<'_>) -> bool {
        let mut touched = event.resources().iter();
        touched.any(|touched| {
            let arn = touched.arn.as_deref().unwrap_or_default();
            let is_kind = touched.kind.as_deref() == Some(self.kind.as_str());
            is_kind && self.values.iter().any(|value| self.names(value, arn))
        })
    }

    /// Values stand for all resources (`arn:aws:s3`), or for what begins with them; functions and
    /// tables are named in full.
    fn names(&self, value: &str, arn: &str) -> bool {
        let names_all = value.split(':').count() == 3;
        let is_prefix = names_all && arn.get(value.len()..).is_some_and(|it| it.starts_with(':'))
            || self.kind == "AWS::S3::Object";
        if is_prefix {
            arn.starts_with(value)
        } else {
            arn == value
        }
    }
}

impl Advanced {
    fn selects(&self, event: &Event<'_>) -> bool {
        self.fields.iter().all(|field| field.is_met(self, event))
    }

    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    pub(crate) fn is_about(&self, category: &str) -> bool {
        let field = self.field("eventCategory");
        field.is_some_and(|field| field.equals.iter().any(|it| it == category))
    }
}

impl Field {
    /// One of the conditions that select has to be met, if there are any, and none of those that
    /// deselect ("How CloudTrail evaluates multiple conditions for a field").
    fn is_met(&self, selector: &Advanced, event: &Event<'_>) -> bool {
        let values = event.values(&self.name, || selector.field("resources.type"));
        let any = |wanted: &[String], meets: fn(&str, &str) -> bool| {
            let mut wanted = wanted.iter();
            wanted.any(|wanted| values.iter().any(|value| meets(value, wanted)))
        };
        let selects =
            !self.equals.is_empty() || !self.starts_with.is_empty() || !self.ends_with.is_empty();
        let is_selected = any(&self.equals, |value, wanted| value == wanted)
            || any(&self.starts_with, |value, wanted| value.starts_with(wanted))
            || any(&self.ends_with, |value, wanted| value.ends_with(wanted));
        let is_deselected = any(&self.not_equals, |value, wanted| value == wanted)
            || any(&self.not_starts_with, |value, wanted| {
                value.starts_with(wanted)
            })
            || any(&self.not_ends_with, |value, wanted| value.ends_with(wanted));
        (!selects || is_selected) && !is_deselected
    }

    /// The conditions, by operator.
    pub(crate) fn operators(&self) -> [(&'static str, &Vec<String>); 6] {
        [
            ("Equals", &self.equals),
            ("StartsWith", &self.starts_with),
            ("EndsWith", &self.ends_with),
            ("NotEquals", &self.not_equals),
            ("NotStartsWith", &self.not_starts_with),
            ("NotEndsWith", &self.not_ends_with),
        ]
    }
}

impl From<api::EventSelector> for Basic {
    fn from(asked: api::EventSelector) -> Self {
        let data = asked.data_resources.unwrap_or_default().into_iter();
        Self {
            access: match asked.read_write_type {
                Some(api::ReadWriteType::ReadOnly) => ReadWrite::ReadOnly,
                Some(api::ReadWriteType::WriteOnly) => ReadWrite::WriteOnly,
                Some(api::ReadWriteType::All) | None => ReadWrite::All,
            },
            has_management: asked.include_management_events.unwrap_or(true),
            data: data
                .map(|data| DataResources {
                    kind: data.r#type.unwrap_or_default(),
                    values: data.values.unwrap_or_default(),
                })
                .collect(),
            excluded_sources: asked.exclude_management_event_sources.unwrap_or_default(),
        }
    }
}

impl From<&Basic> for api::EventSelector {
    fn from(known: &Basic) -> Self {
        let data = known.data.iter().map(|data| api::DataResource {
            r#type: Some(data.kind.clone()),
            values: Some(data.values.clone()),
        });
        Self {
            read_write_type: Some(match known.access {
                ReadWrite::All => api::ReadWriteType::All,
                ReadWrite::ReadOnly => api::ReadWriteType::ReadOnly,
                ReadWrite::WriteOnly => api::ReadWriteType::WriteOnly,
            }),
            include_management_events: Some(known.has_management),
            data_resources: Some(data.collect()),
            exclude_management_event_sources: Some(known.excluded_sources.clone()),
        }
    }
}

impl From<api::AdvancedEventSelector> for Advanced {
    fn from(asked: api::AdvancedEventSelector) -> Self {
        let fields = asked.field_selectors.into_iter().map(|field| Field {
            name: field.field,
            equals: field.equals.unwrap_or_default(),
            starts_with: field.starts_with.unwrap_or_default(),
            ends_with: field.ends_with.unwrap_or_default(),
            not_equals: field.not_equals.unwrap_or_default(),
            not_starts_with: field.not_starts_with.unwrap_or_default(),
            not_ends_with: field.not_ends_with.unwrap_or_default(),
        });
        Self {
            name: asked.name,
            fields: fields.collect(),
        }
    }
}

impl From<&Advanced> for api::AdvancedEventSelector {
    fn from(known: &Advanced) -> Self {
        let some = |values: &Vec<String>| (!values.is_empty()).then(|| values.clone());
        let fields = known.fields.iter().map(|field| api::AdvancedFieldSelector {
            field: field.name.clone(),
            equals: some(&field.equals),
            starts_with: some(&field.starts_with),
            ends_with: some(&field.ends_with),
            not_equals: some(&field.not_equals),
            not_starts_with: some(&field.not_starts_with),
            not_ends_with: some(&field.not_ends_with),
        });
        Self {
            name: known.name.clone(),
            field_selectors: fields.collect(),
        }
    }
}
