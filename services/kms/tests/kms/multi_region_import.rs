//! Multi-Region keys with imported material: the same material comes into every Region by itself.

use crate::house::{Kms, REGION, Value, base64, json, text};
use crate::import::{OAEP, Parameters, import_input};
use crate::multi_region::{EAST, SOUTH, arn_in, failure};
use platform::Clock as _;
use service_kms::{delete_expired, erase_deleted};

const DAY: i64 = 86_400;
const START: i64 = 1_767_225_600;
const INCORRECT: &str = "IncorrectKeyMaterialException";
const STATE: &str = "KMSInvalidStateException";
/// Material that the primary key has, and not all of its replicas.
const PARTIAL: &str = "PENDING_MULTI_REGION_IMPORT_AND_ROTATION";
/// Material that all have.
const READY: &str = "PENDING_ROTATION";

impl Kms {
    /// Makes a primary key with imported material and replicas that wait for the same; its id.
    pub(crate) async fn imported_family(&self, replicas: &[&str]) -> String {
        let input = json!({ "Origin": "EXTERNAL", "MultiRegion": true });
        let made = self.ok("root", "CreateKey", input).await;
        let key = text(&made["KeyMetadata"]["KeyId"]);
        self.import_in(REGION, &key, &[1; 32], &json!({})).await;
        for region in replicas {
            self.replicate(&key, region).await;
        }
        key
    }

    /// The same, with the material everywhere.
    pub(crate) async fn complete_family(&self, replicas: &[&str]) -> String {
        let key = self.imported_family(replicas).await;
        for region in replicas {
            self.import_in(region, &key, &[1; 32], &json!({})).await;
        }
        key
    }

    async fn parameters_in(&self, region: &str, key: &str) -> Parameters {
        let input = json!({
            "KeyId": key, "WrappingAlgorithm": OAEP, "WrappingKeySpec": "RSA_2048",
        });
        let answer = self.ok_in(region, "GetParametersForImport", input).await;
        assert_eq!(answer["KeyId"], json!(arn_in(region, key)));
        Parameters::read(OAEP, &answer)
    }

    /// Imports material in a Region; its id.
    pub(crate) async fn import_in(
        &self,
        region: &str,
        key: &str,
        material: &[u8],
        more: &Value,
    ) -> String {
        let parameters = self.parameters_in(region, key).await;
        let input = import_input(key, &parameters, material, more);
        let answer = self.ok_in(region, "ImportKeyMaterial", input).await;
        assert_eq!(answer["KeyId"], json!(arn_in(region, key)));
        text(&answer["KeyMaterialId"])
    }

    async fn refused_in(&self, region: &str, key: &str, material: &[u8], more: &Value) -> String {
        let parameters = self.parameters_in(region, key).await;
        let input = import_input(key, &parameters, material, more);
        self.fails_in(region, "ImportKeyMaterial", input).await.0
    }

    async fn import_new_in(&self, region: &str, key: &str, material: &[u8]) -> String {
        let more = json!({ "ImportType": "NEW_KEY_MATERIAL" });
        self.import_in(region, key, material, &more).await
    }

    async fn delete_in(&self, region: &str, key: &str, material: &str) {
        let input = json!({ "KeyId": key, "KeyMaterialId": material });
        self.ok_in(region, "DeleteImportedKeyMaterial", input).await;
    }

    async fn state_in(&self, region: &str, key: &str) -> String {
        text(&self.describe_in(region, key).await["KeyState"])
    }

    async fn materials_in(&self, region: &str, key: &str) -> Vec<Value> {
        let input = json!({ "KeyId": key, "IncludeKeyMaterial": "ALL_KEY_MATERIAL" });
        let listed = self.ok_in(region, "ListKeyRotations", input).await;
        listed["Rotations"].as_array().expect("a list").clone()
    }

    /// The states of a key's materials, oldest first, as in `CURRENT IMPORTED`.
    async fn states_in(&self, region: &str, key: &str) -> Vec<String> {
        let state = |entry: &Value| {
            let import = text(&entry["ImportState"]);
            format!("{} {import}", text(&entry["KeyMaterialState"]))
        };
        let listed = self.materials_in(region, key).await;
        listed.iter().map(state).collect()
    }

    async fn rotation_is_refused(&self, key: &str) {
        let input = json!({ "KeyId": key });
        let text = format!(
            "No available key material pending rotation for the key: {}.",
            arn_in(REGION, key)
        );
        let refused = self.fails("root", "RotateKeyOnDemand", input).await;
        assert_eq!(refused, (STATE.to_owned(), text));
    }
}

fn expiring(days: i64) -> Value {
    json!({ "ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": START + days * DAY })
}

#[tokio::test]
async fn kms_24_a_replica_waits_for_the_material_of_its_primary_key() {
    let kms = Kms::new().await;
    let key = kms.imported_family(&[]).await;
    let blob = kms.encrypt_in(REGION, &key, b"x").await;
    let current = kms.describe_in(REGION, &key).await["CurrentKeyMaterialId"].clone();
    let replica = kms.replicate(&key, EAST).await["ReplicaKeyMetadata"].clone();
    assert_eq!(replica["KeyState"], "PendingImport");
    assert_eq!(replica["Origin"], "EXTERNAL");
    assert_eq!(replica["Enabled"], json!(false));
    assert_eq!(replica["CurrentKeyMaterialId"], current);
    assert_eq!(replica.get("ExpirationModel"), None);
    assert_eq!(kms.states_in(EAST, &key).await, ["CURRENT PENDING_IMPORT"]);
    let pending = format!("{} is pending import.", arn_in(EAST, &key));
    assert_eq!(
        failure(&kms.decrypt_in(EAST, &blob).await),
        (STATE.to_owned(), pending)
    );

    // Neither another material, nor this as if it were new.
    let more = json!({});
    assert_eq!(kms.refused_in(EAST, &key, &[2; 32], &more).await, INCORRECT);
    let new = json!({ "ImportType": "NEW_KEY_MATERIAL" });
    for material in [[1; 32], [2; 32]] {
        let code = kms.refused_in(EAST, &key, &material, &new).await;
        assert_eq!(code, "UnsupportedOperationException");
    }
    assert_eq!(kms.state_in(EAST, &key).await, "PendingImport");
    let described = json!({ "KeyMaterialDescription": "east" });
    let id = kms.import_in(EAST, &key, &[1; 32], &described).await;
    assert_eq!(json!(id), current);
    assert_eq!(kms.state_in(EAST, &key).await, "Enabled");
    assert_eq!(
        kms.decrypt_in(EAST, &blob).await.body["Plaintext"],
        json!(base64(b"x"))
    );
    let back = kms.encrypt_in(EAST, &key, b"y").await;
    assert_eq!(kms.decrypt_in(REGION, &back).await.status, 200);
    // Descriptions are each key's own.
    let listed = kms.materials_in(REGION, &key).await;
    assert_eq!(listed[0].get("KeyMaterialDescription"), None);
    let listed = kms.materials_in(EAST, &key).await;
    assert_eq!(listed[0]["KeyMaterialDescription"], "east");
}

#[tokio::test]
async fn kms_24_parameters_for_import_are_good_in_one_region_alone() {
    let kms = Kms::new().await;
    let key = kms.imported_family(&[EAST]).await;
    let parameters = kms.parameters_in(REGION, &key).await;
    let input = import_input(&key, &parameters, &[1; 32], &json!({}));
    let refused = kms.fails_in(EAST, "ImportKeyMaterial", input.clone()).await;
    assert_eq!(refused.0, "InvalidImportTokenException");
    kms.ok_in(REGION, "ImportKeyMaterial", input).await;
}

#[tokio::test]
async fn kms_24_an_empty_primary_key_is_not_replicated() {
    let kms = Kms::new().await;
    let input = json!({ "Origin": "EXTERNAL", "MultiRegion": true });
    let made = kms.ok("root", "CreateKey", input).await;
    let key = text(&made["KeyMetadata"]["KeyId"]);
    let input = json!({ "KeyId": key, "ReplicaRegion": EAST });
    assert_eq!(kms.code("root", "ReplicateKey", input).await, STATE);
}

#[tokio::test]
async fn kms_24_every_key_loses_its_material_at_its_own_time() {
    let kms = Kms::new().await;
    let key = kms.imported_family(&[EAST, SOUTH]).await;
    let id = kms.import_in(REGION, &key, &[1; 32], &expiring(1)).await;
    kms.import_in(EAST, &key, &[1; 32], &expiring(2)).await;
    kms.import_in(SOUTH, &key, &[1; 32], &json!({})).await;
    for (region, valid_to) in [
        (REGION, json!(START + DAY)),
        (EAST, json!(START + 2 * DAY)),
        (SOUTH, Value::Null),
    ] {
        let described = kms.describe_in(region, &key).await;
        assert_eq!(described["ValidTo"], valid_to, "{region}");
    }
    kms.harness.clock.advance(DAY);
    assert_eq!(kms.expire().await, 1);
    assert_eq!(kms.state_in(REGION, &key).await, "PendingImport");
    assert_eq!(kms.state_in(EAST, &key).await, "Enabled");
    // Nor does a deletion in one Region reach another.
    kms.delete_in(SOUTH, &key, &id).await;
    assert_eq!(kms.state_in(SOUTH, &key).await, "PendingImport");
    assert_eq!(kms.state_in(EAST, &key).await, "Enabled");
    kms.import_in(REGION, &key, &[1; 32], &json!({})).await;
    assert_eq!(kms.state_in(REGION, &key).await, "Enabled");
    assert_eq!(kms.state_in(SOUTH, &key).await, "PendingImport");
    kms.harness.clock.advance(DAY);
    assert_eq!(kms.state_in(EAST, &key).await, "PendingImport");
}

#[tokio::test]
async fn kms_24_keys_of_other_kinds_are_imported_in_every_region() {
    let kms = Kms::new().await;
    let input = json!({
        "Origin": "EXTERNAL", "MultiRegion": true,
        "KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC",
    });
    let made = kms.ok("root", "CreateKey", input).await;
    let key = text(&made["KeyMetadata"]["KeyId"]);
    kms.import_in(REGION, &key, &[7; 32], &json!({})).await;
    kms.replicate(&key, EAST).await;
    let more = json!({});
    let code = kms.refused_in(EAST, &key, &[8; 32], &more).await;
    assert_eq!(code, INCORRECT);
    kms.import_in(EAST, &key, &[7; 32], &more).await;
    let mac = json!({ "KeyId": key, "Message": "eA==", "MacAlgorithm": "HMAC_SHA_256" });
    let here = kms.ok_in(REGION, "GenerateMac", mac.clone()).await;
    let there = kms.ok_in(EAST, "GenerateMac", mac).await;
    assert_eq!(here["Mac"], there["Mac"]);
}

#[tokio::test]
async fn kms_25_new_material_waits_until_every_replica_has_it() {
    let kms = Kms::new().await;
    let key = kms.complete_family(&[EAST, SOUTH]).await;
    let old = kms.encrypt_in(EAST, &key, b"x").await;
    let second = kms.import_new_in(REGION, &key, &[2; 32]).await;
    let here = format!("{PARTIAL} IMPORTED");
    let there = format!("{PARTIAL} PENDING_IMPORT");
    let current = "CURRENT IMPORTED".to_owned();
    for (region, waiting) in [(REGION, &here), (EAST, &there), (SOUTH, &there)] {
        let expected = [&current, waiting].map(Clone::clone);
        assert_eq!(kms.states_in(region, &key).await, expected, "{region}");
        assert_eq!(kms.state_in(region, &key).await, "Enabled", "{region}");
    }
    kms.rotation_is_refused(&key).await;
    // A second one has to wait, everywhere.
    let new = json!({ "ImportType": "NEW_KEY_MATERIAL" });
    assert_eq!(kms.refused_in(REGION, &key, &[3; 32], &new).await, STATE);
    let more = json!({});
    assert_eq!(kms.refused_in(EAST, &key, &[3; 32], &more).await, INCORRECT);

    assert_eq!(kms.import_in(EAST, &key, &[2; 32], &more).await, second);
    for region in [REGION, EAST] {
        assert_eq!(kms.states_in(region, &key).await[1], here, "{region}");
    }
    assert_eq!(kms.states_in(SOUTH, &key).await[1], there);
    kms.rotation_is_refused(&key).await;
    // Again is not everywhere.
    kms.import_in(EAST, &key, &[2; 32], &more).await;
    kms.import_in(EAST, &key, &[1; 32], &more).await;
    kms.rotation_is_refused(&key).await;
    kms.import_in(SOUTH, &key, &[2; 32], &more).await;
    for region in [REGION, EAST, SOUTH] {
        let ready = format!("{READY} IMPORTED");
        assert_eq!(kms.states_in(region, &key).await[1], ready, "{region}");
    }
    let input = json!({ "KeyId": key });
    let refused = kms.fails_in(EAST, "RotateKeyOnDemand", input).await;
    assert_eq!(refused.0, "UnsupportedOperationException");
    kms.harness.clock.advance(60);
    kms.rotate(&key).await;
    assert_eq!(kms.rotate_due().await, 1);
    for region in [REGION, EAST, SOUTH] {
        let described = kms.describe_in(region, &key).await;
        assert_eq!(described["CurrentKeyMaterialId"], json!(second), "{region}");
        assert_eq!(described["KeyState"], "Enabled", "{region}");
        let listed = kms.materials_in(region, &key).await;
        assert_eq!(listed[1]["RotationDate"], json!(START + 60), "{region}");
        assert_eq!(listed[1]["RotationType"], "ON_DEMAND", "{region}");
        let made = kms.encrypt_in(region, &key, b"y").await;
        assert_eq!(kms.decrypt_in(SOUTH, &made).await.status, 200);
        assert_eq!(kms.decrypt_in(region, &old).await.status, 200);
    }
    assert_eq!(kms.events("SynchronizeMultiRegionKey").len(), 1);
}

#[tokio::test]
async fn kms_25_what_the_primary_key_lets_go_of_its_replicas_forget() {
    let kms = Kms::new().await;
    let key = kms.complete_family(&[EAST, SOUTH]).await;
    let second = kms.import_new_in(REGION, &key, &[2; 32]).await;
    kms.import_in(EAST, &key, &[2; 32], &expiring(5)).await;
    kms.delete_in(REGION, &key, &second).await;
    for region in [REGION, EAST, SOUTH] {
        let states = kms.states_in(region, &key).await;
        assert_eq!(states, ["CURRENT IMPORTED"], "{region}");
    }
    // What EAST had is to be overwritten, and does not expire any more.
    kms.harness.clock.advance(3600);
    let now = kms.harness.clock.now();
    let erased = erase_deleted(&kms.harness.pipeline.upkeep(), now).await;
    assert!(erased.ok().expect("a store in memory"));
    kms.harness.clock.advance(5 * DAY);
    assert_eq!(kms.expire().await, 0);
    // Another takes its place.
    let third = kms.import_new_in(REGION, &key, &[3; 32]).await;
    let code = kms.refused_in(EAST, &key, &[2; 32], &json!({})).await;
    assert_eq!(code, INCORRECT);
    for region in [EAST, SOUTH] {
        let id = kms.import_in(region, &key, &[3; 32], &json!({})).await;
        assert_eq!(id, third);
    }
    kms.rotate(&key).await;
    assert_eq!(kms.states_in(REGION, &key).await[1], "CURRENT IMPORTED");
    assert_eq!(kms.states_in(SOUTH, &key).await[1], "CURRENT IMPORTED");
}

#[tokio::test]
async fn kms_25_expired_material_that_waits_is_forgotten_by_all() {
    let kms = Kms::new().await;
    let key = kms.complete_family(&[EAST]).await;
    let mut more = expiring(1);
    more["ImportType"] = json!("NEW_KEY_MATERIAL");
    kms.import_in(REGION, &key, &[2; 32], &more).await;
    kms.import_in(EAST, &key, &[2; 32], &json!({})).await;
    kms.rotate(&key).await;
    kms.harness.clock.advance(DAY);
    // Nobody used the key in time.
    assert_eq!(kms.expire().await, 1);
    for region in [REGION, EAST] {
        let states = kms.states_in(region, &key).await;
        assert_eq!(states, ["CURRENT IMPORTED"], "{region}");
    }
    assert_eq!(kms.rotate_due().await, 0);
    kms.rotation_is_refused(&key).await;
}

#[tokio::test]
async fn kms_25_a_replica_that_loses_what_waits_holds_the_rotation_back() {
    let kms = Kms::new().await;
    let key = kms.complete_family(&[EAST]).await;
    let second = kms.import_new_in(REGION, &key, &[2; 32]).await;
    kms.import_in(EAST, &key, &[2; 32], &expiring(1)).await;
    let (ready, partial) = (format!("{READY} IMPORTED"), format!("{PARTIAL} IMPORTED"));
    assert_eq!(kms.states_in(REGION, &key).await[1], ready);
    for by_expiry in [true, false] {
        match by_expiry {
            true => {
                kms.harness.clock.advance(DAY);
                assert_eq!(kms.expire().await, 1);
            }
            false => kms.delete_in(EAST, &key, &second).await,
        }
        assert_eq!(kms.states_in(REGION, &key).await[1], partial);
        let missing = format!("{PARTIAL} PENDING_IMPORT");
        assert_eq!(kms.states_in(EAST, &key).await[1], missing);
        assert_eq!(kms.state_in(EAST, &key).await, "Enabled");
        kms.rotation_is_refused(&key).await;
        kms.import_in(EAST, &key, &[2; 32], &json!({})).await;
        assert_eq!(kms.states_in(REGION, &key).await[1], ready);
    }
    // Once a rotation was asked for, it takes place, and the replica needs the material.
    kms.rotate(&key).await;
    kms.delete_in(EAST, &key, &second).await;
    assert_eq!(kms.rotate_due().await, 1);
    assert_eq!(kms.state_in(REGION, &key).await, "Enabled");
    assert_eq!(kms.state_in(EAST, &key).await, "PendingImport");
    assert_eq!(
        kms.states_in(EAST, &key).await,
        ["NON_CURRENT IMPORTED", "CURRENT PENDING_IMPORT"]
    );
    kms.import_in(EAST, &key, &[2; 32], &json!({})).await;
    assert_eq!(kms.state_in(EAST, &key).await, "Enabled");
}

#[tokio::test]
async fn kms_25_replicas_come_and_go_while_material_waits() {
    let kms = Kms::new().await;
    let key = kms.imported_family(&[]).await;
    let second = kms.import_new_in(REGION, &key, &[2; 32]).await;
    let ready = format!("{READY} IMPORTED");
    assert_eq!(kms.states_in(REGION, &key).await[1], ready);
    kms.replicate(&key, EAST).await;
    let missing = format!("{PARTIAL} PENDING_IMPORT");
    assert_eq!(
        kms.states_in(EAST, &key).await,
        ["CURRENT PENDING_IMPORT".to_owned(), missing]
    );
    kms.rotation_is_refused(&key).await;
    // What waits is not what makes it usable.
    kms.import_in(EAST, &key, &[2; 32], &json!({})).await;
    assert_eq!(kms.states_in(REGION, &key).await[1], ready);
    assert_eq!(kms.state_in(EAST, &key).await, "PendingImport");
    kms.import_in(EAST, &key, &[1; 32], &json!({})).await;
    assert_eq!(kms.state_in(EAST, &key).await, "Enabled");

    kms.replicate(&key, SOUTH).await;
    kms.rotation_is_refused(&key).await;
    let input = json!({ "KeyId": key, "PendingWindowInDays": 7 });
    kms.ok_in(SOUTH, "ScheduleKeyDeletion", input).await;
    kms.rotation_is_refused(&key).await;
    kms.harness.clock.advance(7 * DAY);
    // The key that is gone is not waited for, whether or not its record is gone.
    kms.rotate(&key).await;
    assert_eq!(
        kms.describe_in(REGION, &key).await["CurrentKeyMaterialId"],
        json!(second)
    );
    assert_eq!(kms.state_in(EAST, &key).await, "Enabled");
    let now = kms.harness.clock.now();
    let deleted = delete_expired(&kms.harness.pipeline.upkeep(), now).await;
    assert_eq!(deleted.ok(), Some(0));
}

#[tokio::test]
async fn kms_25_a_new_primary_key_goes_on_with_what_waits() {
    let kms = Kms::new().await;
    let key = kms.complete_family(&[EAST, SOUTH]).await;
    let second = kms.import_new_in(REGION, &key, &[2; 32]).await;
    let input = json!({ "KeyId": key, "PrimaryRegion": EAST });
    kms.ok("root", "UpdatePrimaryRegion", input).await;
    let missing = format!("{PARTIAL} PENDING_IMPORT");
    assert_eq!(kms.states_in(EAST, &key).await[1], missing);
    // The old one is a replica now, and the new one rules what waits.
    kms.delete_in(REGION, &key, &second).await;
    assert_eq!(kms.states_in(REGION, &key).await[1], missing);
    kms.delete_in(EAST, &key, &second).await;
    for region in [REGION, EAST, SOUTH] {
        let states = kms.states_in(region, &key).await;
        assert_eq!(states, ["CURRENT IMPORTED"], "{region}");
    }
    let new = json!({ "ImportType": "NEW_KEY_MATERIAL" });
    let code = kms.refused_in(REGION, &key, &[3; 32], &new).await;
    assert_eq!(code, "UnsupportedOperationException");
    let third = kms.import_new_in(EAST, &key, &[3; 32]).await;
    for region in [REGION, SOUTH] {
        kms.import_in(region, &key, &[3; 32], &json!({})).await;
    }
    let input = json!({ "KeyId": key });
    kms.ok_in(EAST, "RotateKeyOnDemand", input).await;
    assert_eq!(kms.rotate_due().await, 1);
    for region in [REGION, EAST, SOUTH] {
        let described = kms.describe_in(region, &key).await;
        assert_eq!(described["CurrentKeyMaterialId"], json!(third), "{region}");
    }
    // A key without its material does not become the primary key.
    kms.delete_in(SOUTH, &key, &third).await;
    let input = json!({ "KeyId": key, "PrimaryRegion": SOUTH });
    let text = format!("{} is pending import.", arn_in(SOUTH, &key));
    assert_eq!(
        kms.fails_in(EAST, "UpdatePrimaryRegion", input).await,
        (STATE.to_owned(), text)
    );
}
