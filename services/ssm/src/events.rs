//! What Parameter Store tells EventBridge of ("Amazon EventBridge event examples for Systems
//! Manager", Systems Manager user guide).

use platform::BusEvent;
use wire::Timestamp;
use wire::json::Writer;

use crate::lifetime::Clause;
use crate::parameter::ParameterRecord;

const SOURCE: &str = "aws.ssm";

/// What happened to a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Create,
    Update,
    Delete,
    Label,
}

/// The event of a change.
pub(crate) fn changed(
    record: &ParameterRecord,
    arn: &str,
    change: Change,
    now: Timestamp,
) -> BusEvent {
    let operation = match change {
        Change::Create => "Create",
        Change::Update => "Update",
        Change::Delete => "Delete",
        Change::Label => "LabelParameterVersion",
    };
    let mut members = vec![
        ("operation", operation),
        ("name", &record.name),
        ("type", record.current.kind.shown().as_str()),
    ];
    let description = record.current.description.as_deref();
    members.extend(description.map(|it| ("description", it)));
    let about = (SOURCE, "Parameter Store Change");
    BusEvent::about(arn, about, object(&members), now)
}

/// The event of a policy that was carried out.
pub(crate) fn carried_out(
    record: &ParameterRecord,
    arn: &str,
    clause: &Clause,
    now: Timestamp,
) -> BusEvent {
    let members = [
        ("parameter-name", record.name.as_str()),
        ("parameter-type", record.current.kind.shown().as_str()),
        ("policy-type", clause.kind()),
        ("policy-content", &clause.text),
        ("action-status", "Success"),
    ];
    let about = (SOURCE, "Parameter Store Policy Action");
    BusEvent::about(arn, about, object(&members), now)
}

fn object(members: &[(&str, &str)]) -> String {
    let mut out = Writer::with_capacity(256);
    out.begin_object();
    for (name, value) in members {
        out.key(name);
        out.string(value);
    }
    out.end_object();
    String::from_utf8_lossy(&out.finish()).into_owned()
}
