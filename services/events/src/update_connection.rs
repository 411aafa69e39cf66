//! `events:UpdateConnection`: changes what a request names of a connection.

use api::events::{
    ConnectionAuthorizationType, UpdateConnectionAuthRequestParameters, UpdateConnectionRequest,
    UpdateConnectionResponse,
};
use platform::{Ctx, Result};

use crate::authorizing;
use crate::bus::time;
use crate::connection::{ConnectionRecord, Hidden, Parameters};
use crate::connection_secrets::{self, SecretKey};
use crate::credentials::{Credentials, Login};
use crate::refusals::{self, invalid};

/// What a request gives that names no parameters.
const NOTHING: UpdateConnectionAuthRequestParameters = UpdateConnectionAuthRequestParameters {
    basic_auth_parameters: None,
    o_auth_parameters: None,
    api_key_auth_parameters: None,
    invocation_http_parameters: None,
    connectivity_parameters: None,
};

pub(crate) async fn update_connection(
    ctx: &Ctx,
    req: UpdateConnectionRequest,
) -> Result<UpdateConnectionResponse> {
    ConnectionRecord::permit(ctx, "events:UpdateConnection", &req.name).await?;
    if req.invocation_connectivity_parameters.is_some() {
        return Err(refusals::unsupported("private connectivity").into());
    }
    let mut record = ConnectionRecord::clone(&*ConnectionRecord::existing(ctx, &req.name).await?);
    if req.description.is_some() {
        record.description = req.description;
    }
    let key = match req.kms_key_identifier.as_deref() {
        Some(named) => Some(SecretKey::asked(ctx, Some(named)).await?),
        None => None,
    };
    let given = req.auth_parameters.unwrap_or(NOTHING);
    if given.connectivity_parameters.is_some() {
        return Err(refusals::unsupported("private connectivity").into());
    }
    let kind = req.authorization_type.unwrap_or(record.auth.kind());
    let credentials = match has_parameters(&given) || kind != record.auth.kind() {
        true => Some(merged(ctx, kind, &given, &mut record).await?),
        false => None,
    };
    let is_authorized = credentials.is_some() || record.secret_arn.is_some();
    put_secret(ctx, &mut record, credentials, key).await?;
    record.modified_millis = ctx.now.millis;
    if is_authorized {
        authorizing::begin(ctx, &mut record).await?;
    }
    let response = UpdateConnectionResponse {
        connection_arn: Some(record.arn(ctx.account(), &ctx.region)),
        connection_state: record.shown_state(),
        creation_time: time(record.created_millis),
        last_modified_time: Some(ctx.now),
        last_authorized_time: time(record.authorized_millis),
    };
    ctx.put(ConnectionRecord::key(ctx, &req.name), record).await;
    Ok(response)
}

/// Whether a request changes anything of what the secret says.
fn has_parameters(given: &UpdateConnectionAuthRequestParameters) -> bool {
    given.basic_auth_parameters.is_some()
        || given.api_key_auth_parameters.is_some()
        || given.o_auth_parameters.is_some()
        || given.invocation_http_parameters.is_some()
}

/// What is given, and what stays of what the secret says, which is nothing of the login where its
/// kind changes. The record forgets a secret that somebody deleted.
async fn merged(
    ctx: &Ctx,
    kind: ConnectionAuthorizationType,
    given: &UpdateConnectionAuthRequestParameters,
    record: &mut ConnectionRecord,
) -> Result<Credentials> {
    let known = connection_secrets::known(ctx, record).await?;
    if known.is_none() {
        record.secret_arn = None;
    }
    let of_kind = known.as_ref().map(|known| &known.login);
    let of_kind = of_kind.filter(|login| login.shown().kind() == kind);
    let http = match &given.invocation_http_parameters {
        Some(http) => Parameters::of(Some(http)),
        None => known
            .as_ref()
            .map(|known| known.http.clone())
            .unwrap_or_default(),
    };
    let login = match kind {
        ConnectionAuthorizationType::Basic => basic(given, of_kind),
        ConnectionAuthorizationType::ApiKey => api_key(given, of_kind),
        ConnectionAuthorizationType::OauthClientCredentials => oauth(given, of_kind),
    };
    let login = login.ok_or_else(|| missing(kind))?;
    if let Login::ClientCredentials { endpoint, .. } = &login {
        authorizing::check_endpoint(endpoint)?;
    }
    Ok(Credentials { login, http })
}

/// Brings the secret, and what the record tells of it, up to date.
async fn put_secret(
    ctx: &Ctx,
    record: &mut ConnectionRecord,
    credentials: Option<Credentials>,
    key: Option<SecretKey>,
) -> Result<()> {
    if let Some(credentials) = &credentials {
        record.auth = credentials.login.shown();
        record.http = credentials.http.without_secrets();
    }
    match (&credentials, record.secret_arn.is_some()) {
        (Some(credentials), false) => {
            let known = record.kms_key.clone();
            let key = match &key {
                Some(key) => key,
                None => &SecretKey::asked(ctx, known.as_deref()).await?,
            };
            connection_secrets::make(ctx, record, credentials, key).await?;
        }
        (credentials, true) if credentials.is_some() || key.is_some() => {
            connection_secrets::change(ctx, record, credentials.as_ref(), key.as_ref()).await?;
        }
        _ => {}
    }
    if let Some(key) = key {
        record.kms_key = key.named;
    }
    Ok(())
}

fn missing(kind: ConnectionAuthorizationType) -> platform::Error {
    let kind = kind.as_str();
    invalid(format!(
        "Parameter(s) AuthParameters must be those of AuthorizationType {kind}."
    ))
    .into()
}

fn basic(given: &UpdateConnectionAuthRequestParameters, known: Option<&Login>) -> Option<Login> {
    let (old_name, old_secret) = match known {
        Some(Login::Basic { username, password }) => (Some(username), Some(password)),
        _ => (None, None),
    };
    let new = given.basic_auth_parameters.as_ref();
    let secret = new.and_then(|new| new.password.clone()).map(Hidden::from);
    Some(Login::Basic {
        username: new
            .and_then(|new| new.username.clone())
            .or(old_name.cloned())?,
        password: secret.or(old_secret.cloned())?,
    })
}

fn api_key(given: &UpdateConnectionAuthRequestParameters, known: Option<&Login>) -> Option<Login> {
    let (old_name, old_value) = match known {
        Some(Login::ApiKey { name, value }) => (Some(name), Some(value)),
        _ => (None, None),
    };
    let new = given.api_key_auth_parameters.as_ref();
    let value = new
        .and_then(|new| new.api_key_value.clone())
        .map(Hidden::from);
    Some(Login::ApiKey {
        name: new
            .and_then(|new| new.api_key_name.clone())
            .or(old_name.cloned())?,
        value: value.or(old_value.cloned())?,
    })
}

fn oauth(given: &UpdateConnectionAuthRequestParameters, known: Option<&Login>) -> Option<Login> {
    let new = given.o_auth_parameters.as_ref();
    let client = new.and_then(|new| new.client_parameters.as_ref());
    let new_id = client.and_then(|client| client.client_id.clone());
    let new_secret = client.and_then(|client| client.client_secret.clone());
    let new_secret = new_secret.map(Hidden::from);
    let new_endpoint = new.and_then(|new| new.authorization_endpoint.clone());
    let new_method = new
        .and_then(|new| new.http_method)
        .map(|method| method.as_str().to_owned());
    let new_http = new.and_then(|new| new.o_auth_http_parameters.as_ref());
    let new_http = new_http.map(|http| Parameters::of(Some(http)));
    let Some(Login::ClientCredentials {
        client_id,
        client_secret,
        endpoint,
        method,
        http,
    }) = known
    else {
        return Some(Login::ClientCredentials {
            client_id: new_id?,
            client_secret: new_secret?,
            endpoint: new_endpoint?,
            method: new_method?,
            http: new_http.unwrap_or_default(),
        });
    };
    Some(Login::ClientCredentials {
        client_id: new_id.unwrap_or_else(|| client_id.clone()),
        client_secret: new_secret.unwrap_or_else(|| client_secret.clone()),
        endpoint: new_endpoint.unwrap_or_else(|| endpoint.clone()),
        method: new_method.unwrap_or_else(|| method.clone()),
        http: new_http.unwrap_or_else(|| http.clone()),
    })
}
