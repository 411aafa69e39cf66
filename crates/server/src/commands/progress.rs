//! How far a command is.

use std::io::{IsTerminal as _, Write as _};

use super::say;

/// Lines of progress come this often, where they do not replace each other.
const STEP: usize = 100;

/// How far it is, on standard error.
pub(super) struct Progress {
    /// Of how many.
    pub(super) total: usize,
    /// Whether lines can replace each other.
    terminal: bool,
}

impl Progress {
    /// Of so many.
    pub(super) fn of(total: usize) -> Self {
        Self {
            total,
            terminal: std::io::stderr().is_terminal(),
        }
    }

    /// So many are done.
    pub(super) fn tell(&self, done: usize) {
        if self.terminal {
            let _ = write!(std::io::stderr(), "\r{done} of {}", self.total);
        } else if done > 0 && done.is_multiple_of(STEP) {
            say(&format!("{done} of {}", self.total));
        }
    }

    /// Clears the line.
    pub(super) fn end(&self) {
        if self.terminal {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
