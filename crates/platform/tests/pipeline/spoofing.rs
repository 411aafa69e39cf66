//! Condition keys are the server's own knowledge. Nothing that a caller writes sets one.

use api::kms;
use platform::{Ctx, Result, Service};

use crate::house::{Harness, Request, Value, count, events, increment, json, may, policy};

/// The global condition keys of AWS (IAM user guide), less those that are a header by
/// definition: `aws:UserAgent` and `aws:Referer`.
const KEYS: &[&str] = &[
    "aws:AssumedRoot",
    "aws:CalledVia",
    "aws:CalledViaFirst",
    "aws:CalledViaLast",
    "aws:ChatbotSourceArn",
    "aws:CurrentTime",
    "aws:Ec2InstanceSourcePrivateIPv4",
    "aws:Ec2InstanceSourceVpc",
    "aws:EpochTime",
    "aws:FederatedProvider",
    "aws:IsMcpServiceAction",
    "aws:MultiFactorAuthAge",
    "aws:MultiFactorAuthPresent",
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalServiceName",
    "aws:PrincipalServiceNamesList",
    "aws:PrincipalTag/team",
    "aws:PrincipalType",
    "aws:RequestTag/team",
    "aws:RequestedRegion",
    "aws:ResourceAccount",
    "aws:ResourceOrgID",
    "aws:ResourceOrgPaths",
    "aws:ResourceTag/team",
    "aws:SecureTransport",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceIdentity",
    "aws:SourceIp",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
    "aws:SourceOwner",
    "aws:SourceVpc",
    "aws:SourceVpcArn",
    "aws:SourceVpce",
    "aws:TagKeys",
    "aws:TokenIssueTime",
    "aws:userid",
    "aws:username",
    "aws:ViaAWSService",
    "aws:VpcSourceIp",
    "aws:VpceAccount",
    "aws:VpceOrgID",
    "aws:VpceOrgPaths",
    "ec2:RoleDelivery",
    "ec2:SourceInstanceArn",
    "glue:RoleAssumedBy",
    "kms:CallerAccount",
    "kms:ViaService",
    "lambda:SourceFunctionArn",
    "sts:ExternalId",
];

/// What a caller claims the value to be.
const CLAIMED: &str = "true";

async fn write(ctx: &Ctx, request: kms::EnableKeyRequest) -> Result<wire::Empty> {
    may(ctx, "kms:EnableKey").await?;
    increment(ctx, &request.key_id).await?;
    Ok(wire::Empty)
}

async fn house(condition: &Value) -> Harness {
    let service = Service::new(&kms::SERVICE).op::<kms::EnableKey>(write);
    let harness = Harness::new(vec![service]).await;
    let statement = json!({
        "Effect": "Allow",
        "Action": "kms:EnableKey",
        "Resource": "*",
        "Condition": condition,
    });
    harness.user("mallory", &[&policy(&statement)]);
    harness
}

/// The names under which some server somewhere might read `key`.
fn headers(key: &str) -> Vec<String> {
    let (prefix, name) = key.split_once(':').unwrap_or(("", key));
    let name = name.replace('/', "-").to_lowercase();
    let mut dashed = String::new();
    for letter in key.split_once(':').map_or(key, |(_, name)| name).chars() {
        if letter.is_ascii_uppercase() && !dashed.is_empty() {
            dashed.push('-');
        }
        dashed.push(if letter == '/' {
            '-'
        } else {
            letter.to_ascii_lowercase()
        });
    }
    let mut names = vec![name.clone(), dashed.clone()];
    for before in [prefix, "x", "x-amz", "x-amz-meta", "x-aws", "x-strongroom"] {
        names.extend([format!("{before}-{name}"), format!("{before}-{dashed}")]);
    }
    names
}

/// `EnableKey`, with the claim wherever a claim fits.
fn claiming(key: &str, value: &str) -> Request {
    let mut input = json!({ "KeyId": "x" });
    let bare = key.split_once(':').map_or(key, |(_, name)| name);
    for name in [key, &key.to_lowercase(), bare, &key.replace([':', '/'], "")] {
        input[name] = json!(value);
    }
    for member in ["EncryptionContext", "Context", "Conditions", "context"] {
        input[member] = json!({ key: value });
    }
    input["Tags"] =
        json!([{ "TagKey": key, "TagValue": value }, { "TagKey": "team", "TagValue": value }]);
    let mut request = Request::kms("EnableKey", &input)
        .by("mallory")
        .from("198.51.100.7");
    for name in headers(key) {
        request = request.header(&name, value);
    }
    let escaped = key.replace(':', "%3A").replace('/', "%2F");
    request.uri = format!(
        "/?{escaped}={value}&{bare}={value}",
        bare = bare.replace('/', "%2F")
    );
    request
}

#[tokio::test]
async fn sec_i2_no_header_and_no_parameter_sets_a_condition_key() {
    for key in KEYS {
        // `aws:CurrentTime` and others of a type of their own compare as text here.
        let harness = house(&json!({ "StringEquals": { *key: CLAIMED } })).await;
        let answer = claiming(key, CLAIMED).send(&harness.pipeline).await;
        answer.says(
            400,
            "AccessDeniedException",
            "no identity-based policy allows",
        );
        assert_eq!(count(&harness.pipeline, "x").await, None, "{key}");
    }
}

/// A claim neither makes a key that is absent present, nor one of several values.
#[tokio::test]
async fn sec_i2_absent_keys_stay_absent() {
    for key in KEYS {
        let plain = json!({ "Null": { *key: "false" } });
        let harness = house(&plain).await;
        let honest = Request::kms("EnableKey", &json!({ "KeyId": "x" }))
            .by("mallory")
            .from("198.51.100.7");
        let known = honest.send(&harness.pipeline).await.status;
        let claimed = claiming(key, CLAIMED).send(&harness.pipeline).await.status;
        assert_eq!(known, claimed, "{key}");
    }
}

/// The conditions above can hold: with what the server knows, they do.
#[tokio::test]
async fn what_the_server_knows_sets_them() {
    for (key, value) in [
        ("aws:SourceIp", "198.51.100.7"),
        ("aws:PrincipalAccount", "111122223333"),
        ("aws:PrincipalArn", "arn:aws:iam::111122223333:user/mallory"),
        ("aws:PrincipalType", "User"),
        ("aws:username", "mallory"),
        ("aws:RequestedRegion", "eu-west-2"),
        ("aws:SecureTransport", "false"),
        ("aws:ViaAWSService", "false"),
        ("aws:ResourceAccount", "111122223333"),
        ("aws:CurrentTime", "2026-01-01T00:00:00Z"),
    ] {
        let harness = house(&json!({ "StringEquals": { key: value } })).await;
        claiming(key, "other").send(&harness.pipeline).await.is_ok();
    }
}

#[tokio::test]
async fn sec_s19_the_source_address_is_that_of_the_connection() {
    let harness = house(&json!({ "IpAddress": { "aws:SourceIp": "203.0.113.0/24" } })).await;
    let pipeline = &harness.pipeline;
    let request = || Request::kms("EnableKey", &json!({ "KeyId": "x" })).by("mallory");
    for name in [
        "x-forwarded-for",
        "forwarded",
        "x-real-ip",
        "x-client-ip",
        "true-client-ip",
        "cf-connecting-ip",
        "x-amz-source-ip",
        "x-cluster-client-ip",
        "via",
        "client-ip",
    ] {
        for value in [
            "203.0.113.7",
            "203.0.113.7, 198.51.100.7",
            "for=203.0.113.7",
        ] {
            let claim = request().from("198.51.100.7").header(name, value);
            claim.send(pipeline).await.is(400, "AccessDeniedException");
        }
    }
    assert_eq!(count(pipeline, "x").await, None);
    let addresses: Vec<_> = events(pipeline);
    assert!(
        addresses
            .iter()
            .all(|event| event["sourceIPAddress"] == "198.51.100.7")
    );

    let honest = request()
        .from("203.0.113.7")
        .header("x-forwarded-for", "198.51.100.7");
    honest.send(pipeline).await.is_ok();
    request()
        .from("::ffff:203.0.113.7")
        .send(pipeline)
        .await
        .is_ok();
    // A connection without an address has none that a policy could allow.
    request()
        .send(pipeline)
        .await
        .is(400, "AccessDeniedException");
}
