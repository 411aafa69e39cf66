//! SAML providers that IAM keeps, and responses of theirs.

use serde_json::json;

use crate::sessions::house::{House, Login, encode};
use crate::sessions::identity_provider::{IdentityProvider, Over, form, response};

/// Makes the provider and a role that trusts it; gives their ARNs, the role's first.
async fn federate(house: &House, root: &Login, idp: &IdentityProvider) -> [String; 2] {
    let metadata = encode(&idp.metadata());
    let form = format!("Action=CreateSAMLProvider&Name=Corp&SAMLMetadataDocument={metadata}");
    let made = house.ok(root, "iam", &form).await;
    let provider = made.element("SAMLProviderArn");
    let trust = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": { "Federated": provider },
        "Action": "sts:AssumeRoleWithSAML",
        "Condition": { "StringEquals": {
            "SAML:aud": "https://signin.aws.amazon.com/saml", "saml:sub": "alice",
        } },
    }});
    let trust = encode(&trust.to_string());
    let form = format!("Action=CreateRole&RoleName=saml&AssumeRolePolicyDocument={trust}");
    let role = house.ok(root, "iam", &form).await.element("Arn");
    let policy = encode(&crate::sessions::allow("kms:*"));
    let form = format!("Action=PutRolePolicy&RoleName=saml&PolicyName=p&PolicyDocument={policy}");
    house.ok(root, "iam", &form).await;
    [role, provider]
}

async fn lists_keys(house: &House, login: &Login) -> u16 {
    house.kms(login, "ListKeys", json!({})).await.status
}

#[tokio::test]
async fn an_employee_uses_keys_with_what_the_company_s_provider_says() {
    let (house, root) = House::new().await;
    let idp = IdentityProvider::new();
    let arns = federate(&house, &root, &idp).await;
    let arns = [arns[0].as_str(), arns[1].as_str()];
    let nobody = Login::nobody();
    let said = response(house.now(), arns, "");
    let good = form(arns, idp.sign(&said, Over::Assertion));
    let session = house.ok(&nobody, "sts", &good).await.login();
    assert_eq!(lists_keys(&house, &session).await, 200);

    let bob = idp.sign(&said.replace(">alice<", ">bob<"), Over::Assertion);
    let bob = house.query(&nobody, "sts", &form(arns, bob)).await;
    assert_eq!(bob.code.as_deref(), Some("AccessDenied"), "{}", bob.text);
}

/// What a provider signs with is what its metadata say at the time of the call.
#[tokio::test]
async fn a_provider_s_key_can_be_replaced_and_the_provider_be_removed() {
    let (house, root) = House::new().await;
    let (old, new) = (IdentityProvider::new(), IdentityProvider::new());
    let arns = federate(&house, &root, &old).await;
    let arns = [arns[0].as_str(), arns[1].as_str()];
    let nobody = Login::nobody();
    let metadata = encode(&new.metadata());
    let update = format!(
        "Action=UpdateSAMLProvider&SAMLProviderArn={}&SAMLMetadataDocument={metadata}",
        arns[1]
    );
    house.ok(&root, "iam", &update).await;
    let said = response(house.now(), arns, "");
    let stale = form(arns, old.sign(&said, Over::Both));
    let stale = house.query(&nobody, "sts", &stale).await;
    assert!(
        stale.text.contains("Response signature invalid"),
        "{}",
        stale.text
    );
    let fresh = form(arns, new.sign(&said, Over::Both));
    house.ok(&nobody, "sts", &fresh).await;

    let delete = format!("Action=DeleteSAMLProvider&SAMLProviderArn={}", arns[1]);
    house.ok(&root, "iam", &delete).await;
    let gone = house.query(&nobody, "sts", &fresh).await;
    assert_eq!(
        gone.code.as_deref(),
        Some("InvalidIdentityToken"),
        "{}",
        gone.text
    );
}
