//! What requests set of a version: its configuration, checked and put into the record.

use api::lambda::{
    Architecture, CreateFunctionRequest, DeadLetterConfig, EphemeralStorage, LoggingConfig,
    SnapStart, TracingConfig, TracingMode, UpdateFunctionConfigurationRequest, VpcConfig,
};
use platform::{Ctx, Result};
use wire::Fault;

use crate::function::{Logging, VersionRecord};
use crate::{layers, refusals, runtimes};

/// The most seconds, and the most megabytes of memory and of `/tmp` ("Lambda quotas"). Above these
/// is what functions on instances of their own may have.
const MOST_SECONDS: u32 = 900;
const MOST_MEMORY: u32 = 10_240;
const MOST_STORAGE: u32 = 10_240;

/// What a request sets; what it leaves out stays as it is.
#[derive(Default)]
pub(crate) struct Settings {
    runtime: Option<String>,
    role: Option<String>,
    handler: Option<String>,
    description: Option<String>,
    timeout: Option<i32>,
    memory: Option<i32>,
    dead_letters: Option<DeadLetterConfig>,
    kms_key: Option<String>,
    tracing: Option<TracingConfig>,
    layers: Option<Vec<String>>,
    storage: Option<EphemeralStorage>,
    snap_start: Option<SnapStart>,
    logging: Option<LoggingConfig>,
    architecture: Option<Architecture>,
}

impl Settings {
    /// What CreateFunction sets, taken out of the request.
    pub(crate) fn of_new(req: &mut CreateFunctionRequest) -> Result<Self, Fault> {
        refuse([
            (has_network(req.vpc_config.as_ref()), "VpcConfig"),
            (!req.file_system_configs.is_empty(), "FileSystemConfigs"),
            (
                req.code_signing_config_arn.is_some(),
                "CodeSigningConfigArn",
            ),
            (req.image_config.is_some(), "ImageConfig"),
            (req.tenancy_config.is_some(), "TenancyConfig"),
            (
                req.capacity_provider_config.is_some(),
                "CapacityProviderConfig",
            ),
            (req.durable_config.is_some(), "DurableConfig"),
            (req.runtime_config.is_some(), "RuntimeConfig"),
            (req.accelerator_config.is_some(), "AcceleratorConfig"),
            (req.publish_to.is_some(), "PublishTo"),
        ])?;
        Ok(Self {
            runtime: req.runtime.take(),
            role: Some(req.role.clone()),
            handler: req.handler.take(),
            description: req.description.take(),
            timeout: req.timeout,
            memory: req.memory_size,
            dead_letters: req.dead_letter_config.take(),
            kms_key: req.kms_key_arn.take(),
            tracing: req.tracing_config.take(),
            layers: Some(std::mem::take(&mut req.layers)),
            storage: req.ephemeral_storage.take(),
            snap_start: req.snap_start.take(),
            logging: req.logging_config.take(),
            architecture: req.architectures.first().copied(),
        })
    }

    /// What UpdateFunctionConfiguration sets, taken out of the request.
    pub(crate) fn of_change(req: &mut UpdateFunctionConfigurationRequest) -> Result<Self, Fault> {
        let has_files = req.file_system_configs.as_ref();
        refuse([
            (has_network(req.vpc_config.as_ref()), "VpcConfig"),
            (
                has_files.is_some_and(|it| !it.is_empty()),
                "FileSystemConfigs",
            ),
            (req.image_config.is_some(), "ImageConfig"),
            (
                req.capacity_provider_config.is_some(),
                "CapacityProviderConfig",
            ),
            (req.durable_config.is_some(), "DurableConfig"),
            (req.runtime_config.is_some(), "RuntimeConfig"),
            (req.accelerator_config.is_some(), "AcceleratorConfig"),
        ])?;
        Ok(Self {
            runtime: req.runtime.take(),
            role: req.role.take(),
            handler: req.handler.take(),
            description: req.description.take(),
            timeout: req.timeout,
            memory: req.memory_size,
            dead_letters: req.dead_letter_config.take(),
            kms_key: req.kms_key_arn.take(),
            tracing: req.tracing_config.take(),
            layers: req.layers.take(),
            storage: req.ephemeral_storage.take(),
            snap_start: req.snap_start.take(),
            logging: req.logging_config.take(),
            architecture: None,
        })
    }

    /// Puts everything into a version.
    pub(crate) async fn apply(self, ctx: &Ctx, version: &mut VersionRecord) -> Result<()> {
        set(&mut version.role, self.role);
        set(&mut version.handler, self.handler);
        set(&mut version.description, self.description);
        if let Some(runtime) = self.runtime {
            runtimes::check(&runtime)?;
            version.runtime = runtime;
        }
        number(
            &mut version.timeout,
            self.timeout,
            ("Timeout", MOST_SECONDS),
        )?;
        number(
            &mut version.memory,
            self.memory,
            ("MemorySize", MOST_MEMORY),
        )?;
        let storage = self.storage.map(|storage| storage.size);
        let most = ("EphemeralStorage", MOST_STORAGE);
        number(&mut version.ephemeral_storage, storage, most)?;
        if let Some(dead_letters) = self.dead_letters {
            version.dead_letters = target(dead_letters)?;
        }
        if let Some(key) = self.kms_key {
            version.kms_key = Some(key).filter(|key| !key.is_empty());
        }
        if let Some(mode) = self.tracing.and_then(|tracing| tracing.mode) {
            tracing(mode)?;
            mode.as_str().clone_into(&mut version.tracing);
        }
        if let Some(arns) = self.layers {
            version.layers = layers::resolve(ctx, &arns).await?;
        }
        if let Some(architecture) = self.architecture {
            architecture.as_str().clone_into(&mut version.architecture);
        }
        if let Some(apply_on) = self.snap_start.and_then(|it| it.apply_on) {
            apply_on.as_str().clone_into(&mut version.snap_start);
        }
        if version.snap_start != "None" && !runtimes::has_snap_start(&version.runtime) {
            let runtime = &version.runtime;
            let text = format!("{runtime} is not supported for SnapStart enabled functions.");
            return Err(refusals::invalid(text).into());
        }
        if let Some(config) = self.logging {
            logging(&mut version.logging, config)?;
        }
        Ok(())
    }
}

/// Refuses what this program does not have.
fn refuse<const N: usize>(members: [(bool, &str); N]) -> Result<(), Fault> {
    match members.iter().find(|(is_set, _)| *is_set) {
        Some((_, name)) => Err(refusals::unsupported(&format!("the parameter {name}"))),
        None => Ok(()),
    }
}

/// Whether a function would be in a network. Clients send empty lists for none.
fn has_network(config: Option<&VpcConfig>) -> bool {
    let is_set = |list: &Option<Vec<String>>| list.as_ref().is_some_and(|list| !list.is_empty());
    config.is_some_and(|config| {
        is_set(&config.subnet_ids)
            || is_set(&config.security_group_ids)
            || config.ipv6_allowed_for_dual_stack == Some(true)
    })
}

fn set(known: &mut String, new: Option<String>) {
    if let Some(new) = new {
        *known = new;
    }
}

/// Sets a number whose least value the model has.
fn number(known: &mut u32, new: Option<i32>, (member, most): (&str, u32)) -> Result<(), Fault> {
    let Some(new) = new.and_then(|new| u32::try_from(new).ok()) else {
        return Ok(());
    };
    if new > most {
        return Err(refusals::above(member, most));
    }
    *known = new;
    Ok(())
}

/// The queue or topic of a configuration; none to have none.
fn target(config: DeadLetterConfig) -> Result<Option<String>, Fault> {
    let Some(arn) = config.target_arn.filter(|arn| !arn.is_empty()) else {
        return Ok(None);
    };
    let is_known = matches!(arn.split(':').nth(2), Some("sqs" | "sns"));
    match is_known && !arn.ends_with(".fifo") {
        true => Ok(Some(arn)),
        false => Err(refusals::invalid(format!(
            "The target ARN {arn} of the dead letter configuration is neither a standard Amazon SQS \
             queue nor a standard Amazon SNS topic."
        ))),
    }
}

fn tracing(mode: TracingMode) -> Result<(), Fault> {
    match mode {
        TracingMode::Active => Err(refusals::unsupported("active tracing")),
        TracingMode::PassThrough => Ok(()),
    }
}

fn logging(known: &mut Logging, config: LoggingConfig) -> Result<(), Fault> {
    if let Some(format) = config.log_format {
        format.as_str().clone_into(&mut known.format);
    }
    let is_json = known.format == "JSON";
    if !is_json && (config.application_log_level.is_some() || config.system_log_level.is_some()) {
        return Err(refusals::invalid(
            "To set ApplicationLogLevel or SystemLogLevel, LogFormat has to be JSON.",
        ));
    }
    let usual = || is_json.then(|| "INFO".to_owned());
    let application = config
        .application_log_level
        .map(|level| level.as_str().to_owned());
    let system = config
        .system_log_level
        .map(|level| level.as_str().to_owned());
    known.application_level = application
        .or_else(|| known.application_level.take().filter(|_| is_json))
        .or_else(usual);
    known.system_level = system
        .or_else(|| known.system_level.take().filter(|_| is_json))
        .or_else(usual);
    if let Some(group) = config.log_group {
        known.group = Some(group).filter(|group| !group.is_empty());
    }
    Ok(())
}
