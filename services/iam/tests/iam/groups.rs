//! What the operations on groups answer, and what a membership gives.

use crate::house::{ACCOUNT, House, Login, encoded, harness, ok, one, policy, refused, xml};

const ABSENT: (u16, &str, &str) = (
    404,
    "NoSuchEntity",
    "The group with name staff cannot be found.",
);

fn put_group_policy(group: &str, name: &str, document: &str) -> String {
    let document = encoded(document);
    format!("Action=PutGroupPolicy&GroupName={group}&PolicyName={name}&PolicyDocument={document}")
}

/// Whether alice may list users, asked of the service itself.
async fn may_list(house: &House, alice: &Login) -> bool {
    house.iam(alice, "Action=ListUsers").await.status == 200
}

#[tokio::test]
async fn a_group_is_made_shown_renamed_and_deleted() {
    let harness = harness().await;
    let made = ok(&harness, "Action=CreateGroup&GroupName=Staff&Path=/a/").await;
    let shown = ok(&harness, "Action=GetGroup&GroupName=staff").await;
    let listed = ok(&harness, "Action=ListGroups").await;
    for text in [&made, &shown, &listed] {
        assert_eq!(one(text, "GroupName"), "Staff");
        assert_eq!(one(text, "Path"), "/a/");
        let arn = format!("arn:aws:iam::{}:group/a/Staff", platform::testing::ACCOUNT);
        assert_eq!(one(text, "Arn"), arn);
        assert_eq!(one(text, "CreateDate"), "2026-01-01T00:00:00Z");
        assert_eq!(one(text, "GroupId"), one(&made, "GroupId"));
    }
    let id = one(&made, "GroupId");
    assert!(id.starts_with("AGPA") && id.len() == 21, "{id}");
    assert!(shown.contains("<Users></Users>") || shown.contains("<Users/>"));

    let taken = (
        409,
        "EntityAlreadyExists",
        "Group with name STAFF already exists.",
    );
    refused(&harness, "Action=CreateGroup&GroupName=STAFF", taken).await;
    ok(&harness, "Action=CreateGroup&GroupName=other").await;
    let rename = "Action=UpdateGroup&GroupName=other&NewGroupName=STAFF";
    refused(&harness, rename, taken).await;

    let moved = "Action=UpdateGroup&GroupName=STAFF&NewGroupName=people&NewPath=/b/";
    ok(&harness, moved).await;
    let shown = ok(&harness, "Action=GetGroup&GroupName=People").await;
    assert_eq!(one(&shown, "GroupId"), id);
    assert_eq!(
        (one(&shown, "GroupName"), one(&shown, "Path")),
        ("people".to_owned(), "/b/".to_owned())
    );
    // The case of a name alone may change as well.
    let recased = "Action=UpdateGroup&GroupName=people&NewGroupName=PEOPLE";
    ok(&harness, recased).await;
    let names = xml(&ok(&harness, "Action=ListGroups").await, "GroupName");
    assert_eq!(names, ["other", "PEOPLE"]);

    refused(&harness, "Action=GetGroup&GroupName=staff", ABSENT).await;
    ok(&harness, "Action=DeleteGroup&GroupName=people").await;
    refused(&harness, "Action=DeleteGroup&GroupName=staff", ABSENT).await;
    let names = xml(&ok(&harness, "Action=ListGroups").await, "GroupName");
    assert_eq!(names, ["other"]);
}

#[tokio::test]
async fn unknown_groups_are_not_found_by_any_operation() {
    let harness = harness().await;
    ok(&harness, "Action=CreateUser&UserName=alice").await;
    let document = encoded(&policy("Allow", "*", "*"));
    let arn = encoded("arn:aws:iam::aws:policy/AdministratorAccess");
    for rest in [
        "AddUserToGroup&UserName=alice".to_owned(),
        "AttachGroupPolicy&PolicyArn=".to_owned() + &arn,
        "DeleteGroup".to_owned(),
        "DeleteGroupPolicy&PolicyName=p".to_owned(),
        "DetachGroupPolicy&PolicyArn=".to_owned() + &arn,
        "GetGroup".to_owned(),
        "GetGroupPolicy&PolicyName=p".to_owned(),
        "ListAttachedGroupPolicies".to_owned(),
        "ListGroupPolicies".to_owned(),
        "PutGroupPolicy&PolicyName=p&PolicyDocument=".to_owned() + &document,
        "RemoveUserFromGroup&UserName=alice".to_owned(),
        "UpdateGroup&NewPath=/x/".to_owned(),
    ] {
        refused(&harness, &format!("Action={rest}&GroupName=staff"), ABSENT).await;
    }
    let gone = (
        404,
        "NoSuchEntity",
        "The user with name bob cannot be found.",
    );
    let both = "Action=RemoveUserFromGroup&GroupName=staff&UserName=bob";
    refused(&harness, both, gone).await;
    ok(&harness, "Action=CreateGroup&GroupName=staff").await;
    for operation in ["AddUserToGroup", "RemoveUserFromGroup"] {
        let form = format!("Action={operation}&GroupName=staff&UserName=bob");
        refused(&harness, &form, gone).await;
    }
}

#[tokio::test]
async fn members_are_listed_from_both_sides_in_pages() {
    let harness = harness().await;
    for name in ["dave", "Carol", "alice", "bob"] {
        ok(&harness, &format!("Action=CreateUser&UserName={name}")).await;
    }
    for group in ["zoo", "Ape", "man"] {
        ok(&harness, &format!("Action=CreateGroup&GroupName={group}")).await;
        for name in ["DAVE", "carol", "alice"] {
            let form = format!("Action=AddUserToGroup&GroupName={group}&UserName={name}");
            ok(&harness, &form).await;
            // Once more changes nothing.
            ok(&harness, &form).await;
        }
    }
    let all = ok(&harness, "Action=GetGroup&GroupName=ape").await;
    assert_eq!(xml(&all, "UserName"), ["alice", "Carol", "dave"]);
    assert_eq!(one(&all, "IsTruncated"), "false");
    let first = ok(&harness, "Action=GetGroup&GroupName=ape&MaxItems=2").await;
    assert_eq!(xml(&first, "UserName"), ["alice", "Carol"]);
    let marker = one(&first, "Marker");
    let rest = format!("Action=GetGroup&GroupName=ape&MaxItems=2&Marker={marker}");
    assert_eq!(xml(&ok(&harness, &rest).await, "UserName"), ["dave"]);

    let groups = ok(&harness, "Action=ListGroupsForUser&UserName=carol").await;
    assert_eq!(xml(&groups, "GroupName"), ["Ape", "man", "zoo"]);
    let first = "Action=ListGroupsForUser&UserName=carol&MaxItems=1";
    let first = ok(&harness, first).await;
    assert_eq!(
        (xml(&first, "GroupName"), one(&first, "Marker")),
        (vec!["Ape".to_owned()], "Ape".to_owned())
    );
    let none = ok(&harness, "Action=ListGroupsForUser&UserName=bob").await;
    assert_eq!(xml(&none, "GroupName").len(), 0);

    // A renamed group keeps its users.
    ok(
        &harness,
        "Action=UpdateGroup&GroupName=man&NewGroupName=Yak",
    )
    .await;
    let groups = ok(&harness, "Action=ListGroupsForUser&UserName=carol").await;
    assert_eq!(xml(&groups, "GroupName"), ["Ape", "Yak", "zoo"]);
    let users = ok(&harness, "Action=GetGroup&GroupName=yak").await;
    assert_eq!(xml(&users, "UserName"), ["alice", "Carol", "dave"]);
}

#[tokio::test]
async fn groups_below_a_path_are_listed_alone() {
    let harness = harness().await;
    for (name, path) in [("c", "/"), ("b", "/x/"), ("a", "/x/y/")] {
        let form = format!("Action=CreateGroup&GroupName={name}&Path={path}");
        ok(&harness, &form).await;
    }
    for (prefix, expected) in [("/x/", vec!["a", "b"]), ("/x/y", vec!["a"]), ("/z", vec![])] {
        let list = format!("Action=ListGroups&PathPrefix={}", encoded(prefix));
        let names = xml(&ok(&harness, &list).await, "GroupName");
        assert_eq!(names, expected, "{prefix}");
    }
    let page = ok(&harness, "Action=ListGroups&MaxItems=2").await;
    assert_eq!(xml(&page, "GroupName"), ["a", "b"]);
    assert_eq!(
        (one(&page, "IsTruncated"), one(&page, "Marker")),
        ("true".into(), "b".into())
    );
}

#[tokio::test]
async fn a_group_with_users_or_policies_stays() {
    let harness = harness().await;
    ok(&harness, "Action=CreateGroup&GroupName=staff").await;
    ok(&harness, "Action=CreateUser&UserName=alice").await;
    let admin = encoded("arn:aws:iam::aws:policy/AdministratorAccess");
    let allow = policy("Allow", "*", "*");
    ok(
        &harness,
        "Action=AddUserToGroup&GroupName=staff&UserName=alice",
    )
    .await;
    ok(
        &harness,
        &format!("Action=AttachGroupPolicy&GroupName=staff&PolicyArn={admin}"),
    )
    .await;
    ok(&harness, &put_group_policy("staff", "p", &allow)).await;
    let steps = [
        (
            "remove users from group",
            "RemoveUserFromGroup&UserName=alice".to_owned(),
        ),
        (
            "detach all policies",
            format!("DetachGroupPolicy&PolicyArn={admin}"),
        ),
        (
            "delete policies",
            "DeleteGroupPolicy&PolicyName=p".to_owned(),
        ),
    ];
    for (what, undo) in steps {
        let message = format!("Cannot delete entity, must {what} first.");
        let conflict = (409, "DeleteConflict", message.as_str());
        refused(&harness, "Action=DeleteGroup&GroupName=staff", conflict).await;
        if what == "remove users from group" {
            refused(&harness, "Action=DeleteUser&UserName=alice", conflict).await;
        }
        ok(&harness, &format!("Action={undo}&GroupName=staff")).await;
    }
    ok(&harness, "Action=DeleteGroup&GroupName=staff").await;
    ok(&harness, "Action=DeleteUser&UserName=alice").await;
}

#[tokio::test]
async fn inline_policies_of_a_group_come_back_and_share_5120_characters() {
    let harness = harness().await;
    ok(&harness, "Action=CreateGroup&GroupName=Staff").await;
    let of_size = |size: usize| {
        let empty = policy("Allow", "kms:Decrypt", "arn:aws:kms:::").len();
        let resource = format!("arn:aws:kms:::{}", "x".repeat(size - empty));
        policy("Allow", "kms:Decrypt", &resource)
    };
    let too_large = (
        409,
        "LimitExceeded",
        "Maximum policy size of 5120 bytes exceeded for group Staff",
    );
    refused(
        &harness,
        &put_group_policy("staff", "One", &of_size(5121)),
        too_large,
    )
    .await;
    ok(&harness, &put_group_policy("staff", "One", &of_size(5000))).await;
    refused(
        &harness,
        &put_group_policy("staff", "two", &of_size(121)),
        too_large,
    )
    .await;
    ok(&harness, &put_group_policy("staff", "two", &of_size(120))).await;
    let syntax = (400, "MalformedPolicyDocument", "Syntax errors in policy.");
    refused(&harness, &put_group_policy("staff", "three", "{"), syntax).await;

    let names = ok(&harness, "Action=ListGroupPolicies&GroupName=STAFF").await;
    assert_eq!(xml(&names, "member"), ["One", "two"]);
    let shown = "Action=GetGroupPolicy&GroupName=STAFF&PolicyName=ONE";
    let shown = ok(&harness, shown).await;
    assert_eq!(
        (one(&shown, "GroupName"), one(&shown, "PolicyName")),
        ("Staff".to_owned(), "One".to_owned())
    );
    assert!(one(&shown, "PolicyDocument").starts_with("%7B%22Version%22%3A%222012-10-17%22"));
    ok(
        &harness,
        "Action=DeleteGroupPolicy&GroupName=staff&PolicyName=one",
    )
    .await;
    let gone = (
        404,
        "NoSuchEntity",
        "The group policy with name one cannot be found.",
    );
    for operation in ["GetGroupPolicy", "DeleteGroupPolicy"] {
        let form = format!("Action={operation}&GroupName=staff&PolicyName=one");
        refused(&harness, &form, gone).await;
    }
}

#[tokio::test]
async fn a_membership_counts_from_the_next_call_on_until_it_ends() {
    let (house, root) = House::new().await;
    let alice = house.user(&root, "alice").await;
    house.ok(&root, "Action=CreateGroup&GroupName=staff").await;
    let allow = policy("Allow", "iam:ListUsers", "*");
    house
        .ok(&root, &put_group_policy("staff", "p", &allow))
        .await;
    assert!(!may_list(&house, &alice).await);

    let join = "Action=AddUserToGroup&GroupName=staff&UserName=alice";
    let leave = "Action=RemoveUserFromGroup&GroupName=staff&UserName=alice";
    house.ok(&root, join).await;
    assert!(may_list(&house, &alice).await);
    house.ok(&root, leave).await;
    assert!(!may_list(&house, &alice).await);
    // Leaving a group that one is not in is no error.
    house.ok(&root, leave).await;

    house.ok(&root, join).await;
    let renamed = "Action=UpdateGroup&GroupName=staff&NewGroupName=people";
    house.ok(&root, renamed).await;
    assert!(
        may_list(&house, &alice).await,
        "a renamed group gives the same"
    );
    let deny = policy("Deny", "iam:ListUsers", "*");
    house
        .ok(&root, &put_group_policy("people", "q", &deny))
        .await;
    assert!(!may_list(&house, &alice).await);
    house
        .ok(
            &root,
            "Action=DeleteGroupPolicy&GroupName=people&PolicyName=q",
        )
        .await;
    assert!(may_list(&house, &alice).await);
    house
        .ok(
            &root,
            "Action=DeleteGroupPolicy&GroupName=people&PolicyName=p",
        )
        .await;
    assert!(!may_list(&house, &alice).await);

    let arn = encoded("arn:aws:iam::aws:policy/IAMReadOnlyAccess");
    let attach = format!("Action=AttachGroupPolicy&GroupName=people&PolicyArn={arn}");
    house.ok(&root, &attach).await;
    assert!(may_list(&house, &alice).await);
    house.ok(&root, &attach.replace("Attach", "Detach")).await;
    assert!(!may_list(&house, &alice).await);
}

/// A group that takes the name of a deleted one has none of its users.
#[tokio::test]
async fn a_new_group_of_an_old_name_is_empty() {
    let (house, root) = House::new().await;
    house.user(&root, "alice").await;
    house.ok(&root, "Action=CreateGroup&GroupName=staff").await;
    let join = "Action=AddUserToGroup&GroupName=staff&UserName=alice";
    house.ok(&root, join).await;
    let renamed = "Action=UpdateGroup&GroupName=staff&NewGroupName=people";
    house.ok(&root, renamed).await;
    house.ok(&root, "Action=CreateGroup&GroupName=staff").await;
    let users = house.ok(&root, "Action=GetGroup&GroupName=staff").await;
    assert_eq!(xml(&users.text, "UserName").len(), 0);
}

#[tokio::test]
async fn a_user_is_in_up_to_10_groups_and_an_account_has_up_to_300() {
    let harness = harness().await;
    ok(&harness, "Action=CreateUser&UserName=alice").await;
    for number in 0..300 {
        let name = format!("group-{number:03}");
        ok(&harness, &format!("Action=CreateGroup&GroupName={name}")).await;
        if number < 10 {
            let join = format!("Action=AddUserToGroup&UserName=alice&GroupName={name}");
            ok(&harness, &join).await;
        }
    }
    let full = (
        409,
        "LimitExceeded",
        "Cannot exceed quota for GroupsPerUser: 10",
    );
    let join = "Action=AddUserToGroup&UserName=alice&GroupName=group-010";
    refused(&harness, join, full).await;
    let leave = "Action=RemoveUserFromGroup&UserName=alice&GroupName=group-003";
    ok(&harness, leave).await;
    ok(&harness, join).await;

    let full = (
        409,
        "LimitExceeded",
        "Cannot exceed quota for GroupsPerAccount: 300",
    );
    refused(&harness, "Action=CreateGroup&GroupName=another", full).await;
    ok(&harness, "Action=DeleteGroup&GroupName=group-299").await;
    ok(&harness, "Action=CreateGroup&GroupName=another").await;
}

/// Whoever may rename one group cannot put it in the place of another.
#[tokio::test]
async fn renaming_takes_the_permission_on_both_names() {
    let (house, root) = House::new().await;
    let alice = house.user(&root, "alice").await;
    house
        .ok(&root, "Action=CreateGroup&GroupName=staff&Path=/a/")
        .await;
    let on = |resources: &[&str]| {
        let resources: Vec<String> = resources
            .iter()
            .map(|resource| format!("\"arn:aws:iam::{ACCOUNT}:group{resource}\""))
            .collect();
        let list = resources.join(",");
        policy("Allow", "iam:UpdateGroup", "*").replace("\"*\"", &format!("[{list}]"))
    };
    let rename = "Action=UpdateGroup&GroupName=staff&NewGroupName=people&NewPath=/b/";
    for (resources, status) in [
        (&["/a/staff"][..], 403),
        (&["/b/people"], 403),
        (&["/a/staff", "/a/people"], 403),
        (&["/a/staff", "/b/people"], 200),
    ] {
        let put = crate::house::put_policy("alice", "p", &on(resources));
        house.ok(&root, &put).await;
        let answer = house.iam(&alice, rename).await;
        assert_eq!(answer.status, status, "{resources:?} {}", answer.text);
    }
}

/// Both calls read the records that the other one writes, so one of them runs again.
#[tokio::test]
async fn joining_and_deleting_at_once_leaves_no_member_of_nothing() {
    for round in 0..20 {
        let (house, root) = House::new().await;
        house.user(&root, "alice").await;
        house.ok(&root, "Action=CreateGroup&GroupName=staff").await;
        let join = house.iam(
            &root,
            "Action=AddUserToGroup&GroupName=staff&UserName=alice",
        );
        let delete = house.iam(&root, "Action=DeleteGroup&GroupName=staff");
        let (joined, deleted) = if round % 2 == 0 {
            tokio::join!(join, delete)
        } else {
            let (deleted, joined) = tokio::join!(delete, join);
            (joined, deleted)
        };
        let outcome = (joined.status, deleted.status);
        assert!(
            [(200, 409), (404, 200)].contains(&outcome),
            "{round} {outcome:?}"
        );
        if outcome.1 == 200 {
            house.ok(&root, "Action=CreateGroup&GroupName=staff").await;
        }
        let groups = house
            .ok(&root, "Action=ListGroupsForUser&UserName=alice")
            .await;
        let count = xml(&groups.text, "GroupName").len();
        assert_eq!(count, usize::from(outcome == (200, 409)));
    }
}
