//! The hierarchy: by path, by filter, by the page.

use serde_json::{Value, json};

use crate::house::{all_names, code, done, house, make, names, put};

#[tokio::test]
async fn a_path_shows_its_level_or_all_below() {
    let harness = house().await;
    for name in ["/a", "/a/b", "/a/c", "/a/b/d", "/a/b/d/e", "/ab/c", "plain"] {
        put(&harness, name, "v").await;
    }
    for (path, recursive, expected) in [
        ("/a", false, vec!["/a/b", "/a/c"]),
        ("/a/", false, vec!["/a/b", "/a/c"]),
        ("/a", true, vec!["/a/b", "/a/b/d", "/a/b/d/e", "/a/c"]),
        ("/a/b", true, vec!["/a/b/d", "/a/b/d/e"]),
        ("/a/c", true, vec![]),
        ("/", false, vec!["/a", "plain"]),
        (
            "/",
            true,
            vec!["/a", "/a/b", "/a/b/d", "/a/b/d/e", "/a/c", "/ab/c", "plain"],
        ),
    ] {
        for most in [1, 3, 10] {
            let input = json!({ "Path": path, "Recursive": recursive, "MaxResults": most });
            let found = all_names(&harness, "GetParametersByPath", input).await;
            assert_eq!(found, expected, "{path} {recursive} {most}");
        }
    }
    for (input, expected) in [
        (json!({ "Path": "a" }), "ValidationException"),
        (json!({ "Path": "/a//b" }), "ValidationException"),
        (
            json!({ "Path": "/", "MaxResults": 11 }),
            "ValidationException",
        ),
        (json!({ "Path": "/", "NextToken": "x" }), "InvalidNextToken"),
        (
            json!({ "Path": "/", "ParameterFilters": [{ "Key": "Name", "Values": ["a"] }] }),
            "InvalidFilterKey",
        ),
    ] {
        let refused = code(&harness, "root", "GetParametersByPath", input.clone()).await;
        assert_eq!(refused, expected, "{input}");
    }
    let input = json!({ "Path": "/a", "MaxResults": 1 });
    let page = done(&harness, "root", "GetParametersByPath", input).await;
    let elsewhere = json!({ "Path": "/ab", "NextToken": page["NextToken"] });
    let refused = code(&harness, "root", "GetParametersByPath", elsewhere).await;
    assert_eq!(refused, "InvalidNextToken");
}

#[tokio::test]
async fn filters_leave_what_matches() {
    let harness = house().await;
    make(
        &harness,
        "/a/one",
        json!({ "Tags": [{ "Key": "env", "Value": "prod" }] }),
    )
    .await;
    make(
        &harness,
        "/a/two",
        json!({ "Type": "StringList", "Tier": "Advanced" }),
    )
    .await;
    make(&harness, "/a/b/three", json!({ "Type": "SecureString" })).await;
    make(
        &harness,
        "four",
        json!({ "Value": "4", "DataType": "integer" }),
    )
    .await;
    let filter = |key: &str, option: Option<&str>, values: &[&str]| {
        let mut filter = json!({ "Key": key });
        if let Some(option) = option {
            filter["Option"] = json!(option);
        }
        if !values.is_empty() {
            filter["Values"] = json!(values);
        }
        filter
    };
    for (filters, expected) in [
        (vec![], vec!["/a/b/three", "/a/one", "/a/two", "four"]),
        (
            vec![filter("Name", None, &["/a/one", "four", "/x"])],
            vec!["/a/one", "four"],
        ),
        (
            vec![filter("Name", Some("BeginsWith"), &["/a/t"])],
            vec!["/a/two"],
        ),
        (
            vec![filter("Name", Some("Contains"), &["o"])],
            vec!["/a/one", "/a/two", "four"],
        ),
        (
            vec![filter("Type", None, &["SecureString"])],
            vec!["/a/b/three"],
        ),
        (
            vec![filter("Type", Some("BeginsWith"), &["String"])],
            vec!["/a/one", "/a/two", "four"],
        ),
        (
            vec![filter("KeyId", None, &["alias/aws/ssm"])],
            vec!["/a/b/three"],
        ),
        (vec![filter("Tier", None, &["Advanced"])], vec!["/a/two"]),
        (vec![filter("DataType", None, &["integer"])], vec!["four"]),
        (
            vec![filter("Path", None, &["/a"])],
            vec!["/a/one", "/a/two"],
        ),
        (
            vec![filter("Path", Some("Recursive"), &["/a", "/x"])],
            vec!["/a/b/three", "/a/one", "/a/two"],
        ),
        (vec![filter("tag:env", None, &[])], vec!["/a/one"]),
        (
            vec![filter("tag:env", None, &["prod", "x"])],
            vec!["/a/one"],
        ),
        (vec![filter("tag:env", None, &["test"])], vec![]),
        (
            vec![
                filter("Path", None, &["/a"]),
                filter("Type", None, &["StringList"]),
            ],
            vec!["/a/two"],
        ),
    ] {
        for most in [1, 50] {
            let input = json!({ "ParameterFilters": filters, "MaxResults": most });
            let found = all_names(&harness, "DescribeParameters", input).await;
            assert_eq!(found, expected, "{filters:?}");
        }
    }
    for (filters, expected) in [
        (vec![filter("Label", None, &["a"])], "InvalidFilterKey"),
        (vec![filter("Size", None, &["a"])], "ValidationException"),
        (
            vec![filter("Name", None, &["a"]), filter("Name", None, &["b"])],
            "InvalidFilterKey",
        ),
        (
            vec![filter("Name", Some("Recursive"), &["a"])],
            "InvalidFilterOption",
        ),
        (
            vec![filter("Path", Some("Equals"), &["/a"])],
            "InvalidFilterOption",
        ),
        (
            vec![filter("Type", Some("Contains"), &["a"])],
            "InvalidFilterOption",
        ),
        (vec![filter("Name", None, &[])], "InvalidFilterValue"),
        (
            vec![filter("Type", None, &["Binary"])],
            "InvalidFilterValue",
        ),
        (vec![filter("Path", None, &["a"])], "ValidationException"),
    ] {
        let input = json!({ "ParameterFilters": filters });
        let refused = code(&harness, "root", "DescribeParameters", input).await;
        assert_eq!(refused, expected, "{filters:?}");
    }
    let old = json!({ "Filters": [{ "Key": "Type", "Values": ["SecureString"] }] });
    let found = done(&harness, "root", "DescribeParameters", old).await;
    assert_eq!(names(&found), ["/a/b/three"]);
}

#[tokio::test]
async fn a_label_chooses_versions_of_a_path() {
    let harness = house().await;
    for value in ["one", "two"] {
        put(&harness, "/a/b", value).await;
        put(&harness, "/a/c", value).await;
    }
    let input = json!({ "Name": "/a/b", "ParameterVersion": 1, "Labels": ["prod"] });
    done(&harness, "root", "LabelParameterVersion", input).await;
    let input = json!({
        "Path": "/a", "ParameterFilters": [{ "Key": "Label", "Values": ["prod"] }],
    });
    let found = done(&harness, "root", "GetParametersByPath", input).await;
    let shown = |it: &Value| (it["Name"].clone(), it["Value"].clone());
    let shown: Vec<_> = found["Parameters"]
        .as_array()
        .expect("a list")
        .iter()
        .map(shown)
        .collect();
    assert_eq!(shown, [(json!("/a/b"), json!("one"))]);
}
