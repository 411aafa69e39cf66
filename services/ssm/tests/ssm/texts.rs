//! What Parameter Store says, word by word, where reports of its users show AWS's own words.

use serde_json::{Value, json};

use crate::house::{done, house, make, refused};

const NAME: &str = "Parameter name: can't be prefixed with \"ssm\" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_";
const STANDARD: &str = "Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html";
const ADVANCED: &str = "The specified parameter value is too large. Advanced-tier parameters support a maximum parameter value of 8192 characters.";
const DOWNGRADE: &str = "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the advanced parameter and recreate it as a standard parameter. Be aware that standard parameters have a value limit of 4096 characters.";
const EXISTS: &str = "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.";
const TOO_LONG: &str = "1 validation error detected: Value at 'value' failed to satisfy constraint: Member must have length less than or equal to 32768";

fn put(name: &str, value: &str, more: Value) -> (&'static str, Value) {
    let mut input = json!({ "Name": name, "Value": value, "Type": "String" });
    let members = more.as_object().expect("members").clone();
    input.as_object_mut().expect("members").extend(members);
    ("PutParameter", input)
}

#[tokio::test]
async fn refusals_are_worded_as_those_of_aws() {
    let harness = house().await;
    make(&harness, "/advanced", json!({ "Tier": "Advanced" })).await;
    make(&harness, "/there", json!({})).await;
    let (large, larger) = ("x".repeat(4097), "x".repeat(8193));
    let named = |name: &str| json!({ "Name": name });
    let over = json!({ "Overwrite": true, "Tier": "Standard" });
    for ((operation, input), expected, text) in [
        (put("ssm-x", "v", json!({})), "ValidationException", NAME),
        (put("/a b", "v", json!({})), "ValidationException", NAME),
        (
            ("GetParameter", named("{x}-y")),
            "ValidationException",
            NAME,
        ),
        (
            put("a/b", "v", json!({})),
            "ValidationException",
            "Parameter name must be a fully qualified name.",
        ),
        (
            put("/aws/test", "v", json!({})),
            "AccessDeniedException",
            "No access to reserved parameter name: aws/test.",
        ),
        (
            put("awslimitschecker", "v", json!({})),
            "AccessDeniedException",
            "No access to reserved parameter name: awslimitschecker.",
        ),
        (
            ("DeleteParameter", named("aws-cdk-playground")),
            "AccessDeniedException",
            "No access to reserved parameter name: aws-cdk-playground.",
        ),
        (
            put("/there", "v", json!({})),
            "ParameterAlreadyExists",
            EXISTS,
        ),
        (
            put("/x", &large, json!({})),
            "ValidationException",
            STANDARD,
        ),
        (
            put("/x", &larger, json!({ "Tier": "Advanced" })),
            "ValidationException",
            ADVANCED,
        ),
        (
            put("/x", &"x".repeat(32_769), json!({})),
            "ValidationException",
            TOO_LONG,
        ),
        (
            put("/advanced", "v", over),
            "ValidationException",
            DOWNGRADE,
        ),
        (
            put("/x", "v", json!({ "AllowedPattern": "\\d{1,4}" })),
            "ParameterPatternMismatchException",
            "Parameter value, cannot be validated against allowedPattern: \\d{1,4}",
        ),
        (
            ("GetParameter", named("/there:9")),
            "ParameterVersionNotFound",
            "Systems Manager could not find version 9 of /there. Verify the version and try again.",
        ),
    ] {
        let shown = format!("{operation} {}", input["Name"]);
        let (code, said) = refused(&harness, "root", operation, input).await;
        assert_eq!((&*code, &*said), (expected, text), "{shown}");
    }
    let (code, said) = refused(&harness, "root", "GetParameter", named("/absent")).await;
    assert_eq!((&*code, &*said), ("ParameterNotFound", ""));
    done(&harness, "root", "GetParameter", named("/there")).await;
}
