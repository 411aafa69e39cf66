//! KMS as other services call it: on behalf of their callers, and for themselves.

use api::{kms, sts};
use platform::testing::{Harness, form_request};
use platform::{Ctx, Error, Membership, Result, Service, ServiceCall};
use wire::Entries;

use crate::house::{
    ACCOUNT, Kms, OTHER, REGION, Value, allow, arn, base64, bytes, delegation, json, key_policy,
    shared, text, user_arn,
};

/// A service that makes one call to KMS, as its request says, for anybody.
fn caller_of_kms() -> Service {
    Service::new(&sts::SERVICE).op::<sts::DecodeAuthorizationMessage>(serve)
}

async fn serve(
    ctx: &Ctx,
    request: sts::DecodeAuthorizationMessageRequest,
) -> Result<sts::DecodeAuthorizationMessageResponse> {
    ctx.needs_no_permission();
    let asked: Value = serde_json::from_str(&request.encoded_message).expect("JSON");
    let answer = pass_on(ctx, &asked).await?;
    if asked["Fails"] == true {
        return Err(Error::from(sts::InvalidAuthorizationMessageException::new(
            "refused",
        )));
    }
    Ok(sts::DecodeAuthorizationMessageResponse {
        decoded_message: Some(answer.to_string()),
    })
}

fn member(asked: &Value, name: &str) -> Option<String> {
    asked[name].as_str().map(str::to_owned)
}

fn context(asked: &Value) -> Entries<String> {
    let pairs = asked["EncryptionContext"].as_object().into_iter().flatten();
    Entries(
        pairs
            .map(|(key, value)| (key.clone(), text(value)))
            .collect(),
    )
}

async fn pass_on(ctx: &Ctx, asked: &Value) -> Result<Value> {
    let through = text(&asked["Through"]);
    let call = match through.strip_prefix("as ") {
        None => ctx.on_behalf_of_caller(&through),
        Some(principal) => match member(asked, "Source") {
            Some(source) => ctx.as_service(principal).source(&source),
            None => ctx.as_service(principal),
        },
    };
    match asked["Operation"].as_str() {
        Some("Encrypt") => encrypt(call, asked).await,
        Some("Decrypt") => decrypt(call, asked).await,
        Some("GenerateDataKey") => data_key(call, asked).await,
        Some("CreateGrant") => grant(call, asked).await,
        _ => describe(call, asked).await,
    }
}

async fn encrypt(call: ServiceCall<'_>, asked: &Value) -> Result<Value> {
    let request = kms::EncryptRequest {
        key_id: text(&asked["KeyId"]),
        plaintext: b"secret".to_vec().into(),
        encryption_context: context(asked),
        ..Default::default()
    };
    let answer = call.call::<kms::Encrypt>(request).await?;
    let blob = answer.ciphertext_blob.expect("a ciphertext");
    Ok(json!({ "KeyId": answer.key_id, "CiphertextBlob": base64(&blob) }))
}

async fn decrypt(call: ServiceCall<'_>, asked: &Value) -> Result<Value> {
    let request = kms::DecryptRequest {
        key_id: member(asked, "KeyId"),
        ciphertext_blob: Some(bytes(&asked["CiphertextBlob"]).into()),
        encryption_context: context(asked),
        ..Default::default()
    };
    let answer = call.call::<kms::Decrypt>(request).await?;
    let plaintext = answer.plaintext.expect("a plaintext");
    Ok(json!({ "KeyId": answer.key_id, "Plaintext": base64(&plaintext) }))
}

async fn data_key(call: ServiceCall<'_>, asked: &Value) -> Result<Value> {
    let request = kms::GenerateDataKeyRequest {
        key_id: text(&asked["KeyId"]),
        key_spec: Some(kms::DataKeySpec::Aes256),
        ..Default::default()
    };
    let answer = call.call::<kms::GenerateDataKey>(request).await?;
    Ok(json!({
        "KeyId": answer.key_id,
        "KeyMaterialId": answer.key_material_id,
        "CiphertextBlob": base64(&answer.ciphertext_blob.expect("a ciphertext")),
    }))
}

async fn grant(call: ServiceCall<'_>, asked: &Value) -> Result<Value> {
    let request = kms::CreateGrantRequest {
        key_id: text(&asked["KeyId"]),
        grantee_principal: member(asked, "GranteePrincipal"),
        operations: vec![kms::GrantOperation::Decrypt],
        ..Default::default()
    };
    let answer = call.call::<kms::CreateGrant>(request).await?;
    Ok(json!({ "GrantId": answer.grant_id }))
}

async fn describe(call: ServiceCall<'_>, asked: &Value) -> Result<Value> {
    let request = kms::DescribeKeyRequest {
        key_id: text(&asked["KeyId"]),
        ..Default::default()
    };
    let answer = call.call::<kms::DescribeKey>(request).await?;
    Ok(json!({ "KeyId": answer.key_metadata.and_then(|it| it.key_id) }))
}

impl Kms {
    /// KMS and a service that calls it.
    pub(crate) fn services() -> Vec<Service> {
        vec![service_kms::service(), caller_of_kms()]
    }

    /// A KMS beside a service that calls it.
    pub(crate) async fn with_caller() -> Self {
        let harness = Harness::new(Self::services()).await;
        harness.root_of(OTHER, "other-root");
        Self { harness }
    }

    /// Lets the service call; its answer, or the code of the error.
    pub(crate) async fn through(
        &self,
        who: &str,
        through: &str,
        operation: &str,
        mut input: Value,
    ) -> Result<Value, String> {
        input["Through"] = json!(through);
        input["Operation"] = json!(operation);
        let letter = |byte: u8| format!("%{byte:02X}");
        let message: String = input.to_string().bytes().map(letter).collect();
        let form = format!(
            "Action=DecodeAuthorizationMessage&Version=2011-06-15&EncodedMessage={message}"
        );
        let harness = &self.harness;
        let answer = harness
            .send(REGION, who, form_request(), form.into_bytes())
            .await;
        match answer.code {
            Some(code) => Err(code),
            None => {
                let answer = answer.element("DecodedMessage").replace("&quot;", "\"");
                Ok(serde_json::from_str(&answer).expect("JSON"))
            }
        }
    }
}

const DENIED: &str = "AccessDenied";

fn refused(answer: Result<Value, String>, code: &str) {
    assert_eq!(answer.expect_err("a refusal"), code);
}

#[tokio::test]
async fn pol_8_a_key_that_only_ec2_may_be_used_through() {
    let kms = Kms::with_caller().await;
    let through = |region: &str| {
        key_policy(&[
            delegation(ACCOUNT),
            json!({
                "Effect": "Allow",
                "Principal": { "AWS": "*" },
                "Action": ["kms:Encrypt", "kms:Decrypt"],
                "Resource": "*",
                "Condition": { "StringEquals": {
                    "kms:ViaService": format!("ec2.{region}.amazonaws.com"),
                    "kms:CallerAccount": ACCOUNT,
                } },
            }),
        ])
    };
    let key = kms.key_under(&through(REGION)).await;
    let elsewhere = kms.key_under(&through("us-west-2")).await;
    kms.harness.user("u", &[]);
    let input = |key: &str| json!({ "KeyId": arn(key), "Plaintext": "eA==" });
    let encrypt = "Encrypt";
    assert_eq!(
        kms.code("u", encrypt, input(&key)).await,
        "AccessDeniedException"
    );
    let answer = kms.through("u", "ec2", encrypt, input(&key)).await;
    let blob = text(&answer.expect("an answer")["CiphertextBlob"]);
    refused(kms.through("u", "s3", encrypt, input(&key)).await, DENIED);
    refused(
        kms.through("u", "ec2", encrypt, input(&elsewhere)).await,
        DENIED,
    );
    refused(
        kms.through("other-root", "ec2", encrypt, input(&key)).await,
        DENIED,
    );
    refused(
        kms.through("u", "as ec2.amazonaws.com", encrypt, input(&key))
            .await,
        DENIED,
    );

    let sealed = json!({ "CiphertextBlob": blob });
    let opened = kms.through("u", "ec2", "Decrypt", sealed.clone()).await;
    assert_eq!(opened.expect("an answer")["Plaintext"], base64(b"secret"));
    assert_eq!(
        kms.code("u", "Decrypt", sealed).await,
        "AccessDeniedException"
    );
}

/// The policy is evaluated as it is written: `kms:GrantIsForAWSResource` is absent from calls that
/// are not about grants, so that its statement allows none of them.
#[tokio::test]
async fn pol_7_a_grant_for_a_resource_of_aws() {
    let Some(policy) = shared("n0-cross-account-key-policy.json") else {
        return;
    };
    let policy = policy.replace("ACCOUNT_A_ID", ACCOUNT);
    let policy = policy
        .replace("ACCOUNT_B_ID", OTHER)
        .replace("us-west-2", REGION);
    let kms = Kms::with_caller().await;
    let policy: Value = serde_json::from_str(&policy).expect("JSON");
    let key = arn(&kms.key_under(&policy).await);
    let blob = kms.encrypt(&key, b"secret", json!({})).await;
    kms.harness.user_of(OTHER, "b", &[&allow("kms:*", "*")]);

    let sealed = json!({ "CiphertextBlob": blob, "KeyId": key });
    refused(
        kms.through("b", "ec2", "Decrypt", sealed.clone()).await,
        DENIED,
    );
    refused(
        kms.through("b", "ec2", "DescribeKey", json!({ "KeyId": key }))
            .await,
        DENIED,
    );
    let grant = json!({ "KeyId": key, "GranteePrincipal": user_arn(OTHER, "b") });
    let direct = json!({
        "KeyId": key, "GranteePrincipal": user_arn(OTHER, "b"), "Operations": ["Decrypt"],
    });
    assert_eq!(
        kms.code("b", "CreateGrant", direct).await,
        "AccessDeniedException"
    );
    refused(
        kms.through("b", "s3", "CreateGrant", grant.clone()).await,
        DENIED,
    );
    kms.through("b", "ec2", "CreateGrant", grant)
        .await
        .expect("a grant");
    // The grant, not the policy, allows this now.
    kms.ok("b", "Decrypt", sealed).await;
}

#[tokio::test]
async fn pol_7_only_a_service_makes_a_grant_for_a_resource_of_aws() {
    let kms = Kms::with_caller().await;
    let condition = |value: &str| {
        json!({
            "Effect": "Allow",
            "Principal": { "AWS": "*" },
            "Action": "kms:CreateGrant",
            "Resource": "*",
            "Condition": { "Bool": { "kms:GrantIsForAWSResource": value } },
        })
    };
    kms.harness.user("u", &[]);
    for (value, is_for_services) in [("true", true), ("false", false)] {
        let policy = key_policy(&[delegation(ACCOUNT), condition(value)]);
        let key = kms.key_under(&policy).await;
        let grant = json!({
            "KeyId": arn(&key),
            "GranteePrincipal": user_arn(ACCOUNT, "u"),
            "Operations": ["Decrypt"],
        });
        let direct = kms.call("u", "CreateGrant", grant.clone()).await;
        assert_eq!(direct.status == 200, !is_for_services, "{}", direct.text);
        let through = kms.through("u", "ec2", "CreateGrant", grant).await;
        assert_eq!(through.is_ok(), is_for_services, "{through:?}");
    }
}

/// A group of logs keeps its key's policy in the service's own name.
#[tokio::test]
async fn pol_11_cloudwatch_logs_uses_a_key_whose_policy_names_it() {
    let Some(policy) = shared("n2-logs-key-policy.json") else {
        return;
    };
    let policy = policy.replace("Your_account_ID", ACCOUNT);
    let policy = policy.replace("logs.region.", &format!("logs.{REGION}."));
    let kms = Kms::with_caller().await;
    let policy: Value = serde_json::from_str(&policy).expect("JSON");
    let with = arn(&kms.key_under(&policy).await);
    let without = arn(&kms.key().await);
    let service = format!("as logs.{REGION}.amazonaws.com");
    let input = |key: &str| json!({ "KeyId": key, "EncryptionContext": { "aws:logs:arn": "x" } });
    let answer = kms.through("root", &service, "Encrypt", input(&with)).await;
    let blob = text(&answer.expect("an answer")["CiphertextBlob"]);
    let mut sealed = json!({ "CiphertextBlob": blob });
    refused(
        kms.through("root", &service, "Decrypt", sealed.clone())
            .await,
        "InvalidCiphertextException",
    );
    sealed["EncryptionContext"] = json!({ "aws:logs:arn": "x" });
    kms.through("root", &service, "Decrypt", sealed.clone())
        .await
        .expect("a plaintext");
    refused(
        kms.through("root", &service, "Encrypt", input(&without))
            .await,
        DENIED,
    );
    let other = "as logs.us-west-2.amazonaws.com";
    refused(
        kms.through("root", other, "Encrypt", input(&with)).await,
        DENIED,
    );
    kms.ok("root", "DisableKey", json!({ "KeyId": with })).await;
    refused(
        kms.through("root", &service, "Decrypt", sealed).await,
        "DisabledException",
    );
}

/// What a service acts for is a condition of key policies.
#[tokio::test]
async fn a_service_principal_says_what_it_acts_for() {
    let kms = Kms::with_caller().await;
    let source = format!("arn:aws:sns:{REGION}:{ACCOUNT}:topic");
    let membership = Membership {
        organization_id: "o-a".to_owned(),
        management_account: OTHER.to_owned(),
        path: "o-a/r-b/".to_owned(),
        scps: Vec::new(),
        rcps: Vec::new(),
    };
    kms.harness.identities.member(ACCOUNT, membership);
    let within = json!({ "ForAnyValue:StringLike": { "aws:SourceOrgPaths": "o-a/*" } });
    for (condition, is_met) in [
        (json!({ "ArnEquals": { "aws:SourceArn": source } }), true),
        (
            json!({ "ArnLike": { "aws:SourceArn": format!("arn:aws:sns:*:{OTHER}:*") } }),
            false,
        ),
        (
            json!({ "StringEquals": { "aws:SourceAccount": ACCOUNT } }),
            true,
        ),
        (
            json!({ "StringEquals": { "aws:SourceOrgID": "o-a" } }),
            true,
        ),
        (
            json!({ "StringEquals": { "aws:SourceOrgID": "o-b" } }),
            false,
        ),
        (within, true),
        (
            json!({ "StringEquals": { "aws:SourceAccount": OTHER } }),
            false,
        ),
        (
            json!({ "Bool": { "aws:PrincipalIsAWSService": "true" } }),
            true,
        ),
        (json!({ "Bool": { "aws:ViaAWSService": "true" } }), false),
        (
            json!({ "StringEquals": { "aws:PrincipalServiceName": "sns.amazonaws.com" } }),
            true,
        ),
        (
            json!({ "ForAnyValue:StringEquals": {
            "aws:PrincipalServiceNamesList": format!("sns.{REGION}.amazonaws.com"),
        } }),
            true,
        ),
        (
            json!({ "Null": { "aws:PrincipalArn": "true", "aws:PrincipalAccount": "true" } }),
            true,
        ),
        (
            json!({ "Null": { "kms:CallerAccount": "true", "kms:ViaService": "true" } }),
            true,
        ),
    ] {
        let statement = json!({
            "Effect": "Allow",
            "Principal": { "Service": "sns.amazonaws.com" },
            "Action": "kms:GenerateDataKey",
            "Resource": "*",
            "Condition": condition,
        });
        let key = kms
            .key_under(&key_policy(&[delegation(ACCOUNT), statement]))
            .await;
        let input = json!({ "KeyId": arn(&key), "Source": source });
        let answer = kms
            .through("root", "as sns.amazonaws.com", "GenerateDataKey", input)
            .await;
        assert_eq!(answer.is_ok(), is_met, "{condition}: {answer:?}");
    }
}

#[tokio::test]
async fn a_grant_to_a_service_holds_for_one_resource() {
    let kms = Kms::with_caller().await;
    let key = arn(&kms.key().await);
    let source = format!("arn:aws:rds:{REGION}:{ACCOUNT}:db:one");
    let grant = json!({
        "KeyId": key,
        "GranteeServicePrincipal": "rds.amazonaws.com",
        "RetiringPrincipal": user_arn(ACCOUNT, "retirer"),
        "Operations": ["GenerateDataKey"],
        "Constraints": { "SourceArn": source },
    });
    kms.harness.user("retirer", &[]);
    kms.ok("root", "CreateGrant", grant).await;
    let input = |source: &str| json!({ "KeyId": key, "Source": source });
    let operation = "GenerateDataKey";
    let service = "as rds.amazonaws.com";
    kms.through("root", service, operation, input(&source))
        .await
        .expect("a data key");
    for (service, operation, source) in [
        (service, operation, format!("{source}2")),
        ("as ec2.amazonaws.com", operation, source.clone()),
        (service, "Encrypt", source.clone()),
    ] {
        refused(
            kms.through("root", service, operation, input(&source))
                .await,
            DENIED,
        );
    }
    refused(
        kms.through("root", service, operation, json!({ "KeyId": key }))
            .await,
        DENIED,
    );
    // Nobody is a service by calling through one.
    kms.harness.user("u", &[]);
    refused(
        kms.through("u", "rds", operation, input(&source)).await,
        DENIED,
    );
}

#[tokio::test]
async fn a_use_through_a_service_is_the_last_use() {
    let kms = Kms::with_caller().await;
    let key = kms.key().await;
    let last = || kms.ok("root", "GetKeyLastUsage", json!({ "KeyId": key }));
    for (through, operation) in [
        ("s3", "GenerateDataKey"),
        ("as s3.amazonaws.com", "Encrypt"),
    ] {
        let policy = key_policy(&[
            delegation(ACCOUNT),
            json!({
                "Effect": "Allow",
                "Principal": { "Service": "s3.amazonaws.com" },
                "Action": "kms:Encrypt",
                "Resource": "*",
            }),
        ]);
        let put = json!({ "KeyId": key, "Policy": policy.to_string() });
        kms.ok("root", "PutKeyPolicy", put).await;
        let input = json!({ "KeyId": arn(&key) });
        kms.through("root", through, operation, input)
            .await
            .expect("an answer");
        assert_eq!(last().await["KeyLastUsage"]["Operation"], operation);
    }
}
