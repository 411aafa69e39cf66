//! Starts: the first, later ones, and those with a root access key from outside.

use crate::house::{ACCOUNT, House, Login, login};
use service_iam::BootstrapError;

const GIVEN: (&str, &str) = ("AKIAGIVENROOTKEY0001", "a-secret-from-the-environment-1");
const OTHER: (&str, &str) = ("AKIAGIVENROOTKEY0002", "a-secret-from-the-environment-2");

fn given((id, secret): (&str, &str)) -> Login {
    Login {
        id: id.to_owned(),
        secret: secret.to_owned(),
    }
}

#[tokio::test]
async fn the_first_start_makes_an_account_and_later_ones_find_it() {
    let house = House::empty().await;
    let first = house.started(None).await;
    assert!(first.account.len() == 12 && !first.account.starts_with('0'));
    let root = login(&first);
    assert_eq!(house.whoami(&root).await.xml("Account"), first.account);

    let second = house.started(None).await;
    assert_eq!(second.account, first.account);
    assert_eq!(second.access_key_id, first.access_key_id);
    assert!(second.secret.is_none());
    assert_eq!(house.whoami(&root).await.status, 200);
}

/// A house that was started without and then with a given key, and three logins of root: the one
/// made first, the one given, and one made through the API.
async fn with_given_key() -> (House, [Login; 3]) {
    let (house, made) = House::new().await;
    let own = house.ok(&made, "Action=CreateAccessKey").await;
    let own = Login {
        id: own.xml("AccessKeyId"),
        secret: own.xml("SecretAccessKey"),
    };
    let started = house.started(Some(GIVEN)).await;
    assert_eq!(started.access_key_id.as_deref(), Some(GIVEN.0));
    assert!(started.secret.is_none());
    (house, [made, given(GIVEN), own])
}

#[tokio::test]
async fn a_given_key_is_the_root_key_and_replaces_the_one_before() {
    let (house, [made, first, own]) = with_given_key().await;
    assert_eq!(
        house.whoami(&first).await.xml("Arn"),
        format!("arn:aws:iam::{ACCOUNT}:root")
    );
    assert_eq!(house.whoami(&made).await.status, 403);
    assert_eq!(house.whoami(&own).await.status, 200);

    house.started(Some(OTHER)).await;
    assert_eq!(house.whoami(&first).await.status, 403);
    assert_eq!(house.whoami(&own).await.status, 200);
    let keys = house.ok(&given(OTHER), "Action=ListAccessKeys").await;
    let mut expected = [own.id, OTHER.0.to_owned()];
    expected.sort();
    assert_eq!(crate::house::xml(&keys.text, "AccessKeyId"), expected);
}

#[tokio::test]
async fn a_given_key_gets_its_secret_and_is_active() {
    let (house, [_, first, own]) = with_given_key().await;
    let off = format!(
        "Action=UpdateAccessKey&Status=Inactive&AccessKeyId={}",
        first.id
    );
    house.ok(&own, &off).await;
    assert_eq!(house.whoami(&first).await.status, 403);
    house.started(Some(GIVEN)).await;
    assert_eq!(house.whoami(&first).await.status, 200);

    let changed = (GIVEN.0, OTHER.1);
    house.started(Some(changed)).await;
    assert_eq!(
        house.whoami(&first).await.code,
        Some("SignatureDoesNotMatch")
    );
    assert_eq!(house.whoami(&given(changed)).await.status, 200);
}

#[tokio::test]
async fn a_given_key_that_was_deleted_comes_back_while_it_is_given() {
    let (house, [_, first, own]) = with_given_key().await;
    house
        .ok(
            &first,
            &format!("Action=DeleteAccessKey&AccessKeyId={}", first.id),
        )
        .await;
    let without = house.started(None).await;
    assert_eq!(
        (without.access_key_id, without.secret.is_none()),
        (None, true)
    );
    assert_eq!(house.whoami(&first).await.status, 403);
    house.started(Some(GIVEN)).await;
    assert_eq!(house.whoami(&first).await.status, 200);
    let keys = house.ok(&own, "Action=ListAccessKeys").await;
    assert_eq!(crate::house::xml(&keys.text, "AccessKeyId").len(), 2);
}

#[tokio::test]
async fn sec_i13_nobody_has_the_account_of_aws() {
    let house = House::empty().await;
    let refused = house.start(Some(platform::AWS_ACCOUNT), None).await.err();
    assert!(matches!(refused, Some(BootstrapError::NotAnAccount(_))));
}

#[tokio::test]
async fn a_start_refuses_what_cannot_be() {
    let house = House::empty().await;
    for account in [
        "",
        "11112222333",
        "1111222233334",
        "11112222333a",
        "\u{661}11122223333",
    ] {
        let refused = house.start(Some(account), None).await.err();
        assert!(
            matches!(refused, Some(BootstrapError::NotAnAccount(_))),
            "{account}"
        );
    }
    for id in ["", "short", "AKIA/with/slashes/00", &"A".repeat(129)] {
        let refused = house.start(None, Some((id, GIVEN.1))).await.err();
        assert!(matches!(refused, Some(BootstrapError::BadKeyId)), "{id}");
    }
    for secret in ["", "test", "has a blank in the middle", &"x".repeat(129)] {
        let refused = house.start(None, Some((GIVEN.0, secret))).await.err();
        assert!(
            matches!(refused, Some(BootstrapError::BadSecret)),
            "{secret}"
        );
    }
}

#[tokio::test]
async fn a_start_refuses_what_belongs_to_another() {
    let (house, root) = House::new().await;
    let refused = house.start(Some("999988887777"), None).await.err();
    assert!(matches!(
        refused,
        Some(BootstrapError::AnotherAccount { .. })
    ));
    let alice = house.user(&root, "alice").await;
    let refused = house.start(None, Some((&alice.id, GIVEN.1))).await.err();
    assert!(matches!(refused, Some(BootstrapError::KeyTaken(_))));
    assert_eq!(
        house.whoami(&alice).await.xml("Arn"),
        format!("arn:aws:iam::{ACCOUNT}:user/alice")
    );
}

#[tokio::test]
async fn the_root_user_is_as_old_as_the_account() {
    let (house, root) = House::new().await;
    house.clock.advance(3600);
    let shown = house.ok(&root, "Action=GetUser").await;
    assert_eq!(shown.xml("CreateDate"), "2026-01-01T00:00:00Z");
}
