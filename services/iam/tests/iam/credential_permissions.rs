//! Each operation on credentials and providers is allowed by its own action on its own resource,
//! and by nothing else; whoever may not call it does not learn what exists.

use crate::house::{ACCOUNT, House, policy, put_policy};

/// Operation, what it needs, the resource that policies name (behind the account), and how a
/// refusal calls it; `%` stands for a name.
const OPERATIONS: &[(&str, &str, &str, &str)] = &[
    (
        "CreateLoginProfile",
        "&UserName=%&Password=Abcdefg1",
        "user/p/%",
        "user %",
    ),
    ("GetLoginProfile", "&UserName=%", "user/p/%", "user %"),
    ("UpdateLoginProfile", "&UserName=%", "user/p/%", "user %"),
    ("DeleteLoginProfile", "&UserName=%", "user/p/%", "user %"),
    ("GetAccountPasswordPolicy", "", "*", "*"),
    ("UpdateAccountPasswordPolicy", "", "*", "*"),
    ("DeleteAccountPasswordPolicy", "", "*", "*"),
    (
        "CreateVirtualMFADevice",
        "&VirtualMFADeviceName=%&Path=/p/",
        "mfa/p/%",
        "@mfa/p/%",
    ),
    (
        "EnableMFADevice",
        "&UserName=%&SerialNumber=@mfa/%&AuthenticationCode1=000000&AuthenticationCode2=000000",
        "user/p/%",
        "user %",
    ),
    (
        "ResyncMFADevice",
        "&UserName=%&SerialNumber=@mfa/%&AuthenticationCode1=000000&AuthenticationCode2=000000",
        "user/p/%",
        "user %",
    ),
    (
        "DeactivateMFADevice",
        "&UserName=%&SerialNumber=@mfa/%",
        "user/p/%",
        "user %",
    ),
    (
        "GetMFADevice",
        "&UserName=%&SerialNumber=@mfa/%",
        "user/p/%",
        "user %",
    ),
    ("ListMFADevices", "&UserName=%", "user/p/%", "user %"),
    ("ListVirtualMFADevices", "", "*", "*"),
    (
        "TagMFADevice",
        "&SerialNumber=@mfa/%&Tags.member.1.Key=a&Tags.member.1.Value=b",
        "mfa/%",
        "@mfa/%",
    ),
    (
        "UntagMFADevice",
        "&SerialNumber=@mfa/%&TagKeys.member.1=a",
        "mfa/%",
        "@mfa/%",
    ),
    (
        "ListMFADeviceTags",
        "&SerialNumber=@mfa/%",
        "mfa/%",
        "@mfa/%",
    ),
    (
        "DeleteVirtualMFADevice",
        "&SerialNumber=@mfa/%",
        "mfa/%",
        "@mfa/%",
    ),
    (
        "UploadSSHPublicKey",
        "&UserName=%&SSHPublicKeyBody=x",
        "user/p/%",
        "user %",
    ),
    (
        "GetSSHPublicKey",
        "&UserName=%&SSHPublicKeyId=APKAAAAAAAAAAAAAAAAAA&Encoding=SSH",
        "user/p/%",
        "user %",
    ),
    ("ListSSHPublicKeys", "&UserName=%", "user/p/%", "user %"),
    (
        "UpdateSSHPublicKey",
        "&UserName=%&SSHPublicKeyId=APKAAAAAAAAAAAAAAAAAA&Status=Active",
        "user/p/%",
        "user %",
    ),
    (
        "DeleteSSHPublicKey",
        "&UserName=%&SSHPublicKeyId=APKAAAAAAAAAAAAAAAAAA",
        "user/p/%",
        "user %",
    ),
    (
        "UploadSigningCertificate",
        "&UserName=%&CertificateBody=x",
        "user/p/%",
        "user %",
    ),
    (
        "ListSigningCertificates",
        "&UserName=%",
        "user/p/%",
        "user %",
    ),
    (
        "UpdateSigningCertificate",
        "&UserName=%&CertificateId=AAAAAAAAAAAAAAAAAAAAAAAA&Status=Active",
        "user/p/%",
        "user %",
    ),
    (
        "DeleteSigningCertificate",
        "&UserName=%&CertificateId=AAAAAAAAAAAAAAAAAAAAAAAA",
        "user/p/%",
        "user %",
    ),
    (
        "UploadServerCertificate",
        "&ServerCertificateName=%&Path=/p/&CertificateBody=x&PrivateKey=x",
        "server-certificate/p/%",
        "@server-certificate/p/%",
    ),
    (
        "GetServerCertificate",
        "&ServerCertificateName=%",
        "server-certificate/%",
        "server certificate %",
    ),
    (
        "ListServerCertificates",
        "&PathPrefix=/p/",
        "server-certificate/p/",
        "@server-certificate/p/",
    ),
    (
        "UpdateServerCertificate",
        "&ServerCertificateName=%",
        "server-certificate/%",
        "server certificate %",
    ),
    (
        "TagServerCertificate",
        "&ServerCertificateName=%&Tags.member.1.Key=a&Tags.member.1.Value=b",
        "server-certificate/%",
        "server certificate %",
    ),
    (
        "UntagServerCertificate",
        "&ServerCertificateName=%&TagKeys.member.1=a",
        "server-certificate/%",
        "server certificate %",
    ),
    (
        "ListServerCertificateTags",
        "&ServerCertificateName=%",
        "server-certificate/%",
        "server certificate %",
    ),
    (
        "DeleteServerCertificate",
        "&ServerCertificateName=%",
        "server-certificate/%",
        "server certificate %",
    ),
    (
        "CreateServiceSpecificCredential",
        "&UserName=%&ServiceName=x",
        "user/p/%",
        "user %",
    ),
    (
        "ListServiceSpecificCredentials",
        "&UserName=%",
        "user/p/%",
        "user %",
    ),
    (
        "ResetServiceSpecificCredential",
        "&UserName=%&ServiceSpecificCredentialId=ACCAAAAAAAAAAAAAAAAAA",
        "user/p/%",
        "user %",
    ),
    (
        "UpdateServiceSpecificCredential",
        "&UserName=%&ServiceSpecificCredentialId=ACCAAAAAAAAAAAAAAAAAA&Status=Active",
        "user/p/%",
        "user %",
    ),
    (
        "DeleteServiceSpecificCredential",
        "&UserName=%&ServiceSpecificCredentialId=ACCAAAAAAAAAAAAAAAAAA",
        "user/p/%",
        "user %",
    ),
    (
        "CreateOpenIDConnectProvider",
        "&Url=https://new-%.org",
        "oidc-provider/new-%.org",
        "@oidc-provider/new-%.org",
    ),
    (
        "GetOpenIDConnectProvider",
        "&OpenIDConnectProviderArn=@oidc-provider/%.org",
        "oidc-provider/%.org",
        "@oidc-provider/%.org",
    ),
    ("ListOpenIDConnectProviders", "", "*", "*"),
    (
        "AddClientIDToOpenIDConnectProvider",
        "&OpenIDConnectProviderArn=@oidc-provider/%.org&ClientID=a",
        "oidc-provider/%.org",
        "@oidc-provider/%.org",
    ),
    (
        "RemoveClientIDFromOpenIDConnectProvider",
        "&OpenIDConnectProviderArn=@oidc-provider/%.org&ClientID=a",
        "oidc-provider/%.org",
        "@oidc-provider/%.org",
    ),
    (
        "UpdateOpenIDConnectProviderThumbprint",
        "&OpenIDConnectProviderArn=@oidc-provider/%.org&ThumbprintList.member.1=0000000000000000000000000000000000000000",
        "oidc-provider/%.org",
        "@oidc-provider/%.org",
    ),
    (
        "TagOpenIDConnectProvider",
        "&OpenIDConnectProviderArn=@oidc-provider/%.org&Tags.member.1.Key=a&Tags.member.1.Value=b",
        "oidc-provider/%.org",
        "@oidc-provider/%.org",
    ),
    (
        "UntagOpenIDConnectProvider",
        "&OpenIDConnectProviderArn=@oidc-provider/%.org&TagKeys.member.1=a",
        "oidc-provider/%.org",
        "@oidc-provider/%.org",
    ),
    (
        "ListOpenIDConnectProviderTags",
        "&OpenIDConnectProviderArn=@oidc-provider/%.org",
        "oidc-provider/%.org",
        "@oidc-provider/%.org",
    ),
    (
        "DeleteOpenIDConnectProvider",
        "&OpenIDConnectProviderArn=@oidc-provider/%.org",
        "oidc-provider/%.org",
        "@oidc-provider/%.org",
    ),
    (
        "GetSAMLProvider",
        "&SAMLProviderArn=@saml-provider/%",
        "saml-provider/%",
        "@saml-provider/%",
    ),
    ("ListSAMLProviders", "", "*", "*"),
    (
        "UpdateSAMLProvider",
        "&SAMLProviderArn=@saml-provider/%",
        "saml-provider/%",
        "@saml-provider/%",
    ),
    (
        "TagSAMLProvider",
        "&SAMLProviderArn=@saml-provider/%&Tags.member.1.Key=a&Tags.member.1.Value=b",
        "saml-provider/%",
        "@saml-provider/%",
    ),
    (
        "UntagSAMLProvider",
        "&SAMLProviderArn=@saml-provider/%&TagKeys.member.1=a",
        "saml-provider/%",
        "@saml-provider/%",
    ),
    (
        "ListSAMLProviderTags",
        "&SAMLProviderArn=@saml-provider/%",
        "saml-provider/%",
        "@saml-provider/%",
    ),
    (
        "DeleteSAMLProvider",
        "&SAMLProviderArn=@saml-provider/%",
        "saml-provider/%",
        "@saml-provider/%",
    ),
];

fn named(text: &str, name: &str) -> String {
    let text = text.replace('%', name);
    text.replace('@', &format!("arn:aws:iam::{ACCOUNT}:"))
}

/// Alice, who has no permission yet, and things that are called bob.
async fn fixture() -> (House, crate::house::Login, crate::house::Login) {
    let (house, root) = House::new().await;
    let alice = house.user(&root, "alice").await;
    let metadata = crate::house::encoded(include_str!("../certificates/saml-metadata.xml"));
    let certificate = crate::house::encoded(include_str!("../certificates/leaf.pem"));
    let key = crate::house::encoded(include_str!("../certificates/leaf-key-pkcs1.pem"));
    for form in [
        "Action=CreateUser&UserName=bob&Path=/p/".to_owned(),
        "Action=CreateVirtualMFADevice&VirtualMFADeviceName=bob".to_owned(),
        "Action=CreateOpenIDConnectProvider&Url=https://bob.org".to_owned(),
        format!("Action=CreateSAMLProvider&Name=bob&SAMLMetadataDocument={metadata}"),
        format!(
            "Action=UploadServerCertificate&ServerCertificateName=bob&CertificateBody={certificate}&PrivateKey={key}"
        ),
    ] {
        house.ok(&root, &form).await;
    }
    (house, root, alice)
}

#[tokio::test]
async fn who_may_not_call_learns_nothing() {
    let (house, _, alice) = fixture().await;
    for (operation, rest, _, shown) in OPERATIONS {
        for name in ["bob", "eve"] {
            let form = format!("Action={operation}{}", named(rest, name));
            let shown = named(shown, name);
            let refusal = format!(
                "User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized to perform: \
                 iam:{operation} on resource: {shown} because no identity-based policy allows \
                 the iam:{operation} action"
            );
            house
                .iam(&alice, &form)
                .await
                .refused(403, "AccessDenied", &refusal);
        }
    }
}

#[tokio::test]
async fn each_operation_is_allowed_by_its_action_on_its_resource() {
    for (operation, rest, resource, _) in OPERATIONS {
        let (house, root, alice) = fixture().await;
        let action = format!("iam:{operation}");
        let form = format!("Action={operation}{}", named(rest, "bob"));
        let arn = match *resource {
            "*" => "*".to_owned(),
            resource => named(&format!("@{resource}"), "bob"),
        };
        let mut refusing = vec![policy("Allow", "iam:ListUsers", "*")];
        if arn != "*" {
            refusing.push(policy("Allow", &action, &format!("{arn}-other")));
            refusing.push(policy(
                "Allow",
                &action,
                &arn.replace(ACCOUNT, "444455556666"),
            ));
        }
        for document in refusing {
            house.ok(&root, &put_policy("alice", "p", &document)).await;
            let answer = house.iam(&alice, &form).await;
            assert_eq!(
                answer.code,
                Some("AccessDenied"),
                "{operation} with {document}"
            );
        }
        house
            .ok(
                &root,
                &put_policy("alice", "p", &policy("Allow", &action, &arn)),
            )
            .await;
        let answer = house.iam(&alice, &form).await;
        assert_ne!(
            answer.code,
            Some("AccessDenied"),
            "{operation}: {}",
            answer.text
        );
    }
}

#[tokio::test]
async fn things_of_another_account_are_like_things_that_are_not_there() {
    let harness = crate::house::harness().await;
    harness.root_of("444455556666", "stranger");
    crate::house::ok(&harness, "Action=CreateUser&UserName=bob").await;
    crate::house::ok(
        &harness,
        "Action=CreateVirtualMFADevice&VirtualMFADeviceName=bob",
    )
    .await;
    crate::house::ok(
        &harness,
        "Action=CreateOpenIDConnectProvider&Url=https://bob.org",
    )
    .await;
    for (operation, rest, resource, _) in OPERATIONS {
        let creates = ["Create", "Upload", "List"];
        if *resource == "*" || creates.iter().any(|verb| operation.starts_with(verb)) {
            continue;
        }
        let mut answers = Vec::new();
        for name in ["bob", "eve"] {
            let form = format!("Action={operation}{}", named(rest, name));
            let answer = harness.query("stranger", "iam", &form).await;
            assert!(answer.status >= 400, "{operation}: {}", answer.text);
            let message = crate::house::one(&answer.text, "Message").replace(name, "%");
            answers.push((answer.status, answer.code, message));
        }
        let [bob, eve] = &answers[..] else {
            unreachable!("two names");
        };
        assert_eq!(bob, eve, "{operation}");
    }
}

#[tokio::test]
async fn tags_on_something_new_take_a_permission_of_their_own() {
    let (house, root, alice) = fixture().await;
    let tag = "&Tags.member.1.Key=a&Tags.member.1.Value=b";
    for (create, tagging, form) in [
        (
            "CreateVirtualMFADevice",
            "TagMFADevice",
            "&VirtualMFADeviceName=new",
        ),
        (
            "CreateOpenIDConnectProvider",
            "TagOpenIDConnectProvider",
            "&Url=https://new.org",
        ),
        (
            "CreateSAMLProvider",
            "TagSAMLProvider",
            "&Name=new&SAMLMetadataDocument=x",
        ),
        (
            "UploadServerCertificate",
            "TagServerCertificate",
            "&ServerCertificateName=new&CertificateBody=x&PrivateKey=x",
        ),
    ] {
        let padded = form.replace("Document=x", &format!("Document={}", "x".repeat(1000)));
        let form = format!("Action={create}{padded}{tag}");
        let allow = policy("Allow", &format!("iam:{create}"), "*");
        house.ok(&root, &put_policy("alice", "p", &allow)).await;
        let answer = house.iam(&alice, &form).await;
        assert_eq!(answer.code, Some("AccessDenied"), "{create}");
        assert!(
            answer.text.contains(&format!("iam:{tagging}")),
            "{}",
            answer.text
        );
        let allow = policy("Allow", &format!("iam:{tagging}"), "*");
        house.ok(&root, &put_policy("alice", "q", &allow)).await;
        let answer = house.iam(&alice, &form).await;
        assert_ne!(answer.code, Some("AccessDenied"), "{create}");
    }
}

#[tokio::test]
async fn keys_of_service_credentials_reach_policies() {
    let (house, root, alice) = fixture().await;
    let only = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow",
        "Action":"iam:CreateServiceSpecificCredential","Resource":"*","Condition":{
        "StringEquals":{"iam:ServiceSpecificCredentialServiceName":"bedrock.amazonaws.com"},
        "NumericLessThanEquals":{"iam:ServiceSpecificCredentialAgeDays":"30"}}}}"#;
    house.ok(&root, &put_policy("alice", "p", only)).await;
    let form = "Action=CreateServiceSpecificCredential&UserName=bob&ServiceName=";
    for (rest, status) in [
        ("bedrock.amazonaws.com&CredentialAgeDays=30", 200),
        ("bedrock.amazonaws.com&CredentialAgeDays=31", 403),
        ("bedrock.amazonaws.com", 403),
        ("codecommit.amazonaws.com&CredentialAgeDays=30", 403),
    ] {
        let answer = house.iam(&alice, &format!("{form}{rest}")).await;
        assert_eq!(answer.status, status, "{rest}: {}", answer.text);
    }
}
