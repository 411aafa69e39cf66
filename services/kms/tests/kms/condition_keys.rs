//! Every condition key that AWS documents for an action has the value of the request or of the
//! key, and no other key has any
//! (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html).

use std::collections::BTreeSet;

use policy::reference;

use crate::condition_cases::{CASES, Case};
use crate::enclave::{Document, Enclave, recipient};
use crate::multi_region::EAST;
use platform::Clock as _;

use crate::house::{ACCOUNT, Kms, Value, arn, json, text, user_arn};

/// Keys of which only the absence from direct calls is tested here. `via_service` has the first one;
/// no document that is attested here has the other.
const TESTED_ELSEWHERE: &[&str] = &[
    "kms:ViaService",
    "kms:RecipientAttestation:PCR8:ServiceName",
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
    origin: &'static str,
    is_multi_region: bool,
}

impl Stage {
    async fn new(Case(_, kind, input, _): &Case) -> Self {
        let enclave = (!of_recipient(input).is_empty()).then(Enclave::new);
        let kms = match &enclave {
            Some(enclave) => enclave.kms().await,
            None => Kms::new().await,
        };
        let words: Vec<_> = kind.split(' ').collect();
        let (spec, usage, more) = (words[0], words[1], words.get(2).copied());
        let is_multi_region = more == Some("MULTI_REGION");
        let origin = match more {
            Some("EXTERNAL") => "EXTERNAL",
            _ => "AWS_KMS",
        };
        let is_deleted = usage == "DELETED";
        let usage = if is_deleted { "ENCRYPT_DECRYPT" } else { usage };
        let tags = json!([{ "TagKey": "Dept", "TagValue": "IT" }]);
        let input = json!({
            "KeySpec": spec, "KeyUsage": usage, "Tags": tags,
            "Origin": origin, "MultiRegion": is_multi_region,
        });
        let made = kms.ok("root", "CreateKey", input).await;
        let key = text(&made["KeyMetadata"]["KeyId"]);
        if origin == "EXTERNAL" {
            kms.import(&key, &MATERIAL).await;
        }
        if is_multi_region {
            kms.replicate(&key, EAST).await;
        }
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
        if origin == "EXTERNAL" {
            let parameters = kms.parameters(&key).await;
            texts.push(("<wrapped>", parameters.wrap(&MATERIAL)));
            texts.push(("<token>", text(&parameters.token)));
        }
        if let Some(enclave) = &enclave {
            let millis = kms.harness.clock.now().millis;
            for (name, field, count) in RECIPIENTS {
                let document = Document {
                    field,
                    registers: (0..count).map(|index| (index, vec![index; 48])).collect(),
                    millis,
                    ..enclave.says()
                };
                let recipient = recipient(&enclave.sign(&document));
                texts.push((name, recipient.to_string()));
            }
        }
        let (spec, usage) = (spec.to_owned(), usage.to_owned());
        Self {
            kms,
            texts,
            spec,
            usage,
            origin,
            is_multi_region,
        }
    }

    fn filled(&self, text: &str) -> String {
        let replace = |text: String, (name, value): &(&str, String)| text.replace(name, value);
        self.texts.iter().fold(text.to_owned(), replace)
    }
}

/// What is imported into keys that are.
const MATERIAL: [u8; 32] = [7; 32];

/// What stands for a recipient in an input, where its registers are, and how many there are.
const RECIPIENTS: [(&str, &str, u8); 2] = [
    ("<enclave>", "pcrs", 32),
    ("<instance>", "nitrotpm_pcrs", 24),
];

/// The condition keys that come of the recipient in an input.
fn of_recipient(input: &str) -> Vec<(String, String)> {
    let value = |index: u8| format!("{index:02x}").repeat(48);
    let named = |name: &str, index: u8| {
        let key = format!("kms:RecipientAttestation:{name}{index}");
        (key, value(index))
    };
    let is_in = |text: &str| input.contains(text);
    let mut all = Vec::new();
    if is_in("<enclave>") {
        all.push(("kms:RecipientAttestation:ImageSha384".to_owned(), value(0)));
        all.extend((0..32).map(|index| named("PCR", index)));
    }
    if is_in("<instance>") {
        all.extend((0..24).map(|index| named("NitroTPMPCR", index)));
    }
    all
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
    let is_multi_region = stage.is_multi_region.to_string();
    let mut keys = vec![
        ("aws:ResourceTag/Dept", vec!["IT"]),
        ("kms:KeyOrigin", vec![stage.origin]),
        ("kms:KeySpec", vec![stage.spec.as_str()]),
        ("kms:KeyUsage", vec![stage.usage.as_str()]),
        ("kms:MultiRegion", vec![is_multi_region.as_str()]),
        ("kms:ResourceAliases", vec!["alias/other", "alias/used"]),
    ];
    if stage.is_multi_region {
        keys.push(("kms:MultiRegionKeyType", vec!["PRIMARY"]));
    }
    let owned = |(key, values): (&str, Vec<&str>)| {
        let values = values.into_iter().map(str::to_owned).collect();
        (key.to_owned(), values)
    };
    keys.into_iter().map(owned).collect()
}

/// A policy that allows the action under any of these conditions, and everything else: with it the
/// action on the related key in another Region, which has other values.
fn policy(action: &str, conditions: &[Value]) -> String {
    let action = format!("kms:{action}");
    let related = format!("arn:aws:kms:{EAST}:{ACCOUNT}:key/*");
    let mut statements = vec![
        json!({ "Effect": "Allow", "NotAction": action, "Resource": "*" }),
        json!({ "Effect": "Allow", "Action": action, "Resource": related }),
    ];
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
    let Case(action, _, input, expected) = case;
    let stage = Stage::new(case).await;
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
    for (key, value) in of_recipient(input) {
        assert!(
            allowed.contains(&key),
            "{action}: `{key}` is not documented"
        );
        present.push((key, vec![value]));
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
        let is_left_out = OF_ALIASES.contains(&name);
        let is_there = cases.contains(name) || name == "ReEncrypt";
        assert!(is_there != is_left_out, "{name}");
    }
    let of_input = |case: &Case| {
        let keys = case.3.iter().map(|(key, _)| (*key).to_owned());
        let of_recipient = of_recipient(case.2).into_iter().map(|(key, _)| key);
        keys.chain(of_recipient).collect::<Vec<_>>()
    };
    let seen: BTreeSet<_> = CASES.iter().flat_map(of_input).collect();
    for action in cases {
        let action = reference::action(&format!("kms:{action}")).expect("an action");
        for key in named(action.condition_keys) {
            let is_elsewhere = TESTED_ELSEWHERE.contains(&key.as_str());
            let is_of_key = ["kms:CallerAccount", "aws:ResourceTag/Dept"].contains(&key.as_str());
            assert!(is_elsewhere || is_of_key || seen.contains(&key), "{key}");
        }
    }
}
