//! GetRandomPassword.

use serde_json::{Value, json};

use crate::secrets::house::{done, house, refused};

#[tokio::test]
async fn every_option_holds() {
    let harness = house().await;
    let password = async |input: Value| {
        let got = done(&harness, "root", "GetRandomPassword", input).await;
        got["RandomPassword"].as_str().expect("text").to_owned()
    };
    let has = |text: &str, test: fn(&char) -> bool| text.chars().any(|it| test(&it));
    assert_eq!(password(json!({})).await.len(), 32);
    for _ in 0..50 {
        let four = password(json!({ "PasswordLength": 4 })).await;
        assert!(has(&four, char::is_ascii_uppercase) && has(&four, char::is_ascii_lowercase));
        assert!(has(&four, char::is_ascii_digit) && has(&four, char::is_ascii_punctuation));
    }
    let long = json!({ "PasswordLength": 4096, "IncludeSpace": true });
    assert!(password(long).await.contains(' '));
    let digits = json!({
        "PasswordLength": 200, "ExcludeUppercase": true, "ExcludeLowercase": true,
        "ExcludePunctuation": true, "ExcludeCharacters": "01234567",
    });
    assert!(password(digits).await.chars().all(|it| "89".contains(it)));
    let one = json!({ "PasswordLength": 1, "RequireEachIncludedType": false });
    assert_eq!(password(one).await.len(), 1);
}

#[tokio::test]
async fn what_cannot_be_is_refused() {
    let harness = house().await;
    let none = json!({
        "ExcludeUppercase": true, "ExcludeLowercase": true, "ExcludePunctuation": true,
        "ExcludeNumbers": true,
    });
    for (input, expected) in [
        (
            json!({ "PasswordLength": 3 }),
            "Password length is too short based on the required types.",
        ),
        (
            json!({ "ExcludeCharacters": "0123456789" }),
            "All characters of the desired type have been excluded.",
        ),
        (none, "All characters have been excluded from selection."),
    ] {
        let (code, text) = refused(&harness, "root", "GetRandomPassword", input).await;
        assert_eq!((&*code, &*text), ("InvalidParameterException", expected));
    }
}
