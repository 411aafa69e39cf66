//! Who may do what to which parameter.

use platform::testing::REGION;
use serde_json::{Value, json};

use crate::house::{OWN, allowing, arn, code, done, house, make, refused};

fn statement(effect: &str, actions: &Value, resource: &str, condition: &Value) -> Value {
    json!({ "Effect": effect, "Action": actions, "Resource": resource, "Condition": condition })
}

fn policy(statements: &[Value]) -> String {
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

#[tokio::test]
async fn permissions_are_for_paths() {
    let harness = house().await;
    for name in ["/my-app/dev/db", "/my-app/prod/db"] {
        make(&harness, name, json!({})).await;
    }
    harness.user("dev", &[&allowing(&["ssm:Get*"], &arn("/my-app/dev/*"))]);
    let expected = Ok("v");
    for (operation, input, outcome) in [
        (
            "GetParameter",
            json!({ "Name": "/my-app/dev/db" }),
            expected,
        ),
        (
            "GetParameter",
            json!({ "Name": "/my-app/prod/db" }),
            Err(()),
        ),
        (
            "GetParameter",
            json!({ "Name": "/my-app/prod/none" }),
            Err(()),
        ),
        (
            "GetParameter",
            json!({ "Name": arn("/my-app/prod/db") }),
            Err(()),
        ),
        (
            "GetParameters",
            json!({ "Names": ["/my-app/dev/db"] }),
            expected,
        ),
        (
            "GetParameters",
            json!({ "Names": ["/my-app/dev/db", "/my-app/prod/db"] }),
            Err(()),
        ),
        (
            "GetParameterHistory",
            json!({ "Name": "/my-app/dev/db" }),
            expected,
        ),
        (
            "GetParametersByPath",
            json!({ "Path": "/my-app/dev/" }),
            expected,
        ),
        (
            "GetParametersByPath",
            json!({ "Path": "/my-app/", "Recursive": true }),
            Err(()),
        ),
        ("DescribeParameters", json!({}), Err(())),
    ] {
        let answer = crate::house::call(&harness, "dev", operation, input.clone()).await;
        let value = match operation {
            "GetParameter" => &answer.body["Parameter"]["Value"],
            _ => &answer.body["Parameters"][0]["Value"],
        };
        match outcome {
            Ok(expected) => assert_eq!(value, expected, "{operation} {input}: {}", answer.text),
            Err(()) => {
                let code = answer.code.as_deref();
                assert_eq!(code, Some("AccessDeniedException"), "{operation} {input}");
            }
        }
    }
    let (_, text) = refused(&harness, "dev", "GetParameter", json!({ "Name": "/x" })).await;
    let sentence = format!(
        "User: arn:aws:iam::{OWN}:user/dev is not authorized to perform: ssm:GetParameter on \
         resource: arn:aws:ssm:{REGION}:{OWN}:parameter/x because no identity-based policy allows \
         the ssm:GetParameter action"
    );
    assert_eq!(text, sentence);
}

#[tokio::test]
async fn conditions_of_the_service_and_tags_count() {
    let harness = house().await;
    make(
        &harness,
        "/blue",
        json!({ "Tags": [{ "Key": "team", "Value": "blue" }] }),
    )
    .await;
    make(
        &harness,
        "/red",
        json!({ "Tags": [{ "Key": "team", "Value": "red" }] }),
    )
    .await;
    let everything = statement("Allow", &json!("ssm:*"), "*", &json!({}));
    let deny = |action: &str, condition: Value| {
        policy(&[
            everything.clone(),
            statement("Deny", &json!(action), "*", &condition),
        ])
    };
    let is = |key: &str, value: &str| json!({ "StringEquals": { key: value } });
    harness.user(
        "new-only",
        &[&deny("ssm:PutParameter", is("ssm:Overwrite", "true"))],
    );
    harness.user(
        "no-policies",
        &[&deny("ssm:PutParameter", is("ssm:Policies", "true"))],
    );
    harness.user(
        "flat",
        &[&deny(
            "ssm:GetParametersByPath",
            is("ssm:Recursive", "true"),
        )],
    );
    harness.user(
        "not-red",
        &[&deny("ssm:GetParameter", is("aws:ResourceTag/team", "red"))],
    );
    harness.user("tagless", &[&deny("ssm:AddTagsToResource", json!({}))]);
    let new = json!({ "Name": "/n", "Value": "v", "Type": "String" });
    let with = |more: Value| {
        let mut input = new.clone();
        crate::house::merge(&mut input, more);
        input
    };
    let reminder = r#"[{"Type":"NoChangeNotification","Version":"1.0","Attributes":{"After":"1","Unit":"Days"}}]"#;
    let tags = json!([{ "Key": "team", "Value": "blue" }]);
    for (who, operation, input, is_allowed) in [
        ("new-only", "PutParameter", new.clone(), true),
        (
            "new-only",
            "PutParameter",
            with(json!({ "Overwrite": true })),
            false,
        ),
        (
            "no-policies",
            "PutParameter",
            with(json!({ "Overwrite": true })),
            true,
        ),
        (
            "no-policies",
            "PutParameter",
            with(json!({ "Overwrite": true, "Tier": "Advanced", "Policies": reminder })),
            false,
        ),
        ("flat", "GetParametersByPath", json!({ "Path": "/" }), true),
        (
            "flat",
            "GetParametersByPath",
            json!({ "Path": "/", "Recursive": true }),
            false,
        ),
        ("not-red", "GetParameter", json!({ "Name": "/blue" }), true),
        ("not-red", "GetParameter", json!({ "Name": "/red" }), false),
        (
            "tagless",
            "PutParameter",
            with(json!({ "Name": "/m", "Tags": tags })),
            false,
        ),
        (
            "tagless",
            "PutParameter",
            with(json!({ "Name": "/m" })),
            true,
        ),
    ] {
        let answer = crate::house::call(&harness, who, operation, input.clone()).await;
        let refused = answer.code.as_deref() == Some("AccessDeniedException");
        assert_eq!(
            !refused, is_allowed,
            "{who} {operation} {input}: {}",
            answer.text
        );
    }
}

#[tokio::test]
async fn tags_are_set_and_taken_away() {
    let harness = house().await;
    make(&harness, "/p", json!({})).await;
    let of = |more: Value| {
        let mut input = json!({ "ResourceType": "Parameter", "ResourceId": "/p" });
        crate::house::merge(&mut input, more);
        input
    };
    let tag = |key: &str, value: &str| json!({ "Key": key, "Value": value });
    let tags = json!([tag("b", "1"), tag("a", "2")]);
    done(
        &harness,
        "root",
        "AddTagsToResource",
        of(json!({ "Tags": tags })),
    )
    .await;
    let tags = json!([tag("b", "3")]);
    done(
        &harness,
        "root",
        "AddTagsToResource",
        of(json!({ "Tags": tags })),
    )
    .await;
    let shown = done(&harness, "root", "ListTagsForResource", of(json!({}))).await;
    assert_eq!(shown, json!({ "TagList": [tag("a", "2"), tag("b", "3")] }));
    let keys = json!({ "TagKeys": ["a", "x"] });
    done(&harness, "root", "RemoveTagsFromResource", of(keys)).await;
    let shown = done(&harness, "root", "ListTagsForResource", of(json!({}))).await;
    assert_eq!(shown, json!({ "TagList": [tag("b", "3")] }));
    let many: Vec<_> = (0..50).map(|at| tag(&format!("k{at}"), "")).collect();
    for (more, expected) in [
        (json!({ "Tags": many }), "TooManyTagsError"),
        (json!({ "Tags": [tag("aws:x", "")] }), "ValidationException"),
        (
            json!({ "Tags": [tag("a", "")], "ResourceId": "/q" }),
            "InvalidResourceId",
        ),
        (
            json!({ "Tags": [tag("a", "")], "ResourceType": "Document" }),
            "InvalidResourceId",
        ),
    ] {
        let refused = code(&harness, "root", "AddTagsToResource", of(more.clone())).await;
        assert_eq!(refused, expected, "{more}");
    }
}
