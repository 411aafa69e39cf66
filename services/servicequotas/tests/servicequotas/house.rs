//! Service Quotas beside a service with two operations and three quotas.

use api::kms;
pub(crate) use platform::testing::{ACCOUNT, Answer, Harness, REGION};
use platform::{Ctx, Draw, Everything, Quota, QuotaKind, QuotaTable, Regional, Result, Service};
pub(crate) use serde_json::{Value, json};

/// Calls of `ListKeys` and of `EnableKey` with short key ids; 2, in [`REGION`] 3.
pub(crate) const RATE: &str = "L-00000001";
/// Things.
pub(crate) const COUNT: &str = "L-00000002";
/// Cannot be raised.
pub(crate) const FIXED: &str = "L-00000003";

static QUOTAS: QuotaTable = QuotaTable {
    service_code: "keys",
    service_name: "The key service",
    exceeded: "Too much.",
    quotas: &[
        Quota {
            code: RATE,
            name: "ListKeys request rate",
            description: "Calls.",
            kind: QuotaKind::Rate,
            operations: &["ListKeys"],
            default: 2.0,
            regional: &[Regional {
                regions: &[REGION],
                default: 3.0,
            }],
            adjustable: true,
            usage_resource: Some("ListKeys"),
        },
        Quota {
            code: COUNT,
            name: "Things",
            description: "Things.",
            kind: QuotaKind::Count,
            operations: &[],
            default: 5.0,
            regional: &[],
            adjustable: true,
            usage_resource: None,
        },
        Quota {
            code: FIXED,
            name: "Fixed things",
            description: "Things.",
            kind: QuotaKind::Count,
            operations: &[],
            default: 7.0,
            regional: &[],
            adjustable: false,
            usage_resource: None,
        },
    ],
    draws: &[Draw {
        operation: "EnableKey",
        member: "KeyId",
        quotas: &[("short", RATE)],
        absent: "",
    }],
    elsewhere: &[],
};

/// How many things there may be.
async fn list_keys(ctx: &Ctx, _: kms::ListKeysRequest) -> Result<kms::ListKeysResponse> {
    let account = ctx.account().to_owned();
    let asked = ctx.authorize("kms:ListKeys", Everything { account });
    asked.decide().await?;
    let things = ctx.count_quota(ctx.account(), &QUOTAS, COUNT).await?;
    Ok(kms::ListKeysResponse {
        next_marker: Some(things.to_string()),
        ..kms::ListKeysResponse::default()
    })
}

async fn enable_key(ctx: &Ctx, _: kms::EnableKeyRequest) -> Result<wire::Empty> {
    let account = ctx.account().to_owned();
    let asked = ctx.authorize("kms:EnableKey", Everything { account });
    asked.decide().await?;
    Ok(wire::Empty)
}

pub(crate) struct House {
    pub(crate) harness: Harness,
}

impl House {
    pub(crate) async fn new() -> Self {
        let keys = Service::new(&kms::SERVICE)
            .quotas(&QUOTAS)
            .op::<kms::EnableKey>(enable_key)
            .op::<kms::ListKeys>(list_keys);
        let harness = Harness::new(vec![keys, service_servicequotas::service()]).await;
        harness.pipeline.limit_rates();
        Self { harness }
    }

    pub(crate) async fn call(&self, who: &str, operation: &str, input: Value) -> Answer {
        self.call_in(REGION, who, operation, input).await
    }

    pub(crate) async fn call_in(
        &self,
        region: &str,
        who: &str,
        operation: &str,
        input: Value,
    ) -> Answer {
        let target = format!("ServiceQuotasV20190624.{operation}");
        self.harness.json_in(region, who, &target, input).await
    }

    pub(crate) async fn ok(&self, operation: &str, input: Value) -> Value {
        let answer = self.call("root", operation, input).await;
        assert_eq!(answer.status, 200, "{operation}: {}", answer.text);
        answer.body
    }

    /// The code and text of a call that has to fail.
    pub(crate) async fn fails(&self, operation: &str, input: Value) -> (String, String) {
        let answer = self.call("root", operation, input).await;
        assert_eq!(answer.status, 400, "{operation}: {}", answer.text);
        let code = answer.code.clone().unwrap_or_default();
        (code, answer.message().to_owned())
    }

    pub(crate) async fn increase(&self, code: &str, value: f64) -> Value {
        let mut input = quota(code);
        input["DesiredValue"] = json!(value);
        self.ok("RequestServiceQuotaIncrease", input).await["RequestedQuota"].clone()
    }

    /// How many of `tries` calls of the other service are let through.
    pub(crate) async fn passed(&self, region: &str, operation: &str, tries: usize) -> usize {
        let mut passed = 0;
        for _ in 0..tries {
            let target = format!("TrentService.{operation}");
            let input = json!({ "KeyId": "short" });
            let answer = self.harness.json_in(region, "root", &target, input).await;
            match answer.code.as_deref() {
                None => passed += 1,
                Some(code) => assert_eq!(
                    (code, answer.message()),
                    ("ThrottlingException", "Too much.")
                ),
            }
        }
        passed
    }
}

/// A request about a quota.
pub(crate) fn quota(code: &str) -> Value {
    json!({ "ServiceCode": "keys", "QuotaCode": code })
}

pub(crate) fn arn(code: &str) -> String {
    format!("arn:aws:servicequotas:{REGION}:{ACCOUNT}:keys/{code}")
}

pub(crate) fn statement(action: &str, resource: &str, condition: &Value) -> String {
    let statement = json!({
        "Effect": "Allow", "Action": action, "Resource": resource, "Condition": condition,
    });
    json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
}
