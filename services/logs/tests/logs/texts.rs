//! What CloudWatch Logs says, word by word, where reports of its users show AWS's own words.

use crate::house::*;

const MISSING: &str = "ResourceNotFoundException";
const INVALID: &str = "InvalidParameterException";
const EXISTS: &str = "ResourceAlreadyExistsException";
const LONG: &str =
    "Invalid LogGroup or LogStream, both must have length less than or equal to 512.";
const LIMIT: &str = "1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000";
const ORDER: &str = "Log events in a single PutLogEvents request must be in chronological order.";
const FOREIGN: &str = "Cross-account lambda invocation passing is not allowed. You must use DestinationPolicies to create cross account lambda triggers.";
const NO_GROUP: &str = "The specified log group does not exist.";

/// Checks what calls say that have to fail: the operation, its input, the code, the text.
async fn check(house: &House, cases: &[(&str, Value, &str, &str)]) {
    for (operation, input, code, text) in cases {
        let told = house.fails(operation, input.clone()).await;
        let expected = ((*code).to_owned(), (*text).to_owned());
        assert_eq!(told, expected, "{operation} {input}");
    }
}

#[tokio::test]
async fn groups_and_streams_are_refused_in_the_words_of_aws() {
    let house = House::furnished().await;
    let named = |name: &str| json!({ "logGroupName": name });
    let stream = |name: &str| json!({ "logGroupName": "g", "logStreamName": name });
    let long = "x".repeat(513);
    check(
        &house,
        &[
            (
                "CreateLogGroup",
                named("g"),
                EXISTS,
                "The specified log group already exists",
            ),
            ("CreateLogGroup", named(&long), INVALID, LONG),
            (
                "CreateLogStream",
                stream("s"),
                EXISTS,
                "The specified log stream already exists",
            ),
            ("DeleteLogGroup", named("none"), MISSING, NO_GROUP),
            (
                "CreateLogGroup",
                json!({ "logGroupName": "k", "kmsKeyId": "0d990263-018e-4e65-a703-eff731de951e" }),
                INVALID,
                "The specified KMS Key Id could not be found.",
            ),
            (
                "DescribeLogGroups",
                json!({ "logGroupNamePrefix": "g", "logGroupNamePattern": "g" }),
                INVALID,
                "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
            ),
            (
                "DescribeLogStreams",
                json!({ "logGroupName": "g", "logGroupIdentifier": "g" }),
                "ValidationException",
                "LogGroup name and LogGroup ARN are mutually exclusive parameters.",
            ),
            (
                "DeleteResourcePolicy",
                json!({ "policyName": "none" }),
                MISSING,
                "Policy with name [none] does not exist.",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn events_are_refused_in_the_words_of_aws() {
    let house = House::furnished().await;
    let reading = |more: Value| {
        let mut input = json!({ "logGroupName": "g", "logStreamName": "s" });
        let more = more.as_object().expect("members").clone();
        input.as_object_mut().expect("members").extend(more);
        input
    };
    let no_stream = "The specified log stream does not exist.";
    let no_token = "The specified nextToken is invalid.";
    let query = json!({
        "logGroupName": "none", "queryString": "fields @message",
        "startTime": NOW / 1000, "endTime": NOW / 1000 + 1,
    });
    let not_searched = format!("Log group 'none' does not exist for account ID '{ACCOUNT}'");
    check(
        &house,
        &[
            (
                "PutLogEvents",
                batch("none", &[(NOW, "m")]),
                MISSING,
                no_stream,
            ),
            (
                "PutLogEvents",
                batch("s", &[(NOW, "m"), (NOW - 1, "m")]),
                INVALID,
                ORDER,
            ),
            (
                "GetLogEvents",
                reading(json!({ "limit": 10_001 })),
                INVALID,
                LIMIT,
            ),
            (
                "GetLogEvents",
                reading(json!({ "nextToken": "x" })),
                INVALID,
                no_token,
            ),
            (
                "FilterLogEvents",
                json!({ "logGroupName": "g", "nextToken": "x" }),
                INVALID,
                no_token,
            ),
            (
                "FilterLogEvents",
                json!({ "logGroupName": "g", "filterPattern": "{ $.a =" }),
                INVALID,
                "Invalid metric filter pattern",
            ),
            ("StartQuery", query, MISSING, &not_searched),
        ],
    )
    .await;
}

#[tokio::test]
async fn filters_are_refused_in_the_words_of_aws() {
    let house = House::furnished().await;
    let metric = |pattern: &str, more: Value| {
        let mut transformation =
            json!({ "metricName": "m", "metricNamespace": "n", "metricValue": "1" });
        let more = more.as_object().expect("members").clone();
        transformation
            .as_object_mut()
            .expect("members")
            .extend(more);
        json!({
            "logGroupName": "g", "filterName": "f", "filterPattern": pattern,
            "metricTransformations": [transformation],
        })
    };
    let sending = |to: &str| {
        json!({
            "logGroupName": "g", "filterName": "f", "filterPattern": "", "destinationArn": to,
        })
    };
    let dimensions = json!({ "dimensions": { "d": "$.d" } });
    let both = json!({ "dimensions": { "d": "$.d" }, "defaultValue": 0.0 });
    let function = format!("arn:aws:lambda:{REGION}:444455556666:function:f");
    let kinesis = format!("arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/s");
    check(
        &house,
        &[
            (
                "PutMetricFilter",
                metric("?ERROR ?WARN", dimensions),
                INVALID,
                "The specified filter pattern does not support dimensions",
            ),
            (
                "PutMetricFilter",
                metric("{ $.d = * }", both),
                INVALID,
                "Invalid metric transformation: dimensions and default value are mutually exclusive properties.",
            ),
            (
                "DeleteSubscriptionFilter",
                json!({ "logGroupName": "g", "filterName": "none" }),
                MISSING,
                "The specified subscription filter does not exist.",
            ),
            ("PutSubscriptionFilter", sending(&function), "AccessDeniedException", FOREIGN),
            (
                "PutSubscriptionFilter",
                sending(&kinesis),
                INVALID,
                "destinationArn for vendor kinesis cannot be used without roleArn",
            ),
        ],
    )
    .await;
}
