//! `DecodeAuthorizationMessage`.

use serde_json::Value;

use crate::house::{OTHER, allow, code, house, probes, sts, user_arn};

fn decode(message: &str) -> String {
    format!("Action=DecodeAuthorizationMessage&EncodedMessage={message}")
}

#[tokio::test]
async fn a_refusal_is_explained_to_who_may_read_it() {
    let house = house().await;
    house.user("alice", &[]);
    house.user("denied", &[r#"{"Version":"2012-10-17","Statement":{"Sid":"no","Effect":"Deny","Action":"kms:*","Resource":"*"}}"#]);
    house.user("auditor", &[&allow("sts:DecodeAuthorizationMessage", "*")]);
    house.user_of(
        OTHER,
        "far",
        &[&allow("sts:DecodeAuthorizationMessage", "*")],
    );
    for (who, explicit, matched) in [("alice", false, 0), ("denied", true, 1)] {
        let refused = probes(&house, who).await.expect_err("refused");
        let message = refused.message().to_owned();
        assert!(
            !message.contains(who) && !message.contains("kms"),
            "{message}"
        );

        let answer = sts(&house, "auditor", &decode(&message)).await;
        let text = answer.element("DecodedMessage").replace("&quot;", "\"");
        let document: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(document["allowed"], false);
        assert_eq!(document["explicitDeny"], explicit);
        let items = document["matchedStatements"]["items"]
            .as_array()
            .expect("items");
        assert_eq!(items.len(), matched);
        let context = &document["context"];
        assert_eq!(context["principal"]["arn"], user_arn(who));
        assert_eq!(context["action"], "kms:ListKeys");
        assert_eq!(context["resource"], "*");
        assert!(text.contains(r#""key":"aws:RequestedRegion""#), "{text}");

        assert_eq!(
            code(&house, who, &decode(&message)).await.as_deref(),
            Some("AccessDenied")
        );
        let invalid = Some("InvalidAuthorizationMessageException");
        assert_eq!(
            code(&house, "far", &decode(&message)).await.as_deref(),
            invalid
        );
        let mut altered = message.clone();
        let last = altered.pop();
        altered.push(if last == Some('A') { 'B' } else { 'A' });
        for wrong in [altered.as_str(), &message[1..], "x", "%0A"] {
            assert_eq!(
                code(&house, "auditor", &decode(wrong)).await.as_deref(),
                invalid,
                "{wrong}"
            );
        }
    }
}
