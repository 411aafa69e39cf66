//! The condition keys that a document refers to: in `Condition`, and as policy variables.

use crate::json::Json;
use crate::malformed::Malformed;
use crate::policy::{Policy, PolicyKind, Version};

/// The keys that `text` refers to, each once and as it is written there first, in document order.
///
/// Names of keys do not distinguish case. Until version 2012-10-17 `${..}` is plain text. A
/// document that is not a policy of this kind is refused.
pub fn context_keys(text: &str, kind: PolicyKind) -> Result<Vec<String>, Malformed> {
    let policy = Policy::parse(text, kind)?;
    let mut found = Found {
        keys: Vec::new(),
        variables: policy.version() == Version::V2012,
    };
    if let Ok(Json::Object(members)) = Json::parse(text) {
        let statements = members.iter().filter(|(name, _)| name == "Statement");
        statements.for_each(|(_, statements)| found.statements(statements));
    }
    Ok(found.keys)
}

struct Found {
    keys: Vec<String>,
    variables: bool,
}

impl Found {
    fn statements(&mut self, element: &Json) {
        match element {
            Json::List(list) => list.iter().for_each(|one| self.statements(one)),
            Json::Object(elements) => {
                for (name, value) in elements {
                    match name.as_str() {
                        "Resource" | "NotResource" => self.texts(value),
                        "Condition" => self.conditions(value),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    fn conditions(&mut self, element: &Json) {
        let Json::Object(operators) = element else {
            return;
        };
        for (_, block) in operators {
            let Json::Object(keys) = block else { continue };
            for (key, values) in keys {
                self.add(key);
                self.texts(values);
            }
        }
    }

    fn texts(&mut self, element: &Json) {
        match element {
            Json::List(list) => list.iter().for_each(|one| self.texts(one)),
            Json::Text(text) if self.variables => self.variables_of(text),
            _ => {}
        }
    }

    /// The names between `${` and `}`, or before the comma of a default value.
    fn variables_of(&mut self, text: &str) {
        for opened in text.split("${").skip(1) {
            let inner = opened.split(['}', ',']).next().unwrap_or_default().trim();
            if inner.contains(':') {
                self.add(inner);
            }
        }
    }

    fn add(&mut self, key: &str) {
        let is_known = |known: &String| known.eq_ignore_ascii_case(key);
        if !self.keys.iter().any(is_known) {
            self.keys.push(key.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<String> {
        context_keys(text, PolicyKind::Identity).unwrap()
    }

    #[test]
    fn keys_come_once_and_as_they_are_written() {
        let text = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"dynamodb:*",
            "Resource":["arn:aws:dynamodb:us-west-2:128716708097:table/${aws:username}","arn:aws:s3:::b/${*}"],
            "Condition":{"DateGreaterThan":{"aws:CurrentTime":"2015-08-16T12:00:00Z"},
            "StringLike":{"s3:prefix":["${aws:PrincipalTag/team, 'none'}/*","${AWS:UserName}"]}}}]}"#;
        let expected = [
            "aws:username",
            "aws:CurrentTime",
            "s3:prefix",
            "aws:PrincipalTag/team",
        ];
        assert_eq!(keys(text), expected);
    }

    #[test]
    fn the_old_version_has_no_variables() {
        let text = r#"{"Statement":{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::${aws:username}"}}"#;
        assert!(keys(text).is_empty());
        assert!(context_keys("{", PolicyKind::Identity).is_err());
    }
}
