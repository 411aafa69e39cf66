//! What the operations on OpenID Connect and SAML providers answer, and what other services find.

use crate::house::{ACCOUNT, House, encoded, harness, ok, one, refused, xml};
use platform::Identities;
use service_iam::IdentityDirectory;

const METADATA: &str = include_str!("../certificates/saml-metadata.xml");
const PRIVATE_KEY: &str = include_str!("../certificates/leaf-key-pkcs1.pem");
const PRINT: &str = "990f4193972f2becf12ddeda5237f9c952f20d9e";
const OIDC: &str = "arn:aws:iam::111122223333:oidc-provider/idp.example.com/a";
const SAML: &str = "arn:aws:iam::111122223333:saml-provider/Corp";

fn create_oidc(url: &str) -> String {
    let url = encoded(url);
    format!(
        "Action=CreateOpenIDConnectProvider&Url={url}&ClientIDList.member.1=web\
         &ThumbprintList.member.1={PRINT}&Tags.member.1.Key=b&Tags.member.1.Value=2\
         &Tags.member.2.Key=a&Tags.member.2.Value=1"
    )
}

fn of_oidc(action: &str, rest: &str) -> String {
    let arn = encoded(OIDC);
    format!("Action={action}&OpenIDConnectProviderArn={arn}{rest}")
}

fn of_saml(action: &str, rest: &str) -> String {
    format!("Action={action}&SAMLProviderArn={}{rest}", encoded(SAML))
}

fn create_saml(rest: &str) -> String {
    let metadata = encoded(METADATA);
    format!("Action=CreateSAMLProvider&Name=Corp&SAMLMetadataDocument={metadata}{rest}")
}

#[tokio::test]
async fn an_issuer_is_trusted_with_audiences_and_thumbprints() {
    let harness = harness().await;
    let made = ok(&harness, &create_oidc("https://idp.example.com/a")).await;
    assert_eq!(one(&made, "OpenIDConnectProviderArn"), OIDC);
    assert_eq!(xml(&made, "Key"), ["a", "b"]);

    for id in ["app", "web"] {
        let add = of_oidc(
            "AddClientIDToOpenIDConnectProvider",
            &format!("&ClientID={id}"),
        );
        ok(&harness, &add).await;
    }
    let other = "A".repeat(40);
    let update = of_oidc(
        "UpdateOpenIDConnectProviderThumbprint",
        &format!("&ThumbprintList.member.1={other}"),
    );
    ok(&harness, &update).await;
    let shown = ok(&harness, &of_oidc("GetOpenIDConnectProvider", "")).await;
    assert_eq!(one(&shown, "Url"), "idp.example.com/a");
    assert_eq!(one(&shown, "CreateDate"), "2026-01-01T00:00:00Z");
    let members = xml(&shown, "member").join(" ");
    assert!(
        members.starts_with(&format!("web app {}", "a".repeat(40))),
        "{members}"
    );

    let listed = ok(&harness, "Action=ListOpenIDConnectProviders").await;
    assert_eq!(xml(&listed, "Arn"), [OIDC]);
    for id in ["app", "nobody"] {
        let remove = format!("&ClientID={id}");
        ok(
            &harness,
            &of_oidc("RemoveClientIDFromOpenIDConnectProvider", &remove),
        )
        .await;
    }
    let shown = ok(&harness, &of_oidc("GetOpenIDConnectProvider", "")).await;
    assert!(!shown.contains("app"), "{shown}");

    ok(&harness, &of_oidc("DeleteOpenIDConnectProvider", "")).await;
    let absent = format!("OpenIDConnect Provider not found for arn {OIDC}");
    let get = of_oidc("GetOpenIDConnectProvider", "");
    refused(&harness, &get, (404, "NoSuchEntity", &absent)).await;
    let absent = format!("OpenId connect Provider {OIDC} cannot be found.");
    let delete = of_oidc("DeleteOpenIDConnectProvider", "");
    refused(&harness, &delete, (404, "NoSuchEntity", &absent)).await;
}

#[tokio::test]
async fn what_cannot_be_an_issuer_is_refused() {
    let harness = harness().await;
    ok(&harness, &create_oidc("https://idp.example.com/a")).await;
    let again = "Provider with url https://idp.example.com/a already exists.";
    let again = (409, "EntityAlreadyExists", again);
    refused(&harness, &create_oidc("https://idp.example.com/a"), again).await;
    let invalid = (
        400,
        "ValidationError",
        "Invalid Open ID Connect Provider URL",
    );
    for url in [
        "http://idp.example.com",
        "https://idp.example.com:8443",
        "https://a.b/?c",
    ] {
        refused(&harness, &create_oidc(url), invalid).await;
    }
    let ids: String = (2..=101)
        .map(|n| format!("&ClientIDList.member.{n}=c{n}"))
        .collect();
    let many = format!("{}{ids}", create_oidc("https://many.example.com"));
    let message = "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100";
    refused(&harness, &many, (409, "LimitExceeded", message)).await;
    for index in 1..100 {
        ok(
            &harness,
            &create_oidc(&format!("https://idp{index}.example.com")),
        )
        .await;
    }
    let message = "Cannot exceed quota for OpenIdConnectProvidersPerAccount: 100";
    let form = create_oidc("https://last.example.com");
    refused(&harness, &form, (409, "LimitExceeded", message)).await;
}

#[tokio::test]
async fn providers_have_tags() {
    let harness = harness().await;
    ok(&harness, &create_oidc("https://idp.example.com/a")).await;
    ok(&harness, &create_saml("")).await;
    type Form = fn(&str, &str) -> String;
    let kinds: [(Form, &str, usize); 2] = [
        (of_oidc, "OpenIDConnectProvider", 3),
        (of_saml, "SAMLProvider", 1),
    ];
    for (of, kind, count) in kinds {
        let tag = of(
            &format!("Tag{kind}"),
            "&Tags.member.1.Key=Team&Tags.member.1.Value=red",
        );
        ok(&harness, &tag).await;
        let listed = ok(&harness, &of(&format!("List{kind}Tags"), "")).await;
        assert_eq!(xml(&listed, "Key").len(), count, "{listed}");
        assert!(listed.contains("<Value>red</Value>") && listed.contains("Team"));
        ok(
            &harness,
            &of(&format!("Untag{kind}"), "&TagKeys.member.1=team"),
        )
        .await;
        let listed = ok(&harness, &of(&format!("List{kind}Tags"), "")).await;
        assert_eq!(xml(&listed, "Key").len(), count - 1);
        let rest = "&TagKeys.member.1=a&TagKeys.member.2=b";
        ok(&harness, &of(&format!("Untag{kind}"), rest)).await;
        let shown = ok(&harness, &of(&format!("Get{kind}"), "")).await;
        assert!(shown.contains("<Tags"), "{shown}");
        let of_keys = ["<AssertionEncryptionMode>Allowed<", "<PrivateKeyList"];
        let is_saml = kind == "SAMLProvider";
        assert!(of_keys.iter().all(|text| shown.contains(text) == is_saml));
    }
}

#[tokio::test]
async fn saml_metadata_are_kept_as_they_came() {
    let harness = harness().await;
    let made = ok(
        &harness,
        &create_saml("&Tags.member.1.Key=a&Tags.member.1.Value=1"),
    )
    .await;
    assert_eq!(
        (one(&made, "SAMLProviderArn"), one(&made, "Key")),
        (SAML.into(), "a".into())
    );
    let shown = ok(&harness, &of_saml("GetSAMLProvider", "")).await;
    assert_eq!(one(&shown, "SAMLMetadataDocument"), METADATA);
    assert_eq!(one(&shown, "ValidUntil"), "2100-01-01T00:00:00Z");
    assert_eq!(one(&shown, "CreateDate"), "2026-01-01T00:00:00Z");
    let uuid = one(&shown, "SAMLProviderUUID");
    assert!(
        uuid.len() >= 22
            && uuid
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    );

    let exists = (
        409,
        "EntityAlreadyExists",
        "Provider for name Corp already exists.",
    );
    refused(&harness, &create_saml(""), exists).await;
    let forever = METADATA.replace(r#" validUntil="2100-01-01T00:00:00Z""#, "");
    let update = format!("&SAMLMetadataDocument={}", encoded(&forever));
    let updated = ok(&harness, &of_saml("UpdateSAMLProvider", &update)).await;
    assert_eq!(one(&updated, "SAMLProviderArn"), SAML);
    let listed = ok(&harness, "Action=ListSAMLProviders").await;
    assert_eq!(one(&listed, "Arn"), SAML);
    assert!(
        one(&listed, "ValidUntil").starts_with("2126-01-0"),
        "{listed}"
    );

    ok(&harness, &of_saml("DeleteSAMLProvider", "")).await;
    let absent = format!("Manifest not found for arn {SAML}");
    refused(
        &harness,
        &of_saml("GetSAMLProvider", ""),
        (404, "NoSuchEntity", &absent),
    )
    .await;
}

#[tokio::test]
async fn what_is_no_metadata_is_refused() {
    let harness = harness().await;
    let pad = |text: &str| format!("{text}<!--{}-->", " ".repeat(1000));
    let bad = [
        pad("hello"),
        pad("<a/>"),
        METADATA.replace("entityID=\"https://idp.example.com/metadata\" ", ""),
        METADATA.replace("IDPSSODescriptor", "SPSSODescriptor"),
        METADATA.replace("use=\"signing\"", "use=\"encryption\""),
        METADATA.replace("<ds:X509Certificate>MII", "<ds:X509Certificate>AII"),
        METADATA.replace("2100-01-01", "soon"),
        METADATA.replace("</md:EntityDescriptor>", ""),
        METADATA.replace(
            "<md:EntityDescriptor",
            "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><md:EntityDescriptor",
        ),
        METADATA.replace(
            "oasis:names:tc:SAML:2.0:metadata",
            "oasis:names:tc:SAML:2.0:other",
        ),
        format!("{METADATA}{}", METADATA.split_once('\n').unwrap().1),
    ];
    for text in bad {
        let form = format!(
            "Action=CreateSAMLProvider&Name=Corp&SAMLMetadataDocument={}",
            encoded(&text)
        );
        refused(
            &harness,
            &form,
            (400, "InvalidInput", "Could not parse metadata"),
        )
        .await;
    }
}

#[tokio::test]
async fn private_keys_open_assertions_and_are_never_shown() {
    let harness = harness().await;
    let mode = "&AssertionEncryptionMode=Required";
    let message = "A private key is required when the assertion encryption mode is Required.";
    refused(&harness, &create_saml(mode), (400, "InvalidInput", message)).await;
    let add = format!("&AddPrivateKey={}", encoded(PRIVATE_KEY));
    ok(&harness, &create_saml(&format!("{mode}{add}"))).await;
    ok(&harness, &of_saml("UpdateSAMLProvider", &add)).await;
    let message = "Cannot exceed quota for PrivateKeysPerSAMLProvider: 2";
    refused(
        &harness,
        &of_saml("UpdateSAMLProvider", &add),
        (409, "LimitExceeded", message),
    )
    .await;

    let shown = ok(&harness, &of_saml("GetSAMLProvider", "")).await;
    let ids = xml(&shown, "KeyId");
    assert_eq!(
        (ids.len(), one(&shown, "AssertionEncryptionMode")),
        (2, "Required".to_owned())
    );
    assert!(!shown.contains("PRIVATE KEY"));
    let remove = |id: &str| of_saml("UpdateSAMLProvider", &format!("&RemovePrivateKey={id}"));
    ok(&harness, &remove(&ids[0])).await;
    let answer = harness.query("root", "iam", &remove(&ids[0])).await;
    assert_eq!(answer.code.as_deref(), Some("InvalidInput"));
    let last = harness.query("root", "iam", &remove(&ids[1])).await;
    assert_eq!(last.code.as_deref(), Some("InvalidInput"));
    let bad = format!("&AddPrivateKey={}", encoded("no key"));
    let answer = harness
        .query("root", "iam", &of_saml("UpdateSAMLProvider", &bad))
        .await;
    assert_eq!(answer.code.as_deref(), Some("InvalidInput"));
}

#[tokio::test]
async fn other_services_find_providers() {
    let (house, root) = House::new().await;
    house
        .ok(&root, &create_oidc("https://idp.example.com/a"))
        .await;
    house.ok(&root, &create_saml("")).await;
    let directory = IdentityDirectory::new(house.keyring.clone());
    let mut txn = house.store.begin();
    let found = directory
        .oidc_provider(&mut txn, ACCOUNT, "idp.example.com/a")
        .await;
    let found = found.ok().flatten().unwrap();
    assert_eq!(
        (&*found.arn, &*found.url),
        (OIDC, "https://idp.example.com/a")
    );
    assert_eq!(
        (found.client_ids, found.thumbprints),
        (vec!["web".to_owned()], vec![PRINT.to_owned()])
    );
    for (account, url) in [
        (ACCOUNT, "idp.example.com"),
        ("444455556666", "idp.example.com/a"),
    ] {
        let none = directory.oidc_provider(&mut txn, account, url).await;
        assert!(none.ok().flatten().is_none(), "{account} {url}");
    }
    let found = directory
        .saml_provider(&mut txn, SAML)
        .await
        .ok()
        .flatten()
        .unwrap();
    assert_eq!((&*found.arn, &*found.metadata), (SAML, METADATA));
    assert_eq!(found.valid_until_millis, 4_102_444_800_000);
    for arn in [
        "",
        "x",
        "arn:aws:iam::444455556666:saml-provider/Corp",
        "arn:aws:iam::111122223333:saml-provider/corp",
    ] {
        assert!(
            directory
                .saml_provider(&mut txn, arn)
                .await
                .ok()
                .flatten()
                .is_none(),
            "{arn}"
        );
    }
}
