//! `sts:GetWebIdentityToken`: a signed token that tells services elsewhere who the caller is.
//!
//! Source: STS API reference, GetWebIdentityToken, and "Understanding token claims" (IAM user
//! guide).

use api::sts::{
    GetWebIdentityTokenRequest, GetWebIdentityTokenResponse, JWTPayloadSizeExceededException,
    SessionDurationEscalationException,
};
use crypto::jws::Algorithm;
use platform::{CallerKind, ConditionKeys, Ctx, Error, Everything, Result, validation};
use policy::Values;
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use crate::session_tags::SessionTags;
use crate::signing_keys;

/// The default, in seconds.
const DEFAULT: i32 = 300;
/// The largest payload, in bytes. AWS does not tell its own limit, and signs 14,984.
const MAX_PAYLOAD: usize = 16_384;
/// What AWS's own claims stand under.
const CLAIMS: &str = "https://sts.amazonaws.com/";

pub(crate) async fn get_web_identity_token(
    ctx: &Ctx,
    request: GetWebIdentityTokenRequest,
) -> Result<GetWebIdentityTokenResponse> {
    let name = request.signing_algorithm.as_str();
    let algorithm = match name {
        "RS256" => Algorithm::Rs256,
        "ES384" => Algorithm::Es384,
        _ => {
            return Err(validation(
                "Requested SigningAlgorithm is not supported. See the GetWebIdentityToken documentation for supported algorithms",
            ));
        }
    };
    let seconds = request.duration_seconds.unwrap_or(DEFAULT);
    let tags = SessionTags::of_token(request.tags)?;
    let keys = TokenKeys {
        seconds: seconds.to_string(),
        audience: &request.audience,
        algorithm: name,
    };
    permit(ctx, &keys, &tags).await?;
    let expires = expiration(ctx, seconds)?;
    let account = ctx.account();
    let issuer = {
        let (directory, mut txn) = ctx.directory().await;
        directory.outbound_federation(&mut txn, account).await?
    };
    let issuer = issuer.ok_or_else(signing_keys::disabled)?;
    let (kid, key) = signing_keys::current(ctx, name, algorithm).await?;
    let header = json!({ "alg": name, "kid": kid, "typ": "JWT" }).to_string();
    let audience = match request.audience.as_slice() {
        [one] => json!(one),
        several => json!(several),
    };
    let payload = json!({
        "iss": issuer,
        "sub": ctx.caller.principal_arn(),
        "aud": audience,
        "iat": ctx.now.secs(),
        "exp": expires.secs(),
        "jti": ctx.new_uuid()?,
        CLAIMS: claims(ctx, &tags).await?,
    })
    .to_string();
    if payload.len() > MAX_PAYLOAD {
        let message = "The requested token payload size exceeds the maximum allowed size.";
        return Err(JWTPayloadSizeExceededException::new(message).into());
    }
    let token = key.sign(header.as_bytes(), payload.as_bytes());
    Ok(GetWebIdentityTokenResponse {
        web_identity_token: Some(Zeroizing::new(token.map_err(Error::internal)?)),
        expiration: Some(expires),
    })
}

async fn permit(ctx: &Ctx, keys: &TokenKeys<'_>, tags: &[(String, String)]) -> Result<()> {
    let everything = || Everything {
        account: ctx.account().to_owned(),
    };
    let access = ctx.authorize("sts:GetWebIdentityToken", everything());
    access.keys(keys).request_tags(tags).decide().await?;
    if !tags.is_empty() {
        let access = ctx.authorize("sts:TagGetWebIdentityToken", everything());
        access.keys(keys).request_tags(tags).decide().await?;
    }
    Ok(())
}

/// When the token ends; never after the session that asks for it.
fn expiration(ctx: &Ctx, seconds: i32) -> Result<wire::Timestamp> {
    let end = crate::issuing::end(ctx.now, seconds);
    let session = ctx.caller.session.as_deref();
    if session.is_some_and(|session| end > session.expires_millis) {
        let message =
            "Requested token expiry time must be before the original session's expiry time.";
        return Err(SessionDurationEscalationException::new(message).into());
    }
    Ok(wire::Timestamp { millis: end })
}

/// The claims about the caller.
async fn claims(ctx: &Ctx, tags: &[(String, String)]) -> Result<Value> {
    let mut claims = Map::new();
    claims.insert("aws_account".to_owned(), json!(ctx.account()));
    let principal = ctx.caller.principal_arn();
    claims.insert("principal_id".to_owned(), json!(principal));
    claims.insert("source_region".to_owned(), json!(ctx.region));
    if let Some(member) = ctx.membership(ctx.account()).await? {
        claims.insert("org_id".to_owned(), json!(member.organization_id));
        claims.insert("ou_path".to_owned(), json!([member.path]));
    }
    if let (CallerKind::Role { .. }, Some(session)) = (&ctx.caller.kind, &ctx.caller.session) {
        let end = wire::Timestamp {
            millis: session.expires_millis,
        };
        claims.insert("original_session_exp".to_owned(), json!(end.iso8601()));
        if let Some(identity) = &session.source_identity {
            claims.insert("source_identity".to_owned(), json!(identity));
        }
    }
    let principal = principal_tags(ctx).await?;
    if !principal.is_empty() {
        claims.insert("principal_tags".to_owned(), Value::Object(principal));
    }
    if !tags.is_empty() {
        let tags = tags.iter();
        let tags = tags.map(|(key, value)| (key.clone(), json!(value)));
        claims.insert("request_tags".to_owned(), Value::Object(tags.collect()));
    }
    Ok(Value::Object(claims))
}

/// The tags of the user or role, under those of the session.
async fn principal_tags(ctx: &Ctx) -> Result<Map<String, Value>> {
    let held = {
        let (directory, mut txn) = ctx.directory().await;
        directory.held(&mut txn, &ctx.caller).await?
    };
    let session = ctx.caller.session.as_deref();
    let mut tags = Map::new();
    for (key, value) in session.into_iter().flat_map(|session| &session.tags) {
        tags.insert(key.clone(), json!(value));
    }
    for (key, value) in &held.tags {
        let folded = key.to_lowercase();
        if !tags.keys().any(|known| known.to_lowercase() == folded) {
            tags.insert(key.clone(), json!(value));
        }
    }
    Ok(tags)
}

/// The condition keys of STS for tokens ("Actions, resources, and condition keys for AWS STS").
struct TokenKeys<'a> {
    seconds: String,
    audience: &'a [String],
    algorithm: &'a str,
}

impl ConditionKeys for TokenKeys<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        match key {
            "sts:durationseconds" => Some(Values::from(self.seconds.as_str())),
            "sts:identitytokenaudience" => Some(Values::from(self.audience)),
            "sts:signingalgorithm" => Some(Values::from(self.algorithm)),
            _ => None,
        }
    }
}
