//! Environment variables ("Securing Lambda environment variables", Lambda developer guide).
//!
//! They are encrypted by KMS, with the permissions of whoever sets or reads them and the function's
//! ARN as encryption context: under the customer's key, or under the AWS managed key of Lambda. Whoever
//! may not decrypt sees an error in their place. A grant lets the function's role decrypt with the
//! customer's key.

use std::collections::BTreeMap;

use api::kms::{
    CreateGrant, CreateGrantRequest, Decrypt, DecryptRequest, Encrypt, EncryptRequest,
    GrantConstraints, GrantOperation,
};
use api::lambda::{Environment, EnvironmentError, EnvironmentResponse};
use platform::{Ctx, Error, Result};
use wire::{Entries, Fault, Protocol};
use zeroize::Zeroizing;

use crate::function::VersionRecord;
use crate::names::FunctionPlace;
use crate::refusals;

/// The AWS managed key, where the function names none.
const DEFAULT_KEY: &str = "alias/aws/lambda";
/// What all variables may have together, as the JSON object that KMS encrypts: 4 KB.
const MOST: usize = 4096;

/// What only the runtime sets ("Defined runtime environment variables", Lambda developer guide).
const RESERVED: [&str; 20] = [
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SECRET_KEY",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
];

/// The variables by their names.
pub(crate) type Variables = BTreeMap<String, Zeroizing<String>>;

/// The variables that a request sets, once they are ones that a function can have.
pub(crate) fn variables(environment: Option<Environment>) -> Result<Variables, Fault> {
    let given = environment.and_then(|environment| environment.variables);
    let variables: Variables = given.unwrap_or_default().0.into_iter().collect();
    let is_reserved = |name: &&String| RESERVED.contains(&name.as_str());
    let reserved: Vec<_> = variables.keys().filter(is_reserved).cloned().collect();
    if !reserved.is_empty() {
        let names = reserved.join(", ");
        return Err(refusals::invalid(format!(
            "Lambda was unable to configure your environment variables because the environment \
             variables you have provided contains reserved keys that are currently not supported \
             for modification. Reserved keys used in this request: {names}"
        )));
    }
    let text = json(&variables);
    if text.len() > MOST {
        let text = str::from_utf8(&text).unwrap_or_default();
        let refused = |measured: &str| {
            format!(
                "Lambda was unable to configure your environment variables because the environment \
                 variables you have provided exceeded the 4KB limit. String measured: {measured}"
            )
        };
        let fault = refusals::invalid(refused(text));
        return Err(fault.recorded_as(Some(refused("HIDDEN_DUE_TO_SECURITY_REASONS"))));
    }
    Ok(variables)
}

/// Encrypts the variables for a version, under the key that it names.
pub(crate) async fn seal(
    ctx: &Ctx,
    place: &FunctionPlace,
    version: &mut VersionRecord,
    variables: &Variables,
) -> Result<()> {
    version.environment = None;
    if variables.is_empty() {
        return Ok(());
    }
    let request = EncryptRequest {
        key_id: version.kms_key.as_deref().unwrap_or(DEFAULT_KEY).to_owned(),
        plaintext: json(variables),
        encryption_context: context(place),
        grant_tokens: Vec::new(),
        encryption_algorithm: None,
        dry_run: false,
    };
    let call = ctx.on_behalf_of_caller("lambda").call::<Encrypt>(request);
    let encrypted = call
        .await
        .map_err(|error| not_configured(error, "Encrypt"))?;
    let blob = encrypted.ciphertext_blob;
    let blob = blob.ok_or_else(|| Error::internal("KMS gave no ciphertext"))?;
    version.environment = Some(blob.to_vec());
    grant(ctx, place, version).await
}

/// Lets the function's role decrypt with the customer's key.
async fn grant(ctx: &Ctx, place: &FunctionPlace, version: &VersionRecord) -> Result<()> {
    let Some(key) = &version.kms_key else {
        return Ok(());
    };
    let constraints = GrantConstraints {
        encryption_context_equals: Some(context(place)),
        encryption_context_subset: None,
        source_arn: None,
    };
    let request = CreateGrantRequest {
        key_id: key.clone(),
        grantee_principal: Some(version.role.clone()),
        operations: vec![GrantOperation::Decrypt],
        constraints: Some(constraints),
        ..CreateGrantRequest::default()
    };
    let call = ctx
        .on_behalf_of_caller("lambda")
        .call::<CreateGrant>(request);
    call.await
        .map_err(|error| not_configured(error, "CreateGrant"))?;
    Ok(())
}

/// Opens the variables of a version, with the permissions of the caller.
pub(crate) async fn open(
    ctx: &Ctx,
    place: &FunctionPlace,
    version: &VersionRecord,
) -> Result<Variables> {
    let Some(sealed) = &version.environment else {
        return Ok(Variables::new());
    };
    let call = ctx.on_behalf_of_caller("lambda");
    let opened = call.call::<Decrypt>(decrypt_request(place, sealed)).await?;
    read(&opened.plaintext.unwrap_or_default())
}

/// The request that decrypts what [`seal`] encrypted.
pub(crate) fn decrypt_request(place: &FunctionPlace, sealed: &[u8]) -> DecryptRequest {
    DecryptRequest {
        ciphertext_blob: Some(Zeroizing::new(sealed.to_vec())),
        encryption_context: context(place),
        grant_tokens: Vec::new(),
        key_id: None,
        encryption_algorithm: None,
        recipient: None,
        dry_run: false,
        dry_run_modifiers: Vec::new(),
    }
}

/// The variables in what KMS decrypted.
pub(crate) fn read(plaintext: &[u8]) -> Result<Variables> {
    let variables: BTreeMap<String, String> =
        serde_json::from_slice(plaintext).map_err(Error::internal)?;
    let variables = variables.into_iter();
    Ok(variables
        .map(|(name, value)| (name, Zeroizing::new(value)))
        .collect())
}

/// The environment as configurations show it: none where there are no variables, and an error where
/// the caller may not decrypt them.
pub(crate) async fn shown(
    ctx: &Ctx,
    place: &FunctionPlace,
    version: &VersionRecord,
) -> Result<Option<EnvironmentResponse>> {
    if version.environment.is_none() {
        return Ok(None);
    }
    match open(ctx, place, version).await {
        Ok(variables) => Ok(response(variables)),
        Err(Error::Fault(fault)) => Ok(Some(EnvironmentResponse {
            variables: None,
            error: Some(not_decrypted(&fault)),
        })),
        Err(internal) => Err(internal),
    }
}

/// The environment as the answer to who has just set it.
pub(crate) fn response(variables: Variables) -> Option<EnvironmentResponse> {
    (!variables.is_empty()).then(|| EnvironmentResponse {
        variables: Some(Entries(variables.into_iter().collect())),
        error: None,
    })
}

fn context(place: &FunctionPlace) -> Entries<String> {
    Entries(vec![("aws:lambda:FunctionArn".to_owned(), place.arn())])
}

fn json(variables: &Variables) -> Zeroizing<Vec<u8>> {
    let mut writer = wire::json::Writer::new();
    writer.begin_object();
    for (name, value) in variables {
        writer.key(name);
        writer.string(value);
    }
    writer.end_object();
    writer.finish()
}

fn not_decrypted(fault: &Fault) -> EnvironmentError {
    let code = fault.code(Protocol::Json11);
    let message = fault.message().unwrap_or_default();
    EnvironmentError {
        error_code: Some(code.to_owned()),
        message: Some(Zeroizing::new(format!(
            "Lambda was unable to decrypt your environment variables because the KMS access was \
             denied. Please check your KMS permissions. KMS Exception: {code} KMS Message: {message}"
        ))),
    }
}

fn not_configured(error: Error, action: &str) -> Error {
    let Error::Fault(fault) = error else {
        return error;
    };
    let (code, message) = (
        fault.code(Protocol::Json11),
        fault.message().unwrap_or_default(),
    );
    let text = format!(
        "Lambda was unable to configure access to your environment variables because the KMS key \
         is invalid for {action}. Please check your KMS key settings. KMS Exception: {code} KMS \
         Message: {message}"
    );
    refusals::invalid(text).into()
}
