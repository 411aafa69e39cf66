//! What selectors have to be like (PutEventSelectors; `AdvancedFieldSelector`, AWS CloudTrail API
//! reference).

use wire::Fault;

use crate::refusals::bad_selectors;
use crate::selectors::{Advanced, Basic, Field};

/// The most basic selectors of a trail.
const SELECTORS: usize = 5;
/// The most data resources of all basic selectors.
const DATA_RESOURCES: usize = 250;
/// The most values of all conditions of advanced selectors.
const VALUES: usize = 500;
/// The sources that management events can be left out of.
const EXCLUDABLE: [&str; 2] = ["kms.amazonaws.com", "rdsdata.amazonaws.com"];
/// What basic selectors know data events of, with what ARNs say of it.
const DATA: [(&str, &str); 3] = [
    ("AWS::S3::Object", "s3"),
    ("AWS::Lambda::Function", "lambda"),
    ("AWS::DynamoDB::Table", "dynamodb"),
];

/// The fields that conditions on a category may name, and those that they have to name.
struct Fields {
    category: &'static str,
    allowed: &'static [&'static str],
    required: &'static [&'static str],
}

const CATEGORIES: [Fields; 3] = [
    Fields {
        category: "Management",
        allowed: &["eventCategory", "eventSource", "readOnly"],
        required: &["eventCategory"],
    },
    Fields {
        category: "Data",
        allowed: &[
            "eventCategory",
            "eventName",
            "eventSource",
            "eventType",
            "readOnly",
            "resources.ARN",
            "resources.type",
            "sessionCredentialFromConsole",
            "userIdentity.arn",
        ],
        required: &["eventCategory", "resources.type"],
    },
    Fields {
        category: "NetworkActivity",
        allowed: &[
            "eventCategory",
            "eventName",
            "eventSource",
            "errorCode",
            "vpcEndpointId",
        ],
        required: &["eventCategory", "eventSource"],
    },
];

/// Refuses basic selectors that are not as documented.
pub(crate) fn basic(selectors: &[Basic]) -> Result<(), Fault> {
    if selectors.len() > SELECTORS {
        return Err(bad_selectors(
            "A trail can have at most 5 event selectors.".to_owned(),
        ));
    }
    let values = selectors.iter().flat_map(|it| &it.data);
    if values.map(|it| it.values.len()).sum::<usize>() > DATA_RESOURCES {
        return Err(bad_selectors(
            "Specify a valid number of DataResources.Values (0 to 250) for all your selectors"
                .to_owned(),
        ));
    }
    for selector in selectors {
        for source in &selector.excluded_sources {
            if !EXCLUDABLE.contains(&source.as_str()) {
                return Err(invalid(source, "ExcludeManagementEventSources"));
            }
        }
        if !selector.has_management && !selector.excluded_sources.is_empty() {
            return Err(bad_selectors(
                "ExcludeManagementEventSources needs IncludeManagementEvents to be true."
                    .to_owned(),
            ));
        }
        if !selector.has_management && selector.data.is_empty() {
            return Err(bad_selectors(
                "An event selector has to include management events or data resources.".to_owned(),
            ));
        }
        for data in &selector.data {
            data_resources(&data.kind, &data.values)?;
        }
    }
    Ok(())
}

fn data_resources(kind: &str, values: &[String]) -> Result<(), Fault> {
    let known = DATA.iter().find(|(known, _)| *known == kind);
    let (_, service) = known.ok_or_else(|| invalid(kind, "DataResources.Type"))?;
    for value in values {
        let mut parts = value.splitn(4, ':');
        let begins = [parts.next(), parts.next(), parts.next()];
        let is_arn = matches!(begins, [Some("arn"), Some(partition), Some(of)]
            if partition.starts_with("aws") && of == *service);
        let rest = parts.next();
        // All of them, or one in full; no wildcards.
        let is_whole = rest.is_none_or(|rest| rest.len() > 2);
        if !is_arn || !is_whole || value.contains('*') {
            return Err(invalid(value, "DataResources.Values"));
        }
    }
    Ok(())
}

/// Refuses advanced selectors that are not as documented.
pub(crate) fn advanced(selectors: &[Advanced]) -> Result<(), Fault> {
    let fields = selectors.iter().flat_map(|it| &it.fields);
    let operators = fields.flat_map(Field::operators);
    if operators.map(|(_, values)| values.len()).sum::<usize>() > VALUES {
        return Err(bad_selectors(
            "A trail can have at most 500 values for all conditions in all of its advanced event \
             selectors."
                .to_owned(),
        ));
    }
    selectors.iter().try_for_each(one)
}

fn one(selector: &Advanced) -> Result<(), Fault> {
    let category = selector.field("eventCategory");
    let category = category.ok_or_else(|| lacks("eventCategory"))?;
    let value = exactly_one(category)?;
    let known = CATEGORIES.iter().find(|known| known.category == value);
    let known = known.ok_or_else(|| invalid(value, "eventCategory"))?;
    for (position, field) in selector.fields.iter().enumerate() {
        if !known.allowed.contains(&field.name.as_str()) {
            return Err(bad_selectors(format!(
                "Field {} is not supported for event category {value}.",
                field.name
            )));
        }
        let mut before = selector.fields.iter().take(position);
        if before.any(|other| other.name == field.name) {
            return Err(bad_selectors(format!(
                "Field {} is there more than once in an advanced event selector.",
                field.name
            )));
        }
        conditions(value, field)?;
    }
    for required in known.required {
        selector.field(required).ok_or_else(|| lacks(required))?;
    }
    Ok(())
}

/// Refuses operators and values that a field does not take.
fn conditions(category: &str, field: &Field) -> Result<(), Fault> {
    if field
        .operators()
        .iter()
        .all(|(_, values)| values.is_empty())
    {
        return Err(bad_selectors(format!(
            "Field {} has no operator.",
            field.name
        )));
    }
    match (category, field.name.as_str()) {
        ("Management", "eventSource") => {
            only("NotEquals", field)?;
            let mut values = field.not_equals.iter();
            let other = values.find(|it| !EXCLUDABLE.contains(&it.as_str()));
            other.map_or(Ok(()), |other| Err(invalid(other, "eventSource")))
        }
        (_, "readOnly" | "sessionCredentialFromConsole") => match exactly_one(field)? {
            "true" | "false" => Ok(()),
            other => Err(invalid(other, &field.name)),
        },
        (_, "resources.type") => {
            let value = exactly_one(field)?;
            let parts: Vec<_> = value.split("::").collect();
            let is_type = matches!(parts.as_slice(), ["AWS", of, kind]
                if !of.is_empty() && !kind.is_empty());
            is_type
                .then_some(())
                .ok_or_else(|| invalid(value, "resources.type"))
        }
        ("NetworkActivity", "eventSource") => exactly_one(field).map(|_| ()),
        ("NetworkActivity", "errorCode") => match exactly_one(field)? {
            "VpceAccessDenied" => Ok(()),
            other => Err(invalid(other, "errorCode")),
        },
        _ => Ok(()),
    }
}

/// The only value of a field that has to be equal to one.
fn exactly_one(field: &Field) -> Result<&str, Fault> {
    only("Equals", field)?;
    match field.equals.as_slice() {
        [value] => Ok(value),
        _ => Err(bad_selectors(format!(
            "Field {} takes exactly one value.",
            field.name
        ))),
    }
}

fn only(operator: &str, field: &Field) -> Result<(), Fault> {
    for (name, values) in field.operators() {
        if name != operator && !values.is_empty() {
            return Err(bad_selectors(format!(
                "Operator {name} is not supported for field {}.",
                field.name
            )));
        }
    }
    Ok(())
}

fn lacks(field: &str) -> Fault {
    bad_selectors(format!(
        "An advanced event selector has to have a field selector for {field}."
    ))
}

fn invalid(value: &str, member: &str) -> Fault {
    bad_selectors(format!("Value {value} for {member} is invalid."))
}
