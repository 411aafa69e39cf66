//! Roles, which sessions of STS act for.

pub(crate) mod record;

pub(crate) use record::RoleRecord;
