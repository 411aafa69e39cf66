//! Filters of parameters of every kind.

use serde_json::json;

use crate::parameters::house::{all_names, code, done, house, make, names};

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
