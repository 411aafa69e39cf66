//! Lists in pages.

use std::collections::BTreeSet;

use crate::house::{Kms, Value, json, text};

/// All pages of a list; checks `Truncated` and `NextMarker` on the way.
async fn pages(kms: &Kms, operation: &str, mut input: Value, member: &str) -> Vec<Vec<Value>> {
    let mut pages = Vec::new();
    loop {
        let page = kms.ok("root", operation, input.clone()).await;
        pages.push(page[member].as_array().expect("a list").clone());
        let next = page.get("NextMarker").cloned();
        assert_eq!(page["Truncated"], json!(next.is_some()));
        match next {
            Some(next) => input["Marker"] = next,
            None => return pages,
        }
        assert!(pages.len() < 1000, "the list never ends");
    }
}

#[tokio::test]
async fn kms_12_list_keys_pages_through_250_keys() {
    let kms = Kms::new().await;
    let mut made = BTreeSet::new();
    for _ in 0..250 {
        made.insert(kms.key().await);
    }
    for (limit, count) in [(Some(1000), 1), (Some(100), 3), (None, 3), (Some(7), 36)] {
        let input = match limit {
            Some(limit) => json!({ "Limit": limit }),
            None => json!({}),
        };
        let pages = pages(&kms, "ListKeys", input, "Keys").await;
        assert_eq!(pages.len(), count);
        let listed: Vec<_> = pages
            .iter()
            .flatten()
            .map(|key| text(&key["KeyId"]))
            .collect();
        assert_eq!(listed.len(), 250);
        assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), made);
    }
    for limit in [0, 1001] {
        let code = kms
            .code("root", "ListKeys", json!({ "Limit": limit }))
            .await;
        assert_eq!(code, "ValidationException");
    }
}

#[tokio::test]
async fn list_aliases_pages_in_the_order_of_names() {
    let kms = Kms::new().await;
    let keys = [kms.key().await, kms.key().await, kms.key().await];
    // Those of AWS, which have no keys yet, count too.
    let all = kms.ok("root", "ListAliases", json!({})).await;
    let all = all["Aliases"].as_array().expect("a list").iter();
    let mut names: BTreeSet<_> = all.map(|alias| text(&alias["AliasName"])).collect();
    assert_eq!(names.len(), 23);
    for number in 0..120 {
        let name = format!("alias/{number}");
        let target = &keys[number % 3];
        kms.ok(
            "root",
            "CreateAlias",
            json!({ "AliasName": name, "TargetKeyId": target }),
        )
        .await;
        names.insert(name);
    }
    for (limit, count) in [(100, 2), (50, 3), (11, 13)] {
        let pages = pages(&kms, "ListAliases", json!({ "Limit": limit }), "Aliases").await;
        assert_eq!(pages.len(), count);
        let listed = pages
            .iter()
            .flatten()
            .map(|alias| text(&alias["AliasName"]));
        assert!(listed.eq(names.iter().cloned()));
    }
    let input = json!({ "KeyId": keys[0], "Limit": 15 });
    let of_key = pages(&kms, "ListAliases", input, "Aliases").await;
    assert_eq!(
        of_key.iter().map(Vec::len).collect::<Vec<_>>(),
        [15, 15, 10]
    );
    assert!(
        of_key
            .iter()
            .flatten()
            .all(|alias| alias["TargetKeyId"] == json!(keys[0]))
    );
    let code = kms
        .code("root", "ListAliases", json!({ "Limit": 101 }))
        .await;
    assert_eq!(code, "ValidationException");
}

#[tokio::test]
async fn list_resource_tags_pages() {
    let kms = Kms::new().await;
    let key = kms.key().await;
    let tags: Vec<_> = (0..50)
        .map(|n| json!({ "TagKey": format!("k{n}"), "TagValue": "v" }))
        .collect();
    kms.ok("root", "TagResource", json!({ "KeyId": key, "Tags": tags }))
        .await;
    for (limit, count) in [(50, 1), (20, 3)] {
        let input = json!({ "KeyId": key, "Limit": limit });
        let pages = pages(&kms, "ListResourceTags", input, "Tags").await;
        assert_eq!(pages.len(), count);
        assert_eq!(pages.concat(), tags);
    }
    let code = kms
        .code(
            "root",
            "ListResourceTags",
            json!({ "KeyId": key, "Limit": 51 }),
        )
        .await;
    assert_eq!(code, "ValidationException");
}

#[tokio::test]
async fn markers_are_good_for_their_list_account_and_region_only() {
    let kms = Kms::new().await;
    let (key, other) = (kms.key().await, kms.key().await);
    for number in 0..3 {
        let alias = json!({ "AliasName": format!("alias/{number}"), "TargetKeyId": key });
        kms.ok("root", "CreateAlias", alias).await;
    }
    let tags = json!([{ "TagKey": "a", "TagValue": "" }, { "TagKey": "b", "TagValue": "" }]);
    kms.ok("root", "TagResource", json!({ "KeyId": key, "Tags": tags }))
        .await;
    let lists = [
        ("ListKeys", json!({ "Limit": 1 })),
        ("ListAliases", json!({ "Limit": 1 })),
        ("ListAliases", json!({ "Limit": 1, "KeyId": key })),
        ("ListResourceTags", json!({ "Limit": 1, "KeyId": key })),
    ];
    let mut markers = Vec::new();
    for (operation, input) in &lists {
        let page = kms.ok("root", operation, input.clone()).await;
        markers.push(text(&page["NextMarker"]));
    }
    for (at, marker) in markers.iter().enumerate() {
        for (list, (operation, input)) in lists.iter().enumerate() {
            let mut input = input.clone();
            input["Marker"] = json!(marker);
            let answer = kms.call("root", operation, input).await;
            let expected = (at != list).then_some("InvalidMarkerException");
            assert_eq!(answer.code.as_deref(), expected, "{operation}");
        }
    }
    let listing = |marker: &str| json!({ "Marker": marker });
    let code = kms
        .code("other-root", "ListKeys", listing(&markers[0]))
        .await;
    assert_eq!(code, "InvalidMarkerException");
    let there = kms
        .call_in("us-east-1", "root", "ListKeys", listing(&markers[0]))
        .await;
    assert_eq!(there.code.as_deref(), Some("InvalidMarkerException"));
    for garbage in ["x", "AAAA", &markers[0][1..], &format!("{}A", markers[0])] {
        let code = kms.code("root", "ListKeys", listing(garbage)).await;
        assert_eq!(code, "InvalidMarkerException", "{garbage}");
    }
    let input = json!({ "KeyId": other, "Marker": markers[3] });
    assert_eq!(
        kms.code("root", "ListResourceTags", input).await,
        "InvalidMarkerException"
    );
    let input = json!({ "KeyId": other, "Marker": "x" });
    assert_eq!(
        kms.code("root", "ListKeyPolicies", input).await,
        "InvalidMarkerException"
    );
    // A marker shows nothing of what it stands for.
    assert!(!markers.iter().any(|marker| marker.contains("alias")));
}
