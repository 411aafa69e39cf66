//! `events:CreateConnection`: keeps how API destinations are to be called.

use api::events::{
    ConnectionAuthorizationType, CreateConnectionAuthRequestParameters, CreateConnectionRequest,
    CreateConnectionResponse,
};
use platform::{Ctx, Result};
use store::Key;

use crate::authorizing;
use crate::connection::{ConnectionRecord, Parameters};
use crate::connection_secrets::{self, SecretKey};
use crate::credentials::{Credentials, Login};
use crate::refusals::{self, invalid};

/// The most connections of an account in a Region ("Connections", EventBridge quotas).
const MOST: u64 = 3000;

pub(crate) async fn create_connection(
    ctx: &Ctx,
    req: CreateConnectionRequest,
) -> Result<CreateConnectionResponse> {
    ConnectionRecord::permit(ctx, "events:CreateConnection", &req.name).await?;
    let is_private = req.auth_parameters.connectivity_parameters.is_some();
    if is_private || req.invocation_connectivity_parameters.is_some() {
        return Err(refusals::unsupported("private connectivity").into());
    }
    let key = ConnectionRecord::key(ctx, &req.name);
    if ctx.get::<ConnectionRecord>(&key).await?.is_some() {
        return Err(refusals::connection_exists(&req.name).into());
    }
    let own = Key::new(ctx.account(), &ctx.region, [""; 0]);
    if !ctx.has_room::<ConnectionRecord>(own, MOST).await? {
        return Err(refusals::too_many().into());
    }
    let http = req.auth_parameters.invocation_http_parameters.as_ref();
    let credentials = Credentials {
        login: login(req.authorization_type, &req.auth_parameters)?,
        http: Parameters::of(http),
    };
    let kms_key = SecretKey::asked(ctx, req.kms_key_identifier.as_deref()).await?;
    let mut record = ConnectionRecord {
        name: req.name,
        id: ctx.new_uuid()?,
        description: req.description,
        auth: credentials.login.shown(),
        http: credentials.http.without_secrets(),
        secret_arn: None,
        kms_key: kms_key.named.clone(),
        state: String::new(),
        reason: None,
        revision: 0,
        created_millis: ctx.now.millis,
        modified_millis: ctx.now.millis,
        authorized_millis: 0,
    };
    connection_secrets::make(ctx, &mut record, &credentials, &kms_key).await?;
    authorizing::begin(ctx, &mut record).await?;
    let response = CreateConnectionResponse {
        connection_arn: Some(record.arn(ctx.account(), &ctx.region)),
        connection_state: record.shown_state(),
        creation_time: Some(ctx.now),
        last_modified_time: Some(ctx.now),
    };
    ctx.put(key, record).await;
    Ok(response)
}

/// The parameters of this kind; those of another kind are refused.
fn login(
    kind: ConnectionAuthorizationType,
    given: &CreateConnectionAuthRequestParameters,
) -> Result<Login> {
    let (basic, key) = (&given.basic_auth_parameters, &given.api_key_auth_parameters);
    let login = match (kind, basic, key, &given.o_auth_parameters) {
        (ConnectionAuthorizationType::Basic, Some(basic), None, None) => Login::Basic {
            username: basic.username.clone(),
            password: basic.password.clone().into(),
        },
        (ConnectionAuthorizationType::ApiKey, None, Some(key), None) => Login::ApiKey {
            name: key.api_key_name.clone(),
            value: key.api_key_value.clone().into(),
        },
        (ConnectionAuthorizationType::OauthClientCredentials, None, None, Some(oauth)) => {
            authorizing::check_endpoint(&oauth.authorization_endpoint)?;
            let client = &oauth.client_parameters;
            Login::ClientCredentials {
                client_id: client.client_id.clone(),
                client_secret: client.client_secret.clone().into(),
                endpoint: oauth.authorization_endpoint.clone(),
                method: oauth.http_method.as_str().to_owned(),
                http: Parameters::of(oauth.o_auth_http_parameters.as_ref()),
            }
        }
        _ => {
            let message = format!(
                "Parameter(s) AuthParameters must be those of AuthorizationType {}.",
                kind.as_str()
            );
            return Err(invalid(message).into());
        }
    };
    Ok(login)
}
