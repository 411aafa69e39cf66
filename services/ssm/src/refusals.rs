//! What Parameter Store says to requests that it does not serve.

use api::ssm::{
    HierarchyLevelLimitExceededException, IncompatiblePolicyException,
    InvalidAllowedPatternException, InvalidFilterKey, InvalidFilterOption, InvalidFilterValue,
    InvalidNextToken, InvalidPolicyAttributeException, InvalidPolicyTypeException,
    ParameterAlreadyExists, ParameterLimitExceeded, ParameterMaxVersionLimitExceeded,
    ParameterNotFound, ParameterPatternMismatchException, ParameterVersionLabelLimitExceeded,
    ParameterVersionNotFound, PoliciesLimitExceededException,
};
use wire::{Common, Fault};

const TIERS: &str = "https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html";

/// `ValidationException` with a text.
pub(crate) fn invalid(message: impl Into<String>) -> Fault {
    Fault::common(Common::Validation, message)
}

/// What the model of an operation would say of a member.
pub(crate) fn constraint(member: &str, constraint: &str) -> Fault {
    invalid(format!(
        "1 validation error detected: Value at '{member}' failed to satisfy constraint: {constraint}"
    ))
}

pub(crate) fn bad_name() -> Fault {
    invalid(
        "Parameter name: can't be prefixed with \"ssm\" (case-insensitive). If formed as a path, \
         it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix \
         of letters, numbers and the following 3 symbols .-_",
    )
}

pub(crate) fn bad_path() -> Fault {
    invalid(
        "The parameter doesn't meet the parameter name requirements. The parameter name must begin \
         with a forward slash \"/\". It can't be prefixed with \\\"aws\\\" or \\\"ssm\\\" \
         (case-insensitive). It must use only letters, numbers, or the following symbols: . \
         (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, \
         if specified, must use the forward slash symbol \"/\". Valid example: \
         /get/parameters2-/by1./path0_.",
    )
}

pub(crate) fn reserved_name(name: &str) -> Fault {
    // AWS shows the name of a hierarchy without the slash that it begins with.
    let name = name.strip_prefix('/').unwrap_or(name);
    let message = format!("No access to reserved parameter name: {name}.");
    Fault::common(Common::AccessDenied, message)
}

pub(crate) fn not_fully_qualified() -> Fault {
    invalid("Parameter name must be a fully qualified name.")
}

pub(crate) fn name_too_long(most: usize) -> Fault {
    invalid(format!(
        "Parameter name: must not be longer than {most} characters, including the ARN that \
         precedes it."
    ))
}

pub(crate) fn too_deep() -> Fault {
    HierarchyLevelLimitExceededException::new(
        "A hierarchy can have a maximum of 15 levels. For more information, see Requirements and \
         constraints for parameter names in the AWS Systems Manager User Guide.",
    )
}

pub(crate) fn no_parameter() -> Fault {
    ParameterNotFound::bare()
}

pub(crate) fn secret_without_decryption() -> Fault {
    invalid("WithDecryption flag must be True for retrieving a Secret Manager secret.")
}

pub(crate) fn bad_secret_selector() -> Fault {
    invalid(
        "Invalid parameter name. Please use correct syntax for referencing a version/label  \
         <name>:<version/label>",
    )
}

pub(crate) fn no_version(name: &str, version: i64) -> Fault {
    ParameterVersionNotFound::new(format!(
        "Systems Manager could not find version {version} of {name}. Verify the version and try \
         again."
    ))
}

pub(crate) fn no_label(name: &str, label: &str) -> Fault {
    ParameterVersionNotFound::new(format!(
        "Systems Manager could not find label {label} of {name}. Verify the label and try again."
    ))
}

pub(crate) fn already_exists() -> Fault {
    ParameterAlreadyExists::new(
        "The parameter already exists. To overwrite this value, set the overwrite option in the \
         request to true.",
    )
}

pub(crate) fn tags_with_overwrite() -> Fault {
    invalid(
        "Invalid request: tags and overwrite can't be used together. To create a parameter with \
         tags, please remove overwrite flag. To update tags for an existing parameter, please use \
         AddTagsToResource or RemoveTagsFromResource.",
    )
}

pub(crate) fn no_type() -> Fault {
    invalid("A parameter type is required when you create a parameter.")
}

pub(crate) fn key_without_secret() -> Fault {
    invalid("KeyId can only be specified for parameters of type SecureString.")
}

pub(crate) fn nested() -> Fault {
    invalid("Parameter value can't nest another parameter. Do not use \"{{}}\" in the value.")
}

pub(crate) fn too_large_for_standard(most: usize) -> Fault {
    invalid(format!(
        "Standard tier parameters support a maximum parameter value of {most} characters. To \
         create a larger parameter value, upgrade the parameter to use the advanced-parameter \
         tier. For more information, see {TIERS}"
    ))
}

pub(crate) fn too_large(most: usize) -> Fault {
    invalid(format!(
        "The specified parameter value is too large. Advanced-tier parameters support a maximum \
         parameter value of {most} characters."
    ))
}

pub(crate) fn needs_advanced(what: &str) -> Fault {
    invalid(format!(
        "Standard tier parameters do not support {what}. Upgrade the parameter to use the \
         advanced-parameter tier. For more information, see {TIERS}"
    ))
}

pub(crate) fn downgrade() -> Fault {
    invalid(
        "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the \
         advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the \
         advanced parameter and recreate it as a standard parameter. Be aware that standard \
         parameters have a value limit of 4096 characters.",
    )
}

pub(crate) fn too_many_parameters(tier: &str, most: u64) -> Fault {
    let message = match tier {
        "standard" => format!(
            "You have reached the maximum number of standard parameters for this AWS account and \
             Region ({most}). To add more parameters, either delete existing parameters or upgrade \
             to the advanced-parameter tier (charges apply)."
        ),
        _ => format!(
            "You have reached the maximum number of {tier} parameters for this AWS account and \
             Region ({most}). To add more parameters, delete existing parameters."
        ),
    };
    ParameterLimitExceeded::new(message)
}

pub(crate) fn oldest_has_label(name: &str, oldest: i64) -> Fault {
    ParameterMaxVersionLimitExceeded::new(format!(
        "You attempted to create a new version of {name} by calling the PutParameter API with the \
         overwrite flag. Version {oldest}, the oldest version, can't be deleted because it has a \
         label associated with it. Move the label to another version of the parameter, and try \
         again."
    ))
}

pub(crate) fn bad_pattern(pattern: &str) -> Fault {
    InvalidAllowedPatternException::new(format!(
        "AllowedPattern: {pattern} is not a valid regular expression."
    ))
}

pub(crate) fn pattern_mismatch(pattern: &str) -> Fault {
    ParameterPatternMismatchException::new(format!(
        "Parameter value, cannot be validated against allowedPattern: {pattern}"
    ))
}

pub(crate) fn unknown_data_type(name: &str) -> Fault {
    invalid(format!(
        "The following data type is not supported: {name} (Data type names are all lowercase.)"
    ))
}

pub(crate) fn bad_value(data_type: &str) -> Fault {
    invalid(format!(
        "The parameter value is not valid for the data type {data_type}."
    ))
}

pub(crate) fn too_many_policies() -> Fault {
    PoliciesLimitExceededException::new(
        "You specified more than the maximum number of allowed policies for the parameter. The \
         maximum is 10.",
    )
}

pub(crate) fn bad_policy_type(given: &str) -> Fault {
    InvalidPolicyTypeException::new(format!(
        "The policy type {given} isn't supported. Parameter Store supports the following policy \
         types: Expiration, ExpirationNotification, and NoChangeNotification."
    ))
}

/// `InvalidPolicyAttributeException` with a text.
pub(crate) fn bad_policy(message: impl Into<String>) -> Fault {
    InvalidPolicyAttributeException::new(message)
}

/// `IncompatiblePolicyException` with a text.
pub(crate) fn incompatible_policies(message: &str) -> Fault {
    IncompatiblePolicyException::new(message)
}

pub(crate) fn too_many_labels() -> Fault {
    ParameterVersionLabelLimitExceeded::new(
        "A parameter version can have maximum 10 labels.Move one or more labels to another version \
         and try again.",
    )
}

pub(crate) fn bad_token() -> Fault {
    InvalidNextToken::new("The specified token isn't valid.")
}

/// A filter that an operation does not know, with those that it knows.
pub(crate) fn bad_filter_key(key: &str, known: &str) -> Fault {
    // The model gives this error no text of its own, yet AWS sends one.
    InvalidFilterKey::new(format!(
        "The following filter key is not valid: {key}. Valid filter keys include: [{known}]."
    ))
}

pub(crate) fn repeated_filter(key: &str) -> Fault {
    InvalidFilterKey::new(format!(
        "The following filter is duplicated in the request: {key}. A request can contain only one \
         occurrence of a specific filter."
    ))
}

pub(crate) fn bad_filter_option(option: &str, known: &str) -> Fault {
    InvalidFilterOption::new(format!(
        "The following filter option is not valid: {option}. Valid options include: [{known}]."
    ))
}

pub(crate) fn no_filter_values(key: &str) -> Fault {
    InvalidFilterValue::new(format!(
        "The following filter values are missing : null for filter key {key}"
    ))
}

pub(crate) fn bad_filter_value(value: &str, known: &str) -> Fault {
    InvalidFilterValue::new(format!(
        "The following filter value is not valid: {value}. Valid values include: [{known}]."
    ))
}
