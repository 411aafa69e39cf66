//! Records as they were once written. They decode for ever: a sample is added with every format,
//! and none is ever changed.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::alias::AliasRecord;
use crate::deletion::ScheduledDeletion;
use crate::erasure::Erasure;
use crate::expiration::ScheduledExpiration;
use crate::grant::{GrantRecord, Retiring, samples};
use crate::grant_constraints::Terms;
use crate::grant_principal::GrantPrincipal;
use crate::key::{Family, KeyRecord, Manager, State};
use crate::kind::{Origin, Spec, Usage};
use crate::material::{Imported, Made, WrappedMaterial};
use crate::rotation::{AutomaticRotation, ScheduledRotation};
use platform::Derived;
use store::Record as _;

const KEY_1: &str = "0c3131313132323232333333330965752d776573742d322431323334616263642d313261622d33346364\
    2d353665662d3132333435363738393061620361726e02016400000002d804027b7d01016b0176010761\
    6c6961732f61014061626162616261626162616261626162616261626162616261626162616261626162\
    6162616261626162616261626162616261626162616261626162616261620403010203";
const KEY_2: &str = "0c3131313132323232333333330965752d776573742d322431323334616263642d313261622d33346364\
    2d353665662d3132333435363738393061620361726e02016400000002d804027b7d01016b0176010761\
    6c6961732f61014061626162616261626162616261626162616261626162616261626162616261626162\
    61626162616261626162616261626162616261626162616261626162616204000301020301b401a00601\
    bc05";
const KEY_3: &str = "0c3131313132323232333333330965752d776573742d322431323334616263642d313261622d33346364\
    2d353665662d3132333435363738393061620361726e02016400000001027333010965752d776573742d\
    32010975732d656173742d3102d804027b7d01016b01760107616c6961732f6101406162616261626162\
    616261626162616261626162616261626162616261626162616261626162616261626162616261626162\
    616261626162616261626162616204000101016401e807010301020301b401a00601bc05";
const ALIAS_1: &str = "07616c6961732f610269640201";
const DELETION_1: &str = "0c3131313132323232333333330965752d776573742d32026964d804";

const ERASURE_1: &str = "d804";

const GRANT_1: &str = "0c3131313132323232333333330965752d776573742d32016b016901016e0200044149444101010173000c\
    34343434353535353636363601074465637279707401010161013100010361726e";
const GRANT_ID_1: &str = "0167";
const RETIRABLE_GRANT_1: &str = "0c313131313232323233333333016b0169";
const GRANT_REQUEST_1: &str = "0169";
const GRANT_COUNT_1: &str = "d08603";

fn key() -> KeyRecord {
    KeyRecord {
        account: "111122223333".to_owned(),
        region: "eu-west-2".to_owned(),
        id: "1234abcd-12ab-34cd-56ef-1234567890ab".to_owned(),
        arn: "arn".to_owned(),
        created_millis: 1,
        description: "d".to_owned(),
        spec: Spec::SymmetricDefault,
        usage: Usage::EncryptDecrypt,
        origin: Origin::AwsKms,
        manager: Manager::Customer,
        family: None,
        state: State::PendingDeletion { at_millis: 300 },
        policy: "{}".to_owned(),
        tags: vec![("k".to_owned(), "v".to_owned())],
        aliases: vec!["alias/a".to_owned()],
        materials: vec![WrappedMaterial::sample()],
        rotation: Some(AutomaticRotation {
            period_in_days: 90,
            next_millis: 400,
        }),
        on_demand_since_millis: Some(350),
        parsed_policy: Derived::default(),
    }
}

/// Checks that `record` is written as the sample says, and that the sample reads as `record`.
fn check<R: Serialize + DeserializeOwned>(record: &R, sample: &str) {
    assert_eq!(hex(record), sample);
    let decoded: R = postcard::from_bytes(&bytes(sample)).expect("a sample");
    assert_eq!(hex(&decoded), sample);
}

fn hex<R: Serialize>(record: &R) -> String {
    let bytes = postcard::to_allocvec(record).expect("a record");
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2);
    let digits = digits.map(|pair| str::from_utf8(pair).expect("ASCII"));
    digits
        .map(|pair| u8::from_str_radix(pair, 16).expect("hex digits"))
        .collect()
}

#[test]
fn keys_of_format_1_decode() {
    let decoded = KeyRecord::decode_older(1, &bytes(KEY_1)).expect("a sample");
    let never_rotated = KeyRecord {
        rotation: None,
        on_demand_since_millis: None,
        ..key()
    };
    assert_eq!(hex(&decoded), hex(&never_rotated));
    assert!(KeyRecord::decode_older(4, &bytes(KEY_1)).is_err());
}

#[test]
fn keys_of_format_2_decode() {
    let decoded = KeyRecord::decode_older(2, &bytes(KEY_2)).expect("a sample");
    assert_eq!(hex(&decoded), hex(&key()));
}

#[test]
fn keys_of_format_3_decode() {
    let family = Family {
        primary_region: "eu-west-2".to_owned(),
        replica_regions: vec!["us-east-1".to_owned()],
    };
    let mut record = KeyRecord {
        manager: Manager::Service("s3".to_owned()),
        family: Some(family),
        ..key()
    };
    record.materials[0].imported = Some(Imported {
        description: Some("d".to_owned()),
        valid_to_millis: Some(500),
    });
    check(&record, KEY_3);
    for (made, sample) in [
        (Made::First, "00"),
        (Made::Automatic, "01"),
        (Made::OnDemand, "02"),
        (Made::ForRotation, "03"),
        (Made::ForRotationOnceEverywhere, "04"),
    ] {
        check(&made, sample);
    }
    // The states are numbered, too.
    let waiting = State::PendingReplicaDeletion { window_in_days: 7 };
    for (state, sample) in [
        (State::Enabled, "00"),
        (State::Disabled, "01"),
        (State::PendingImport, "03"),
        (waiting, "040e"),
    ] {
        check(&state, sample);
    }
    // And so is what a key is.
    for (spec, sample) in [
        (Spec::SymmetricDefault, "00"),
        (Spec::Rsa2048, "01"),
        (Spec::EccNistP256, "04"),
        (Spec::EccSecgP256k1, "07"),
        (Spec::Hmac224, "09"),
        (Spec::MlDsa44, "0d"),
        (Spec::MlKem1024, "12"),
    ] {
        check(&spec, sample);
    }
    check(&Usage::EncapsulateDecapsulate, "04");
    check(&Origin::ExternalKeyStore, "03");
}

#[test]
fn aliases_of_format_1_decode() {
    let (name, key_id) = ("alias/a".to_owned(), "id".to_owned());
    check(
        &AliasRecord {
            name,
            key_id,
            created_millis: 1,
            updated_millis: -1,
        },
        ALIAS_1,
    );
}

#[test]
fn scheduled_deletions_of_format_1_decode() {
    check(&ScheduledDeletion::sample(), DELETION_1);
    check(&Erasure::sample(), ERASURE_1);
}

#[test]
fn grants_of_format_1_decode() {
    let text = str::to_owned;
    let grant = GrantRecord {
        account: text("111122223333"),
        region: text("eu-west-2"),
        key_id: text("k"),
        id: text("i"),
        name: Some(text("n")),
        created_millis: 1,
        grantee: GrantPrincipal::Identity(text("AIDA")),
        retiring: Some(Retiring {
            principal: GrantPrincipal::Service(text("s")),
            account: String::new(),
        }),
        issuer: text("444455556666"),
        terms: Terms {
            operations: vec![text("Decrypt")],
            subset: Some(vec![(text("a"), text("1"))]),
            equals: None,
            source_arn: Some(text("arn")),
        },
    };
    check(&grant, GRANT_1);
    let (id, retirable, request, count) = samples();
    check(&id, GRANT_ID_1);
    check(&retirable, RETIRABLE_GRANT_1);
    check(&request, GRANT_REQUEST_1);
    check(&count, GRANT_COUNT_1);
}

#[test]
fn scheduled_rotations_of_format_1_decode() {
    check(&ScheduledRotation::sample(), DELETION_1);
}

#[test]
fn scheduled_expirations_of_format_1_decode() {
    check(&ScheduledExpiration::sample(), DELETION_1);
}
