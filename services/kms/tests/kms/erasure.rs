//! The end of a key on disk: whoever holds the root key and the data directory has nothing of it.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use crate::house::{Kms, json};
use platform::Clock as _;
use platform::testing::Harness;
use service_kms::{delete_expired, delete_expired_material, erase_deleted};

const DAY: i64 = 86_400;
const HOUR: i64 = 3600;
/// A part of a sealed record long enough not to appear by chance.
const PIECE: usize = 16;

type Pieces = HashSet<[u8; PIECE]>;

async fn open(path: &Path, life: u64) -> Kms {
    let services = vec![service_kms::service()];
    let harness = Harness::on_disk(services, path, life).await;
    Kms { harness }
}

/// The pieces of all sealed records, as another program reads them from the database.
fn pieces(path: &Path) -> Pieces {
    let database = rusqlite::Connection::open(path.join("store.db")).expect("a database");
    let mut select = database
        .prepare("SELECT bytes FROM records")
        .expect("a table");
    let rows = select
        .query_map([], |row| row.get::<_, Vec<u8>>(0))
        .expect("rows");
    rows.flat_map(|row| row.expect("a row").as_chunks().0.to_vec())
        .collect()
}

/// How many of the pieces are in the files of a directory.
fn found(path: &Path, pieces: &Pieces) -> usize {
    let mut found = 0;
    for entry in fs::read_dir(path).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found += self::found(&path, pieces);
            continue;
        }
        let content = fs::read(path).expect("a file");
        found += content
            .windows(PIECE)
            .filter(|window| pieces.contains(*window))
            .count();
    }
    found
}

/// Changes a key's record in all ways that write it anew, and notes what was written.
async fn live(kms: &Kms, path: &Path, key: &str, seen: &mut Pieces) {
    let alias = format!("alias/{key}");
    for (operation, input) in [
        (
            "UpdateKeyDescription",
            json!({ "Description": "x".repeat(700) }),
        ),
        (
            "TagResource",
            json!({ "Tags": [{ "TagKey": "k", "TagValue": "v" }] }),
        ),
        ("RotateKeyOnDemand", json!({})),
        ("DisableKey", json!({})),
        ("EnableKey", json!({})),
        ("UpdateKeyDescription", json!({ "Description": "" })),
    ] {
        let mut input = input;
        input["KeyId"] = json!(key);
        kms.ok("root", operation, input).await;
        seen.extend(pieces(path));
    }
    let input = json!({ "AliasName": alias, "TargetKeyId": key });
    kms.ok("root", "CreateAlias", input).await;
    seen.extend(pieces(path));
}

async fn delete(kms: &Kms) -> (usize, bool) {
    let (upkeep, now) = (kms.harness.pipeline.upkeep(), kms.harness.clock.now());
    let deleted = delete_expired(&upkeep, now).await;
    let erased = erase_deleted(&upkeep, now).await;
    (
        deleted.ok().expect("a deletion"),
        erased.ok().expect("an erasure"),
    )
}

/// A copy of the data directory, as somebody takes it who can read the disk.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("a directory") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

/// What Decrypt answers to root: the plaintext, or the error's code.
async fn opened(kms: &Kms, blob: &str) -> String {
    let input = json!({ "CiphertextBlob": blob });
    let answer = kms.call("root", "Decrypt", input).await;
    let plaintext = answer.body["Plaintext"].as_str().map(str::to_owned);
    plaintext.or(answer.code).expect("an answer")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_i14_kms_28_nothing_of_a_deleted_key_is_left_on_disk() {
    let place = tempfile::tempdir().expect("a directory");
    let [path, before, after] = ["data", "before", "after"].map(|name| place.path().join(name));
    let kms = open(&path, 1).await;
    let mut seen = Pieces::new();
    let (doomed, kept) = (kms.key().await, kms.key().await);
    let pair = kms.key_of("RSA_2048", "SIGN_VERIFY").await;
    let blob = kms.encrypt(&doomed, b"x", json!({})).await;
    let other = kms.encrypt(&kept, b"x", json!({})).await;
    live(&kms, &path, &doomed, &mut seen).await;
    for key in [&doomed, &pair] {
        let input = json!({ "KeyId": key, "PendingWindowInDays": 7 });
        kms.ok("root", "ScheduleKeyDeletion", input).await;
        seen.extend(pieces(&path));
    }
    copy(&path, &before);

    kms.harness.clock.advance(7 * DAY);
    assert_eq!(delete(&kms).await, (2, false));
    let survivors = pieces(&path);
    seen.retain(|piece| !survivors.contains(piece));
    assert!(found(&path, &seen) > 100, "deleted records linger");
    kms.harness.clock.advance(HOUR - 1);
    assert_eq!(delete(&kms).await, (0, false));
    kms.harness.clock.advance(1);
    assert_eq!(delete(&kms).await, (0, true));
    assert_eq!(delete(&kms).await, (0, false), "the note is gone");
    assert_eq!(found(&path, &seen), 0);
    copy(&path, &after);
    assert!(found(&before, &seen) > 100);
    assert_eq!(found(&after, &seen), 0);

    // The keyring of all of these is the same: before the deletion it opens what it sealed.
    assert_eq!(opened(&kms, &other).await, "eA==");
    let earlier = open(&before, 2).await;
    let input = json!({ "KeyId": doomed });
    earlier.ok("root", "CancelKeyDeletion", input.clone()).await;
    earlier.ok("root", "EnableKey", input).await;
    assert_eq!(opened(&earlier, &blob).await, "eA==");
    let later = open(&after, 3).await;
    assert_eq!(opened(&later, &blob).await, "AccessDeniedException");
    assert_eq!(opened(&later, &other).await, "eA==");
}

/// The note that something is to be erased is part of the deletion's own commit.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kms_28_a_crash_between_deletion_and_erasure_loses_no_erasure() {
    let place = tempfile::tempdir().expect("a directory");
    let [path, crashed] = ["data", "crashed"].map(|name| place.path().join(name));
    let kms = open(&path, 1).await;
    let key = kms.key().await;
    let seen = pieces(&path);
    let input = json!({ "KeyId": key, "PendingWindowInDays": 7 });
    kms.ok("root", "ScheduleKeyDeletion", input).await;
    kms.harness.clock.advance(7 * DAY);
    assert_eq!(delete(&kms).await, (1, false));
    copy(&path, &crashed);
    let again = open(&crashed, 2).await;
    again.harness.clock.advance(7 * DAY + HOUR);
    assert!(found(&crashed, &seen) > 0);
    assert_eq!(delete(&again).await, (0, true));
    assert_eq!(found(&crashed, &seen), 0);
}

/// Imported material that is deleted, or that expires, leaves the disk like a deleted key's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_i14_nothing_of_deleted_imported_material_is_left_on_disk() {
    let place = tempfile::tempdir().expect("a directory");
    let path = place.path().join("data");
    let kms = open(&path, 1).await;
    let (deleted, expiring) = (kms.empty_key().await, kms.empty_key().await);
    let mut seen = Pieces::new();
    kms.import(&deleted, &[1; 32]).await;
    let until = kms.harness.clock.now().plus_secs(DAY).millis / 1000;
    let ending = json!({ "ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": until });
    kms.import_with(&expiring, &[2; 32], &ending).await;
    seen.extend(pieces(&path));
    let input = json!({ "KeyId": deleted });
    kms.ok("root", "DeleteImportedKeyMaterial", input).await;
    kms.harness.clock.advance(DAY);
    let (upkeep, now) = (kms.harness.pipeline.upkeep(), kms.harness.clock.now());
    let expired = delete_expired_material(&upkeep, now).await;
    assert_eq!(expired.ok(), Some(1));
    let survivors = pieces(&path);
    seen.retain(|piece| !survivors.contains(piece));
    assert!(found(&path, &seen) > 0, "deleted material lingers");
    kms.harness.clock.advance(HOUR);
    assert_eq!(delete(&kms).await, (0, true));
    assert_eq!(found(&path, &seen), 0);
}

/// The rows of the database by their opaque keys.
fn rows(path: &Path) -> HashSet<Vec<u8>> {
    let database = rusqlite::Connection::open(path.join("store.db")).expect("a database");
    let mut select = database
        .prepare("SELECT key FROM records")
        .expect("a table");
    let rows = select.query_map([], |row| row.get(0)).expect("rows");
    rows.map(|row| row.expect("a row")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_key_holds_up_no_other() {
    let place = tempfile::tempdir().expect("a directory");
    let [path, damaged] = ["data", "damaged"].map(|name| place.path().join(name));
    let kms = open(&path, 1).await;
    let before = rows(&path);
    let mut keys = vec![kms.key().await];
    let of_the_first: Vec<_> = rows(&path).difference(&before).cloned().collect();
    keys.extend([kms.key().await, kms.key().await]);
    for key in &keys {
        let input = json!({ "KeyId": key, "PendingWindowInDays": 7 });
        kms.ok("root", "ScheduleKeyDeletion", input).await;
    }
    let left = rows(&path).len();
    copy(&path, &damaged);
    let database = rusqlite::Connection::open(damaged.join("store.db")).expect("a database");
    for row in &of_the_first {
        let update = "UPDATE records SET bytes = zeroblob(200) WHERE key = ?1";
        assert_eq!(database.execute(update, [row]).expect("a row"), 1);
    }
    drop(database);
    let again = open(&damaged, 2).await;
    again.harness.clock.advance(7 * DAY);
    let (upkeep, now) = (again.harness.pipeline.upkeep(), again.harness.clock.now());
    assert!(delete_expired(&upkeep, now).await.is_err());
    // Of the two others, key and schedule are gone; each left the note of its erasure, and an event
    // for buses.
    assert_eq!(rows(&damaged).len(), left);
}
