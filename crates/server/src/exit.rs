//! Exit codes, and the one error type of the commands.

use std::fmt;
use std::process::ExitCode;

/// Why a command failed: the code it exits with and what it says on standard error.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What was wrong, with which value, and what to do.
    pub message: String,
}

/// The exit codes of every command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The operation failed.
    Failed = 1,
    /// The command line or configuration is wrong.
    Usage = 2,
    /// What was asked for is not there.
    NotFound = 3,
    /// The credentials do not permit it.
    Denied = 4,
    /// Sealed, or not available.
    Unavailable = 5,
}

impl Failure {
    /// The operation failed.
    pub fn failed(message: impl Into<String>) -> Self {
        Self {
            exit: Exit::Failed,
            message: message.into(),
        }
    }

    /// The command line or configuration is wrong.
    pub fn usage(message: impl Into<String>) -> Self {
        Self {
            exit: Exit::Usage,
            message: message.into(),
        }
    }

    /// What was asked for is not there.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self {
            exit: Exit::NotFound,
            message: message.into(),
        }
    }

    /// The credentials do not permit it.
    pub fn denied(message: impl Into<String>) -> Self {
        Self {
            exit: Exit::Denied,
            message: message.into(),
        }
    }

    /// Sealed, or not available.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self {
            exit: Exit::Unavailable,
            message: message.into(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
