//! What CloudTrail says to requests that it does not serve.

use api::cloudtrail::{
    InvalidLookupAttributesException, InvalidNextTokenException, InvalidTimeRangeException,
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
