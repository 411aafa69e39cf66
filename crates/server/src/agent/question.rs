//! What a request asks for.

use ::http::StatusCode;

use super::query::{pairs, unescaped};
use super::{Refusal, refuse};

/// A value that is asked for: what the cache knows it by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Question {
    /// A version of a secret; the one of `AWSCURRENT` where nothing is said.
    Secret {
        /// The name or ARN.
        id: String,
        version_id: Option<String>,
        version_stage: Option<String>,
    },
    /// A parameter, or a version of it.
    Parameter {
        /// The name or ARN, with a version or label behind it.
        name: String,
        with_decryption: bool,
    },
}

/// What a request asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// Whether the agent is there.
    Ping,
    /// A value, and whether as it is now, whatever the cache says.
    Value(Question, bool),
}

/// Reads the path and the query of a request.
pub(super) fn parse((path, query): (&str, &str), prefix: &str) -> Result<Asked, Refusal> {
    match path.strip_suffix('/').unwrap_or(path) {
        "/ping" => Ok(Asked::Ping),
        "/secretsmanager/get" => secret(None, query),
        "/systemsmanager/parameters/get" => parameter(query),
        _ => match path.strip_prefix(prefix) {
            Some("") => Err(bad("missing secret ID")),
            Some(id) => secret(Some(unescaped(id)), query),
            None => Err(refuse(StatusCode::NOT_FOUND, "Not found")),
        },
    }
}

fn secret(in_path: Option<String>, query: &str) -> Result<Asked, Refusal> {
    let is_in_path = in_path.is_some();
    let mut id = in_path.unwrap_or_default();
    let (mut version_id, mut version_stage, mut refresh) = (None, None, false);
    for (name, value) in pairs(query) {
        match name.as_str() {
            "secretId" if !is_in_path => id = value,
            "versionId" => version_id = Some(value),
            "versionStage" => version_stage = Some(value),
            "refreshNow" => refresh = boolean("refreshNow", &value)?,
            other => return Err(bad(format!("unknown parameter: {other}"))),
        }
    }
    if id.is_empty() {
        return Err(bad("missing parameter secretId"));
    }
    let question = Question::Secret {
        id,
        version_id,
        version_stage,
    };
    Ok(Asked::Value(question, refresh))
}

fn parameter(query: &str) -> Result<Asked, Refusal> {
    let (mut asked, mut selectors) = (String::new(), Vec::new());
    let (mut with_decryption, mut refresh) = (false, false);
    for (name, value) in pairs(query) {
        match name.as_str() {
            "name" => asked = value,
            "version" | "label" => selectors.push(value),
            "withDecryption" => with_decryption = boolean("withDecryption", &value)?,
            "refreshNow" => refresh = boolean("refreshNow", &value)?,
            other => return Err(bad(format!("unknown parameter: {other}"))),
        }
    }
    if asked.is_empty() {
        return Err(bad("missing parameter name"));
    }
    let name = match selectors.as_slice() {
        [] => asked,
        [selector] => format!("{asked}:{selector}"),
        _ => return Err(bad("version and label can't be used together")),
    };
    let question = Question::Parameter {
        name,
        with_decryption,
    };
    Ok(Asked::Value(question, refresh))
}

fn boolean(name: &str, value: &str) -> Result<bool, Refusal> {
    match value.to_ascii_lowercase().as_str() {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(bad(format!("invalid {name} value"))),
    }
}

fn bad(said: impl Into<String>) -> Refusal {
    refuse(StatusCode::BAD_REQUEST, said)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> Result<Asked, (u16, String)> {
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        parse((path, query), "/v1/").map_err(|Refusal(status, said)| (status.as_u16(), said))
    }

    fn secret(id: &str, version: Option<&str>, stage: Option<&str>, refresh: bool) -> Asked {
        let question = Question::Secret {
            id: id.to_owned(),
            version_id: version.map(str::to_owned),
            version_stage: stage.map(str::to_owned),
        };
        Asked::Value(question, refresh)
    }

    fn parameter(name: &str, with_decryption: bool) -> Asked {
        let name = name.to_owned();
        Asked::Value(
            Question::Parameter {
                name,
                with_decryption,
            },
            false,
        )
    }

    #[test]
    fn urls_of_both_programs_are_read() {
        let arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:a/b-AbC123";
        let get = "/secretsmanager/get";
        for (url, asked) in [
            ("/ping".to_owned(), Asked::Ping),
            (
                format!("{get}?secretId=My"),
                secret("My", None, None, false),
            ),
            (
                format!("{get}/?secretId=a%2Fb"),
                secret("a/b", None, None, false),
            ),
            (
                format!("{get}?secretId={arn}&versionId=v"),
                secret(arn, Some("v"), None, false),
            ),
            (
                format!("{get}?secretId=a&versionStage=S&refreshNow=TRUE"),
                secret("a", None, Some("S"), true),
            ),
            (
                format!("{get}?secretId=a&refreshNow=0"),
                secret("a", None, None, false),
            ),
            (
                "/v1/a/b?versionId=v".to_owned(),
                secret("a/b", Some("v"), None, false),
            ),
            (
                format!("/v1/{arn}?refreshNow=1"),
                secret(arn, None, None, true),
            ),
        ] {
            assert_eq!(read(&url), Ok(asked), "{url}");
        }
        let get = "/systemsmanager/parameters/get";
        for (url, asked) in [
            (format!("{get}?name=/a/b"), parameter("/a/b", false)),
            (
                format!("{get}/?name=%2Fa&withDecryption=true"),
                parameter("/a", true),
            ),
            (format!("{get}/?name=a&version=3"), parameter("a:3", false)),
            (
                format!("{get}/?name=a&label=prod"),
                parameter("a:prod", false),
            ),
        ] {
            assert_eq!(read(&url), Ok(asked), "{url}");
        }
    }

    #[test]
    fn other_urls_are_refused_in_the_words_of_the_agent() {
        for (url, status, said) in [
            ("/", 404, "Not found"),
            ("/v2/a", 404, "Not found"),
            ("/v1/", 400, "missing secret ID"),
            ("/v1/a?secretId=b", 400, "unknown parameter: secretId"),
            ("/secretsmanager/get", 400, "missing parameter secretId"),
            (
                "/secretsmanager/get?secretId=",
                400,
                "missing parameter secretId",
            ),
            (
                "/secretsmanager/get?secretId=a&b=c",
                400,
                "unknown parameter: b",
            ),
            (
                "/secretsmanager/get?secretId=a&refreshNow=2",
                400,
                "invalid refreshNow value",
            ),
            (
                "/systemsmanager/parameters/get",
                400,
                "missing parameter name",
            ),
            (
                "/systemsmanager/parameters/get?name=a&withDecryption=x",
                400,
                "invalid withDecryption value",
            ),
            (
                "/systemsmanager/parameters/get?name=a&version=1&label=b",
                400,
                "version and label can't be used together",
            ),
        ] {
            assert_eq!(read(url), Err((status, said.to_owned())), "{url}");
        }
    }
}
