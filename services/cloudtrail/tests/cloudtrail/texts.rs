//! What CloudTrail says, word by word, where reports of its users show AWS's own words.

use crate::house::*;
use crate::trails::Trailed;

const ALPHABET: &str = "Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, periods (.), hyphens (-), and underscores (_).";
const SHORT: &str = "Trail name too short. Minimum allowed length: 3 characters. Specified name length: 2 characters.";
const LONG: &str = "Trail name too long. Maximum allowed length: 128 characters. Specified name length: 129 characters.";
const PAIRS: &str =
    "Trail name or ARN cannot have adjacent periods (.), hyphens (-), or underscores (_).";
const MANY: &str =
    "Specify a valid number of DataResources.Values (0 to 250) for all your selectors";

async fn told(house: &House, operation: &str, input: Value) -> (String, String) {
    let answer = house.call("root", operation, input).await;
    assert_eq!(answer.status, 400, "{operation}: {}", answer.text);
    let code = answer.code.clone().unwrap_or_default();
    (code, answer.message().to_owned())
}

fn of(code: &str, text: &str) -> (String, String) {
    (code.to_owned(), text.to_owned())
}

#[tokio::test]
async fn names_are_refused_in_the_words_of_aws() {
    let trailed = Trailed::new().await;
    for (name, text) in [
        ("", "Trail name cannot be blank!"),
        ("ab", SHORT),
        (&*"x".repeat(129), LONG),
        ("-trail", "Trail name must starts with a letter or number."),
        ("trail!", "Trail name must ends with a letter or number."),
        ("my#trail", ALPHABET),
        ("my--trail", PAIRS),
        (
            "192.168.5.4",
            "Trail names must not be formatted as an IP address.",
        ),
    ] {
        let input = json!({ "Name": name, "S3BucketName": "logs" });
        let told = told(&trailed.house, "CreateTrail", input).await;
        assert_eq!(told, of("InvalidTrailNameException", text), "{name}");
    }
}

#[tokio::test]
async fn trails_are_refused_in_the_words_of_aws() {
    let trailed = Trailed::new().await;
    let (house, region) = (&trailed.house, platform::testing::REGION);
    let make = |name: &str, bucket: &str| json!({ "Name": name, "S3BucketName": bucket });
    let named = json!({ "Name": "trail0" });
    let unknown = format!("Unknown trail: trail0 for the user: {ACCOUNT}");
    assert_eq!(
        told(house, "DeleteTrail", named).await,
        of("TrailNotFoundException", &unknown)
    );
    assert_eq!(
        told(house, "CreateTrail", make("trail0", "other")).await,
        of(
            "S3BucketDoesNotExistException",
            "S3 bucket other does not exist!"
        )
    );
    let mut input = make("trail6", "logs");
    input["CloudWatchLogsLogGroupArn"] =
        json!(format!("arn:aws:logs:{region}:{ACCOUNT}:log-group:g:*"));
    assert_eq!(
        told(house, "CreateTrail", input).await,
        of(
            "InvalidCloudWatchLogsRoleArnException",
            "You must specify a role ARN as well as a log group."
        )
    );
    for number in 0..5 {
        let name = format!("trail{number}");
        house.ok("CreateTrail", make(&name, "logs")).await;
    }
    let there = format!("Trail trail0 already exists for customer: {ACCOUNT}");
    assert_eq!(
        told(house, "CreateTrail", make("trail0", "logs")).await,
        of("TrailAlreadyExistsException", &there)
    );
    let many = format!("User: {ACCOUNT} already has 5 trails in {region}.");
    assert_eq!(
        told(house, "CreateTrail", make("trail5", "logs")).await,
        of("MaximumNumberOfTrailsExceededException", &many)
    );
}

#[tokio::test]
async fn selectors_are_refused_in_the_words_of_aws() {
    let trailed = Trailed::new().await;
    let house = &trailed.house;
    let input = json!({ "Name": "trail", "S3BucketName": "logs" });
    house.ok("CreateTrail", input).await;
    let selecting = |values: &[String]| {
        let data = json!([{ "Type": "AWS::S3::Object", "Values": values }]);
        json!({ "TrailName": "trail", "EventSelectors": [{ "DataResources": data }] })
    };
    let bad = "Value arn:aws:s3:::* for DataResources.Values is invalid.";
    let many: Vec<_> = (0..251).map(|it| format!("arn:aws:s3:::b{it}/")).collect();
    for (values, text) in [(&["arn:aws:s3:::*".to_owned()][..], bad), (&many, MANY)] {
        let told = told(house, "PutEventSelectors", selecting(values)).await;
        assert_eq!(told, of("InvalidEventSelectorsException", text));
    }
}
