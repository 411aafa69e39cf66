//! What CloudTrail says to requests that it does not serve.

use api::cloudtrail::{
    CloudTrailARNInvalidException, InvalidHomeRegionException, InvalidLookupAttributesException,
    InvalidNextTokenException, InvalidParameterCombinationException, InvalidS3BucketNameException,
    InvalidS3PrefixException, InvalidTimeRangeException, InvalidTrailNameException,
    MaximumNumberOfTrailsExceededException, S3BucketDoesNotExistException,
    TrailAlreadyExistsException, TrailNotFoundException, UnsupportedOperationException,
};
use wire::Fault;

pub(crate) fn too_many_attributes() -> Fault {
    InvalidLookupAttributesException::new(
        "The list of lookup attributes can contain only one item.",
    )
}

pub(crate) fn long_attribute() -> Fault {
    InvalidLookupAttributesException::new(
        "The value of a lookup attribute can have at most 2000 characters, of which \
         underscores, spaces, commas and line feeds count as two.",
    )
}

pub(crate) fn backward_range() -> Fault {
    InvalidTimeRangeException::new("The start time must not be after the end time.")
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

pub(crate) fn bad_name(name: &str) -> Fault {
    InvalidTrailNameException::new(format!(
        "The trail name is not valid: `{name}`. It has 3 to 128 letters, digits, periods, \
         underscores and dashes, begins and ends with a letter or digit, has no two marks side by \
         side, and is no IP address."
    ))
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

pub(crate) fn too_many_trails(account: &str) -> Fault {
    MaximumNumberOfTrailsExceededException::new(format!(
        "User: {account} already has 5 trails in the Region."
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

pub(crate) fn never_a_token() -> Fault {
    UnsupportedOperationException::new("The token was not given by ListTrails.")
}
