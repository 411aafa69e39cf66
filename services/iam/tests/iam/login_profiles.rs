//! What the operations on passwords and their policy answer.

use crate::house::{House, Login, encoded, harness, ok, one, policy, put_policy, refused};

fn create(password: &str) -> String {
    let password = encoded(password);
    format!("Action=CreateLoginProfile&UserName=alice&Password={password}")
}

fn update(password: &str) -> String {
    let password = encoded(password);
    format!("Action=UpdateLoginProfile&UserName=alice&Password={password}")
}

fn change(old: &str, new: &str) -> String {
    let (old, new) = (encoded(old), encoded(new));
    format!("Action=ChangePassword&OldPassword={old}&NewPassword={new}")
}

const ABSENT: (u16, &str, &str) = (
    404,
    "NoSuchEntity",
    "Login Profile for User alice cannot be found.",
);
const NO_POLICY: (u16, &str, &str) = (
    404,
    "NoSuchEntity",
    "The Password Policy with domain name 111122223333 cannot be found.",
);

#[tokio::test]
async fn a_user_has_one_password_that_nobody_sees() {
    let harness = harness().await;
    ok(&harness, "Action=CreateUser&UserName=alice").await;
    for action in [
        "GetLoginProfile",
        "DeleteLoginProfile",
        "UpdateLoginProfile",
    ] {
        refused(&harness, &format!("Action={action}&UserName=alice"), ABSENT).await;
    }
    let made = ok(
        &harness,
        &format!("{}&PasswordResetRequired=true", create("Open+Sesame1")),
    )
    .await;
    let shown = ok(&harness, "Action=GetLoginProfile&UserName=ALICE").await;
    for answer in [made, shown] {
        assert_eq!(one(&answer, "UserName"), "alice");
        assert_eq!(one(&answer, "CreateDate"), "2026-01-01T00:00:00Z");
        assert_eq!(one(&answer, "PasswordResetRequired"), "true");
        assert!(!answer.contains("Sesame"));
    }
    let exists = "Login Profile for user alice already exists.";
    refused(
        &harness,
        &create("Open+Sesame2"),
        (409, "EntityAlreadyExists", exists),
    )
    .await;
    ok(&harness, &update("Other+Sesame1")).await;
    let shown = ok(&harness, "Action=GetLoginProfile&UserName=alice").await;
    assert_eq!(one(&shown, "PasswordResetRequired"), "false");

    let conflict = "Cannot delete entity, must delete login profile first.";
    let conflict = (409, "DeleteConflict", conflict);
    refused(&harness, "Action=DeleteUser&UserName=alice", conflict).await;
    ok(&harness, "Action=DeleteLoginProfile&UserName=alice").await;
    refused(&harness, "Action=GetLoginProfile&UserName=alice", ABSENT).await;
    ok(&harness, "Action=DeleteUser&UserName=alice").await;
    let nobody = (
        404,
        "NoSuchEntity",
        "The user with name alice cannot be found.",
    );
    refused(&harness, &create("Open+Sesame1"), nobody).await;
    // A later user of the same name starts without a password.
    ok(&harness, "Action=CreateUser&UserName=alice").await;
    refused(&harness, "Action=GetLoginProfile&UserName=alice", ABSENT).await;
}

#[tokio::test]
async fn the_root_user_is_named_only_in_a_session_begun_for_it() {
    let harness = harness().await;
    let message = "Must specify userName when calling with non-User credentials";
    for action in [
        "CreateLoginProfile",
        "GetLoginProfile",
        "DeleteLoginProfile",
    ] {
        let form = format!("Action={action}&Password=Abcdefg1");
        refused(&harness, &form, (400, "ValidationError", message)).await;
    }
    let form = change("Abcdefg1", "Abcdefg2");
    let message = "Only IAM Users can change their own password";
    refused(&harness, &form, (400, "InvalidUserType", message)).await;
}

#[tokio::test]
async fn a_policy_reverts_to_defaults_and_goes() {
    let harness = harness().await;
    refused(&harness, "Action=GetAccountPasswordPolicy", NO_POLICY).await;
    let none = "The account policy with name PasswordPolicy cannot be found.";
    let delete = "Action=DeleteAccountPasswordPolicy";
    refused(&harness, delete, (404, "NoSuchEntity", none)).await;
    let all = "Action=UpdateAccountPasswordPolicy&MinimumPasswordLength=14&RequireSymbols=true\
               &RequireNumbers=true&RequireUppercaseCharacters=true&RequireLowercaseCharacters=true\
               &AllowUsersToChangePassword=true&MaxPasswordAge=90&PasswordReusePrevention=5\
               &HardExpiry=true";
    ok(&harness, all).await;
    let get = "Action=GetAccountPasswordPolicy";
    let flags = [
        "RequireSymbols",
        "RequireNumbers",
        "RequireUppercaseCharacters",
        "RequireLowercaseCharacters",
        "AllowUsersToChangePassword",
        "ExpirePasswords",
        "HardExpiry",
    ];
    let shown = ok(&harness, get).await;
    assert!(
        flags.iter().all(|flag| one(&shown, flag) == "true"),
        "{shown}"
    );
    let numbers = [
        "MinimumPasswordLength",
        "MaxPasswordAge",
        "PasswordReusePrevention",
    ];
    assert_eq!(numbers.map(|name| one(&shown, name)), ["14", "90", "5"]);

    ok(
        &harness,
        "Action=UpdateAccountPasswordPolicy&MaxPasswordAge=90",
    )
    .await;
    let expiring = ok(&harness, get).await;
    assert_eq!(one(&expiring, "HardExpiry"), "false");
    ok(&harness, "Action=UpdateAccountPasswordPolicy").await;
    let shown = ok(&harness, get).await;
    assert!(
        flags
            .iter()
            .take(6)
            .all(|flag| one(&shown, flag) == "false"),
        "{shown}"
    );
    assert!(!shown.contains("HardExpiry"), "{shown}");
    assert_eq!(numbers.map(|name| one(&shown, name)), ["6", "", ""]);
    ok(&harness, "Action=DeleteAccountPasswordPolicy").await;
    refused(&harness, get, NO_POLICY).await;
    for bad in [
        "MinimumPasswordLength=5",
        "MaxPasswordAge=1096",
        "PasswordReusePrevention=25",
    ] {
        let answer = harness
            .query(
                "root",
                "iam",
                &format!("Action=UpdateAccountPasswordPolicy&{bad}"),
            )
            .await;
        assert_eq!(answer.code.as_deref(), Some("ValidationError"), "{bad}");
    }
}

#[tokio::test]
async fn passwords_obey_the_policy() {
    let harness = harness().await;
    ok(&harness, "Action=CreateUser&UserName=alice").await;
    let short = "Password should have a minimum length of 8";
    refused(
        &harness,
        &create("Abc1!"),
        (400, "PasswordPolicyViolation", short),
    )
    .await;
    ok(
        &harness,
        "Action=UpdateAccountPasswordPolicy&RequireNumbers=true",
    )
    .await;
    let number = "Password should have at least one number";
    refused(
        &harness,
        &create("abcdef"),
        (400, "PasswordPolicyViolation", number),
    )
    .await;
    ok(&harness, &create("abcde1")).await;
    refused(
        &harness,
        &update("abcdef"),
        (400, "PasswordPolicyViolation", number),
    )
    .await;
}

/// Alice with a password and the permission to change it.
async fn alice(house: &House, root: &Login) -> Login {
    let alice = house.user(root, "alice").await;
    let arn = "arn:aws:iam::111122223333:user/alice";
    let document = policy("Allow", "iam:ChangePassword", arn);
    house.ok(root, &put_policy("alice", "p", &document)).await;
    house.ok(root, &create("Password0!")).await;
    alice
}

#[tokio::test]
async fn a_user_changes_its_password_knowing_the_old_one() {
    let (house, root) = House::new().await;
    let alice = alice(&house, &root).await;
    let wrong = house.iam(&alice, &change("Password1!", "Password2!")).await;
    wrong.refused(403, "AccessDenied", "The old password was incorrect.");
    house.ok(&alice, &change("Password0!", "Password1!")).await;
    let gone = house.iam(&alice, &change("Password0!", "Password2!")).await;
    gone.refused(403, "AccessDenied", "The old password was incorrect.");
    house.ok(&alice, &change("Password1!", "Password0!")).await;
    let bob = house.user(&root, "bob").await;
    let denied = house.iam(&bob, &change("Password0!", "Password2!")).await;
    assert_eq!(denied.code, Some("AccessDenied"));
    assert!(
        denied.text.contains("iam:ChangePassword"),
        "{}",
        denied.text
    );
}

#[tokio::test]
async fn an_account_lets_its_users_change_their_own_passwords() {
    let (house, root) = House::new().await;
    let alice = house.user(&root, "alice").await;
    house.ok(&root, &create("Password0!")).await;
    let get = "Action=GetAccountPasswordPolicy";
    let forbid = "Action=UpdateAccountPasswordPolicy&AllowUsersToChangePassword=false";
    let permit = forbid.replace("false", "true");
    let own = change("Password0!", "Password1!");
    house.ok(&root, forbid).await;
    for form in [get, &own] {
        let code = house.iam(&alice, form).await.code;
        assert_eq!(code, Some("AccessDenied"));
    }
    house.ok(&root, &permit).await;
    house.ok(&alice, get).await;
    house.ok(&alice, &own).await;
    // It is a permission among others: one that is denied stays denied.
    let document = policy("Deny", "iam:ChangePassword", "*");
    house.ok(&root, &put_policy("alice", "p", &document)).await;
    let denied = house.iam(&alice, &change("Password1!", "Password2!")).await;
    assert_eq!(denied.code, Some("AccessDenied"));
    assert!(denied.text.contains("explicit deny"), "{}", denied.text);
    let other = "Action=UpdateLoginProfile&UserName=alice&Password=Password3!";
    assert_eq!(house.iam(&alice, other).await.code, Some("AccessDenied"));
}

#[tokio::test]
async fn as_many_passwords_as_the_policy_says_do_not_come_back() {
    let (house, root) = House::new().await;
    let alice = alice(&house, &root).await;
    let remember = "Action=UpdateAccountPasswordPolicy&PasswordReusePrevention=2";
    house.ok(&root, remember).await;
    house.ok(&alice, &change("Password0!", "Password1!")).await;
    for known in ["Password0!", "Password1!"] {
        let again = house.iam(&alice, &change("Password1!", known)).await;
        assert_eq!(again.code, Some("PasswordPolicyViolation"), "{known}");
        let again = house.iam(&root, &update(known)).await;
        assert_eq!(again.code, Some("PasswordPolicyViolation"), "{known}");
    }
    house.ok(&alice, &change("Password1!", "Password2!")).await;
    house.ok(&alice, &change("Password2!", "Password0!")).await;
}
