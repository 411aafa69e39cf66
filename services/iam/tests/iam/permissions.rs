//! Who may do what, and what those who may not get to know.

use crate::house::{ACCOUNT, House, OPERATIONS, encoded, policy, put_policy};

fn denied(action: &str, resource: &str) -> String {
    format!(
        "User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized to perform: {action} on \
         resource: {resource} because no identity-based policy allows the {action} action"
    )
}

#[tokio::test]
async fn permissions_follow_path_and_tags() {
    let (house, root) = House::new().await;
    let alice = house.user(&root, "alice").await;
    let tag = "&Tags.member.1.Key=Team&Tags.member.1.Value=red";
    house
        .ok(
            &root,
            &format!("Action=CreateUser&UserName=bob&Path=/sales/{tag}"),
        )
        .await;
    house.ok(&root, "Action=CreateUser&UserName=carol").await;

    let sales = format!("arn:aws:iam::{ACCOUNT}:user/sales/*");
    house
        .ok(
            &root,
            &put_policy("alice", "p", &policy("Allow", "iam:GetUser", &sales)),
        )
        .await;
    house.ok(&alice, "Action=GetUser&UserName=bob").await;
    assert_eq!(
        house
            .iam(&alice, "Action=GetUser&UserName=carol")
            .await
            .status,
        403
    );
    assert_eq!(
        house
            .iam(&alice, "Action=DeleteUser&UserName=bob")
            .await
            .status,
        403
    );

    for key in ["aws:ResourceTag/team", "iam:ResourceTag/TEAM"] {
        let by_tag = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"iam:GetUser",
            "Resource":"*","Condition":{{"StringEquals":{{"{key}":"red"}}}}}}}}"#
        );
        house.ok(&root, &put_policy("alice", "p", &by_tag)).await;
        house.ok(&alice, "Action=GetUser&UserName=BOB").await;
        assert_eq!(
            house
                .iam(&alice, "Action=GetUser&UserName=carol")
                .await
                .status,
            403,
            "{key}"
        );
    }
}

#[tokio::test]
async fn tags_on_a_new_user_take_a_permission_of_their_own() {
    let (house, root) = House::new().await;
    let alice = house.user(&root, "alice").await;
    house
        .ok(
            &root,
            &put_policy("alice", "p", &policy("Allow", "iam:CreateUser", "*")),
        )
        .await;
    house.ok(&alice, "Action=CreateUser&UserName=bob").await;
    let tagged = "Action=CreateUser&UserName=carol&Tags.member.1.Key=a&Tags.member.1.Value=b";
    let resource = format!("arn:aws:iam::{ACCOUNT}:user/carol");
    let refusal = denied("iam:TagUser", &resource);
    house
        .iam(&alice, tagged)
        .await
        .refused(403, "AccessDenied", &refusal);
    house
        .ok(
            &root,
            &put_policy("alice", "q", &policy("Allow", "iam:TagUser", "*")),
        )
        .await;
    house.ok(&alice, tagged).await;
}

#[tokio::test]
async fn a_user_without_policy_may_do_nothing_and_learns_nothing() {
    let (house, root) = House::new().await;
    let alice = house.user(&root, "alice").await;
    house
        .ok(&root, "Action=CreateUser&UserName=bob&Path=/hidden/")
        .await;
    for (operation, rest) in OPERATIONS {
        let action = format!("iam:{operation}");
        // Of bob, who exists below a path, and of eve, who does not, alice hears the same.
        for name in ["bob", "eve"] {
            let answer = house
                .iam(&alice, &format!("Action={operation}&UserName={name}{rest}"))
                .await;
            let resource = match operation {
                "CreateUser" => format!("arn:aws:iam::{ACCOUNT}:user/{name}"),
                "ListUsers" => format!("arn:aws:iam::{ACCOUNT}:user/"),
                _ => format!("user {name}"),
            };
            answer.refused(403, "AccessDenied", &denied(&action, &resource));
        }
    }
}

#[tokio::test]
async fn nobody_gets_in_without_a_signature() {
    let (house, _) = House::new().await;
    for (operation, rest) in OPERATIONS {
        let form = format!("Action={operation}&UserName=alice{rest}");
        let answer = house.call("iam", None, &form).await;
        assert_eq!(
            (answer.status, answer.code),
            (403, Some("MissingAuthenticationToken"))
        );
    }
}

#[tokio::test]
async fn names_that_look_like_root_or_like_another_name_do_nothing() {
    let (house, root) = House::new().await;
    house.user(&root, "root").await;
    let impostor = house.key(&root, "ROOT").await;
    let arn = house.whoami(&impostor).await.xml("Arn");
    assert_eq!(arn, format!("arn:aws:iam::{ACCOUNT}:user/root"));
    assert_eq!(house.iam(&impostor, "Action=ListUsers").await.status, 403);

    // A leading blank, a Cyrillic letter, a full-width one, a zero-width joiner, a path, a wildcard.
    let names = [
        " root",
        "r\u{43e}ot",
        "\u{ff52}oot",
        "ro\u{200d}ot",
        "a/root",
        "*",
        "ro?t",
        "",
        "root\0",
    ];
    for name in names {
        for operation in ["CreateUser", "GetUser", "DeleteUser"] {
            let form = format!("Action={operation}&UserName={}", encoded(name));
            let answer = house.iam(&root, &form).await;
            assert_eq!(
                (answer.status, answer.code),
                (400, Some("ValidationError")),
                "{name:?}"
            );
        }
    }
    for path in ["/..", "sales", "/a b/", "/\u{e9}/", "//\u{200d}/"] {
        let form = format!("Action=CreateUser&UserName=eve&Path={}", encoded(path));
        assert_eq!(
            house.iam(&root, &form).await.code,
            Some("ValidationError"),
            "{path:?}"
        );
    }
    // What AWS lets a path contain stands for itself.
    let form = format!(
        "Action=CreateUser&UserName=eve&Path={}",
        encoded("/../*/root/")
    );
    let eve = house.ok(&root, &form).await;
    assert_eq!(
        eve.xml("Arn"),
        format!("arn:aws:iam::{ACCOUNT}:user/../*/root/eve")
    );
    let eve = house.key(&root, "eve").await;
    assert_eq!(
        house.iam(&eve, "Action=GetUser&UserName=root").await.status,
        403
    );
}
