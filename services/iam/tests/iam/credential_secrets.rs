//! Passwords, seeds, codes and private keys: neither on disk nor on record in clear.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use crate::house::{ACCOUNT, House, Login, encoded, login};
use crypto::Keyring;
use platform::SeededRandom;
use store::Place;
use wire::pem;

const METADATA: &str = include_str!("../certificates/saml-metadata.xml");
const CERTIFICATE: &str = include_str!("../certificates/leaf.pem");
const KEY: &str = include_str!("../certificates/leaf-key-pkcs1.pem");

/// Makes one of everything that has a secret, and gives the secrets.
async fn fill(house: &House, root: &Login) -> Vec<String> {
    let (key, certificate) = (encoded(KEY), encoded(CERTIFICATE));
    let metadata = encoded(METADATA);
    for form in [
        "Action=CreateUser&UserName=alice".to_owned(),
        "Action=CreateLoginProfile&UserName=alice&Password=canary-Password-1".to_owned(),
        "Action=UpdateLoginProfile&UserName=alice&Password=canary-Password-2".to_owned(),
        format!(
            "Action=UploadServerCertificate&ServerCertificateName=web&CertificateBody={certificate}&PrivateKey={key}"
        ),
        format!(
            "Action=CreateSAMLProvider&Name=Corp&SAMLMetadataDocument={metadata}&AddPrivateKey={key}"
        ),
    ] {
        house.ok(root, &form).await;
    }
    let device = house
        .ok(
            root,
            "Action=CreateVirtualMFADevice&VirtualMFADeviceName=phone",
        )
        .await;
    let seed = device.xml("Base32StringSeed");
    let serial = encoded(&device.xml("SerialNumber"));
    let wrong = format!(
        "Action=EnableMFADevice&UserName=alice&SerialNumber={serial}&AuthenticationCode1=918273&AuthenticationCode2=918274"
    );
    assert_eq!(house.iam(root, &wrong).await.status, 403);
    let create = "Action=CreateServiceSpecificCredential&UserName=alice&ServiceName=";
    let code = house
        .ok(root, &format!("{create}codecommit.amazonaws.com"))
        .await;
    let key = house
        .ok(root, &format!("{create}bedrock.amazonaws.com"))
        .await;
    let line = KEY.lines().nth(3).unwrap().to_owned();
    let text = String::from_utf8(pem::decoded(&seed).unwrap()).unwrap();
    vec![
        "canary-Password".to_owned(),
        line,
        seed,
        text,
        device.xml("QRCodePNG"),
        "918273".to_owned(),
        "918274".to_owned(),
        code.xml("ServicePassword"),
        key.xml("ServiceCredentialSecret"),
    ]
}

#[tokio::test]
async fn the_record_names_what_was_done_and_never_a_secret() {
    let (house, root) = House::new().await;
    let secrets = fill(&house, &root).await;
    let mut reader = house.store.journal_reader(0);
    let mut journal = String::new();
    while let Some(entry) = reader.next().unwrap() {
        journal.push_str(std::str::from_utf8(&entry.payload).unwrap());
    }
    for operation in [
        "CreateLoginProfile",
        "CreateVirtualMFADevice",
        "UploadServerCertificate",
    ] {
        assert!(journal.contains(operation), "{operation}");
    }
    for secret in secrets {
        assert!(!secret.is_empty() && !journal.contains(&secret), "{secret}");
    }
}

#[tokio::test]
async fn nothing_on_disk_can_be_read() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let random = Arc::new(SeededRandom::new(4));
    let keyring = Arc::new(Keyring::generate(&*random).unwrap());
    let house = House::over(Place::Directory(data.clone()), keyring, random).await;
    let started = house.start(Some(ACCOUNT), None).await;
    let root = login(&started.unwrap_or_else(|error| unreachable!("{error}")));
    let mut secrets = fill(&house, &root).await;
    secrets.extend(
        [
            "idp.example.com",
            "www.example.com",
            "alice-at-111122223333",
        ]
        .map(str::to_owned),
    );
    house.store.close().await.unwrap();
    drop(house);
    assert!(readable(&data, &secrets) > 0, "there is something on disk");
}

/// Reads every file below `directory`, none of which may hold a secret; gives their number.
fn readable(directory: &Path, secrets: &[String]) -> usize {
    let mut files = 0;
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files += readable(&path, secrets);
            continue;
        }
        // The log of a database goes when its last connection does.
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => unreachable!("{error}"),
        };
        files += usize::from(!bytes.is_empty());
        for secret in secrets {
            let found = bytes
                .windows(secret.len())
                .any(|window| window == secret.as_bytes());
            assert!(!found, "`{secret}` is readable in {}", path.display());
        }
    }
    files
}
