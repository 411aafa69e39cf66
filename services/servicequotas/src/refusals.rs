//! What Service Quotas says to requests that it does not serve.

use api::servicequotas::{
    IllegalArgumentException, InvalidPaginationTokenException, NoSuchResourceException,
    TagPolicyViolationException, TooManyTagsException,
};
use wire::Fault;

pub(crate) fn no_service() -> Fault {
    NoSuchResourceException::new("The request failed because the specified service does not exist.")
}

pub(crate) fn no_quota() -> Fault {
    NoSuchResourceException::new("The request failed because the specified quota does not exist.")
}

pub(crate) fn no_value_in_context() -> Fault {
    NoSuchResourceException::new(
        "The request failed because applied value for the specified context Id do not exist.",
    )
}

pub(crate) fn no_resource_level() -> Fault {
    IllegalArgumentException::new(
        "The request failed because the specified quota cannot be changed for a resource.",
    )
}

pub(crate) fn not_adjustable() -> Fault {
    IllegalArgumentException::new(
        "The request failed because the specified quota is not adjustable.",
    )
}

pub(crate) fn no_increase() -> Fault {
    IllegalArgumentException::new(
        "You must provide a quota value greater than the current quota value",
    )
}

pub(crate) fn no_change() -> Fault {
    NoSuchResourceException::new(
        "The request failed because the specified quota increase request does not exist.",
    )
}

pub(crate) fn no_resource() -> Fault {
    NoSuchResourceException::new(
        "The request failed because the specified resource does not exist.",
    )
}

pub(crate) fn bad_token() -> Fault {
    InvalidPaginationTokenException::new("The pagination token is not valid.")
}

pub(crate) fn reserved_tag() -> Fault {
    TagPolicyViolationException::new("Tag keys must not begin with the reserved prefix \"aws:\".")
}

pub(crate) fn duplicate_tag() -> Fault {
    IllegalArgumentException::new("A tag key occurs more than once in the request.")
}

pub(crate) fn too_many_tags(most: usize) -> Fault {
    TooManyTagsException::new(format!("A quota can have at most {most} tags."))
}
