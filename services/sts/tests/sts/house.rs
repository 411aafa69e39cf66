//! A house with two accounts, a few users and roles, and a probe that asks one decision.

use platform::testing::{ACCOUNT, Answer, Device, Harness};
use platform::{Ctx, Everything, Result, Service};

/// The other account.
pub(crate) const OTHER: &str = "444455556666";
/// The role that most tests assume.
pub(crate) const APP: &str = "arn:aws:iam::111122223333:role/path/app";
/// Everything, for whoever has it.
pub(crate) const ALLOW_ALL: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

/// A policy that allows `action` on `resource`.
pub(crate) fn allow(action: &str, resource: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"{action}","Resource":"{resource}"}}}}"#
    )
}

/// A trust policy that allows `actions` to `principal`, under `condition`.
pub(crate) fn trust(principal: &str, actions: &str, condition: &str) -> String {
    let condition = if condition.is_empty() {
        "{}"
    } else {
        condition
    };
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":{actions},"Condition":{condition}}}}}"#
    )
}

pub(crate) const ASSUME: &str = r#""sts:AssumeRole""#;

pub(crate) fn user_arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:user/{name}")
}

pub(crate) async fn house() -> Harness {
    Harness::new(vec![service_sts::service(), probe()]).await
}

/// The form of AssumeRole for `role` with further parameters.
pub(crate) fn assume(role: &str, more: &str) -> String {
    format!("Action=AssumeRole&RoleArn={role}&RoleSessionName=s1{more}")
}

/// Calls STS.
pub(crate) async fn sts(house: &Harness, who: &str, form: &str) -> Answer {
    house.query(who, "sts", form).await
}

/// Calls STS, and keeps the credentials of the answer as `name`.
pub(crate) async fn begin(house: &Harness, who: &str, name: &str, form: &str) -> Answer {
    let answer = sts(house, who, form).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    house.session(name, &answer);
    answer
}

/// The error's code; none for success.
pub(crate) async fn code(house: &Harness, who: &str, form: &str) -> Option<String> {
    sts(house, who, form).await.code
}

/// A user's second factor that counts.
pub(crate) fn device(owner: &str) -> Device {
    Device {
        owner: user_arn(owner),
        serial: format!("arn:aws:iam::{ACCOUNT}:mfa/{owner}"),
        code: "123456".to_owned(),
    }
}

/// A service with one operation that is allowed to whoever may `kms:ListKeys`.
fn probe() -> Service {
    static TABLE: wire::ServiceTable = wire::ServiceTable {
        operations: &[<api::kms::ListKeys as wire::Operation>::TABLE],
        ..TABLE_OF_KMS
    };
    Service::new(&TABLE).op::<api::kms::ListKeys>(list_keys)
}

const TABLE_OF_KMS: wire::ServiceTable = wire::ServiceTable {
    name: "kms",
    service_id: "KMS",
    signing_name: "kms",
    api_version: "2014-11-01",
    target_prefix: Some("TrentService"),
    xml_namespace: None,
    protocols: &[wire::Protocol::Json11],
    operations: &[],
    unbuilt: &[],
    recording: wire::Recording::PLAIN,
};

async fn list_keys(ctx: &Ctx, _: api::kms::ListKeysRequest) -> Result<api::kms::ListKeysResponse> {
    let account = ctx.account().to_owned();
    let access = ctx.authorize("kms:ListKeys", Everything { account });
    match access.decide_or_encode().await? {
        Ok(_) => Ok(api::kms::ListKeysResponse {
            keys: None,
            next_marker: None,
            truncated: None,
        }),
        Err(encoded) => Err(platform::validation(encoded)),
    }
}

/// Whether `who` may `kms:ListKeys`; otherwise the answer.
pub(crate) async fn probes(house: &Harness, who: &str) -> Result<(), Answer> {
    let answer = house
        .json(who, "TrentService.ListKeys", serde_json::json!({}))
        .await;
    if answer.status == 200 {
        Ok(())
    } else {
        Err(answer)
    }
}

/// What is on record of the call before.
pub(crate) fn last_event(house: &Harness) -> serde_json::Value {
    let mut reader = house.pipeline.store().journal_reader(1);
    let mut last = serde_json::Value::Null;
    while let Some(entry) = reader.next().expect("a journal in memory") {
        last = serde_json::from_slice(&entry.payload).expect("JSON");
    }
    last
}
