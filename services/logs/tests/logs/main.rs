//! CloudWatch Logs through the whole pipeline, without a KMS.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "this is all test code: a surprise fails the test"
)]

mod events;
mod forwarding;
mod functions;
mod groups;
mod house;
mod insights;
mod metric_filters;
mod paging;
mod permissions;
mod resource_policies;
mod retention;
mod services;
mod streams;
mod subscriptions;
mod tags;
mod texts;
