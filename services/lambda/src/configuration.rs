//! Versions as answers show them (`FunctionConfiguration`).

use std::sync::Arc;

use api::lambda::{
    ApplicationLogLevel, Architecture, DeadLetterConfig, EphemeralStorage, FunctionConfiguration,
    LastUpdateStatus, Layer, LogFormat, LoggingConfig, PackageType, RuntimeVersionConfig,
    SnapStartApplyOn, SnapStartOptimizationStatus, SnapStartResponse, State, StateReasonCode,
    SystemLogLevel, TracingConfigResponse, TracingMode,
};
use platform::{Ctx, Result, partition};
use wire::Timestamp;

use crate::access::Function;
use crate::environment;
use crate::function::{AliasRecord, Logging, VersionRecord};
use crate::names::{FunctionPlace, LATEST, is_alias};
use crate::{refusals, runtimes};

/// The version that a request names: by a number, by an alias, or `$LATEST`.
pub(crate) async fn version(ctx: &Ctx, function: &Function) -> Result<Arc<VersionRecord>> {
    let named = function.qualifier.as_deref().unwrap_or(LATEST);
    let mut version = named.to_owned();
    if is_alias(named) {
        let alias = AliasRecord::get(ctx, &function.place, named).await?;
        let alias = alias.ok_or_else(|| refusals::no_function(&function.arn()))?;
        alias.version.clone_into(&mut version);
    }
    let found = VersionRecord::get(ctx, &function.place, &version).await?;
    Ok(found.ok_or_else(|| refusals::no_function(&function.arn()))?)
}

/// A version under the ARN that a request named it by, as the caller may see it.
pub(crate) async fn shown(
    ctx: &Ctx,
    (place, arn): (&FunctionPlace, String),
    version: &VersionRecord,
) -> Result<FunctionConfiguration> {
    let mut shown = settled((place, arn), version);
    shown.environment = environment::shown(ctx, place, version).await?;
    Ok(shown)
}

/// The same without its environment.
pub(crate) fn settled(
    (place, arn): (&FunctionPlace, String),
    version: &VersionRecord,
) -> FunctionConfiguration {
    let mut shown = listed((place, arn), version);
    shown.state = Some(State::Active);
    shown.last_update_status = Some(LastUpdateStatus::Successful);
    let split = partition(&place.region);
    let runtime = version.runtime_version.clone();
    let runtime =
        runtime.unwrap_or_else(|| runtimes::version_arn(split, &place.region, &version.runtime));
    shown.runtime_version_config = Some(RuntimeVersionConfig {
        runtime_version_arn: Some(runtime),
        error: None,
    });
    shown
}

impl Function {
    /// A version as it is shown to whoever named it so.
    pub(crate) async fn shown(
        &self,
        ctx: &Ctx,
        version: &VersionRecord,
    ) -> Result<FunctionConfiguration> {
        shown(ctx, (&self.place, self.arn()), version).await
    }
}

/// Says that the function has just been made. It is ready for whoever asks next.
pub(crate) fn pending(mut shown: FunctionConfiguration) -> FunctionConfiguration {
    shown.state = Some(State::Pending);
    shown.state_reason = Some("The function is being created.".to_owned());
    shown.state_reason_code = Some(StateReasonCode::Creating);
    shown.last_update_status = None;
    shown
}

/// Says that the version has just been changed. It is ready for whoever asks next.
pub(crate) fn updating(mut shown: FunctionConfiguration) -> FunctionConfiguration {
    shown.last_update_status = Some(LastUpdateStatus::InProgress);
    shown.last_update_status_reason = Some("The function is being created.".to_owned());
    shown.last_update_status_reason_code = Some("Creating".to_owned());
    shown
}

/// A version as lists show it: without its states and what its environment says.
pub(crate) fn listed(
    (place, arn): (&FunctionPlace, String),
    version: &VersionRecord,
) -> FunctionConfiguration {
    let dead_letters = version.dead_letters.clone();
    FunctionConfiguration {
        function_name: Some(place.name.clone()),
        function_arn: Some(arn),
        runtime: Some(version.runtime.clone()),
        role: Some(version.role.clone()),
        handler: Some(version.handler.clone()),
        code_size: i64::try_from(version.code.size).ok(),
        description: Some(version.description.clone()),
        timeout: i32::try_from(version.timeout).ok(),
        memory_size: i32::try_from(version.memory).ok(),
        last_modified: Some(written(version.modified())),
        code_sha256: Some(wire::pem::base64(&version.code.sha256)),
        version: Some(version.version.clone()),
        dead_letter_config: dead_letters.map(|arn| DeadLetterConfig {
            target_arn: Some(arn),
        }),
        kms_key_arn: version.kms_key.clone(),
        tracing_config: Some(TracingConfigResponse {
            mode: TracingMode::parse(&version.tracing),
        }),
        revision_id: Some(version.revision_id.clone()),
        layers: layers(version),
        package_type: Some(PackageType::Zip),
        architectures: Architecture::parse(&version.architecture).map(|one| vec![one]),
        ephemeral_storage: i32::try_from(version.ephemeral_storage)
            .ok()
            .map(|size| EphemeralStorage { size }),
        snap_start: Some(snap_start(version)),
        logging_config: Some(logging(&place.name, &version.logging)),
        ..FunctionConfiguration::default()
    }
}

fn layers(version: &VersionRecord) -> Option<Vec<Layer>> {
    let layer = |layer: &crate::function::LayerUse| Layer {
        arn: Some(layer.arn.clone()),
        code_size: i64::try_from(layer.code_size).ok(),
        ..Layer::default()
    };
    let layers: Vec<_> = version.layers.iter().map(layer).collect();
    (!layers.is_empty()).then_some(layers)
}

fn snap_start(version: &VersionRecord) -> SnapStartResponse {
    let is_on = version.snap_start != "None" && version.version != LATEST;
    SnapStartResponse {
        apply_on: SnapStartApplyOn::parse(&version.snap_start),
        optimization_status: Some(match is_on {
            true => SnapStartOptimizationStatus::On,
            false => SnapStartOptimizationStatus::Off,
        }),
    }
}

fn logging(name: &str, logging: &Logging) -> LoggingConfig {
    let application = logging.application_level.as_deref();
    let system = logging.system_level.as_deref();
    LoggingConfig {
        log_format: LogFormat::parse(&logging.format),
        application_log_level: application.and_then(ApplicationLogLevel::parse),
        system_log_level: system.and_then(SystemLogLevel::parse),
        log_group: Some(logging.group_of(name)),
    }
}

impl Logging {
    /// The group that a function of this name logs to.
    pub(crate) fn group_of(&self, name: &str) -> String {
        let usual = || format!("/aws/lambda/{name}");
        self.group.clone().unwrap_or_else(usual)
    }
}

/// `2026-01-02T03:04:05.678+0000`, the one form of a time that Lambda writes as a text.
pub(crate) fn written(time: Timestamp) -> String {
    let text = time.iso8601();
    let text = text.trim_end_matches('Z');
    match text.contains('.') {
        true => format!("{text}+0000"),
        false => format!("{text}.000+0000"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_milliseconds_and_an_offset() {
        let millis = |millis| written(Timestamp { millis });
        assert_eq!(millis(1_767_323_045_678), "2026-01-02T03:04:05.678+0000");
        assert_eq!(millis(1_767_323_045_000), "2026-01-02T03:04:05.000+0000");
        assert_eq!(millis(1_767_323_045_070), "2026-01-02T03:04:05.070+0000");
    }
}
