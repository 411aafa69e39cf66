//! OpenID Connect discovery of the installation's own issuers, for whoever verifies web identity
//! tokens of `sts:GetWebIdentityToken`.
//!
//! An account's issuer is a host name, `<id>.tokens.sts.global.api.aws`: a site that uses such
//! tokens points these names at this server. The keys are those of the installation, so one key set
//! is published for every issuer.

use serde_json::json;

/// How issuers end.
const DOMAIN: &str = ".tokens.sts.global.api.aws";

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
pub enum Asked {
    /// The configuration of the issuer.
    Configuration(String),
    /// The key set.
    Keys,
}

/// What a GET of `path` at `host` asks for; none if that is no issuer's.
pub fn asked(host: &str, path: &str) -> Option<Asked> {
    let name = host.split(':').next().unwrap_or_default();
    let id = name.strip_suffix(DOMAIN)?;
    let is_id = id.len() == 36
        && id
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f' | b'-'));
    match path {
        "/.well-known/openid-configuration" if is_id => {
            let issuer = format!("https://{name}");
            Some(Asked::Configuration(configuration(&issuer)))
        }
        "/.well-known/jwks.json" if is_id => Some(Asked::Keys),
        _ => None,
    }
}

/// The document of OpenID Connect Discovery 1.0, section 3.
fn configuration(issuer: &str) -> String {
    json!({
        "issuer": issuer,
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES384", "RS256"],
        "claims_supported": ["aud", "exp", "iat", "iss", "jti", "sub", "https://sts.amazonaws.com/"],
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "11111111-2222-4333-8444-555555555555.tokens.sts.global.api.aws";

    #[test]
    fn issuers_are_hosts_and_name_their_key_set() {
        let keys = asked(HOST, "/.well-known/jwks.json");
        assert_eq!(keys, Some(Asked::Keys));
        let host = format!("{HOST}:443");
        let Some(Asked::Configuration(text)) = asked(&host, "/.well-known/openid-configuration")
        else {
            panic!("a configuration");
        };
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(document["issuer"], format!("https://{HOST}"));
        assert_eq!(
            document["jwks_uri"],
            format!("https://{HOST}/.well-known/jwks.json")
        );
    }

    #[test]
    fn nothing_else_is_an_issuer() {
        for (host, path) in [
            ("localhost", "/.well-known/jwks.json"),
            ("tokens.sts.global.api.aws", "/.well-known/jwks.json"),
            (
                "<script>.tokens.sts.global.api.aws",
                "/.well-known/openid-configuration",
            ),
            (HOST, "/.well-known/other"),
            (HOST, "/"),
        ] {
            assert_eq!(asked(host, path), None, "{host} {path}");
        }
    }
}
