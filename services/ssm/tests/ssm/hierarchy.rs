//! The hierarchy: by path, by filter, by the page.

use serde_json::{Value, json};

use crate::house::{all_names, code, done, house, put};

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
