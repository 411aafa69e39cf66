//! Secrets of Secrets Manager, read as parameters ("Referencing AWS Secrets Manager secrets from
//! Parameter Store parameters", Systems Manager user guide).
//!
//! Parameter Store passes the call on, with the caller's own permissions, and keeps nothing. Two
//! decisions stand before a value: that about the parameter and that about the secret.

use api::secretsmanager::{GetSecretValue, GetSecretValueRequest, GetSecretValueResponse};
use api::ssm::{Parameter, ParameterNotFound, ParameterType};
use platform::{Ctx, Error, Result};
use wire::json::Writer;
use wire::{Common, Fault, Protocol, Timestamp, pem};
use zeroize::Zeroizing;

use crate::access::{self, Asked};
use crate::data_type;
use crate::names::{Reference, SECRETS};
use crate::refusals;

/// From here on a selector may be the id of a version (GetSecretValue, `VersionId`).
const LEAST_IN_VERSION_ID: usize = 32;

/// What the secret says that a parameter's name stands for.
pub(crate) async fn read(
    ctx: &Ctx,
    action: &'static str,
    reference: &Reference,
    with_decryption: bool,
) -> Result<Parameter> {
    let place = &reference.place;
    access::parameter(ctx, action, place, Asked::default()).await?;
    if !with_decryption {
        return Err(refusals::secret_without_decryption().into());
    }
    let selector = reference.selector.as_ref().map(ToString::to_string);
    let shown = format!("{}{}", place.name, selector.as_deref().unwrap_or_default());
    if place.account != ctx.account() || place.region != ctx.region {
        return Err(absent(&shown).into());
    }
    let secret = place.name.strip_prefix(SECRETS).unwrap_or_default();
    let version = selector.as_deref().map(|it| it.trim_start_matches(':'));
    let found = fetch(ctx, secret, version).await;
    let found = found.map_err(|error| refused(error, &shown))?;
    Ok(as_parameter(&place.name, found, selector))
}

/// A selector is a staging label or the id of a version, and does not say which.
async fn fetch(ctx: &Ctx, secret: &str, version: Option<&str>) -> Result<GetSecretValueResponse> {
    let call = |version_id: Option<&str>, version_stage: Option<&str>| {
        let request = GetSecretValueRequest {
            secret_id: secret.to_owned(),
            version_id: version_id.map(str::to_owned),
            version_stage: version_stage.map(str::to_owned),
        };
        ctx.on_behalf_of_caller("ssm")
            .call::<GetSecretValue>(request)
    };
    match version {
        Some(id) if is_uuid(id) => call(Some(id), None).await,
        Some(label) if label.len() >= LEAST_IN_VERSION_ID => match call(None, version).await {
            Err(error) if is_absence(&error) => call(Some(label), None).await,
            answer => answer,
        },
        _ => call(None, version).await,
    }
}

fn as_parameter(name: &str, found: GetSecretValueResponse, selector: Option<String>) -> Parameter {
    let source = source_result(&found);
    let value = match (found.secret_string, found.secret_binary) {
        (Some(text), _) => text,
        (None, Some(binary)) => Zeroizing::new(pem::base64(&binary)),
        (None, None) => Zeroizing::default(),
    };
    Parameter {
        name: Some(name.to_owned()),
        r#type: Some(ParameterType::SecureString),
        value: Some(value),
        version: Some(0),
        selector,
        source_result: source,
        last_modified_date: found.created_date,
        arn: found.arn,
        data_type: Some(data_type::TEXT.to_owned()),
    }
}

/// The answer of Secrets Manager as it came, in JSON.
fn source_result(found: &GetSecretValueResponse) -> Option<String> {
    let mut json = Writer::new();
    json.begin_object();
    if let Some(Timestamp { millis }) = found.created_date {
        json.key("CreatedDate");
        json.timestamp(Timestamp { millis });
    }
    let mut text = |key: &str, value: Option<&str>| {
        if let Some(value) = value {
            json.key(key);
            json.string(value);
        }
    };
    text("Name", found.name.as_deref());
    text("VersionId", found.version_id.as_deref());
    text(
        "SecretString",
        found.secret_string.as_deref().map(String::as_str),
    );
    if let Some(binary) = &found.secret_binary {
        json.key("SecretBinary");
        json.base64(binary);
    }
    if let Some(labels) = &found.version_stages {
        json.key("VersionStages");
        json.begin_array();
        labels.iter().for_each(|label| json.string(label));
        json.end_array();
    }
    if let Some(arn) = &found.arn {
        json.key("ARN");
        json.string(arn);
    }
    json.end_object();
    // The bytes move on into the answer, which is wiped.
    String::from_utf8(std::mem::take(&mut *json.finish())).ok()
}

/// Errors of Secrets Manager as Parameter Store passes them on. What has no error of Parameter
/// Store's own is a `ValidationException`, in the words of Secrets Manager.
fn refused(error: Error, shown: &str) -> Error {
    let Error::Fault(fault) = error else {
        return error;
    };
    let code = fault.code(Protocol::Json11);
    let text = fault.message().unwrap_or_default();
    let said = format!("An error occurred ({code}) when referencing Secrets Manager: {text}");
    match code {
        "ResourceNotFoundException" => absent(shown),
        "AccessDeniedException" => Fault::common(Common::AccessDenied, said),
        "ThrottlingException" => Fault::common(Common::Throttling, said),
        _ if fault.as_common() == Some(Common::InternalFailure) => return fault.into(),
        "InternalServiceError" => return Error::internal(said),
        _ => refusals::invalid(said),
    }
    .into()
}

fn absent(shown: &str) -> Fault {
    ParameterNotFound::new(format!(
        "An error occurred (ParameterNotFound) when referencing Secrets Manager: Secret {shown} not \
         found."
    ))
}

fn is_absence(error: &Error) -> bool {
    matches!(error, Error::Fault(fault) if fault.code(Protocol::Json11) == "ResourceNotFoundException")
}

fn is_uuid(text: &str) -> bool {
    let groups = text.split('-').map(str::len);
    groups.eq([8, 4, 4, 4, 12])
        && text
            .bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}
