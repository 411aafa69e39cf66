//! Dynamic references of CloudFormation templates:
//! `{{resolve:secretsmanager:secret-id:SecretString:json-key:version-stage:version-id}}` ("Get a
//! secret or secret value from Secrets Manager", CloudFormation user guide).

use std::borrow::Cow;
use std::collections::BTreeMap;

use api::secretsmanager::{GetSecretValue, GetSecretValueRequest};
use platform::{Ctx, Result};
use serde_json::value::RawValue;
use wire::{Common, Fault};
use zeroize::Zeroizing;

/// How many parts an ARN of a secret has.
const PARTS_OF_ARN: usize = 7;

/// A dynamic reference, taken apart. What is left out is empty in the text.
#[derive(Debug, PartialEq, Eq)]
struct DynamicReference<'a> {
    /// A name or an ARN.
    secret: &'a str,
    json_key: Option<&'a str>,
    stage: Option<&'a str>,
    version: Option<&'a str>,
}

/// What a dynamic reference stands for: a secret's text, or what one key of it says. CloudFormation
/// asks for it on behalf of the caller, with `secretsmanager:GetSecretValue`.
pub async fn resolve(ctx: &Ctx, reference: &str) -> Result<Zeroizing<String>> {
    let parsed = DynamicReference::parse(reference);
    let parsed = parsed.ok_or_else(|| {
        invalid(format!(
            "Incorrect format is used in the following Secrets Manager reference: [{reference}]"
        ))
    })?;
    let request = GetSecretValueRequest {
        secret_id: parsed.secret.to_owned(),
        version_id: parsed.version.map(str::to_owned),
        version_stage: parsed.stage.map(str::to_owned),
    };
    let call = ctx
        .on_behalf_of_caller("cloudformation")
        .call::<GetSecretValue>(request);
    let text = call.await?.secret_string;
    let text =
        text.ok_or_else(|| invalid("Could not find a value associated with SecretString"))?;
    match parsed.json_key {
        None => Ok(text),
        Some(key) => Ok(value_of(&text, key)?),
    }
}

/// What a key of a JSON object says: a text as it is, anything else as the JSON that it is.
fn value_of(text: &str, key: &str) -> Result<Zeroizing<String>, Fault> {
    // Borrowed from the secret, so that nothing of it is copied.
    let members: BTreeMap<Cow<'_, str>, &RawValue> =
        serde_json::from_str(text).map_err(|_| invalid("Could not parse SecretString JSON"))?;
    let found = members.get(key).map(|value| value.get());
    let found = found
        .filter(|value| *value != "null")
        .ok_or_else(|| invalid("Could not find a value associated with JSONKey in SecretString"))?;
    let value = match found.starts_with('"') {
        true => serde_json::from_str(found),
        false => Ok(found.to_owned()),
    };
    value
        .map(Zeroizing::new)
        .map_err(|_| invalid("Could not parse SecretString JSON"))
}

impl<'a> DynamicReference<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let inner = text.strip_prefix("{{resolve:secretsmanager:")?;
        let inner = inner.strip_suffix("}}")?;
        let length = match inner.starts_with("arn:") {
            true => end_of_part(inner, PARTS_OF_ARN)?,
            false => end_of_part(inner, 1)?,
        };
        let (secret, rest) = inner.split_at_checked(length)?;
        let mut parts = rest.strip_prefix(':').unwrap_or_default().split(':');
        let mut next = || parts.next().filter(|part| !part.is_empty());
        let kind = next();
        let parsed = Self {
            secret,
            json_key: next(),
            stage: next(),
            version: next(),
        };
        let is_whole = parts.next().is_none()
            && !secret.is_empty()
            && kind.is_none_or(|kind| kind == "SecretString")
            && (parsed.stage.is_none() || parsed.version.is_none());
        is_whole.then_some(parsed)
    }
}

/// Where the part of this number ends, counted from 1.
fn end_of_part(text: &str, number: usize) -> Option<usize> {
    let mut ends = text.match_indices(':').map(|(place, _)| place);
    match ends.nth(number - 1) {
        Some(end) => Some(end),
        None => (text.matches(':').count() + 1 == number).then_some(text.len()),
    }
}

fn invalid(text: impl Into<String>) -> Fault {
    Fault::common(Common::Validation, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Parts<'a> = (&'a str, Option<&'a str>, Option<&'a str>, Option<&'a str>);

    fn parsed(inner: &str) -> Option<(String, Vec<Option<String>>)> {
        let text = format!("{{{{resolve:secretsmanager:{inner}}}}}");
        let parsed = DynamicReference::parse(&text)?;
        let rest = [parsed.json_key, parsed.stage, parsed.version];
        Some((
            parsed.secret.to_owned(),
            rest.iter().map(|it| it.map(str::to_owned)).collect(),
        ))
    }

    #[test]
    fn a_reference_has_up_to_five_parts() {
        let arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:a/b-AbC123";
        let arn_with_key = format!("{arn}:SecretString:password::v");
        let check = |inner: &str, expected: Option<Parts<'_>>| {
            let expected = expected.map(|(secret, key, stage, version)| {
                let rest = [key, stage, version];
                let rest = rest.iter().map(|it| it.map(str::to_owned)).collect();
                (secret.to_owned(), rest)
            });
            assert_eq!(parsed(inner), expected, "{inner}");
        };
        check("My", Some(("My", None, None, None)));
        check("My:SecretString", Some(("My", None, None, None)));
        check("My:SecretString:::", Some(("My", None, None, None)));
        check("My::k", Some(("My", Some("k"), None, None)));
        check(
            "My:SecretString:k:S",
            Some(("My", Some("k"), Some("S"), None)),
        );
        check("My:SecretString::S:", Some(("My", None, Some("S"), None)));
        check("My:SecretString:::v", Some(("My", None, None, Some("v"))));
        check(arn, Some((arn, None, None, None)));
        check(
            &arn_with_key,
            Some((arn, Some("password"), None, Some("v"))),
        );
    }

    #[test]
    fn other_references_are_refused() {
        for inner in [
            "",
            ":SecretString:k",
            "My:SecretBinary",
            "My:SecretString:k:S:v",
            "My:SecretString:k:S::x",
            "My:SecretString:k:::",
            "arn:aws:secretsmanager:us-east-1:111122223333:secret",
        ] {
            assert_eq!(parsed(inner), None, "{inner}");
        }
        for text in [
            "{{resolve:ssm:a}}",
            "{{resolve:secretsmanager:a}",
            "x{{resolve:secretsmanager:a}}",
        ] {
            assert_eq!(DynamicReference::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_key_has_a_text_or_the_json_that_it_is() {
        let secret = r#"{"a":"x\"y","n":5432,"b":true,"o":{"k": 1},"z":null,"a b":"c"}"#;
        let value = |key: &str| value_of(secret, key).ok().map(|it| it.to_string());
        assert_eq!(value("a").as_deref(), Some("x\"y"));
        assert_eq!(value("n").as_deref(), Some("5432"));
        assert_eq!(value("b").as_deref(), Some("true"));
        assert_eq!(value("o").as_deref(), Some(r#"{"k": 1}"#));
        assert_eq!(value("a b").as_deref(), Some("c"));
        let refusal = |text: &str, key: &str| {
            let fault = value_of(text, key).err();
            fault.and_then(|fault| fault.message().map(str::to_owned))
        };
        let absent = "Could not find a value associated with JSONKey in SecretString";
        for key in ["z", "A", ""] {
            assert_eq!(refusal(secret, key).as_deref(), Some(absent), "{key}");
        }
        for text in ["plain", "[]", "\"a\"", "{", "5"] {
            let said = refusal(text, "a");
            assert_eq!(said.as_deref(), Some("Could not parse SecretString JSON"));
        }
    }
}
