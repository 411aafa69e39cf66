//! The secrets of connections, which Secrets Manager keeps in the account of the connection.
//!
//! Who makes or changes a connection needs the permissions for its secret, and for its KMS key if it
//! names one. Deliveries read it in sessions of the service-linked role, whoever set them off.

use api::iam::{CreateServiceLinkedRole, CreateServiceLinkedRoleRequest};
use api::kms::{DescribeKey, DescribeKeyRequest};
use api::secretsmanager::{
    CreateSecret, CreateSecretRequest, DeleteSecret, DeleteSecretRequest, GetSecretValue,
    GetSecretValueRequest, UpdateSecret, UpdateSecretRequest,
};
use platform::{Ctx, Error, Failure, Outcome, Result};
use wire::{Fault, Protocol};
use zeroize::Zeroizing;

use crate::connection::ConnectionRecord;
use crate::credentials::Credentials;
use crate::deliverer::failed;
use crate::encryption::is_usable;
use crate::refusals;

/// What EventBridge's endpoints begin with.
const ENDPOINT: &str = "events";
/// Who assumes the service-linked role ("Using roles to create secrets for API destinations").
const PRINCIPAL: &str = "apidestinations.events.amazonaws.com";
const ROLE: &str = "AWSServiceRoleForAmazonEventBridgeApiDestinations";
const ROLE_DESCRIPTION: &str =
    "Enables access to the Secrets Manager Secrets created by AWS EventBridge";
/// The name of the role's sessions.
const SESSION: &str = "EventBridgeApiDestinations";
/// The key of secrets for which no other is named.
const DEFAULT_KEY: &str = "alias/aws/secretsmanager";

/// The KMS key for the secret of a connection.
pub(crate) struct SecretKey {
    /// As a request named it; none for AWS's.
    pub(crate) named: Option<String>,
    /// As Secrets Manager is told.
    id: String,
}

impl SecretKey {
    /// The key that a request names, which the caller may use; an empty name asks for AWS's key, as
    /// none does.
    pub(crate) async fn asked(ctx: &Ctx, named: Option<&str>) -> Result<Self> {
        let Some(named) = named.filter(|named| !named.is_empty()) else {
            return Ok(Self {
                named: None,
                id: DEFAULT_KEY.to_owned(),
            });
        };
        let request = DescribeKeyRequest {
            key_id: named.to_owned(),
            grant_tokens: Vec::new(),
        };
        let call = ctx.on_behalf_of_caller(ENDPOINT);
        let described = call.call::<DescribeKey>(request).await.map_err(told)?;
        let metadata = described.key_metadata;
        let usable = metadata.filter(is_usable).and_then(|key| key.arn);
        let Some(id) = usable else {
            let why = "it must be an enabled symmetric encryption key.";
            return Err(refusals::bad_key(why).into());
        };
        Ok(Self {
            named: Some(named.to_owned()),
            id,
        })
    }
}

/// Makes the secret of a connection, and the role that reads it if the account has none yet.
pub(crate) async fn make(
    ctx: &Ctx,
    record: &mut ConnectionRecord,
    credentials: &Credentials,
    key: &SecretKey,
) -> Result<()> {
    if !ctx.principal_exists(&role(ctx.account())).await? {
        let request = CreateServiceLinkedRoleRequest {
            aws_service_name: PRINCIPAL.to_owned(),
            description: Some(ROLE_DESCRIPTION.to_owned()),
            custom_suffix: None,
        };
        let call = ctx.on_behalf_of_caller(ENDPOINT);
        call.call::<CreateServiceLinkedRole>(request)
            .await
            .map_err(told)?;
    }
    let name = &record.name;
    let request = CreateSecretRequest {
        name: format!("events!connection/{name}/{}", ctx.new_uuid()?),
        client_request_token: Some(ctx.new_uuid()?),
        description: Some(format!("Auth parameters for Eventbridge connection {name}")),
        kms_key_id: Some(key.id.clone()).filter(|_| key.named.is_some()),
        secret_string: Some(credentials.to_json()?),
        ..CreateSecretRequest::default()
    };
    let call = ctx.on_behalf_of_caller(ENDPOINT);
    let made = call.call::<CreateSecret>(request).await.map_err(told)?;
    record.secret_arn = made.arn;
    Ok(())
}

/// Changes the secret of a connection: what it says, its key, or both.
pub(crate) async fn change(
    ctx: &Ctx,
    record: &mut ConnectionRecord,
    credentials: Option<&Credentials>,
    key: Option<&SecretKey>,
) -> Result<()> {
    let Some(secret_id) = record.secret_arn.clone() else {
        return Ok(());
    };
    let request = UpdateSecretRequest {
        secret_id,
        client_request_token: Some(ctx.new_uuid()?),
        description: None,
        kms_key_id: key.map(|key| key.id.clone()),
        secret_binary: None,
        secret_string: credentials.map(Credentials::to_json).transpose()?,
        r#type: None,
    };
    let call = ctx.on_behalf_of_caller(ENDPOINT);
    call.call::<UpdateSecret>(request).await.map_err(told)?;
    Ok(())
}

/// Takes the secret of a connection away, without a way back.
pub(crate) async fn remove(ctx: &Ctx, record: &ConnectionRecord) -> Result<()> {
    let Some(secret_id) = record.secret_arn.clone() else {
        return Ok(());
    };
    let request = DeleteSecretRequest {
        secret_id,
        recovery_window_in_days: None,
        force_delete_without_recovery: true,
    };
    let call = ctx.on_behalf_of_caller(ENDPOINT);
    call.call::<DeleteSecret>(request).await.map_err(told)?;
    Ok(())
}

/// What the secret of the caller's connection says; none where it is gone.
pub(crate) async fn known(ctx: &Ctx, record: &ConnectionRecord) -> Result<Option<Credentials>> {
    let Some(arn) = &record.secret_arn else {
        return Ok(None);
    };
    let call = ctx.on_behalf_of_caller(ENDPOINT);
    let got = call.call::<GetSecretValue>(reading(arn)).await;
    let text = match got {
        Ok(got) => got.secret_string.unwrap_or_default(),
        Err(Error::Fault(fault)) if is_absent(&fault) => return Ok(None),
        Err(error) => return Err(told(error)),
    };
    let read = Credentials::from_json(&text);
    read.map(Some).ok_or_else(|| Error::internal(UNREADABLE))
}

/// What the secret of a connection of `account` says, for a delivery; or what becomes of that.
pub(crate) async fn read(
    ctx: &Ctx,
    account: &str,
    record: &ConnectionRecord,
) -> Result<Result<Credentials, Outcome>> {
    let text = match text_of(ctx, account, record).await {
        Ok(text) => text,
        Err(Error::Fault(fault)) => return Ok(Err(unread(&fault))),
        Err(internal) => return Err(internal),
    };
    let read = Credentials::from_json(&text);
    read.map(Ok).ok_or_else(|| Error::internal(UNREADABLE))
}

const UNREADABLE: &str = "the secret of a connection is none";

async fn text_of(ctx: &Ctx, account: &str, record: &ConnectionRecord) -> Result<Zeroizing<String>> {
    let arn = record.secret_arn.as_deref();
    let arn = arn.ok_or_else(|| refusals::no_connection(&record.name))?;
    let (role, source) = (role(account), record.arn(account, &ctx.region));
    let session = ctx.as_role(PRINCIPAL, (&role, SESSION), &source).await?;
    let call = ctx.in_session(&session);
    let got = call.call::<GetSecretValue>(reading(arn)).await?;
    Ok(got.secret_string.unwrap_or_default())
}

/// What becomes of a delivery whose secret cannot be read: a key may come back.
fn unread(fault: &Fault) -> Outcome {
    match fault.code(Protocol::Json11) {
        "DecryptionFailure" => {
            let message = fault.message().unwrap_or_default();
            Outcome::Retry(Failure::new("INVALID_PARAMETER", message))
        }
        _ => failed(fault),
    }
}

fn is_absent(fault: &Fault) -> bool {
    fault.code(Protocol::Json11) == "ResourceNotFoundException"
}

fn reading(arn: &str) -> GetSecretValueRequest {
    GetSecretValueRequest {
        secret_id: arn.to_owned(),
        version_id: None,
        version_stage: None,
    }
}

fn role(account: &str) -> String {
    format!("arn:aws:iam::{account}:role/aws-service-role/{PRINCIPAL}/{ROLE}")
}

/// What another service refused, as EventBridge passes it on.
fn told(error: Error) -> Error {
    let Error::Fault(fault) = error else {
        return error;
    };
    let message = fault.message().unwrap_or_default();
    match fault.code(Protocol::Json11) {
        "EncryptionFailure" | "DecryptionFailure" | "NotFoundException" => {
            refusals::bad_key(message).into()
        }
        _ if fault.as_common().is_some() => fault.into(),
        _ => refusals::invalid(message).into(),
    }
}
