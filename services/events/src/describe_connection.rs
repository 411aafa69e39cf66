//! `events:DescribeConnection`: shows a connection without its secrets.

use api::events::{
    ConnectionApiKeyAuthResponseParameters, ConnectionAuthResponseParameters,
    ConnectionBasicAuthResponseParameters, ConnectionOAuthClientResponseParameters,
    ConnectionOAuthHttpMethod, ConnectionOAuthResponseParameters, DescribeConnectionRequest,
    DescribeConnectionResponse,
};
use platform::{Ctx, Result};

use crate::bus::time;
use crate::connection::{Auth, ConnectionRecord};

pub(crate) async fn describe_connection(
    ctx: &Ctx,
    req: DescribeConnectionRequest,
) -> Result<DescribeConnectionResponse> {
    ConnectionRecord::permit(ctx, "events:DescribeConnection", &req.name).await?;
    let record = ConnectionRecord::existing(ctx, &req.name).await?;
    Ok(DescribeConnectionResponse {
        connection_arn: Some(record.arn(ctx.account(), &ctx.region)),
        name: Some(record.name.clone()),
        description: record.description.clone(),
        invocation_connectivity_parameters: None,
        connection_state: record.shown_state(),
        state_reason: record.reason.clone(),
        authorization_type: Some(record.auth.kind()),
        secret_arn: record.secret_arn.clone(),
        kms_key_identifier: record.kms_key.clone(),
        auth_parameters: Some(shown(&record)),
        creation_time: time(record.created_millis),
        last_modified_time: time(record.modified_millis),
        last_authorized_time: time(record.authorized_millis),
    })
}

fn shown(record: &ConnectionRecord) -> ConnectionAuthResponseParameters {
    let mut shown = ConnectionAuthResponseParameters {
        basic_auth_parameters: None,
        o_auth_parameters: None,
        api_key_auth_parameters: None,
        invocation_http_parameters: record.http.shown(),
        connectivity_parameters: None,
    };
    match &record.auth {
        Auth::Basic { username } => {
            let username = Some(username.clone());
            let basic = ConnectionBasicAuthResponseParameters { username };
            shown.basic_auth_parameters = Some(basic);
        }
        Auth::ApiKey { name } => {
            let api_key_name = Some(name.clone());
            let key = ConnectionApiKeyAuthResponseParameters { api_key_name };
            shown.api_key_auth_parameters = Some(key);
        }
        Auth::ClientCredentials {
            client_id,
            endpoint,
            method,
            http,
        } => {
            let client_id = Some(client_id.clone());
            let client = ConnectionOAuthClientResponseParameters { client_id };
            shown.o_auth_parameters = Some(ConnectionOAuthResponseParameters {
                client_parameters: Some(client),
                authorization_endpoint: Some(endpoint.clone()),
                http_method: ConnectionOAuthHttpMethod::parse(method),
                o_auth_http_parameters: http.shown(),
            });
        }
    }
    shown
}
