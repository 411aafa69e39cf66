//! Organizational units, and where accounts are.

use serde_json::json;

use crate::organizations::house::{House, all, text};

#[tokio::test]
async fn a_unit_is_made_shown_renamed_and_deleted() {
    let (house, admin) = House::with_organization().await;
    let root = house.root_id(&admin).await;
    let input = json!({ "ParentId": root, "Name": "Work",
        "Tags": [{ "Key": "a", "Value": "b" }] });
    let made = house.done(&admin, "CreateOrganizationalUnit", input).await;
    let unit = text(&made["OrganizationalUnit"]["Id"]);
    assert!(unit.starts_with(&format!("ou-{}-", &root[2..])), "{unit}");
    let input = json!({ "OrganizationalUnitId": unit });
    let shown = house
        .done(&admin, "DescribeOrganizationalUnit", input.clone())
        .await;
    assert_eq!(shown, made);
    let path = text(&shown["OrganizationalUnit"]["Path"]);
    assert!(path.ends_with(&format!("/{root}/{unit}/")), "{path}");

    let duplicate = "DuplicateOrganizationalUnitException";
    let again = json!({ "ParentId": root, "Name": "Work" });
    house
        .refused(&admin, "CreateOrganizationalUnit", again, duplicate)
        .await;
    let other = house.unit(&admin, &root, "Other").await;
    let rename = json!({ "OrganizationalUnitId": other, "Name": "Work" });
    house
        .refused(&admin, "UpdateOrganizationalUnit", rename, duplicate)
        .await;
    let rename = json!({ "OrganizationalUnitId": other, "Name": "Play" });
    let renamed = house.done(&admin, "UpdateOrganizationalUnit", rename).await;
    assert_eq!(renamed["OrganizationalUnit"]["Name"], "Play");
    // A name is unique among the units of one parent alone.
    house.unit(&admin, &other, "Work").await;

    let full = "OrganizationalUnitNotEmptyException";
    let parent = json!({ "OrganizationalUnitId": other });
    house
        .refused(&admin, "DeleteOrganizationalUnit", parent, full)
        .await;
    house
        .done(&admin, "DeleteOrganizationalUnit", input.clone())
        .await;
    let gone = "OrganizationalUnitNotFoundException";
    for operation in [
        "DeleteOrganizationalUnit",
        "DescribeOrganizationalUnit",
        "UpdateOrganizationalUnit",
    ] {
        house.refused(&admin, operation, input.clone(), gone).await;
    }
    let tags = json!({ "ResourceId": unit });
    house
        .refused(
            &admin,
            "ListTagsForResource",
            tags,
            "TargetNotFoundException",
        )
        .await;
}

#[tokio::test]
async fn units_are_five_deep_and_no_deeper() {
    let (house, admin) = House::with_organization().await;
    let mut parent = house.root_id(&admin).await;
    for depth in 0..5 {
        parent = house.unit(&admin, &parent, &format!("level {depth}")).await;
    }
    let input = json!({ "ParentId": parent, "Name": "too deep" });
    let answer = house.call(&admin, "CreateOrganizationalUnit", input).await;
    assert_eq!(
        answer.error(),
        "ConstraintViolationException OU_DEPTH_LIMIT_EXCEEDED"
    );
    assert_eq!(
        answer.message(),
        "You cannot add an organizational unit to the specified parent because it would exceed \
         the max depth allowed."
    );
}

#[tokio::test]
async fn an_account_moves_and_every_list_follows() {
    let (house, admin) = House::with_organization().await;
    let root = house.root_id(&admin).await;
    let unit = house.unit(&admin, &root, "unit").await;
    let inner = house.unit(&admin, &unit, "inner").await;
    let account = house.account(&admin, "one").await;
    let to = |from: &str, to: &str| json!({ "AccountId": account, "SourceParentId": from, "DestinationParentId": to });
    let absent = format!("ou-{}-zzzzzzzz", &root[2..]);
    for (input, code) in [
        (to(&unit, &inner), "SourceParentNotFoundException"),
        (to(&root, &absent), "DestinationParentNotFoundException"),
        (to(&root, &root), "DuplicateAccountException"),
    ] {
        house.refused(&admin, "MoveAccount", input, code).await;
    }
    house.done(&admin, "MoveAccount", to(&root, &inner)).await;
    let parents = json!({ "ChildId": account });
    let parents = house.done(&admin, "ListParents", parents).await;
    let expected = json!([{ "Id": inner, "Type": "ORGANIZATIONAL_UNIT" }]);
    assert_eq!(parents["Parents"], expected);
    let parents = house
        .done(&admin, "ListParents", json!({ "ChildId": unit }))
        .await;
    assert_eq!(parents["Parents"], json!([{ "Id": root, "Type": "ROOT" }]));
    let input = json!({ "ParentId": inner });
    let inside = house.done(&admin, "ListAccountsForParent", input).await;
    assert_eq!(all(&inside["Accounts"], "Id"), [account.as_str()]);
    let paths = text(&inside["Accounts"][0]["Paths"][0]);
    assert!(paths.ends_with(&format!("/{root}/{unit}/{inner}/{account}/")));
    let input = json!({ "ParentId": unit });
    let units = house
        .done(&admin, "ListOrganizationalUnitsForParent", input)
        .await;
    assert_eq!(all(&units["OrganizationalUnits"], "Name"), ["inner"]);
    let input = json!({ "ParentId": unit, "ChildType": "ORGANIZATIONAL_UNIT" });
    let children = house.done(&admin, "ListChildren", input).await;
    assert_eq!(all(&children["Children"], "Id"), [inner.as_str()]);
    let full = "OrganizationalUnitNotEmptyException";
    let input = json!({ "OrganizationalUnitId": inner });
    house
        .refused(&admin, "DeleteOrganizationalUnit", input, full)
        .await;
}

#[tokio::test]
async fn tags_are_given_taken_and_limited() {
    let (house, admin) = House::with_organization().await;
    let root = house.root_id(&admin).await;
    let give = |tags: serde_json::Value| json!({ "ResourceId": root, "Tags": tags });
    let tag = |key: &str| json!({ "Key": key, "Value": key });
    house
        .done(&admin, "TagResource", give(json!([tag("a"), tag("b")])))
        .await;
    let over = json!([{ "Key": "a", "Value": "new" }]);
    house.done(&admin, "TagResource", give(over)).await;
    let input = json!({ "ResourceId": root, "TagKeys": ["b", "absent"] });
    house.done(&admin, "UntagResource", input).await;
    let tags = json!({ "ResourceId": root });
    let tags = house.done(&admin, "ListTagsForResource", tags).await;
    assert_eq!(tags["Tags"], json!([{ "Key": "a", "Value": "new" }]));
    let many: Vec<_> = (0..50).map(|number| tag(&format!("t{number}"))).collect();
    for (tags, code) in [
        (
            json!(many),
            "ConstraintViolationException MAX_TAG_LIMIT_EXCEEDED",
        ),
        (
            json!([tag("x"), tag("x")]),
            "InvalidInputException DUPLICATE_TAG_KEY",
        ),
        (
            json!([tag("AWS:x")]),
            "InvalidInputException INVALID_SYSTEM_TAGS_PARAMETER",
        ),
    ] {
        house.refused(&admin, "TagResource", give(tags), code).await;
    }
}
