//! Groups of users.

pub(crate) mod record;

pub(crate) use record::GroupRecord;
