//! AWS's own parameters: everybody reads them, nobody changes them.

use platform::testing::REGION;
use serde_json::{Value, json};

use crate::house::{OTHER, code, done, get, house, put};

const LONDON: &str = "/aws/service/global-infrastructure/regions/eu-west-2/longName";

#[tokio::test]
async fn they_belong_to_no_account_and_every_account_reads_them() {
    let harness = house().await;
    let got = get(&harness, LONDON).await;
    assert_eq!(got["Value"], "Europe (London)");
    assert_eq!(
        (&got["Type"], &got["DataType"]),
        (&json!("String"), &json!("text"))
    );
    let arn = format!("arn:aws:ssm:{REGION}::parameter{LONDON}");
    assert_eq!(got["ARN"], arn);
    let by_arn = done(&harness, "other", "GetParameter", json!({ "Name": arn })).await;
    assert_eq!(by_arn["Parameter"]["Value"], "Europe (London)");
    let names = json!({ "Names": [LONDON, "/aws/service/none"] });
    let both = done(&harness, "other", "GetParameters", names).await;
    assert_eq!(both["Parameters"][0]["Value"], "Europe (London)");
    assert_eq!(both["InvalidParameters"], json!(["/aws/service/none"]));
    let versions = json!({ "Name": format!("{LONDON}:1") });
    done(&harness, "root", "GetParameter", versions).await;
    let versions = json!({ "Name": format!("{LONDON}:2") });
    assert_eq!(
        code(&harness, "root", "GetParameter", versions).await,
        "ParameterVersionNotFound"
    );
}

#[tokio::test]
async fn a_caller_needs_permission_for_them_like_for_others() {
    let harness = house().await;
    let allow = |name: &str| {
        json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "ssm:GetParameter",
            "Resource": format!("arn:aws:ssm:*::parameter{name}") }] })
        .to_string()
    };
    harness.user("reader", &[&allow("/aws/service/global-infrastructure/*")]);
    harness.user("stranger", &[&allow("/aws/service/ecs/*")]);
    done(
        &harness,
        "reader",
        "GetParameter",
        json!({ "Name": LONDON }),
    )
    .await;
    for name in [LONDON, "/aws/service/none"] {
        let refused = code(
            &harness,
            "stranger",
            "GetParameter",
            json!({ "Name": name }),
        )
        .await;
        assert_eq!(refused, "AccessDeniedException");
    }
}

#[tokio::test]
async fn nobody_changes_them() {
    let harness = house().await;
    let input = json!({ "Name": LONDON, "Value": "x", "Type": "String", "Overwrite": true });
    assert_eq!(
        code(&harness, "root", "PutParameter", input).await,
        "AccessDeniedException"
    );
    let named = json!({ "Name": LONDON });
    assert_eq!(
        code(&harness, "root", "DeleteParameter", named).await,
        "AccessDeniedException"
    );
    let labels = json!({ "Name": LONDON, "Labels": ["mine"] });
    assert_eq!(
        code(&harness, "root", "LabelParameterVersion", labels).await,
        "ParameterNotFound"
    );
    assert_eq!(get(&harness, LONDON).await["Value"], "Europe (London)");
}

/// The names below a path, page by page.
async fn below(harness: &platform::testing::Harness, path: &str, more: Value) -> Vec<String> {
    let (mut names, mut token) = (Vec::new(), Value::Null);
    loop {
        let mut input = json!({ "Path": path, "MaxResults": 7 });
        crate::house::merge(&mut input, more.clone());
        if !token.is_null() {
            input["NextToken"] = token;
        }
        let mut page = done(harness, "root", "GetParametersByPath", input).await;
        let found = page["Parameters"].as_array().into_iter().flatten();
        let found: Vec<&str> = found.filter_map(|it| it["Name"].as_str()).collect();
        assert!(found.len() <= 7);
        names.extend(found.into_iter().map(str::to_owned));
        token = page["NextToken"].take();
        if token.is_null() {
            return names;
        }
    }
}

#[tokio::test]
async fn they_are_paged_by_path_and_never_mixed_with_an_accounts_own() {
    let harness = house().await;
    put(&harness, "/myapp/x", "1").await;
    let regions = "/aws/service/global-infrastructure/regions";
    let names = below(&harness, regions, json!({})).await;
    assert!(names.len() > 30 && names.contains(&format!("{regions}/eu-west-2")));
    let mut sorted = names.clone();
    sorted.dedup();
    assert!(names.is_sorted() && sorted == names);
    let london = format!("{regions}/eu-west-2");
    let names = below(&harness, &london, json!({})).await;
    assert_eq!(
        names,
        ["domain", "longName", "partition"].map(|leaf| format!("{london}/{leaf}"))
    );
    let services = below(
        &harness,
        &format!("{london}/services/"),
        json!({ "Recursive": true }),
    )
    .await;
    assert!(services.contains(&format!("{london}/services/ssm/endpoint")));
    let filter = json!({ "ParameterFilters": [{ "Key": "Type", "Values": ["StringList"] }] });
    assert!(below(&harness, &london, filter).await.is_empty());
    assert_eq!(
        below(&harness, "/", json!({ "Recursive": true })).await,
        ["/myapp/x"]
    );
    let input = json!({ "Path": london, "NextToken": "/myapp/x" });
    assert_eq!(
        code(&harness, "root", "GetParametersByPath", input).await,
        "InvalidNextToken"
    );
}

#[tokio::test]
async fn only_the_operator_says_what_they_are() {
    let harness =
        platform::testing::Harness::new(vec![service_ssm::service(), service_ssm::operator()])
            .await;
    harness.root_of(OTHER, "other");
    let input = json!({ "Catalogue": "H4sIAAAAAAAAA6uuBQBDv6ajAgAAAA==" });
    let operation = "StrongroomParameterStore.ImportParameterCatalogue";
    for who in ["root", "other"] {
        let answer = harness.json(who, operation, input.clone()).await;
        assert_eq!(
            answer.code.as_deref(),
            Some("AccessDeniedException"),
            "{}",
            answer.text
        );
    }
    harness.user(
        "admin",
        &[r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#],
    );
    let answer = harness.json("admin", operation, input).await;
    assert_eq!(answer.code.as_deref(), Some("AccessDeniedException"));
}
