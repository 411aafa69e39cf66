//! `events:UpdateConnection`: changes what a request names of a connection.

use api::events::{
    ConnectionAuthorizationType, UpdateConnectionAuthRequestParameters, UpdateConnectionRequest,
    UpdateConnectionResponse,
};
use platform::{Ctx, Result};

use crate::authorizing;
use crate::bus::time;
use crate::connection::{Auth, ConnectionRecord, Hidden, Parameters};
use crate::refusals::{self, invalid};

pub(crate) async fn update_connection(
    ctx: &Ctx,
    req: UpdateConnectionRequest,
) -> Result<UpdateConnectionResponse> {
    ConnectionRecord::permit(ctx, "events:UpdateConnection", &req.name).await?;
    if req.kms_key_identifier.is_some_and(|key| !key.is_empty()) {
        return Err(refusals::unsupported("KmsKeyIdentifier").into());
    }
    if req.invocation_connectivity_parameters.is_some() {
        return Err(refusals::unsupported("private connectivity").into());
    }
    let mut record = ConnectionRecord::clone(&*ConnectionRecord::existing(ctx, &req.name).await?);
    if req.description.is_some() {
        record.description = req.description;
    }
    let given = req.auth_parameters;
    if let Some(given) = &given {
        if given.connectivity_parameters.is_some() {
            return Err(refusals::unsupported("private connectivity").into());
        }
        if let Some(http) = &given.invocation_http_parameters {
            record.http = Parameters::of(Some(http));
        }
    }
    record.auth = auth(req.authorization_type, given.as_ref(), &record.auth)?;
    record.modified_millis = ctx.now.millis;
    authorizing::begin(ctx, &mut record).await?;
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

/// What is given, and what stays of `known`, which is nothing where the kind changes.
fn auth(
    kind: Option<ConnectionAuthorizationType>,
    given: Option<&UpdateConnectionAuthRequestParameters>,
    known: &Auth,
) -> Result<Auth> {
    let kind = kind.unwrap_or(known.kind());
    let is_changed = kind != known.kind();
    let Some(given) = given else {
        return match is_changed {
            true => Err(missing(kind)),
            false => Ok(known.clone()),
        };
    };
    let known = (!is_changed).then_some(known);
    let auth = match kind {
        ConnectionAuthorizationType::Basic => basic(given, known),
        ConnectionAuthorizationType::ApiKey => api_key(given, known),
        ConnectionAuthorizationType::OauthClientCredentials => oauth(given, known),
    };
    let auth = auth.ok_or_else(|| missing(kind))?;
    if let Auth::ClientCredentials { endpoint, .. } = &auth {
        authorizing::check_endpoint(endpoint)?;
    }
    Ok(auth)
}

fn missing(kind: ConnectionAuthorizationType) -> platform::Error {
    let kind = kind.as_str();
    invalid(format!(
        "Parameter(s) AuthParameters must be those of AuthorizationType {kind}."
    ))
    .into()
}

fn basic(given: &UpdateConnectionAuthRequestParameters, known: Option<&Auth>) -> Option<Auth> {
    let (old_name, old_secret) = match known {
        Some(Auth::Basic { username, password }) => (Some(username), Some(password)),
        _ => (None, None),
    };
    let new = given.basic_auth_parameters.as_ref();
    let secret = new.and_then(|new| new.password.clone()).map(Hidden::from);
    Some(Auth::Basic {
        username: new
            .and_then(|new| new.username.clone())
            .or(old_name.cloned())?,
        password: secret.or(old_secret.cloned())?,
    })
}

fn api_key(given: &UpdateConnectionAuthRequestParameters, known: Option<&Auth>) -> Option<Auth> {
    let (old_name, old_value) = match known {
        Some(Auth::ApiKey { name, value }) => (Some(name), Some(value)),
        _ => (None, None),
    };
    let new = given.api_key_auth_parameters.as_ref();
    let value = new
        .and_then(|new| new.api_key_value.clone())
        .map(Hidden::from);
    Some(Auth::ApiKey {
        name: new
            .and_then(|new| new.api_key_name.clone())
            .or(old_name.cloned())?,
        value: value.or(old_value.cloned())?,
    })
}

fn oauth(given: &UpdateConnectionAuthRequestParameters, known: Option<&Auth>) -> Option<Auth> {
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
    let Some(Auth::ClientCredentials {
        client_id,
        client_secret,
        endpoint,
        method,
        http,
    }) = known
    else {
        return Some(Auth::ClientCredentials {
            client_id: new_id?,
            client_secret: new_secret?,
            endpoint: new_endpoint?,
            method: new_method?,
            http: new_http.unwrap_or_default(),
        });
    };
    Some(Auth::ClientCredentials {
        client_id: new_id.unwrap_or_else(|| client_id.clone()),
        client_secret: new_secret.unwrap_or_else(|| client_secret.clone()),
        endpoint: new_endpoint.unwrap_or_else(|| endpoint.clone()),
        method: new_method.unwrap_or_else(|| method.clone()),
        http: new_http.unwrap_or_else(|| http.clone()),
    })
}
