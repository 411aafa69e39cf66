//! What a refused decision was about, for whoever may read it: sealed on its way to the caller, who
//! may not (STS API reference, DecodeAuthorizationMessage).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use policy::{Conditions, Decision, Outcome, Reason};
use serde_json::{Value, json};

use crate::caller::Caller;
use crate::ctx::Ctx;
use crate::fault::{Error, Result};

/// The longest message that AWS takes back, in characters.
const MAX_MESSAGE: usize = 10_240;
/// What the sealing key is for; nothing else is sealed under it.
const PURPOSE: &str = "authorization-messages";

/// The global keys that a message shows, where the request has them.
const SHOWN: [&str; 17] = [
    "aws:CurrentTime",
    "aws:MultiFactorAuthAge",
    "aws:MultiFactorAuthPresent",
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalOrgID",
    "aws:PrincipalType",
    "aws:RequestedRegion",
    "aws:ResourceAccount",
    "aws:SecureTransport",
    "aws:SourceIdentity",
    "aws:SourceIp",
    "aws:TagKeys",
    "aws:TokenIssueTime",
    "aws:UserAgent",
    "aws:userid",
    "aws:username",
];

/// A refused request.
pub(crate) struct Refused<'a> {
    pub(crate) action: &'a str,
    pub(crate) resource: &'a str,
    pub(crate) conditions: &'a dyn Conditions,
}

/// The document that tells why `decision` refused.
pub(crate) fn document(caller: &Caller, refused: &Refused<'_>, decision: &Decision<'_>) -> String {
    let matched: Vec<Value> = match decision.reason {
        Reason::Statement { policy, sid, .. } => vec![json!({
            "statementId": sid.unwrap_or_default(),
            "effect": "DENY",
            "sourcePolicy": policy,
        })],
        Reason::NoAllow(_) | Reason::RootUser | Reason::Grant => Vec::new(),
    };
    let document = json!({
        "allowed": false,
        "explicitDeny": decision.outcome == Outcome::ExplicitDeny,
        "matchedStatements": { "items": matched },
        "failures": { "items": [] },
        "context": {
            "principal": {
                "id": caller.user_id,
                "name": caller.user_name(),
                "arn": caller.arn,
            },
            "action": refused.action,
            "resource": refused.resource,
            "conditions": { "items": conditions(refused.conditions) },
        },
    });
    document.to_string()
}

fn conditions(conditions: &dyn Conditions) -> Vec<Value> {
    let shown = SHOWN.iter().filter_map(|key| {
        let values = conditions.values(&key.to_ascii_lowercase())?;
        let values: Vec<Value> = values
            .iter()
            .map(|value| json!({ "value": value }))
            .collect();
        Some(json!({ "key": key, "values": { "items": values } }))
    });
    shown.collect()
}

/// Seals a document for the caller's account.
pub(crate) fn encode(ctx: &Ctx, document: &str) -> Result<String> {
    let account = ctx.account();
    let key = ctx.keyring().record_key(account, PURPOSE);
    let sealed = key.seal(account.as_bytes(), document.as_bytes(), ctx.random());
    Ok(BASE64.encode(sealed.map_err(Error::internal)?))
}

/// The document of a message that was sealed for the caller's account.
pub(crate) fn decode(ctx: &Ctx, message: &str) -> Option<String> {
    if message.len() > MAX_MESSAGE {
        return None;
    }
    let sealed = BASE64.decode(message).ok()?;
    let account = ctx.account();
    let key = ctx.keyring().record_key(account, PURPOSE);
    let opened = key.open(account.as_bytes(), &sealed).ok()?;
    String::from_utf8(opened.to_vec()).ok()
}
