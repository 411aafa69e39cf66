//! Service Quotas through the whole pipeline, with the quotas of a service that is made up.

#![expect(
    clippy::indexing_slicing,
    reason = "this is all test code: a surprise fails the test"
)]

mod house;
mod increases;
mod lists;
mod permissions;
mod tags;
