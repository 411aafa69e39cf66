//! The code of functions: what is taken, what is refused, and how it is fetched.

use platform::testing::Harness;
use serde_json::{Value, json};
use wire::pem::base64;

use crate::lambda::house::{arn, call, done, house, new, package, refused, with, zip};

const UNREADABLE: &str =
    "Could not unzip uploaded file. Please check your file, then try to upload again.";

fn code(zip: &[u8]) -> Value {
    json!({ "Code": { "ZipFile": base64(zip) } })
}

/// Follows the link to the code of a function.
async fn fetched(harness: &Harness, link: &str) -> Option<Vec<u8>> {
    let path = link
        .strip_prefix("http://localhost")
        .expect("a link to this server");
    let upkeep = harness.pipeline.upkeep();
    let found = lambda::download(&upkeep, harness.pipeline.now(), path).await;
    let found = found.unwrap_or_else(|_| panic!("a store in memory"));
    found.map(|zip| zip.to_vec())
}

async fn link(harness: &Harness, name: &str) -> String {
    let shown = done(harness, "GetFunction", json!({ "FunctionName": name })).await;
    assert_eq!(shown["Code"]["RepositoryType"], "S3");
    shown["Code"]["Location"]
        .as_str()
        .expect("a link")
        .to_owned()
}

#[tokio::test]
async fn what_is_no_package_is_refused() {
    let harness = house().await;
    let mut cut = zip(&[("a.py", b"pass")]);
    cut.truncate(cut.len() - 1);
    for (bytes, expected) in [
        (b"no archive".to_vec(), UNREADABLE),
        (cut, UNREADABLE),
        (zip(&[]), "Uploaded file must be a non-empty zip"),
        (zip(&[("../a.py", b"pass")]), UNREADABLE),
        (zip(&[("/etc/a.py", b"pass")]), UNREADABLE),
        (zip(&[("a.py", b"1"), ("a.py", b"2")]), UNREADABLE),
    ] {
        let (code, text) = refused(&harness, "CreateFunction", with("f", code(&bytes))).await;
        assert_eq!(
            (code.as_str(), text.as_str()),
            ("InvalidParameterValueException", expected)
        );
    }
    let broken = json!({ "Code": { "ZipFile": "no base64!" } });
    assert_eq!(
        refused(&harness, "CreateFunction", with("f", broken))
            .await
            .0,
        "SerializationException"
    );
}

#[tokio::test]
async fn a_package_of_many_pieces_comes_back_as_it_was() {
    let harness = house().await;
    let content: Vec<u8> = (0..3_500_000_u32)
        .map(|n| n.to_le_bytes()[n as usize % 3])
        .collect();
    let bytes = zip(&[("index.py", b"pass"), ("data", &content)]);
    let made = done(&harness, "CreateFunction", with("f", code(&bytes))).await;
    assert_eq!(made["CodeSize"], bytes.len());
    assert_eq!(made["CodeSha256"], base64(&crypto::sha256(&bytes)));
    let link = link(&harness, "f").await;
    assert_eq!(fetched(&harness, &link).await, Some(bytes));
    let (start, last) = link.split_at(link.len() - 1);
    let other = format!("{start}{}", if last == "0" { "1" } else { "0" });
    assert_eq!(fetched(&harness, &other).await, None);
    harness.clock.advance(599);
    assert!(fetched(&harness, &link).await.is_some());
    harness.clock.advance(1);
    assert_eq!(fetched(&harness, &link).await, None);
}

#[tokio::test]
async fn code_lives_as_long_as_a_version_has_it() {
    let harness = house().await;
    done(
        &harness,
        "CreateFunction",
        with("f", json!({ "Publish": true })),
    )
    .await;
    let first = link(&harness, "f").await;
    let input = json!({ "FunctionName": "f", "ZipFile": package("index.py", b"2") });
    let changed = done(&harness, "UpdateFunctionCode", input).await;
    assert_eq!(changed["LastUpdateStatus"], "InProgress");
    let second = link(&harness, "f").await;
    assert!(
        fetched(&harness, &first).await.is_some(),
        "version 1 has it"
    );
    done(
        &harness,
        "DeleteFunction",
        json!({ "FunctionName": "f", "Qualifier": "1" }),
    )
    .await;
    assert!(fetched(&harness, &first).await.is_none());
    assert!(fetched(&harness, &second).await.is_some());
    let input = json!({ "FunctionName": "f", "ZipFile": package("index.py", b"3") });
    done(&harness, "UpdateFunctionCode", input).await;
    assert!(fetched(&harness, &second).await.is_none());
    let third = link(&harness, "f").await;
    done(&harness, "DeleteFunction", json!({ "FunctionName": "f" })).await;
    assert!(fetched(&harness, &third).await.is_none());
}

#[tokio::test]
async fn a_dry_run_changes_nothing() {
    let harness = house().await;
    let made = done(&harness, "CreateFunction", new("f")).await;
    let input = json!({ "FunctionName": "f", "ZipFile": package("index.py", b"2"), "DryRun": true, "Publish": true });
    let shown = done(&harness, "UpdateFunctionCode", input).await;
    assert_ne!(shown["CodeSha256"], made["CodeSha256"]);
    let after = done(
        &harness,
        "GetFunctionConfiguration",
        json!({ "FunctionName": "f" }),
    )
    .await;
    assert_eq!(after["CodeSha256"], made["CodeSha256"]);
    assert_eq!(after["RevisionId"], made["RevisionId"]);
    let versions = done(
        &harness,
        "ListVersionsByFunction",
        json!({ "FunctionName": "f" }),
    )
    .await;
    assert_eq!(versions["Versions"].as_array().expect("a list").len(), 1);
    let input = json!({ "FunctionName": "f", "ZipFile": "UEs=", "DryRun": true });
    assert_eq!(
        refused(&harness, "UpdateFunctionCode", input).await.1,
        UNREADABLE
    );
}

#[tokio::test]
async fn neither_code_nor_links_are_on_record() {
    let harness = house().await;
    let secret = "CanaryInTheCode";
    let bytes = zip(&[("index.py", secret.as_bytes())]);
    done(&harness, "CreateFunction", with("f", code(&bytes))).await;
    let link = link(&harness, "f").await;
    let mut reader = harness.pipeline.store().journal_reader(1);
    let mut names = Vec::new();
    while let Some(entry) = reader.next().expect("a journal in memory") {
        let text = String::from_utf8(entry.payload).expect("text");
        assert!(
            !text.contains(&base64(&bytes)) && !text.contains(secret),
            "{text}"
        );
        assert!(!text.contains(&link[40..]), "{text}");
        let event: Value = serde_json::from_str(&text).expect("JSON");
        names.push(event["eventName"].as_str().expect("a name").to_owned());
    }
    assert_eq!(
        names,
        [
            "AssumeRole",
            "CreateFunction20150331",
            "GetFunction20150331v2"
        ]
    );
    let gone = call(
        &harness,
        "root",
        "GetFunction",
        json!({ "FunctionName": arn("g") }),
    )
    .await;
    assert_eq!(gone.status, 404);
    assert_eq!(
        gone.body,
        json!({ "Type": "User", "Message": format!("Function not found: {}", arn("g")) })
    );
}
