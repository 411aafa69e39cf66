//! What CloudTrail says to requests that it does not serve.

use api::cloudtrail::{
    CloudTrailARNInvalidException, CloudTrailAccessNotEnabledException, InsightNotEnabledException,
    InsufficientDependencyServiceAccessPermissionException, InsufficientEncryptionPolicyException,
    InsufficientSnsTopicPolicyException, InvalidCloudWatchLogsLogGroupArnException,
    InvalidCloudWatchLogsRoleArnException, InvalidEventSelectorsException,
    InvalidHomeRegionException, InvalidInsightSelectorsException, InvalidKmsKeyIdException,
    InvalidLookupAttributesException, InvalidNextTokenException,
    InvalidParameterCombinationException, InvalidS3BucketNameException, InvalidS3PrefixException,
    InvalidSnsTopicNameException, InvalidTagParameterException, InvalidTimeRangeException,
    InvalidTokenException, InvalidTrailNameException, KmsException, KmsKeyNotFoundException,
    MaximumNumberOfTrailsExceededException, NotOrganizationMasterAccountException,
    OrganizationNotInAllFeaturesModeException, OrganizationsNotInUseException,
    ResourceNotFoundException, ResourceTypeNotSupportedException, S3BucketDoesNotExistException,
    TagsLimitExceededException, TrailAlreadyExistsException, TrailNotFoundException,
    UnsupportedOperationException,
};
use wire::Fault;

pub(crate) fn too_many_attributes() -> Fault {
    InvalidLookupAttributesException::new(
        "The list of lookup attributes can contain only one item.",
    )
}

pub(crate) fn no_truth() -> Fault {
    InvalidLookupAttributesException::new("The value of ReadOnly must be true or false.")
}

pub(crate) fn backward_range() -> Fault {
    InvalidTimeRangeException::new("The start time must not be after the end time.")
}

pub(crate) fn range_ahead() -> Fault {
    InvalidTimeRangeException::new("The start time must not be in the future.")
}

pub(crate) fn bad_token() -> Fault {
    InvalidNextTokenException::new(
        "The token is not valid, or was given for a request with other parameters.",
    )
}

pub(crate) fn no_trail(name: &str, account: &str) -> Fault {
    TrailNotFoundException::new(format!("Unknown trail: {name} for the user: {account}"))
}

pub(crate) fn not_at_home(home: &str) -> Fault {
    InvalidHomeRegionException::new(format!(
        "The trail was created in the Region {home}, and can be changed there alone."
    ))
}

pub(crate) fn bad_arn(arn: &str) -> Fault {
    CloudTrailARNInvalidException::new(format!("The ARN is not that of a trail: {arn}"))
}

/// A name that no trail can have.
pub(crate) fn bad_name(reason: impl Into<String>) -> Fault {
    InvalidTrailNameException::new(reason)
}

pub(crate) fn bad_bucket(name: &str) -> Fault {
    InvalidS3BucketNameException::new(format!("The bucket name is not valid: `{name}`."))
}

pub(crate) fn bad_prefix() -> Fault {
    InvalidS3PrefixException::new("The S3 key prefix is not valid.")
}

pub(crate) fn no_bucket(name: &str) -> Fault {
    S3BucketDoesNotExistException::new(format!("S3 bucket {name} does not exist!"))
}

pub(crate) fn trail_exists(name: &str, account: &str) -> Fault {
    TrailAlreadyExistsException::new(format!(
        "Trail {name} already exists for customer: {account}"
    ))
}

pub(crate) fn too_many_trails(account: &str, region: &str) -> Fault {
    MaximumNumberOfTrailsExceededException::new(format!(
        "User: {account} already has 5 trails in {region}."
    ))
}

pub(crate) fn multi_region_without_global() -> Fault {
    InvalidParameterCombinationException::new(
        "A multi-Region trail must include global service events.",
    )
}

pub(crate) fn not_built(what: &str) -> Fault {
    UnsupportedOperationException::new(format!("{what} is not supported yet."))
}

pub(crate) fn bad_topic() -> Fault {
    InvalidSnsTopicNameException::new("The SNS topic name is not valid.")
}

pub(crate) fn closed_topic() -> Fault {
    InsufficientSnsTopicPolicyException::new(
        "SNS Topic does not exist or the topic policy is incorrect!",
    )
}

pub(crate) fn group_without_role() -> Fault {
    InvalidCloudWatchLogsRoleArnException::new(
        "You must specify a role ARN as well as a log group.",
    )
}

pub(crate) fn role_without_group() -> Fault {
    InvalidCloudWatchLogsLogGroupArnException::new(
        "You must specify a log group as well as a role ARN.",
    )
}

pub(crate) fn bad_group() -> Fault {
    InvalidCloudWatchLogsLogGroupArnException::new(
        "Check the log group ARN: CloudTrail can't validate it.",
    )
}

pub(crate) fn closed_group() -> Fault {
    InvalidCloudWatchLogsLogGroupArnException::new(
        "Access denied. Check the permissions for your role.",
    )
}

pub(crate) fn bad_role() -> Fault {
    InvalidCloudWatchLogsRoleArnException::new("CloudTrail cannot validate the specified role ARN.")
}

pub(crate) fn untrusted_role() -> Fault {
    InvalidCloudWatchLogsRoleArnException::new(
        "Access denied. Check the trust relationships for your role.",
    )
}

pub(crate) fn never_a_token() -> Fault {
    UnsupportedOperationException::new("The token was not given by ListTrails.")
}

pub(crate) fn bad_selectors(text: String) -> Fault {
    InvalidEventSelectorsException::new(text)
}

pub(crate) fn either_selectors() -> Fault {
    InvalidEventSelectorsException::new(
        "Either EventSelectors or AdvancedEventSelectors must be specified, and not both.",
    )
}

pub(crate) fn bad_insights(text: &str) -> Fault {
    InvalidInsightSelectorsException::new(text)
}

pub(crate) fn no_insights(arn: &str) -> Fault {
    InsightNotEnabledException::new(format!("Insights events are not enabled for trail: {arn}"))
}

pub(crate) fn trail_or_store() -> Fault {
    InvalidParameterCombinationException::new(
        "Exactly one of TrailName and EventDataStore must be specified.",
    )
}

pub(crate) fn bad_tag(text: &str) -> Fault {
    InvalidTagParameterException::new(text)
}

pub(crate) fn too_many_tags() -> Fault {
    TagsLimitExceededException::new("A trail can have at most 50 tags.")
}

/// A token for an operation that gives none.
pub(crate) fn unknown_token(operation: &str) -> Fault {
    InvalidTokenException::new(format!("The token was not given by {operation}."))
}

pub(crate) fn no_resource(arn: &str) -> Fault {
    ResourceNotFoundException::new(format!("Resource {arn} does not exist."))
}

pub(crate) fn other_kind(arn: &str) -> Fault {
    ResourceTypeNotSupportedException::new(format!("The resource is no trail: {arn}"))
}

pub(crate) fn other_account(account: &str) -> Fault {
    CloudTrailARNInvalidException::new(format!(
        "AccountID in ARN is wrong, you can only access resources with AccountID {account}."
    ))
}

pub(crate) fn bad_key(key: &str) -> Fault {
    InvalidKmsKeyIdException::new(format!("The KMS key ID is not valid: {key}"))
}

pub(crate) fn no_key(key: &str) -> Fault {
    KmsKeyNotFoundException::new(format!(
        "The KMS key does not exist, or is not in the Region of the trail: {key}"
    ))
}

pub(crate) fn closed_key(bucket: &str, key: &str) -> Fault {
    InsufficientEncryptionPolicyException::new(format!(
        "Insufficient permissions to access S3 bucket {bucket} or KMS key {key}."
    ))
}

pub(crate) fn unusable_key(key: &str) -> Fault {
    KmsException::new(format!("The KMS key cannot be used: {key}"))
}

pub(crate) fn no_organization() -> Fault {
    OrganizationsNotInUseException::new("Your account is not a member of an organization.")
}

pub(crate) fn not_management_account() -> Fault {
    NotOrganizationMasterAccountException::new(
        "The account is neither the management account of the organization nor a delegated \
         administrator for CloudTrail.",
    )
}

pub(crate) fn not_all_features() -> Fault {
    OrganizationNotInAllFeaturesModeException::new(
        "The organization does not have all features enabled.",
    )
}

pub(crate) fn no_trusted_access() -> Fault {
    CloudTrailAccessNotEnabledException::new(
        "Trusted access between CloudTrail and Organizations is not enabled.",
    )
}

pub(crate) fn insufficient_dependency() -> Fault {
    InsufficientDependencyServiceAccessPermissionException::new(
        "The caller lacks the permission organizations:ListAWSServiceAccessForOrganization.",
    )
}
