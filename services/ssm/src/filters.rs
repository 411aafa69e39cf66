//! Filters of parameters (ParameterStringFilter). All of them must match, and of one filter any
//! value.

use api::ssm::{ParameterStringFilter, ParametersFilter};
use wire::Fault;

use crate::names;
use crate::parameter::{Kind, ParameterRecord, Version};
use crate::refusals;

/// The keys that DescribeParameters knows, as its errors list them.
const DESCRIBE: &str = "Path, Name, Type, KeyId, Tier, DataType, tag:";
/// The keys that GetParametersByPath knows.
const BY_PATH: &str = "Type, KeyId, Label";
const OPTIONS: &str = "BeginsWith, Equals";

/// The filters of a request.
#[derive(Debug, Default)]
pub(crate) struct Filters(Vec<Filter>);

#[derive(Debug)]
struct Filter {
    subject: Subject,
    option: Match,
    values: Vec<String>,
}

/// What a filter looks at.
#[derive(Debug, PartialEq, Eq)]
enum Subject {
    Name,
    Type,
    KeyId,
    Tier,
    DataType,
    Label,
    Path,
    Tag(String),
}

/// How it looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Match {
    Equals,
    BeginsWith,
    Contains,
    OneLevel,
    Recursive,
}

/// The part of the hierarchy that filters leave.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Scope<'a> {
    Everything,
    /// Directly below this path, or anywhere below.
    Path(&'a str, bool),
    /// Parameters with one of these names.
    Names(&'a [String]),
}

impl Filters {
    /// The filters of DescribeParameters, of which `old` are the deprecated ones.
    pub(crate) fn of_describe(
        filters: Vec<ParameterStringFilter>,
        old: Vec<ParametersFilter>,
    ) -> Result<Self, Fault> {
        if !filters.is_empty() && !old.is_empty() {
            return Err(refusals::invalid(
                "You can use either Filters or ParameterFilters in a single request.",
            ));
        }
        let old = old.into_iter().map(|filter| ParameterStringFilter {
            key: filter.key.as_str().to_owned(),
            option: None,
            values: Some(filter.values),
        });
        let filters: Vec<_> = filters.into_iter().chain(old).collect();
        Self::parse(filters, DESCRIBE, |subject| *subject != Subject::Label)
    }

    /// The filters of GetParametersByPath.
    pub(crate) fn of_path(filters: Vec<ParameterStringFilter>) -> Result<Self, Fault> {
        Self::parse(filters, BY_PATH, |subject| {
            matches!(subject, Subject::Type | Subject::KeyId | Subject::Label)
        })
    }

    fn parse(
        filters: Vec<ParameterStringFilter>,
        known: &str,
        is_known: impl Fn(&Subject) -> bool,
    ) -> Result<Self, Fault> {
        let mut parsed: Vec<Filter> = Vec::with_capacity(filters.len());
        for filter in filters {
            let key = filter.key.clone();
            let subject = Subject::parse(&key).filter(&is_known);
            let subject = subject.ok_or_else(|| refusals::bad_filter_key(&key, known))?;
            if parsed.iter().any(|other| other.subject == subject) {
                return Err(refusals::repeated_filter(&key));
            }
            parsed.push(Filter::parse(subject, filter)?);
        }
        Ok(Self(parsed))
    }

    /// Which part of the hierarchy is to be read.
    pub(crate) fn scope(&self) -> Scope<'_> {
        let mut scope = Scope::Everything;
        for filter in &self.0 {
            match (&filter.subject, filter.option, filter.values.as_slice()) {
                (Subject::Name, Match::Equals, names) => return Scope::Names(names),
                (Subject::Path, option, [path]) => {
                    scope = Scope::Path(path, option == Match::Recursive);
                }
                _ => {}
            }
        }
        scope
    }

    /// Whether a parameter matches.
    pub(crate) fn match_parameter(&self, record: &ParameterRecord) -> bool {
        self.0.iter().all(|filter| filter.matches(record))
    }

    /// The version of a parameter that a filter by label asks for; the current one if none does.
    pub(crate) fn version(&self, record: &ParameterRecord) -> Option<i64> {
        let mut filters = self.0.iter();
        match filters.find(|filter| filter.subject == Subject::Label) {
            None => Some(record.current.number),
            Some(filter) => filter.values.iter().find_map(|it| record.labelled(it)),
        }
    }
}

impl Subject {
    fn parse(key: &str) -> Option<Self> {
        Some(match key {
            "Name" => Self::Name,
            "Type" => Self::Type,
            "KeyId" => Self::KeyId,
            "Tier" => Self::Tier,
            "DataType" => Self::DataType,
            "Label" => Self::Label,
            "Path" => Self::Path,
            _ => Self::Tag(key.strip_prefix("tag:")?.to_owned()),
        })
    }

    fn options(&self) -> &'static str {
        match self {
            Self::Path => "Recursive, OneLevel",
            Self::Name => "BeginsWith, Contains, Equals",
            Self::Label => "Equals",
            _ => OPTIONS,
        }
    }
}

impl Filter {
    fn parse(subject: Subject, filter: ParameterStringFilter) -> Result<Self, Fault> {
        let options = subject.options();
        let by_default = match subject {
            Subject::Path => "OneLevel",
            _ => "Equals",
        };
        let asked = filter.option.as_deref().unwrap_or(by_default);
        if !options.split(", ").any(|known| known == asked) {
            return Err(refusals::bad_filter_option(asked, options));
        }
        let option = match asked {
            "BeginsWith" => Match::BeginsWith,
            "Contains" => Match::Contains,
            "OneLevel" => Match::OneLevel,
            "Recursive" => Match::Recursive,
            _ => Match::Equals,
        };
        let values = filter.values.unwrap_or_default();
        if values.is_empty() && !matches!(subject, Subject::Tag(_)) {
            return Err(refusals::no_filter_values(&filter.key));
        }
        let parsed = Self {
            subject,
            option,
            values,
        };
        parsed.check()?;
        Ok(parsed)
    }

    fn check(&self) -> Result<(), Fault> {
        let known = match (&self.subject, self.option) {
            (Subject::Type, Match::Equals) => "String, StringList, SecureString",
            (Subject::Tier, Match::Equals) => "Standard, Advanced, Intelligent-Tiering",
            (Subject::Path, _) => {
                return self.values.iter().try_for_each(|it| names::check_path(it));
            }
            _ => return Ok(()),
        };
        let mut values = self.values.iter();
        match values.find(|value| !known.split(", ").any(|it| it == *value)) {
            Some(value) => Err(refusals::bad_filter_value(value, known)),
            None => Ok(()),
        }
    }

    fn matches(&self, record: &ParameterRecord) -> bool {
        let Version {
            kind,
            tier,
            key_id,
            data_type,
            ..
        } = &record.current;
        match &self.subject {
            Subject::Name => self.values.iter().any(|it| self.names(&record.name, it)),
            Subject::Type => self.any(kind.shown().as_str()),
            Subject::KeyId => {
                *kind == Kind::SecureString && self.any(key_id.as_deref().unwrap_or(""))
            }
            Subject::Tier => self.any(tier.shown().as_str()),
            Subject::DataType => self.any(data_type),
            Subject::Label => self.values.iter().any(|it| record.labelled(it).is_some()),
            Subject::Path => self.values.iter().any(|it| self.leads_to(&record.name, it)),
            Subject::Tag(key) => record
                .tags
                .iter()
                .any(|(known, value)| known == key && (self.values.is_empty() || self.any(value))),
        }
    }

    fn any(&self, found: &str) -> bool {
        self.values.iter().any(|value| match self.option {
            Match::BeginsWith => found.starts_with(value.as_str()),
            _ => found == value,
        })
    }

    /// A name that has no hierarchy is the same with a slash before it.
    fn names(&self, name: &str, value: &str) -> bool {
        let bare = |text: &str| text.strip_prefix('/').unwrap_or(text).to_owned();
        match self.option {
            Match::BeginsWith => bare(name).starts_with(&bare(value)),
            Match::Contains => format!("/{}", bare(name)).contains(value),
            _ => bare(name) == bare(value),
        }
    }

    fn leads_to(&self, name: &str, path: &str) -> bool {
        let name = format!("/{}", name.strip_prefix('/').unwrap_or(name));
        let path = format!("{}/", path.strip_suffix('/').unwrap_or(path));
        let rest = name.strip_prefix(&path);
        rest.is_some_and(|rest| self.option == Match::Recursive || !rest.contains('/'))
    }
}
