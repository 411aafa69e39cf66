//! Running a tool, its output on standard error while it comes.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use super::tally::{Counts, Parse};
use crate::workspace;

/// A tool to run in the repository's root.
pub(crate) struct Tool(Command);

/// Cargo, in the version that runs this.
pub(crate) fn cargo(arguments: &[&str]) -> Tool {
    Tool::new(env!("CARGO")).args(arguments)
}

/// Another command of this program.
pub(crate) fn itself(arguments: &[&str]) -> Tool {
    let program = std::env::current_exe().unwrap_or_else(|_| "xtask".into());
    Tool::new(program).args(arguments)
}

impl Tool {
    /// The program `program`.
    pub(crate) fn new(program: impl AsRef<Path>) -> Self {
        let mut command = Command::new(program.as_ref());
        command.current_dir(workspace::root()).stdin(Stdio::null());
        Self(command)
    }

    /// With more arguments.
    pub(crate) fn args(mut self, arguments: &[&str]) -> Self {
        self.0.args(arguments);
        self
    }

    /// With a variable in its environment.
    pub(crate) fn variable(mut self, name: &str, value: impl AsRef<Path>) -> Self {
        self.0.env(name, value.as_ref());
        self
    }

    /// In another folder.
    pub(crate) fn folder(mut self, folder: &Path) -> Self {
        self.0.current_dir(folder);
        self
    }

    /// Runs it; it counts as one, by its exit code.
    pub(crate) fn check(self) -> Result<Counts> {
        let (succeeded, _) = self.stream(|_| None)?;
        Ok(if succeeded {
            Counts::PASSED
        } else {
            Counts::FAILED
        })
    }

    /// Runs it and adds up what `parse` finds in its output. A tool that fails without naming a
    /// failure has failed, and so has one that ran nothing.
    pub(crate) fn count(self, parse: Parse) -> Result<Counts> {
        let (succeeded, mut counts) = self.stream(parse)?;
        if counts.failed == 0 && (!succeeded || counts.passed == 0) {
            counts += Counts::FAILED;
        }
        Ok(counts)
    }

    /// Runs it and fails unless it succeeds.
    pub(crate) fn require(self) -> Result<()> {
        let shown = format!("{:?}", self.0);
        let (succeeded, _) = self.stream(|_| None)?;
        anyhow::ensure!(succeeded, "failed: {shown}");
        Ok(())
    }

    fn stream(mut self, parse: Parse) -> Result<(bool, Counts)> {
        let shown = format!("{:?}", self.0.get_program());
        let mut child = self
            .0
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot run {shown}"))?;
        let mut counts = Counts::default();
        let output = child.stdout.take().context("no output")?;
        for line in BufReader::new(output).split(b'\n') {
            let line = line?;
            let line = String::from_utf8_lossy(&line);
            eprintln!("{line}");
            counts += parse(&line).unwrap_or_default();
        }
        Ok((child.wait()?.success(), counts))
    }
}
