//! OpenID Connect providers that IAM keeps, and tokens of their issuers.

use crypto::jws::SigningKey;
use serde_json::json;

use crate::sessions::house::{House, ISSUER, Login, encode};

/// Makes the provider of [`ISSUER`], whose keys are published, and a role that trusts it.
async fn federate(house: &House, root: &Login, subject: &str) -> (SigningKey, String) {
    let key = SigningKey::generate_p384().expect("a key");
    let mut jwk = json!({ "kid": "1", "use": "sig", "alg": "ES384" });
    for (name, value) in key.public().expect("members") {
        let members = jwk.as_object_mut().expect("an object");
        members.insert(name.to_owned(), value.into());
    }
    house.published.set(json!({ "keys": [jwk] }).to_string());
    let form = format!(
        "Action=CreateOpenIDConnectProvider&Url={ISSUER}&ClientIDList.member.1=sts.amazonaws.com&ThumbprintList.member.1={}",
        "a".repeat(40)
    );
    let made = house.ok(root, "iam", &form).await;
    let provider = made.element("OpenIDConnectProviderArn");
    let trust = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": { "Federated": provider },
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": { "StringEquals": { "issuer.example:sub": subject } },
    }});
    let trust = encode(&trust.to_string());
    let form = format!("Action=CreateRole&RoleName=web&AssumeRolePolicyDocument={trust}");
    let role = house.ok(root, "iam", &form).await.element("Arn");
    let policy = encode(&crate::sessions::allow("kms:*"));
    let form = format!("Action=PutRolePolicy&RoleName=web&PolicyName=p&PolicyDocument={policy}");
    house.ok(root, "iam", &form).await;
    (key, role)
}

fn token(house: &House, key: &SigningKey, subject: &str) -> String {
    let now = house.now().secs();
    let header = json!({ "alg": "ES384", "kid": "1" }).to_string();
    let claims = json!({
        "iss": ISSUER, "sub": subject, "aud": "sts.amazonaws.com", "iat": now, "exp": now + 60,
    });
    let signed = key.sign(header.as_bytes(), claims.to_string().as_bytes());
    signed.expect("a token")
}

#[tokio::test]
async fn a_service_account_of_a_cluster_uses_keys_without_any_credentials_of_its_own() {
    let subject = "system:serviceaccount:prod:web";
    let (house, root) = House::new().await;
    let (key, role) = federate(&house, &root, subject).await;
    let form = |token: &str| {
        format!(
            "Action=AssumeRoleWithWebIdentity&RoleArn={role}&RoleSessionName=s1&WebIdentityToken={token}"
        )
    };
    let nobody = Login::nobody();
    let good = form(&token(&house, &key, subject));
    let session = house.ok(&nobody, "sts", &good).await.login();
    assert_eq!(house.kms(&session, "ListKeys", json!({})).await.status, 200);
    let other = form(&token(&house, &key, "system:serviceaccount:prod:other"));
    let other = house.query(&nobody, "sts", &other).await;
    assert_eq!(
        other.code.as_deref(),
        Some("AccessDenied"),
        "{}",
        other.text
    );
    let unsigned = house.query(&nobody, "iam", "Action=ListUsers").await;
    assert_eq!(unsigned.code.as_deref(), Some("MissingAuthenticationToken"));
}
