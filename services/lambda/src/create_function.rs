//! `lambda:CreateFunction`: makes a function of a deployment package.

use api::lambda::{
    CreateFunctionRequest, FunctionCode, FunctionConfiguration, PackageType,
    ResourceConflictException,
};
use platform::{Ctx, Result};
use wire::Fault;
use zeroize::Zeroizing;

use crate::access::{self, ConfigurationKeys, With};
use crate::code;
use crate::configuration::{self, pending};
use crate::function::{CodeUse, FunctionRecord, Logging, VersionRecord};
use crate::names::{Asked, FunctionPlace, LATEST};
use crate::settings::Settings;
use crate::{environment, layer_uses, publishing, refusals, roles, tags};

pub(crate) async fn create_function(
    ctx: &Ctx,
    mut req: CreateFunctionRequest,
) -> Result<FunctionConfiguration> {
    let given = std::mem::take(&mut req.tags).0;
    let keys = ConfigurationKeys {
        layers: req.layers.clone(),
        code_signing: req.code_signing_config_arn.clone(),
    };
    let with = With {
        keys: &keys,
        tags: &given,
        tag_keys: &[],
    };
    let asked = match Asked::of(ctx, &req.function_name, None) {
        Ok(asked) => asked,
        Err(bad) => {
            access::everything(ctx, "lambda:CreateFunction").await?;
            return Err(bad.into());
        }
    };
    let place = asked.place.clone();
    let known = access::decide(ctx, "lambda:CreateFunction", &asked, with).await?;
    if !given.is_empty() {
        access::decide(ctx, "lambda:TagResource", &asked, with).await?;
    }
    if asked.qualifier.is_some() {
        return Err(refusals::invalid("A new function has no qualifier.").into());
    }
    let zip = package(&mut req)?;
    if known.is_some() {
        let text = format!("Function already exist: {}", place.name);
        return Err(ResourceConflictException::new(text).into());
    }
    let variables = environment::variables(req.environment.take())?;
    let mut version = new_version();
    Settings::of_new(&mut req)?.apply(ctx, &mut version).await?;
    let function = new_function(ctx, &place, given)?;
    roles::check(ctx, &version.role, &place.arn()).await?;
    let package = code::check(ctx, zip).await?;
    check_size(&version, package.unzipped_size())?;
    version.code = package.keep(ctx, &place).await?;
    version.touch(ctx)?;
    environment::seal(ctx, &place, &mut version, &variables).await?;
    ctx.put(place.key(), function.clone()).await;
    ctx.put(VersionRecord::key(&place, LATEST), version.clone())
        .await;
    layer_uses::change(ctx, (&place, LATEST), (&[], &version.layers)).await?;
    let version = match req.publish {
        false => version,
        true => publishing::publish(ctx, &place, (function, &version), None).await?,
    };
    // AWS shows a version that is made with its function under the ARN of the function.
    let mut answer = configuration::settled((&place, place.arn()), &version);
    answer.environment = environment::response(variables);
    Ok(pending(answer))
}

/// The package in a request: code comes in no other way.
fn package(req: &mut CreateFunctionRequest) -> Result<Zeroizing<Vec<u8>>, Fault> {
    if req.package_type == Some(PackageType::Image) {
        return Err(refusals::unsupported("functions of container images"));
    }
    if req.runtime.is_none() || req.handler.is_none() {
        return Err(refusals::invalid(
            "Runtime and Handler are mandatory parameters for functions created with deployment \
             packages.",
        ));
    }
    zip_of(&mut req.code)
}

/// The package in `code`.
pub(crate) fn zip_of(code: &mut FunctionCode) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let is_elsewhere = code.s3_bucket.is_some() || code.s3_key.is_some();
    if code.image_uri.is_some() {
        return Err(refusals::unsupported("functions of container images"));
    }
    match (code.zip_file.take(), is_elsewhere) {
        (Some(_), true) => Err(refusals::invalid(
            "Please do not provide other FunctionCode parameters when providing a ZipFile.",
        )),
        (Some(_), false) if code.source_kms_key_arn.is_some() => {
            Err(refusals::unsupported("the parameter SourceKMSKeyArn"))
        }
        (Some(zip), false) => Ok(zip),
        (None, true) => Err(refusals::unsupported("deployment packages in Amazon S3")),
        (None, false) => Err(refusals::invalid(
            "Please provide a source for function code.",
        )),
    }
}

/// Code and layers have one limit together.
pub(crate) fn check_size(version: &VersionRecord, code: u64) -> Result<(), Fault> {
    let layers: u64 = version.layers.iter().map(|layer| layer.unzipped_size).sum();
    let all = code + layers;
    match all > functions::package::MAX_UNZIPPED {
        false => Ok(()),
        true => Err(refusals::invalid(format!(
            "Function code combined with layers exceeds the maximum allowed size of {} bytes. The \
             actual size is {all} bytes.",
            functions::package::MAX_UNZIPPED
        ))),
    }
}

fn new_function(
    ctx: &Ctx,
    place: &FunctionPlace,
    given: Vec<(String, String)>,
) -> Result<FunctionRecord> {
    let mut function = FunctionRecord {
        name: place.name.clone(),
        id: ctx.new_uuid()?,
        published: 0,
        tags: Vec::new(),
        reserved_concurrency: None,
        code_signing: None,
        recursive_loop: None,
    };
    tags::set(&mut function.tags, given)?;
    Ok(function)
}

/// A version as it is where nothing is said.
fn new_version() -> VersionRecord {
    VersionRecord {
        version: LATEST.to_owned(),
        revision_id: String::new(),
        modified_millis: 0,
        description: String::new(),
        runtime: String::new(),
        role: String::new(),
        handler: String::new(),
        timeout: 3,
        memory: 128,
        ephemeral_storage: 512,
        architecture: "x86_64".to_owned(),
        layers: Vec::new(),
        environment: None,
        kms_key: None,
        dead_letters: None,
        tracing: "PassThrough".to_owned(),
        logging: Logging {
            format: "Text".to_owned(),
            application_level: None,
            system_level: None,
            group: None,
        },
        snap_start: "None".to_owned(),
        update_runtime_on: "Auto".to_owned(),
        runtime_version: None,
        code: CodeUse {
            id: String::new(),
            sha256: [0; 32],
            size: 0,
            unzipped_size: 0,
        },
    }
}
