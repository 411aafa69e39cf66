//! What the operations on SSH keys, certificates and credentials for services answer.

use crate::house::{encoded, harness, ok, one, refused, xml};
use platform::testing::Harness;

const SSH: &str = include_str!("../certificates/key.pub");
const PEM: &str = include_str!("../certificates/key.pub.pem");
const PKCS1: &str = include_str!("../certificates/key.pub.pkcs1.pem");
const FINGERPRINT: &str = "c3:7d:8a:dd:ae:01:03:c4:22:e1:d0:6e:45:b7:59:c5";
const LEAF: &str = include_str!("../certificates/leaf.pem");
const EXPIRED: &str = include_str!("../certificates/expired.pem");
const CHAIN: &str = include_str!("../certificates/chain.pem");
const ROOT: &str = include_str!("../certificates/root.pem");
const KEY: &str = include_str!("../certificates/leaf-key-pkcs1.pem");
const KEY_PKCS8: &str = include_str!("../certificates/leaf-key-pkcs8.pem");
const KEY_ENCRYPTED: &str = include_str!("../certificates/leaf-key-encrypted.pem");
const EC: &str = include_str!("../certificates/ec.pem");
const EC_KEY: &str = include_str!("../certificates/ec-key-sec1.pem");

async fn with_alice() -> Harness {
    let harness = harness().await;
    ok(&harness, "Action=CreateUser&UserName=alice").await;
    harness
}

fn upload_ssh(body: &str) -> String {
    let body = encoded(body);
    format!("Action=UploadSSHPublicKey&UserName=alice&SSHPublicKeyBody={body}")
}

#[tokio::test]
async fn an_ssh_key_is_shown_in_both_forms() {
    let harness = with_alice().await;
    let made = ok(&harness, &upload_ssh(SSH)).await;
    let id = one(&made, "SSHPublicKeyId");
    assert!(id.len() == 21 && id.starts_with("APKA"));
    let get = |encoding: &str| {
        format!("Action=GetSSHPublicKey&UserName=alice&SSHPublicKeyId={id}&Encoding={encoding}")
    };
    let line: Vec<&str> = SSH.split(' ').take(2).collect();
    for (encoding, body) in [("SSH", line.join(" ")), ("PEM", PEM.trim().to_owned())] {
        let shown = ok(&harness, &get(encoding)).await;
        assert_eq!(one(&shown, "SSHPublicKeyBody"), body);
        assert_eq!(one(&shown, "Fingerprint"), FINGERPRINT);
        assert_eq!(one(&shown, "Status"), "Active");
        assert_eq!(one(&shown, "UserName"), "alice");
        assert_eq!(one(&shown, "UploadDate"), "2026-01-01T00:00:00Z");
    }
    let twice = "The SSH public key is already associated with the specified IAM user.";
    for body in [SSH, PEM, PKCS1] {
        refused(
            &harness,
            &upload_ssh(body),
            (400, "DuplicateSSHPublicKey", twice),
        )
        .await;
    }

    let of_key = |action: &str, rest: &str| {
        format!("Action={action}SSHPublicKey&UserName=alice&SSHPublicKeyId={id}{rest}")
    };
    ok(&harness, &of_key("Update", "&Status=Inactive")).await;
    let listed = ok(&harness, "Action=ListSSHPublicKeys&UserName=alice").await;
    assert_eq!(
        (one(&listed, "SSHPublicKeyId"), one(&listed, "Status")),
        (id.clone(), "Inactive".into())
    );
    assert!(!listed.contains("Body"));
    let conflict = "Cannot delete entity, must remove referenced objects first.";
    refused(
        &harness,
        "Action=DeleteUser&UserName=alice",
        (409, "DeleteConflict", conflict),
    )
    .await;
    ok(&harness, &of_key("Delete", "")).await;
    let absent = format!("The Public Key with id {id} cannot be found.");
    let absent = (404, "NoSuchEntity", absent.as_str());
    for form in [
        get("SSH"),
        of_key("Delete", ""),
        of_key("Update", "&Status=Active"),
    ] {
        refused(&harness, &form, absent).await;
    }
    ok(&harness, "Action=DeleteUser&UserName=alice").await;
}

#[tokio::test]
async fn what_is_no_ssh_key_is_refused() {
    let harness = with_alice().await;
    let text = "The public key encoding format is unsupported or unrecognized.";
    let unknown = (400, "UnrecognizedPublicKeyEncoding", text);
    let text = "The public key is malformed or otherwise invalid.";
    let invalid = (400, "InvalidPublicKey", text);
    for (body, answer) in [
        ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA", unknown),
        (LEAF, unknown),
        ("ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAAQM=", invalid),
    ] {
        refused(&harness, &upload_ssh(body), answer).await;
    }
}

fn upload_server(name: &str, (body, key): (&str, &str), rest: &str) -> String {
    let (body, key) = (encoded(body), encoded(key));
    format!(
        "Action=UploadServerCertificate&ServerCertificateName={name}&CertificateBody={body}\
         &PrivateKey={key}{rest}"
    )
}

fn chain(text: &str) -> String {
    format!("&CertificateChain={}", encoded(text))
}

#[tokio::test]
async fn a_server_certificate_is_kept_with_its_chain() {
    let harness = harness().await;
    let rest = format!(
        "{}&Path=/cloudfront/&Tags.member.1.Key=a&Tags.member.1.Value=1",
        chain(CHAIN)
    );
    let made = ok(&harness, &upload_server("web", (LEAF, KEY), &rest)).await;
    let get = "Action=GetServerCertificate&ServerCertificateName=WEB";
    let shown = ok(&harness, get).await;
    let listed = ok(
        &harness,
        "Action=ListServerCertificates&PathPrefix=/cloudfront/",
    )
    .await;
    for answer in [&made, &shown, &listed] {
        assert_eq!(
            one(answer, "Arn"),
            "arn:aws:iam::111122223333:server-certificate/cloudfront/web"
        );
        assert_eq!(one(answer, "Path"), "/cloudfront/");
        assert_eq!(one(answer, "ServerCertificateName"), "web");
        assert!(one(answer, "ServerCertificateId").starts_with("ASCA"));
        assert_eq!(one(answer, "Expiration"), "2120-01-01T00:00:00Z");
        assert_eq!(one(answer, "UploadDate"), "2026-01-01T00:00:00Z");
        assert!(!answer.contains("PRIVATE"));
    }
    assert_eq!(
        (one(&made, "Key"), one(&shown, "Key")),
        ("a".to_owned(), "a".to_owned())
    );
    assert_eq!(one(&shown, "CertificateBody"), LEAF.trim());
    assert_eq!(one(&shown, "CertificateChain"), CHAIN.trim());
    assert!(!listed.contains("CertificateBody"));
    let other = ok(&harness, "Action=ListServerCertificates&PathPrefix=/other/").await;
    assert_eq!(one(&other, "Arn"), "");

    let rename = "Action=UpdateServerCertificate&ServerCertificateName=web&NewServerCertificateName=www&NewPath=/";
    ok(&harness, rename).await;
    let absent = "The Server Certificate with name web cannot be found.";
    refused(&harness, rename, (404, "NoSuchEntity", absent)).await;
    ok(&harness, &upload_server("ec", (EC, EC_KEY), &chain(ROOT))).await;
    let taken =
        "Action=UpdateServerCertificate&ServerCertificateName=ec&NewServerCertificateName=WWW";
    let exists = "The Server Certificate with name WWW already exists.";
    refused(&harness, taken, (409, "EntityAlreadyExists", exists)).await;
    let exists = "The Server Certificate with name EC already exists.";
    refused(
        &harness,
        &upload_server("EC", (EC, EC_KEY), ""),
        (409, "EntityAlreadyExists", exists),
    )
    .await;
    let tag = "Action=TagServerCertificate&ServerCertificateName=www&Tags.member.1.Key=b&Tags.member.1.Value=2";
    ok(&harness, tag).await;
    ok(
        &harness,
        "Action=UntagServerCertificate&ServerCertificateName=www&TagKeys.member.1=a",
    )
    .await;
    let tags = ok(
        &harness,
        "Action=ListServerCertificateTags&ServerCertificateName=www",
    )
    .await;
    assert_eq!(xml(&tags, "Key"), ["b"]);
    let delete = "Action=DeleteServerCertificate&ServerCertificateName=www";
    ok(&harness, delete).await;
    let absent = "The Server Certificate with name www cannot be found.";
    refused(&harness, delete, (404, "NoSuchEntity", absent)).await;
}

#[tokio::test]
async fn certificate_key_and_chain_have_to_belong_together() {
    let harness = harness().await;
    let certificate =
        "Unable to parse certificate. Please ensure the certificate is in PEM format.";
    let key =
        "Unable to parse private key. Please ensure the key is not encrypted and is in PEM format.";
    let reversed = format!("{ROOT}{CHAIN}");
    let broken = |index: usize| {
        format!(
            "Unable to validate certificate chain. The certificate chain must start with the immediate signing certificate, followed by any intermediaries in order. The index within the chain of the invalid certificate is: {index}"
        )
    };
    let twice = format!(
        "{}{CHAIN}",
        CHAIN
            .split_inclusive("-----END CERTIFICATE-----\n")
            .next()
            .unwrap_or_default()
    );
    let malformed = [
        (("x", KEY), String::new(), certificate.to_owned()),
        ((CHAIN, KEY), String::new(), certificate.to_owned()),
        ((KEY, KEY), String::new(), certificate.to_owned()),
        ((LEAF, "x"), String::new(), key.to_owned()),
        ((LEAF, LEAF), String::new(), key.to_owned()),
        ((LEAF, KEY_ENCRYPTED), String::new(), key.to_owned()),
        (
            (EXPIRED, KEY),
            String::new(),
            "The certificate is expired or not yet valid.".to_owned(),
        ),
        ((LEAF, KEY), chain(ROOT), broken(0)),
        ((LEAF, KEY), chain(&reversed), broken(0)),
        ((LEAF, KEY), chain(&twice), broken(1)),
        (
            (LEAF, KEY),
            chain("x"),
            "Unable to parse certificate chain. Please ensure the chain is in PEM format."
                .to_owned(),
        ),
    ];
    for (pair, rest, message) in malformed {
        let form = upload_server("web", pair, &rest);
        refused(&harness, &form, (400, "MalformedCertificate", &message)).await;
    }
    let mismatch = "The public key of the certificate and the private key do not match.";
    for pair in [(LEAF, EC_KEY), (EC, KEY)] {
        refused(
            &harness,
            &upload_server("web", pair, ""),
            (400, "KeyPairMismatch", mismatch),
        )
        .await;
    }
    for index in 0..20 {
        ok(
            &harness,
            &upload_server(&format!("c{index}"), (LEAF, KEY_PKCS8), ""),
        )
        .await;
    }
    let quota = "Cannot exceed quota for ServerCertificatesPerAccount: 20";
    refused(
        &harness,
        &upload_server("web", (LEAF, KEY), ""),
        (409, "LimitExceeded", quota),
    )
    .await;
}

#[tokio::test]
async fn signing_certificates_belong_to_one_user() {
    let harness = with_alice().await;
    let upload = |user: &str, body: &str| {
        let body = encoded(body);
        format!("Action=UploadSigningCertificate&UserName={user}&CertificateBody={body}")
    };
    let made = ok(&harness, &upload("alice", LEAF)).await;
    let id = one(&made, "CertificateId");
    assert!((24..=128).contains(&id.len()));
    ok(&harness, "Action=CreateUser&UserName=bob").await;
    let twice = "The same certificate is associated with an IAM user in the account.";
    refused(
        &harness,
        &upload("bob", LEAF),
        (409, "DuplicateCertificate", twice),
    )
    .await;
    let malformed = "Certificate x is malformed.";
    refused(
        &harness,
        &upload("alice", "x"),
        (400, "MalformedCertificate", malformed),
    )
    .await;
    let expired = "The certificate is expired or not yet valid.";
    refused(
        &harness,
        &upload("alice", EXPIRED),
        (400, "InvalidCertificate", expired),
    )
    .await;
    ok(&harness, &upload("alice", EC)).await;
    let quota = "Cannot exceed quota for CertificatesPerUser: 2";
    refused(
        &harness,
        &upload("alice", ROOT),
        (409, "LimitExceeded", quota),
    )
    .await;

    let of_one = |action: &str, user: &str, rest: &str| {
        format!("Action={action}SigningCertificate&UserName={user}&CertificateId={id}{rest}")
    };
    ok(&harness, &of_one("Update", "alice", "&Status=Inactive")).await;
    let listed = ok(&harness, "Action=ListSigningCertificates&UserName=alice").await;
    assert_eq!(xml(&listed, "CertificateBody").len(), 2);
    let mut states = xml(&listed, "Status");
    states.sort();
    assert_eq!(states, ["Active", "Inactive"]);
    let absent = format!("The Certificate with id {id} cannot be found.");
    refused(
        &harness,
        &of_one("Delete", "bob", ""),
        (404, "NoSuchEntity", &absent),
    )
    .await;
    let conflict = "Cannot delete entity, must delete certificates first.";
    refused(
        &harness,
        "Action=DeleteUser&UserName=alice",
        (409, "DeleteConflict", conflict),
    )
    .await;
    ok(&harness, &of_one("Delete", "alice", "")).await;
    refused(
        &harness,
        &of_one("Delete", "alice", ""),
        (404, "NoSuchEntity", &absent),
    )
    .await;
}

#[tokio::test]
async fn credentials_for_services_show_their_password_once() {
    let harness = with_alice().await;
    let create = |service: &str| {
        format!(
            "Action=CreateServiceSpecificCredential&UserName=alice&ServiceName={service}.amazonaws.com"
        )
    };
    let made = ok(&harness, &create("codecommit")).await;
    let (id, password) = (
        one(&made, "ServiceSpecificCredentialId"),
        one(&made, "ServicePassword"),
    );
    assert_eq!(one(&made, "ServiceUserName"), "alice-at-111122223333");
    assert!(id.starts_with("ACCA") && id.len() >= 20 && password.len() == 40);
    let second = ok(&harness, &create("codecommit")).await;
    assert_eq!(one(&second, "ServiceUserName"), "alice+1-at-111122223333");
    let quota = "Cannot exceed quota for ServiceSpecificCredentialsPerUser: 2";
    refused(
        &harness,
        &create("codecommit"),
        (409, "LimitExceeded", quota),
    )
    .await;
    let key = ok(
        &harness,
        &format!("{}&CredentialAgeDays=30", create("bedrock")),
    )
    .await;
    assert_eq!(one(&key, "ExpirationDate"), "2026-01-31T00:00:00Z");
    assert!(
        !one(&key, "ServiceCredentialSecret").is_empty() && one(&key, "ServicePassword").is_empty()
    );
    let message = "The service s3.amazonaws.com does not support service-specific credentials.";
    refused(
        &harness,
        &create("s3"),
        (404, "NotSupportedService", message),
    )
    .await;
    let message = "CredentialAgeDays is not supported for this service.";
    let aged = format!("{}&CredentialAgeDays=1", create("cassandra"));
    refused(&harness, &aged, (400, "InvalidInput", message)).await;

    let of_one = |action: &str, rest: &str| {
        format!(
            "Action={action}ServiceSpecificCredential&UserName=alice&ServiceSpecificCredentialId={id}{rest}"
        )
    };
    let reset = ok(&harness, &of_one("Reset", "")).await;
    assert_ne!(one(&reset, "ServicePassword"), password);
    ok(&harness, &of_one("Update", "&Status=Inactive")).await;
    for who in ["UserName=alice", "AllUsers=true"] {
        let form = format!("Action=ListServiceSpecificCredentials&{who}");
        let all = ok(&harness, &form).await;
        assert_eq!(xml(&all, "UserName"), ["alice"; 3]);
        assert!(!all.contains("Password") && !all.contains("Secret"));
        let some = ok(
            &harness,
            &format!("{form}&ServiceName=codecommit.amazonaws.com"),
        )
        .await;
        assert_eq!(xml(&some, "Status").len(), 2);
    }
    harness.clock.advance(31 * 24 * 3600);
    let form =
        "Action=ListServiceSpecificCredentials&UserName=alice&ServiceName=bedrock.amazonaws.com";
    assert_eq!(one(&ok(&harness, form).await, "Status"), "Expired");
    ok(&harness, &of_one("Delete", "")).await;
    let absent = format!("No such credential {id} exists");
    for form in [
        of_one("Delete", ""),
        of_one("Reset", ""),
        of_one("Update", "&Status=Active"),
    ] {
        refused(&harness, &form, (404, "NoSuchEntity", &absent)).await;
    }
}
