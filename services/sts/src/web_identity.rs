//! Web identity tokens: what an OpenID Connect issuer says of somebody, believed only once its
//! signature, issuer, audience and time hold.
//!
//! Source: "OpenID Connect federation" and "Pass session tags in AWS STS" (IAM user guide), OpenID
//! Connect Core 1.0, section 3.1.3.7.

use api::sts::{
    ExpiredTokenException, IDPCommunicationErrorException, IDPRejectedClaimException,
    InvalidIdentityTokenException,
};
use crypto::jws::{Algorithm, Token};
use platform::{Ctx, Error, KeySetError, OidcProvider, Result};
use serde_json::{Map, Value};
use wire::Fault;

use crate::key_set;

/// How far the issuer's clock may run ahead, in seconds.
const SKEW: i64 = 300;
/// The claim of tags and source identities, and what begins their flat forms.
const TAGS: &str = "https://aws.amazon.com/tags";
const FLAT_TAG: &str = "https://aws.amazon.com/tags/principal_tags/";
const FLAT_TRANSITIVE: &str = "https://aws.amazon.com/tags/transitive_tag_keys";
const SOURCE_IDENTITY: &str = "https://aws.amazon.com/source_identity";

/// Claims beyond those of every issuer that are condition keys for one ("Available keys for AWS
/// web identity federation").
const OF_ISSUER: &[(&str, &[&str])] = &[(
    "token.actions.githubusercontent.com",
    &[
        "actor",
        "actor_id",
        "enterprise_id",
        "environment",
        "job_workflow_ref",
        "ref",
        "repository",
        "repository_id",
        "repository_visibility",
        "workflow",
    ],
)];

/// Whom a verified token is about.
pub(crate) struct Identity {
    /// `iss`.
    pub(crate) issuer: String,
    /// `sub`.
    pub(crate) subject: String,
    /// The client that the token is for: `azp` where it is given, else `aud`.
    pub(crate) audience: String,
    /// The provider of the account.
    pub(crate) provider: OidcProvider,
    /// Condition keys, in lower case.
    pub(crate) keys: Vec<(String, Vec<String>)>,
    /// Session tags.
    pub(crate) tags: Vec<(String, String)>,
    /// `transitive_tag_keys`.
    pub(crate) transitive: Vec<String>,
    /// The source identity.
    pub(crate) source_identity: Option<String>,
}

/// Verifies a token against the providers of `account`.
pub(crate) async fn verify(ctx: &Ctx, account: &str, text: &str) -> Result<Identity> {
    let malformed = || {
        invalid(
            "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
        )
    };
    let token = Token::parse(text).ok_or_else(malformed)?;
    let header = object(&token.header).ok_or_else(malformed)?;
    let claims = object(&token.payload).ok_or_else(malformed)?;
    let algorithm = member(&header, "alg").and_then(Algorithm::parse);
    // RFC 7515, 4.1.11: extensions that must be understood and are not.
    let (Some(algorithm), false) = (algorithm, header.contains_key("crit")) else {
        return Err(malformed().into());
    };
    let issuer = member(&claims, "iss").ok_or_else(|| missing("iss"))?;
    let provider = provider(ctx, account, issuer).await?;
    let kid = member(&header, "kid");
    check_signature(ctx, &provider, &token, (algorithm, kid)).await?;
    // Only now is anything that the token says more than a claim.
    check_times(ctx, &claims)?;
    let subject = member(&claims, "sub").ok_or_else(|| missing("sub"))?;
    let audience = audience(&claims, &provider)?;
    let (tags, transitive) = tags(&claims)?;
    let host = provider.url.trim_start_matches("https://").to_lowercase();
    Ok(Identity {
        keys: keys(&claims, &host, &audience),
        issuer: issuer.to_owned(),
        subject: subject.to_owned(),
        source_identity: source_identity(&claims)?,
        audience,
        provider,
        tags,
        transitive,
    })
}

/// The account's provider for an issuer.
async fn provider(ctx: &Ctx, account: &str, issuer: &str) -> Result<OidcProvider> {
    let Some(url) = issuer.strip_prefix("https://") else {
        return Err(invalid("Issuer must be a valid URL").into());
    };
    let (directory, mut txn) = ctx.directory().await;
    let found = directory.oidc_provider(&mut txn, account, url).await?;
    let found = found.filter(|provider| provider.url == issuer);
    let absent = || {
        let message = format!("No OpenIDConnect provider found in your account for {issuer}");
        Error::Fault(invalid(&message))
    };
    found.ok_or_else(absent)
}

/// Whether the issuer signed the token. A key that the set lacks may be a new one: the set is
/// fetched again, once.
async fn check_signature(
    ctx: &Ctx,
    provider: &OidcProvider,
    token: &Token<'_>,
    (algorithm, kid): (Algorithm, Option<&str>),
) -> Result<()> {
    for again in [false, true] {
        let set = ctx.key_sets().key_set(provider, again).await;
        let set = set.map_err(|error| match error {
            KeySetError::Unreachable => IDPCommunicationErrorException::new(
                "Couldn't retrieve verification key from your identity provider, please reference AssumeRoleWithWebIdentity documentation for requirements",
            ),
            KeySetError::Certificate => invalid(
                "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint",
            ),
        })?;
        match key_set::verify(&set, token, algorithm, kid) {
            Some(true) => return Ok(()),
            Some(false) => return Err(unsigned().into()),
            None => {}
        }
    }
    Err(unsigned().into())
}

fn unsigned() -> Fault {
    invalid(
        "Couldn't retrieve verification key from your identity provider, please reference AssumeRoleWithWebIdentity documentation for requirements",
    )
}

fn check_times(ctx: &Ctx, claims: &Map<String, Value>) -> Result<()> {
    let now = ctx.now.secs();
    let time = |name: &str| claims.get(name).map(|value| value.as_i64().ok_or(()));
    let expires = match time("exp") {
        Some(Ok(expires)) => expires,
        Some(Err(())) => return Err(invalid("The exp claim must be an integer").into()),
        None => return Err(missing("exp").into()),
    };
    if expires <= now {
        return Err(ExpiredTokenException::new(format!(
            "Token expired: current date/time {now} must be before the expiration date/time{expires}"
        ))
        .into());
    }
    for (name, required) in [("iat", true), ("nbf", false)] {
        match time(name) {
            Some(Ok(begin)) if begin > now.saturating_add(SKEW) => {
                return Err(invalid("The token is not valid yet").into());
            }
            Some(Ok(_)) => {}
            Some(Err(())) => {
                return Err(invalid(&format!("The {name} claim must be an integer")).into());
            }
            None if required => return Err(missing(name).into()),
            None => {}
        }
    }
    Ok(())
}

/// The client that the token is for, if the provider knows it.
fn audience(claims: &Map<String, Value>, provider: &OidcProvider) -> Result<String> {
    let all = texts(claims.get("aud"));
    let meant = match member(claims, "azp") {
        Some(party) => vec![party.to_owned()],
        None => all,
    };
    if meant.is_empty() {
        return Err(missing("aud").into());
    }
    let known = meant
        .into_iter()
        .find(|one| provider.client_ids.contains(one));
    known.ok_or_else(|| Error::Fault(invalid("Incorrect token audience")))
}

/// The source identity, if the token has one, under the rules of `SourceIdentity`.
fn source_identity(claims: &Map<String, Value>) -> Result<Option<String>> {
    let Some(identity) = member(claims, SOURCE_IDENTITY) else {
        return Ok(None);
    };
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "_+=,.@-".contains(letter);
    let reserved = identity.to_ascii_lowercase().starts_with("aws:");
    if reserved || !(2..=64).contains(&identity.len()) || !identity.chars().all(allowed) {
        let message = "The source identity in the token is invalid.";
        return Err(IDPRejectedClaimException::new(message).into());
    }
    Ok(Some(identity.to_owned()))
}

/// The condition keys of the issuer, `accounts.example.com:sub`.
fn keys(claims: &Map<String, Value>, host: &str, audience: &str) -> Vec<(String, Vec<String>)> {
    let mut keys = vec![(format!("{host}:aud"), vec![audience.to_owned()])];
    if claims.contains_key("azp") {
        keys.push((format!("{host}:oaud"), texts(claims.get("aud"))));
    }
    let mine = OF_ISSUER.iter().filter(|(issuer, _)| *issuer == host);
    let mine = mine.flat_map(|(_, names)| names.iter());
    for name in ["amr", "azp", "email", "sub"].iter().chain(mine) {
        let values = texts(claims.get(*name));
        if !values.is_empty() {
            keys.push((format!("{host}:{name}"), values));
        }
    }
    keys
}

/// Keys and values.
type Tags = Vec<(String, String)>;

/// Session tags and the keys of those that pass on, in either of the two forms.
fn tags(claims: &Map<String, Value>) -> Result<(Tags, Vec<String>)> {
    let nested = claims.get(TAGS);
    let principal = nested.and_then(|tags| tags.get("principal_tags"));
    let flat = claims.iter().filter_map(|(name, value)| {
        let key = name.strip_prefix(FLAT_TAG)?;
        Some((key, value))
    });
    let nested_tags = principal.and_then(Value::as_object).into_iter().flatten();
    let nested_tags = nested_tags.map(|(key, value)| (key.as_str(), value));
    let mut tags = Vec::new();
    for (key, value) in nested_tags.chain(flat) {
        let values = texts(Some(value));
        let [one] = values.as_slice() else {
            let message = format!("The principal tag {key} must have exactly one value");
            return Err(invalid(&message).into());
        };
        tags.push((key.to_owned(), one.clone()));
    }
    let mut transitive = texts(nested.and_then(|tags| tags.get("transitive_tag_keys")));
    transitive.extend(texts(claims.get(FLAT_TRANSITIVE)));
    Ok((tags, transitive))
}

fn object(bytes: &[u8]) -> Option<Map<String, Value>> {
    match serde_json::from_slice(bytes).ok()? {
        Value::Object(members) => Some(members),
        _ => None,
    }
}

fn member<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    members.get(name)?.as_str().filter(|text| !text.is_empty())
}

/// The text of a claim, or all texts of a list.
fn texts(claim: Option<&Value>) -> Vec<String> {
    match claim {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(items)) => {
            let texts = items.iter().filter_map(Value::as_str);
            texts.map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

fn missing(claim: &str) -> Fault {
    invalid(&format!("Missing a required claim: {claim}"))
}

fn invalid(message: &str) -> Fault {
    InvalidIdentityTokenException::new(message)
}
