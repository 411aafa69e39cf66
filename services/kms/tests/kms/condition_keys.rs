//! Every condition key that AWS documents for an action has the value of the request or of the
//! key, and no other key has any
//! (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html).

use std::collections::BTreeSet;

use policy::reference;

use crate::condition_cases::{CASES, Case};
use crate::house::{ACCOUNT, Kms, Value, arn, json, text, user_arn};

/// Keys of which only the absence from direct and simple calls is tested here: services call, an
/// enclave calls, material is imported, or a key has replicas.
const TESTED_ELSEWHERE: &[&str] = &[
    "kms:ExpirationModel",
    "kms:MultiRegionKeyType",
    "kms:PrimaryRegion",
    "kms:RecipientAttestation:",
    "kms:ReplicaRegion",
    "kms:ValidTo",
    "kms:ViaService",
    "kms:WrappingAlgorithm",
    "kms:WrappingKeySpec",
];
/// Operations whose condition keys are tested elsewhere, for the same reasons.
const OPERATIONS_ELSEWHERE: &[&str] = &[
    "DeleteImportedKeyMaterial",
    "GetParametersForImport",
    "ImportKeyMaterial",
    "ReplicateKey",
    "UpdatePrimaryRegion",
];

/// Aliases have no condition keys and their operations ask twice, once about the key; the tests
/// of aliases and of tags have them.
const OF_ALIASES: &[&str] = &["CreateAlias", "DeleteAlias", "UpdateAlias"];

/// A key with an alias and a tag that was last used three days ago, and what inputs need.
struct Stage {
    kms: Kms,
    texts: Vec<(&'static str, String)>,
    spec: String,
    usage: String,
}

impl Stage {
    async fn new(kind: &str) -> Self {
        let kms = Kms::new().await;
        let (spec, usage) = kind.split_once(' ').expect("two words");
        let is_deleted = usage == "DELETED";
        let usage = if is_deleted { "ENCRYPT_DECRYPT" } else { usage };
        let tags = json!([{ "TagKey": "Dept", "TagValue": "IT" }]);
        let input = json!({ "KeySpec": spec, "KeyUsage": usage, "Tags": tags });
        let made = kms.ok("root", "CreateKey", input).await;
        let key = text(&made["KeyMetadata"]["KeyId"]);
        for alias in ["alias/used", "alias/other"] {
            let input = json!({ "AliasName": alias, "TargetKeyId": key });
            kms.ok("root", "CreateAlias", input).await;
        }
        let mut texts = vec![
            ("<key>", key.clone()),
            ("<arn>", arn(&key)),
            ("<root>", format!("arn:aws:iam::{ACCOUNT}:root")),
            ("<probe>", user_arn(ACCOUNT, "probe")),
            ("<user>", user_arn(ACCOUNT, "retiring")),
        ];
        kms.harness.user("retiring", &[]);
        texts.push(("<made>", made_with(&kms, &key, spec, usage).await));
        if spec == "SYMMETRIC_DEFAULT" {
            let input = json!({
                "KeyId": key, "Operations": ["Decrypt"], "GranteePrincipal": texts[2].1,
                "Constraints": { "EncryptionContextEquals": { "Dept": "IT" } },
            });
            let grant = kms.ok("root", "CreateGrant", input).await;
            texts.push(("<grant>", text(&grant["GrantId"])));
        }
        kms.harness.clock.advance(3 * 86_400 + 86_399);
        if is_deleted {
            let input = json!({ "KeyId": key });
            kms.ok("root", "ScheduleKeyDeletion", input).await;
        }
        let (spec, usage) = (spec.to_owned(), usage.to_owned());
        Self {
            kms,
            texts,
            spec,
            usage,
        }
    }

    fn filled(&self, text: &str) -> String {
        let replace = |text: String, (name, value): &(&str, String)| text.replace(name, value);
        self.texts.iter().fold(text.to_owned(), replace)
    }
}

/// Uses the key; what came of it.
async fn made_with(kms: &Kms, key: &str, spec: &str, usage: &str) -> String {
    let (operation, mut input, member) = match (spec, usage) {
        (_, "ENCRYPT_DECRYPT") => (
            "Encrypt",
            json!({ "Plaintext": "eA==", "EncryptionContext": { "Dept": "IT", "More": "x" } }),
            "CiphertextBlob",
        ),
        (_, "SIGN_VERIFY") => (
            "Sign",
            json!({ "Message": "eA==", "SigningAlgorithm": "ECDSA_SHA_256" }),
            "Signature",
        ),
        (_, "GENERATE_VERIFY_MAC") => (
            "GenerateMac",
            json!({ "Message": "eA==", "MacAlgorithm": "HMAC_SHA_256" }),
            "Mac",
        ),
        (_, "KEY_AGREEMENT") => ("GetPublicKey", json!({}), "PublicKey"),
        _ => (
            "Encapsulate",
            json!({ "EncapsulationAlgorithm": "ML_KEM" }),
            "SharedSecretCiphertextBlob",
        ),
    };
    input["KeyId"] = json!(key);
    text(&kms.ok("root", operation, input).await[member])
}

/// The condition keys of the reference, with the names that the cases use in place of variables.
fn named(keys: &[&'static str]) -> BTreeSet<String> {
    let name = |key: &&str| {
        key.replace(
            "EncryptionContext:${EncryptionContextKey}",
            "EncryptionContext:Dept",
        )
        .replace("aws:RequestTag/${TagKey}", "aws:RequestTag/New")
        .replace("aws:ResourceTag/${TagKey}", "aws:ResourceTag/Dept")
    };
    keys.iter().map(name).collect()
}

/// What the key itself says, where the action is about a key.
fn of_key(stage: &Stage, action: &reference::Action) -> Vec<(String, Vec<String>)> {
    if !action
        .resources
        .iter()
        .any(|target| target.resource == "key")
    {
        return Vec::new();
    }
    [
        ("aws:ResourceTag/Dept", vec!["IT"]),
        ("kms:KeyOrigin", vec!["AWS_KMS"]),
        ("kms:KeySpec", vec![stage.spec.as_str()]),
        ("kms:KeyUsage", vec![stage.usage.as_str()]),
        ("kms:MultiRegion", vec!["false"]),
        ("kms:ResourceAliases", vec!["alias/other", "alias/used"]),
    ]
    .map(|(key, values)| {
        (
            key.to_owned(),
            values.into_iter().map(str::to_owned).collect(),
        )
    })
    .to_vec()
}

/// A policy that allows the action under any of these conditions, and everything else.
fn policy(action: &str, conditions: &[Value]) -> String {
    let action = format!("kms:{action}");
    let mut statements = vec![json!({
        "Effect": "Allow", "NotAction": action, "Resource": "*",
    })];
    statements.extend(conditions.iter().map(|condition| {
        json!({ "Effect": "Allow", "Action": action, "Resource": "*", "Condition": condition })
    }));
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

async fn is_allowed(stage: &Stage, case: &Case, conditions: &[Value]) -> bool {
    let Case(action, _, input, _) = case;
    let operation = if action.starts_with("ReEncrypt") {
        "ReEncrypt"
    } else {
        action
    };
    stage
        .kms
        .harness
        .user("probe", &[&policy(action, conditions)]);
    let input: Value = serde_json::from_str(&stage.filled(input)).expect("JSON");
    let answer = stage.kms.call("probe", operation, input).await;
    let refused = answer.code.as_deref() == Some("AccessDeniedException");
    assert!(refused || answer.status == 200, "{action}: {}", answer.text);
    !refused
}

fn is_null(key: &str, is_absent: bool) -> Value {
    json!({ "Null": { key: is_absent.to_string() } })
}

/// What is wrong with a case.
async fn wrong(case: &Case, all: &BTreeSet<String>) -> Vec<String> {
    let Case(action, kind, _, expected) = case;
    let stage = Stage::new(kind).await;
    let documented = reference::action(&format!("kms:{action}")).expect("an action");
    let mut present = of_key(&stage, documented);
    present.push(("kms:CallerAccount".to_owned(), vec![ACCOUNT.to_owned()]));
    let allowed = named(documented.condition_keys);
    for (key, values) in *expected {
        assert!(
            allowed.contains(*key),
            "{action}: `{key}` is not documented"
        );
        let values = values.iter().map(|value| stage.filled(value)).collect();
        present.push(((*key).to_owned(), values));
    }
    let is_present = |key: &String| present.iter().any(|(known, _)| known == key);
    let absent: Vec<_> = all.iter().filter(|key| !is_present(key)).collect();
    let mut wrong = Vec::new();
    // First what has to be refused, since it changes nothing.
    for (key, _) in &present {
        if is_allowed(&stage, case, &[is_null(key, true)]).await {
            wrong.push(format!("{action}: `{key}` has no value"));
        }
    }
    for key in absent {
        if is_allowed(&stage, case, &[is_null(key, false)]).await {
            wrong.push(format!("{action}: `{key}` has a value"));
        }
    }
    let (mut equal, mut members, mut any) = (json!({}), json!({}), json!({}));
    for (key, values) in &present {
        match values.as_slice() {
            [value] => equal[key] = json!(value),
            values => {
                members[key] = json!(values);
                any[key] = json!(values.last());
            }
        }
    }
    let condition = json!({
        "StringEquals": equal, "ForAllValues:StringEquals": members, "ForAnyValue:StringEquals": any,
    });
    if wrong.is_empty() && !is_allowed(&stage, case, &[condition]).await {
        wrong.push(format!(
            "{action}: a key has another value than {present:?}"
        ));
    }
    wrong
}

#[tokio::test]
async fn pol_12_condition_keys_have_the_documented_values_and_no_others() {
    let service = reference::service("kms").expect("KMS");
    let key = service.resource("key").expect("the key");
    let actions = service
        .actions
        .iter()
        .flat_map(|action| action.condition_keys);
    let keys: Vec<_> = actions.chain(key.condition_keys).copied().collect();
    let all = named(&keys);
    assert!(all.len() > 90, "{} keys", all.len());
    let mut wrong = Vec::new();
    for case in CASES {
        wrong.extend(self::wrong(case, &all).await);
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn pol_12_every_operation_and_key_is_among_the_cases() {
    let cases: BTreeSet<_> = CASES.iter().map(|case| case.0).collect();
    for operation in api::kms::SERVICE.operations {
        let name = operation.name;
        let is_left_out = OF_ALIASES.contains(&name) || OPERATIONS_ELSEWHERE.contains(&name);
        let is_there = cases.contains(name) || name == "ReEncrypt";
        assert!(is_there != is_left_out, "{name}");
    }
    let seen: BTreeSet<_> = CASES
        .iter()
        .flat_map(|case| case.3)
        .map(|(key, _)| *key)
        .collect();
    for action in cases {
        let action = reference::action(&format!("kms:{action}")).expect("an action");
        for key in named(action.condition_keys) {
            let is_elsewhere = TESTED_ELSEWHERE.iter().any(|start| key.starts_with(start));
            let is_of_key = ["kms:CallerAccount", "aws:ResourceTag/Dept"].contains(&key.as_str());
            assert!(
                is_elsewhere || is_of_key || seen.contains(key.as_str()),
                "{key}"
            );
        }
    }
}
