//! The services as the program assembles them, several beside each other: what one does for another,
//! and what holds for all of them.

mod crowds;
mod events;
mod lambda;
mod logs;
mod organizations;
mod parameters;
mod secrets;
mod sessions;
mod sns;
mod sqs;
mod trails;
mod walk;
