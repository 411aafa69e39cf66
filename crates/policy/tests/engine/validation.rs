//! What is refused, with AWS's sentence and our detail.

#[cfg(test)]
mod grammar;
#[cfg(test)]
mod new_documents;
#[cfg(test)]
mod sentences;

use crate::support::document;
use policy::{Fault, NamedPrincipal, Policy, PolicyKind, Version};
use serde_json::{Value, json};

use PolicyKind::{
    Boundary, Identity, KeyPolicy, Resource, ResourceControl, ServiceControl, Session, Trust,
};

fn refusal(kind: PolicyKind, text: &str) -> (Fault, String) {
    let error = Policy::parse(text, kind).expect_err(text);
    assert!(!error.detail().is_empty());
    (error.fault().clone(), error.to_string())
}

/// The valid statement of a kind, with one element replaced (or removed by null).
fn with(kind: PolicyKind, element: &str, value: Value) -> String {
    let mut statement = match kind {
        Identity | Boundary | Session | ServiceControl => {
            json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"})
        }
        Resource => json!({"Effect": "Allow", "Action": "s3:GetObject",
            "Principal": {"AWS": "111111111111"}, "Resource": "arn:aws:s3:::b/*"}),
        KeyPolicy => json!({"Sid": "Enable IAM User Permissions", "Effect": "Allow",
            "Principal": {"AWS": "111111111111"}, "Action": "kms:*", "Resource": "*"}),
        Trust => json!({"Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"Service": "ec2.amazonaws.com"}}),
        ResourceControl => json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*",
            "Resource": "*"}),
    };
    let members = statement.as_object_mut().unwrap();
    if value.is_null() {
        members.remove(element)
    } else {
        members.insert(element.into(), value)
    };
    document(&json!([statement]))
}

fn fault(kind: PolicyKind, element: &str, value: Value) -> Option<Fault> {
    let text = with(kind, element, value);
    Policy::parse(&text, kind)
        .err()
        .map(|error| error.fault().clone())
}

const ALL: [PolicyKind; 8] = [
    Identity,
    Boundary,
    Session,
    ServiceControl,
    Resource,
    KeyPolicy,
    Trust,
    ResourceControl,
];

#[test]
fn every_kind_accepts_its_statement_and_refuses_strange_ones() {
    for kind in ALL {
        assert_eq!(fault(kind, "Sid", json!("a1")), None, "{kind:?}");
        for element in ["Effectt", "Conditio", "effect", "Comment"] {
            let unknown = Some(Fault::UnknownField(element.into()));
            assert_eq!(fault(kind, element, json!("Allow")), unknown);
        }
        assert_eq!(fault(kind, "Effect", Value::Null), Some(Fault::NoEffect));
        for effect in ["Permit", "allow"] {
            let invalid = Some(Fault::InvalidEffect(effect.into()));
            assert_eq!(fault(kind, "Effect", json!(effect)), invalid);
        }
        assert_eq!(fault(kind, "Effect", json!(true)), Some(Fault::Syntax));
        assert_eq!(fault(kind, "Condition", json!({})), None, "{kind:?}");
        assert_eq!(fault(kind, "Sid", json!(1)), Some(Fault::Syntax));
        assert_eq!(
            fault(kind, "NotAction", json!("a:b")),
            Some(Fault::Syntax),
            "both forms"
        );
        assert_eq!(
            fault(kind, "Action", json!({"a": "b"})),
            Some(Fault::Syntax)
        );
        let unknown = json!({"StringEqual": {"aws:username": "a"}});
        assert_eq!(fault(kind, "Condition", unknown), Some(Fault::Syntax));
    }
}

#[test]
fn documents_are_strict() {
    let statement = r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#;
    for (text, expected) in [
        (String::new(), Fault::Json),
        ("[]".into(), Fault::Syntax),
        (r#"{"Version":"2012-10-17"}"#.into(), Fault::NoStatement),
        (
            r#"{"Version":"2012-10-17","Statement":[]}"#.into(),
            Fault::NoStatement,
        ),
        (
            format!(r#"{{"Version":"2013-10-17","Statement":{statement}}}"#),
            Fault::InvalidVersion,
        ),
        (
            format!(r#"{{"version":"2012-10-17","Statement":{statement}}}"#),
            Fault::UnknownField("version".into()),
        ),
        (
            format!(r#"{{"Id":1,"Statement":{statement}}}"#),
            Fault::Syntax,
        ),
        (
            format!(r#"{{"Statement":{statement},"Statement":{statement}}}"#),
            Fault::Json,
        ),
        (
            format!(r#"{{"Statement":[{statement},"x"]}}"#),
            Fault::Syntax,
        ),
        (
            format!(
                "{{\"Id\":\"{}\",\"Statement\":{statement}}}",
                "x".repeat(131_072)
            ),
            Fault::Json,
        ),
    ] {
        assert_eq!(refusal(Identity, &text).0, expected, "{text:.80}");
    }
    let duplicate = r#"{"Effect":"Deny","Effect":"Allow","Action":"s3:*","Resource":"*"}"#;
    let text = format!(r#"{{"Version":"2012-10-17","Statement":{duplicate}}}"#);
    assert_eq!(
        refusal(Identity, &text),
        (Fault::Json, "Syntax errors in policy.".into())
    );
}

#[test]
fn versions() {
    let statement = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"});
    let bare = json!({"Statement": statement}).to_string();
    let policy = Policy::parse(&bare, Identity).unwrap();
    assert_eq!(policy.version(), Version::V2008);
    let sentence = "Policy document must be version 2012-10-17 or greater.";
    assert_eq!(
        policy.require_current_version().unwrap_err().to_string(),
        sentence
    );
    let current = Policy::parse(&document(&json!([statement])), Identity).unwrap();
    assert_eq!(current.require_current_version(), Ok(()));
    assert_eq!(refusal(ServiceControl, &bare).0, Fault::Version);
}

#[test]
fn statement_ids() {
    for kind in [Identity, Boundary, Session, ServiceControl, Trust] {
        assert_eq!(
            fault(kind, "Sid", json!("a b")),
            Some(Fault::SidCharacters),
            "{kind:?}"
        );
    }
    for kind in [Resource, KeyPolicy] {
        assert_eq!(fault(kind, "Sid", json!("a b")), None, "{kind:?}");
    }
    let mut one = json!({"Sid": "a", "Effect": "Allow", "Action": "s3:*", "Resource": "*"});
    let (fault, sentence) = refusal(Identity, &document(&json!([one, one])));
    assert_eq!(fault, Fault::SidRepeated);
    assert_eq!(
        sentence,
        "Statement IDs (SID) in a single policy must be unique."
    );
    one["Sid"] = json!("");
    assert!(Policy::parse(&document(&json!([one, one])), Identity).is_ok());
}

#[test]
fn principals_belong_to_resources() {
    for kind in [Identity, Boundary, Session, ServiceControl] {
        assert_eq!(
            fault(kind, "Principal", json!("*")),
            Some(Fault::Prohibited("Principal"))
        );
        let (_, sentence) = refusal(Identity, &with(Identity, "NotPrincipal", json!("*")));
        assert_eq!(sentence, "Policy document should not specify a principal.");
    }
    for kind in [Resource, KeyPolicy, Trust, ResourceControl] {
        assert_eq!(
            fault(kind, "Principal", Value::Null),
            Some(Fault::NoPrincipal),
            "{kind:?}"
        );
        assert_eq!(
            fault(kind, "Principal", json!({"AWS": []})),
            Some(Fault::NoPrincipal)
        );
        assert_eq!(
            fault(kind, "Principal", json!({"Nobody": "*"})),
            Some(Fault::Syntax)
        );
        let untyped = fault(kind, "Principal", json!("111111111111"));
        assert_eq!(
            untyped,
            Some(Fault::InvalidPrincipal("\"111111111111\"".into()))
        );
    }
    let text = with(
        KeyPolicy,
        "Principal",
        json!({"AWS": "arn:aws:iam:1:role/x"}),
    );
    let sentence = "Policy contains a statement with one or more invalid principals.";
    assert_eq!(refusal(KeyPolicy, &text).1, sentence);
    let text = with(
        Resource,
        "Principal",
        json!({"AWS": "arn:aws:iam::1:role/x"}),
    );
    let sentence = "Invalid principal in policy: \"AWS\":\"arn:aws:iam::1:role/x\"";
    assert_eq!(refusal(Resource, &text).1, sentence);
}

#[test]
fn resources_and_actions_are_required() {
    for kind in [
        Identity,
        Boundary,
        Session,
        ServiceControl,
        Resource,
        ResourceControl,
    ] {
        assert_eq!(
            fault(kind, "Resource", Value::Null),
            Some(Fault::NoResource),
            "{kind:?}"
        );
        assert_eq!(
            fault(kind, "Resource", json!([])),
            Some(Fault::NoResource),
            "{kind:?}"
        );
        assert_eq!(
            fault(kind, "Action", Value::Null),
            Some(Fault::NoAction),
            "{kind:?}"
        );
        let resource = Some(Fault::ResourceFormat("bucket".into()));
        assert_eq!(
            fault(kind, "Resource", json!("bucket")),
            resource,
            "{kind:?}"
        );
    }
    let (_, sentence) = refusal(Identity, &with(Identity, "Resource", json!("b")));
    assert_eq!(sentence, "Resource b must be in ARN format or \"*\".");
    for (resource, expected) in [
        (
            "arn:asw:s3:::b",
            Some(Fault::ResourcePartition("arn:asw:s3:::b".into())),
        ),
        ("arn:aws:s*:::b", Some(Fault::ResourceVendor)),
        ("arn:aws", Some(Fault::ResourceVendor)),
        ("arn:aws:*", None),
        ("arn:aws-cn:s3:::b", None),
        ("arn:*:s3:::b", None),
    ] {
        assert_eq!(
            fault(Identity, "Resource", json!(resource)),
            expected,
            "{resource}"
        );
    }
}

#[test]
fn actions_have_a_vendor_and_kms_knows_its_own() {
    assert_eq!(
        fault(Identity, "Action", json!("GetObject")),
        Some(Fault::NoVendor)
    );
    let text = with(Identity, "Action", json!("GetObject"));
    let sentence = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
    assert_eq!(refusal(Identity, &text).1, sentence);
    let unknown = Some(Fault::UnknownAction("kms:Decrypted".into()));
    assert_eq!(
        fault(KeyPolicy, "Action", json!(["kms:Decrypt", "kms:Decrypted"])),
        unknown
    );
    assert_eq!(
        fault(
            KeyPolicy,
            "Action",
            json!(["kms:ReEncrypt*", "KMS:decrypt"])
        ),
        None
    );
    assert_eq!(
        fault(Identity, "Action", json!("kms:Decrypted")),
        None,
        "IAM does not know"
    );
}

#[test]
fn a_key_policy_statement_without_action_or_resource_is_accepted() {
    assert_eq!(fault(KeyPolicy, "Resource", Value::Null), None);
    assert_eq!(fault(KeyPolicy, "Action", Value::Null), None);
}

#[test]
fn conditions_are_checked() {
    let condition = |operator: &str, key: &str, value: Value| {
        fault(Identity, "Condition", json!({operator: {key: value}}))
    };
    assert_eq!(
        condition("StringEquals", "aws:username", json!(["a", 1, true])),
        None
    );
    assert_eq!(condition("StringEquals", "username", json!("a")), None);
    let elsewhere = json!({"StringEquals": {"username": "a"}});
    assert_eq!(
        fault(Resource, "Condition", elsewhere),
        Some(Fault::NoVendor)
    );
    for operator in [
        "StringEqualsIfExist",
        "ForSomeValues:StringEquals",
        "NullIfExists",
        "ForAllValues:Null",
        "NumericLike",
        "",
    ] {
        assert_eq!(
            condition(operator, "a:b", json!("true")),
            Some(Fault::Syntax),
            "{operator}"
        );
    }
    for (operator, value) in [
        ("NumericEquals", "ten"),
        ("Bool", "yes"),
        ("IpAddress", "10.0.0.0/40"),
        ("BinaryEquals", "a"),
        ("Null", "maybe"),
        ("StringEquals", "${aws:username"),
        ("ArnLike", "arn:aws:s3:::${}"),
    ] {
        assert_eq!(
            condition(operator, "a:b", json!(value)),
            Some(Fault::Syntax),
            "{operator}"
        );
    }
    assert_eq!(
        condition("DateLessThan", "a:b", json!("soon")),
        Some(Fault::LegacyParsing)
    );
    assert_eq!(condition("Bool", "a:b", Value::Null), Some(Fault::Syntax));
    assert_eq!(
        condition("Bool", "a:b", json!({"c": "d"})),
        Some(Fault::Syntax)
    );
    assert_eq!(fault(Identity, "Condition", json!([])), Some(Fault::Syntax));
}

#[test]
fn trust_policies_only_assume_roles() {
    let resource = fault(Trust, "Resource", json!("*"));
    assert_eq!(resource, Some(Fault::Prohibited("Resource")));
    assert_eq!(
        fault(Trust, "Action", json!(["sts:TagSession", "STS:AssumeRole"])),
        None
    );
    assert_eq!(
        fault(Trust, "Action", json!("s3:GetObject")),
        Some(Fault::NotAssumeRole)
    );
    assert_eq!(
        fault(Trust, "Action", json!("*")),
        Some(Fault::NotAssumeRole)
    );
    let sentence = |element, value| refusal(Trust, &with(Trust, element, value)).1;
    assert_eq!(refusal(Trust, "{").1, "This policy contains invalid Json");
    assert_eq!(
        sentence("Resource", json!("*")),
        "Has prohibited field Resource"
    );
    assert_eq!(
        sentence("Principal", Value::Null),
        "Missing required field Principal"
    );
    assert_eq!(
        sentence("Action", Value::Null),
        "Missing required field Action"
    );
}

#[test]
fn sec_i17_resource_control_policies_have_a_narrow_grammar() {
    let deny = |change: Value| {
        let mut statement =
            json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"});
        for (element, value) in change.as_object().unwrap() {
            let members = statement.as_object_mut().unwrap();
            if value.is_null() {
                members.remove(element)
            } else {
                members.insert(element.clone(), value.clone())
            };
        }
        Policy::parse(&document(&json!([statement])), ResourceControl)
    };
    assert!(deny(json!({})).is_ok());
    assert!(deny(json!({"Principal": {"AWS": "*"}})).is_ok());
    assert!(deny(json!({"Resource": null, "NotResource": "arn:aws:s3:::b"})).is_ok());
    for change in [
        json!({"Action": null, "NotAction": "s3:GetObject"}),
        json!({"Principal": null, "NotPrincipal": {"AWS": "111111111111"}}),
        json!({"Principal": {"AWS": "111111111111"}}),
        json!({"Action": "*"}),
        json!({"Effect": "Allow"}),
        json!({"Effect": "Allow", "Action": "*", "Condition": {"Bool": {"a:b": "true"}}}),
    ] {
        let error = deny(change.clone()).expect_err(&change.to_string());
        let sentence = "The provided policy document does not meet the requirements of the specified policy type.";
        assert_eq!(error.to_string(), sentence);
    }
    assert!(
        deny(json!({"Effect": "Allow", "Action": "*"})).is_ok(),
        "RCPFullAWSAccess"
    );
    let principal = fault(ServiceControl, "NotPrincipal", json!("*"));
    assert_eq!(
        principal,
        Some(Fault::Prohibited("NotPrincipal")),
        "nor has an SCP"
    );
}

#[test]
fn principals_are_listed_for_existence_checks() {
    let principal = json!({
        "AWS": ["111111111111", "arn:aws:iam::111111111111:role/app", "AIDAEXAMPLE00000000AA"],
        "Service": "logs.us-east-1.amazonaws.com",
        "Federated": "arn:aws:iam::111111111111:saml-provider/idp"});
    let policy = Policy::parse(&with(Resource, "Principal", principal), Resource).unwrap();
    let names: Vec<_> = policy.principals().cloned().collect();
    for expected in [
        NamedPrincipal::Account("111111111111".into()),
        NamedPrincipal::Arn("arn:aws:iam::111111111111:role/app".into()),
        NamedPrincipal::UniqueId("AIDAEXAMPLE00000000AA".into()),
        NamedPrincipal::Service("logs.us-east-1.amazonaws.com".into()),
        NamedPrincipal::Federated("arn:aws:iam::111111111111:saml-provider/idp".into()),
    ] {
        assert!(names.contains(&expected), "{expected:?}");
    }
    assert_eq!(names.len(), 5);
}
