//! What queries find, under a key of the account's.

use platform::testing::{ACCOUNT, REGION};
use serde_json::{Value, json};

use super::{GROUP, House, NOW, lets_logs_in, record};

fn results_arn() -> String {
    format!("arn:aws:logs:{REGION}:{ACCOUNT}:query-result:*")
}

impl House {
    /// Runs a query over the group. Returns its id.
    async fn found(&self) -> String {
        let query = json!({
            "logGroupName": GROUP, "queryString": "fields @message",
            "startTime": NOW / 1000 - 3600, "endTime": NOW / 1000,
        });
        let started = self.ok("StartQuery", query).await;
        self.harness.run_deliveries().await;
        started["queryId"].as_str().expect("an id").to_owned()
    }

    async fn results(&self, id: &str) -> Value {
        self.ok("GetQueryResults", json!({ "queryId": id })).await
    }
}

#[tokio::test]
async fn cwl_1_query_results_are_under_the_key_of_the_account() {
    let house = House::new().await;
    let key = house.key(&[lets_logs_in()]).await;
    house.group(None).await;
    house.put("hello").await;
    let before = house.found().await;
    let associate = json!({ "resourceIdentifier": results_arn(), "kmsKeyId": key });
    house.ok("AssociateKmsKey", associate).await;
    let under_key = house.found().await;
    let shown = house.results(&under_key).await;
    assert_eq!(shown["encryptionKey"], key);
    assert_eq!(shown["results"][0][0]["value"], "hello");
    assert!(house.results(&before).await["encryptionKey"].is_null());

    // KMS hears of the results, from the service.
    let events = record(house.harness.pipeline.store());
    let decrypted = events.iter().rfind(|event| event["eventName"] == "Decrypt");
    let context = &decrypted.expect("an event")["requestParameters"]["encryptionContext"];
    assert_eq!(context["aws:logs:arn"], results_arn());

    house.ok("kms:DisableKey", json!({ "KeyId": key })).await;
    let refused = house
        .fails("GetQueryResults", json!({ "queryId": under_key }))
        .await;
    let text = format!(
        "The specified KMS key does not exist or is not allowed to be used with Arn '{}'",
        results_arn()
    );
    assert_eq!(refused, ("AccessDeniedException".to_owned(), text));
    // The group has no key, and what was found before is under none.
    assert_eq!(
        house.results(&before).await["results"][0][0]["value"],
        "hello"
    );

    house.ok("kms:EnableKey", json!({ "KeyId": key })).await;
    let disassociate = json!({ "resourceIdentifier": results_arn() });
    house.ok("DisassociateKmsKey", disassociate).await;
    let after = house.found().await;
    assert!(house.results(&after).await["encryptionKey"].is_null());
    assert_eq!(house.results(&under_key).await["encryptionKey"], key);
}

#[tokio::test]
async fn cwl_1_query_results_of_others_have_no_key_here() {
    let house = House::new().await;
    let key = house.key(&[lets_logs_in()]).await;
    for arn in [
        results_arn().replace(ACCOUNT, "444455556666"),
        results_arn().replace(REGION, "eu-west-1"),
        results_arn().replace(":*", ":x"),
    ] {
        let input = json!({ "resourceIdentifier": arn, "kmsKeyId": key });
        let (code, _) = house.fails("AssociateKmsKey", input).await;
        assert_eq!(code, "InvalidParameterException", "{arn}");
    }
    // A key whose policy does not let the service in.
    let own = house.key(&[]).await;
    let input = json!({ "resourceIdentifier": results_arn(), "kmsKeyId": own });
    let (code, _) = house.fails("AssociateKmsKey", input).await;
    assert_eq!(code, "AccessDeniedException");
}
