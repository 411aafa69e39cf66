//! What EventBridge says, word by word, where reports of its users show AWS's own words.

use serde_json::{Value, json};

use crate::house::{OTHER, bus, call, done, house, refused};

const MISSING: &str = "ResourceNotFoundException";
const EXISTS: &str = "ResourceAlreadyExistsException";
const INVALID: &str = "ValidationException";
const SCHEDULE: &str = "ScheduleExpression is supported only on the default event bus.";
const NOTHING: &str = "Parameter(s) EventPattern or ScheduleExpression must be specified.";
const STATEMENT: &str = "Statement with the provided id does not exist.";
const CONNECTION: &str = "Failed to describe the connection(s). Connection 'none' does not exist.";
const NAME: &str = "1 validation error detected: Value 'a b!' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+";
const MANY: &str = "The requested resource exceeds the maximum number allowed.";
const LARGE: &str = "Total size of the entries in the request is over the limit.";

#[tokio::test]
async fn refusals_are_worded_as_those_of_aws() {
    let harness = house().await;
    done(&harness, "root", "CreateEventBus", json!({ "Name": "b" })).await;
    let named = |name: &str| json!({ "Name": name });
    let rule = json!({ "Name": "r", "EventPattern": r#"{"source":["s"]}"# });
    done(&harness, "root", "PutRule", rule).await;
    let other = json!({ "Name": "r", "EventBusName": "b", "EventPattern": r#"{"source":["s"]}"# });
    done(&harness, "root", "PutRule", other).await;
    let rate = "rate(5 minutes)";
    let archive = |source: &str| json!({ "ArchiveName": "a", "EventSourceArn": source });
    let own = bus(platform::testing::ACCOUNT, "b");
    done(&harness, "root", "CreateArchive", archive(&own)).await;
    let target = |id: usize| json!({ "Id": id.to_string(), "Arn": bus(OTHER, "x"), "RoleArn": format!("arn:aws:iam::{}:role/r", platform::testing::ACCOUNT) });
    let targets: Vec<_> = (0..6).map(target).collect();
    let large = json!({ "Source": "s", "DetailType": "t", "Detail": json!({ "x": "y".repeat(1 << 20) }).to_string() });
    let basic = json!({ "BasicAuthParameters": { "Username": "u", "Password": "p" } });
    let connection =
        json!({ "Name": "a b!", "AuthorizationType": "BASIC", "AuthParameters": basic });
    for (operation, input, code, text) in [
        (
            "DescribeEventBus",
            named("none"),
            MISSING,
            "Event bus none does not exist.",
        ),
        (
            "CreateEventBus",
            named("b"),
            EXISTS,
            "Event bus b already exists.",
        ),
        (
            "DeleteEventBus",
            named("default"),
            INVALID,
            "Cannot delete event bus default.",
        ),
        (
            "DescribeRule",
            named("none"),
            MISSING,
            "Rule none does not exist on EventBus default.",
        ),
        ("PutRule", named("x"), INVALID, NOTHING),
        (
            "PutRule",
            json!({ "Name": "x", "ScheduleExpression": "rate(1 minutes)" }),
            INVALID,
            "Parameter ScheduleExpression is not valid.",
        ),
        (
            "PutRule",
            json!({ "Name": "x", "EventBusName": "b", "ScheduleExpression": rate }),
            INVALID,
            SCHEDULE,
        ),
        (
            "PutTargets",
            json!({ "Rule": "r", "Targets": targets }),
            "LimitExceededException",
            MANY,
        ),
        ("PutEvents", json!({ "Entries": [large] }), INVALID, LARGE),
        (
            "RemovePermission",
            json!({ "StatementId": "s" }),
            MISSING,
            STATEMENT,
        ),
        (
            "CreateArchive",
            archive(&own),
            EXISTS,
            "Archive a already exists.",
        ),
        (
            "DeleteEventBus",
            named("b"),
            INVALID,
            "EventBus can't be deleted since it has rules.",
        ),
        (
            "CreateArchive",
            archive(&own.replace("event-bus/b", "rule/b/r")),
            INVALID,
            "Parameter EventSourceArn is not valid. Reason: Must contain an event bus ARN.",
        ),
        (
            "UpdateArchive",
            json!({ "ArchiveName": "none" }),
            INVALID,
            "At least one of EventPattern, RetentionDays or Description must be provided.",
        ),
        (
            "PutPermission",
            json!({}),
            INVALID,
            "Parameter(s) Action must be specified.",
        ),
        (
            "PutPermission",
            json!({ "Action": "events:PutEvents", "StatementId": "s" }),
            INVALID,
            "Parameter(s) Principal must be specified.",
        ),
        (
            "DescribeArchive",
            json!({ "ArchiveName": "none" }),
            MISSING,
            "Archive none does not exist.",
        ),
        ("DescribeConnection", named("none"), MISSING, CONNECTION),
        ("CreateConnection", connection, INVALID, NAME),
    ] {
        let told = refused(&harness, "root", operation, input).await;
        assert_eq!(told, (code.to_owned(), text.to_owned()), "{operation}");
    }
}

#[tokio::test]
async fn patterns_are_refused_in_the_words_of_aws() {
    let harness = house().await;
    for (pattern, reason, column) in [
        (
            r#"{"int": 42}"#,
            "\"int\" must be an object or an array",
            11,
        ),
        (r#"{"resources": []}"#, "Empty arrays are not allowed", 17),
        (
            r#"{"my_key": [{"EXISTS": true}]}"#,
            "Unrecognized match type EXISTS",
            28,
        ),
        (
            r#"{"detail": {"c-count": [{"numeric": [">", 0, ">", 0]}]}}"#,
            "Bad numeric range operator: >",
            49,
        ),
        (
            r#"{"detail": {"c-count": [{"numeric": [">", 0, "<"]}]}}"#,
            "Value of < must be numeric",
            50,
        ),
    ] {
        let input = json!({ "Name": "r", "EventPattern": pattern });
        let (code, text) = refused(&harness, "root", "PutRule", input).await;
        assert_eq!(code, "InvalidEventPatternException");
        let expected = format!(
            "Event pattern is not valid. Reason: {reason}\n at [Source: (String)\"{pattern}\"; line: 1, column: {column}]"
        );
        assert_eq!(text, expected);
    }
}

#[tokio::test]
async fn entries_fail_in_the_words_of_aws() {
    let harness = house().await;
    let whole = json!({ "Source": "s", "DetailType": "t", "Detail": "{}" });
    let without = |member: &str| {
        let mut entry = whole.clone();
        entry.as_object_mut().expect("members").remove(member);
        entry
    };
    let mut malformed = whole.clone();
    malformed["Detail"] = json!("[]");
    let required = ["Source", "DetailType", "Detail"];
    let mut entries: Vec<Value> = required.map(without).to_vec();
    entries.push(malformed);
    let answer = call(&harness, "root", "PutEvents", json!({ "Entries": entries })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.body["FailedEntryCount"], 4);
    for (place, member) in required.iter().enumerate() {
        let text =
            format!("Parameter {member} is not valid. Reason: {member} is a required argument.");
        let entry = &answer.body["Entries"][place];
        assert_eq!(
            entry,
            &json!({ "ErrorCode": "InvalidArgument", "ErrorMessage": text })
        );
    }
    let entry = &answer.body["Entries"][3];
    assert_eq!(
        entry,
        &json!({ "ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed." })
    );
}
