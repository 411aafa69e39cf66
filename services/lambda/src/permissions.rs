//! Statements of the policies of functions and layers, as AddPermission and
//! AddLayerVersionPermission write them ("Working with resource-based IAM policies in Lambda").

use std::collections::BTreeMap;

use api::lambda::{PolicyLengthExceededException, ResourceConflictException};
use platform::{Ctx, Result, is_account, partition};
use policy::{Policy, PolicyKind};
use serde::{Deserialize, Serialize};
use wire::Fault;

use crate::refusals;

/// The longest policy, in bytes ("Lambda quotas").
const MOST_POLICY: usize = 20_480;
/// What stands around the statements of every policy.
const BEFORE: &str = r#"{"Version":"2012-10-17","Id":"default","Statement":["#;
const BEHIND: &str = "]}";

/// A statement, its members in the order in which AWS writes them.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Statement {
    pub(crate) sid: String,
    pub(crate) effect: Effect,
    pub(crate) principal: Principal,
    pub(crate) action: String,
    pub(crate) resource: String,
    #[serde(default, skip_serializing_if = "Condition::is_empty")]
    pub(crate) condition: Condition,
}

/// Permissions only ever allow.
#[derive(Serialize, Deserialize)]
pub(crate) enum Effect {
    Allow,
}

/// Whom a statement lets in.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Principal {
    /// `*`.
    Everyone(String),
    /// An account, a user, a role or a session.
    #[serde(rename_all = "UPPERCASE")]
    Identity { aws: String },
    /// `sns.amazonaws.com` and the like.
    #[serde(rename_all = "PascalCase")]
    Service { service: String },
}

/// When a statement counts.
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Condition {
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) string_equals: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) arn_like: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) bool: BTreeMap<String, String>,
}

impl Condition {
    fn is_empty(&self) -> bool {
        self.string_equals.is_empty() && self.arn_like.is_empty() && self.bool.is_empty()
    }

    /// Asks for one value of a key, if there is a value.
    pub(crate) fn equal(&mut self, key: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.string_equals.insert(key.to_owned(), value.to_owned());
        }
    }
}

impl Principal {
    /// The principal that a request names: everyone, an account, an ARN or a service.
    pub(crate) fn of(text: &str, region: &str) -> Result<Self, Fault> {
        let is_service =
            [".amazonaws.com", ".amazonaws.com.cn", ".amazon.com"].map(|end| text.ends_with(end));
        match text {
            "*" => Ok(Self::Everyone(text.to_owned())),
            account if is_account(account) => Ok(Self::Identity {
                aws: format!("arn:{}:iam::{account}:root", partition(region)),
            }),
            arn if arn.starts_with("arn:") => Ok(Self::Identity {
                aws: arn.to_owned(),
            }),
            service if is_service.contains(&true) => Ok(Self::Service {
                service: service.to_owned(),
            }),
            _ => Err(bad_principal()),
        }
    }

    /// The principal as policies of callers name it (`lambda:Principal`): an account by its number.
    pub(crate) fn as_asked(&self) -> &str {
        let aws = match self {
            Self::Everyone(text) | Self::Service { service: text } => return text,
            Self::Identity { aws } => aws,
        };
        let account = aws.split(':').nth(4).filter(|_| aws.ends_with(":root"));
        account.unwrap_or(aws)
    }
}

/// The document of statements in JSON.
pub(crate) fn document(statements: &[String]) -> String {
    format!("{BEFORE}{}{BEHIND}", statements.join(","))
}

/// The one statement of a document; none of one that no permission made.
pub(crate) fn alone(document: &str) -> Option<Statement> {
    let inner = document.strip_prefix(BEFORE)?.strip_suffix(BEHIND)?;
    serde_json::from_str(inner).ok()
}

/// The statement of this id, if there is one, as it is kept.
pub(crate) fn of_id<'a>(statements: &'a [String], id: &str) -> Option<&'a String> {
    statements.iter().find(|text| has_id(text, id))
}

/// Adds a statement, and gives it as it is shown.
pub(crate) async fn add(
    ctx: &Ctx,
    statements: &mut Vec<String>,
    new: &Statement,
) -> Result<String> {
    let id = &new.sid;
    if of_id(statements, id).is_some() {
        return Err(ResourceConflictException::new(format!(
            "The statement id ({id}) provided already exists. Please provide a new statement id, or \
             remove the existing statement."
        ))
        .into());
    }
    let text = serde_json::to_string(new).map_err(platform::Error::internal)?;
    statements.push(kept(ctx, &text).await?);
    let shown = ctx.show_principals(&document(statements)).await?;
    let size = shown.len();
    match size > MOST_POLICY {
        false => Ok(text),
        true => Err(PolicyLengthExceededException::new(format!(
            "The final policy size ({size}) is bigger than the limit ({MOST_POLICY})."
        ))
        .into()),
    }
}

/// Takes away the statement of this id; false if there is none.
pub(crate) fn remove(statements: &mut Vec<String>, id: &str) -> bool {
    let count = statements.len();
    statements.retain(|text| !has_id(text, id));
    statements.len() < count
}

/// A statement with the unique ids of the users and roles that it names.
async fn kept(ctx: &Ctx, statement: &str) -> Result<String> {
    let alone = document(&[statement.to_owned()]);
    let parsed = Policy::parse(&alone, PolicyKind::Resource).map_err(|_| bad_principal())?;
    let bound = ctx.bind_principals(&alone, &parsed).await?;
    let bound = bound.map_err(|_| bad_principal())?;
    let inner = bound.strip_prefix(BEFORE);
    let inner = inner.and_then(|rest| rest.strip_suffix(BEHIND));
    let inner = inner.ok_or_else(|| platform::Error::internal("a statement without its document"));
    Ok(inner?.to_owned())
}

fn has_id(statement: &str, id: &str) -> bool {
    #[derive(Deserialize)]
    struct Named {
        #[serde(rename = "Sid")]
        sid: Option<String>,
    }
    let named: Option<Named> = serde_json::from_str(statement).ok();
    named.and_then(|named| named.sid).as_deref() == Some(id)
}

fn bad_principal() -> Fault {
    refusals::invalid(
        "The provided principal was invalid. Please check the principal and try again.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(principal: &str) -> String {
        let mut condition = Condition::default();
        condition.equal("AWS:SourceAccount", Some("111122223333"));
        let statement = Statement {
            sid: "s".to_owned(),
            effect: Effect::Allow,
            principal: Principal::of(principal, "eu-west-1")
                .unwrap_or_else(|_| panic!("a principal")),
            action: "lambda:InvokeFunction".to_owned(),
            resource: "r".to_owned(),
            condition,
        };
        serde_json::to_string(&statement).expect("JSON")
    }

    #[test]
    fn statements_are_written_as_aws_writes_them() {
        let rest = r#""Action":"lambda:InvokeFunction","Resource":"r","Condition":{"StringEquals":{"AWS:SourceAccount":"111122223333"}}}"#;
        for (principal, expected) in [
            ("*", r#""*""#),
            ("sns.amazonaws.com", r#"{"Service":"sns.amazonaws.com"}"#),
            (
                "444455556666",
                r#"{"AWS":"arn:aws:iam::444455556666:root"}"#,
            ),
            (
                "arn:aws:iam::444455556666:role/r",
                r#"{"AWS":"arn:aws:iam::444455556666:role/r"}"#,
            ),
        ] {
            let text = written(principal);
            let start = format!(r#"{{"Sid":"s","Effect":"Allow","Principal":{expected},"#);
            assert_eq!(text, format!("{start}{rest}"));
            let read: Statement = serde_json::from_str(&text).expect("a statement");
            assert_eq!(read.principal.as_asked(), principal);
        }
    }

    #[test]
    fn what_is_no_principal_is_refused() {
        for bad in [
            "",
            "invalid.nonaws.com",
            "12345678901",
            "sns",
            "o-abcdefghij",
        ] {
            assert!(Principal::of(bad, "eu-west-1").is_err(), "{bad}");
        }
    }
}
