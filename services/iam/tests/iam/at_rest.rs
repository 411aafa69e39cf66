//! What stays on disk: everything, and nothing that can be read.

use std::path::Path;
use std::sync::Arc;

use crate::house::{ACCOUNT, House, Login, encoded, login, policy, put_policy};
use crypto::Keyring;
use platform::SeededRandom;
use store::Place;

const POLICY: &str = "arn:aws:kms:::canary-in-a-policy";

/// Fills a store and gives the logins of root and alice.
async fn fill(house: &House) -> [Login; 2] {
    let started = house.start(Some(ACCOUNT), None).await;
    let root = login(&started.unwrap_or_else(|error| unreachable!("{error}")));
    let alice = house.user(&root, "canary-alice").await;
    let document = policy("Allow", "iam:GetUser", POLICY);
    house
        .ok(
            &root,
            &put_policy("canary-alice", "canary-policy", &document),
        )
        .await;
    let document = encoded(&document);
    for form in [
        "CreateGroup&GroupName=canary-group".to_owned(),
        "AddUserToGroup&GroupName=canary-group&UserName=canary-alice".to_owned(),
        format!("PutGroupPolicy&GroupName=canary-group&PolicyName=p&PolicyDocument={document}"),
        format!("CreatePolicy&PolicyName=canary-managed&PolicyDocument={document}"),
    ] {
        house.ok(&root, &format!("Action={form}")).await;
    }
    let arn = format!("arn:aws:iam::{ACCOUNT}:policy/canary-managed");
    let attach = format!("Action=AttachUserPolicy&UserName=canary-alice&PolicyArn={arn}");
    house.ok(&root, &attach).await;
    let again = house
        .iam(&root, "Action=CreateUser&UserName=canary-alice")
        .await;
    assert_eq!(again.status, 409);
    [root, alice]
}

#[tokio::test]
async fn everything_survives_a_restart_and_nothing_can_be_read() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let random = Arc::new(SeededRandom::new(3));
    let keyring = Arc::new(Keyring::generate(&*random).unwrap());
    let open = || {
        House::over(
            Place::Directory(data.clone()),
            Arc::clone(&keyring),
            Arc::clone(&random),
        )
    };

    let house = open().await;
    let [root, alice] = fill(&house).await;
    house.store.close().await.unwrap();
    drop(house);

    let canaries = [
        &root.id,
        &root.secret,
        &alice.id,
        &alice.secret,
        "canary",
        POLICY,
        ACCOUNT,
        "AIDA",
        "AGPA",
        "ANPA",
    ];
    assert!(
        files_with(&data, &canaries) > 0,
        "there is something on disk"
    );

    let house = open().await;
    assert_eq!(house.whoami(&root).await.xml("Account"), ACCOUNT);
    let arn = format!("arn:aws:iam::{ACCOUNT}:user/canary-alice");
    assert_eq!(house.whoami(&alice).await.xml("Arn"), arn);
    let listed = house
        .ok(&root, "Action=ListUserPolicies&UserName=canary-alice")
        .await;
    assert_eq!(listed.xml("member"), "canary-policy");
    let user = "UserName=canary-alice";
    let groups = format!("Action=ListGroupsForUser&{user}");
    assert_eq!(
        house.ok(&root, &groups).await.xml("GroupName"),
        "canary-group"
    );
    let attached = format!("Action=ListAttachedUserPolicies&{user}");
    assert_eq!(
        house.ok(&root, &attached).await.xml("PolicyName"),
        "canary-managed"
    );
    house.store.close().await.unwrap();
}

/// Reads every file below `directory`, none of which may hold a canary; gives their number.
fn files_with(directory: &Path, canaries: &[&str]) -> usize {
    let mut files = 0;
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files += files_with(&path, canaries);
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        files += usize::from(!bytes.is_empty());
        for canary in canaries {
            let found = bytes
                .windows(canary.len())
                .any(|window| window == canary.as_bytes());
            assert!(!found, "`{canary}` is readable in {}", path.display());
        }
    }
    files
}

#[tokio::test]
async fn the_journal_names_keys_and_never_their_secrets() {
    let house = House::empty().await;
    let [root, alice] = fill(&house).await;
    let mut reader = house.store.journal_reader(0);
    let mut journal = String::new();
    while let Some(entry) = reader.next().unwrap() {
        journal.push_str(std::str::from_utf8(&entry.payload).unwrap());
    }
    assert!(journal.contains(&alice.id) && journal.contains("CreateAccessKey"));
    for secret in [&root.secret, &alice.secret] {
        assert!(!journal.contains(secret.as_str()));
    }
}
