//! How functions run.

use std::collections::BTreeMap;
use std::path::PathBuf;

use functions::{Runtime, Users};

use super::{Sources, or};
use crate::cli::{FunctionOptions, FunctionsOption};
use crate::exit::Failure;

/// How many functions run or wait for work at once, where nobody says.
const WORKERS: usize = 64;

/// How functions run.
#[derive(Clone, Debug)]
pub struct FunctionSettings {
    /// Whether they run.
    pub mode: FunctionsOption,
    /// Whether somebody said so: what keeps them from running then keeps the program from starting.
    pub is_explicit: bool,
    /// What they run from; a new directory, if nobody says.
    pub directory: Option<PathBuf>,
    /// The interpreters of some runtimes.
    pub interpreters: BTreeMap<Runtime, PathBuf>,
    /// Modules for all functions in Python.
    pub python_libraries: Option<PathBuf>,
    /// The same for JavaScript.
    pub node_libraries: Option<PathBuf>,
    /// The most workers.
    pub workers: usize,
}

impl FunctionSettings {
    pub(super) fn resolve(options: &FunctionOptions, sources: &Sources) -> Result<Self, Failure> {
        let mode = or(options.functions, || sources.choice("functions"))?;
        let interpreters = or(options.function_interpreters.clone(), || {
            sources.text("function-interpreters")
        })?;
        let directory = or(options.function_directory.clone(), || {
            sources.parsed("function-directory")
        })?;
        let workers = or(options.function_workers, || {
            sources.parsed("function-workers")
        })?;
        let workers = workers.unwrap_or(WORKERS);
        if !(1..=Users::MAX).contains(&workers) {
            return Err(Failure::usage(format!(
                "--function-workers {workers} is no number from 1 to {}",
                Users::MAX
            )));
        }
        Ok(Self {
            is_explicit: mode.is_some(),
            mode: mode.unwrap_or(FunctionsOption::Confined),
            directory,
            interpreters: parse(&interpreters.unwrap_or_default())?,
            python_libraries: or(options.function_python.clone(), || {
                sources.parsed("function-python")
            })?,
            node_libraries: or(options.function_node.clone(), || {
                sources.parsed("function-node")
            })?,
            workers,
        })
    }
}

/// `python3.12=/usr/bin/python3,nodejs22.x=/usr/bin/node`
fn parse(list: &str) -> Result<BTreeMap<Runtime, PathBuf>, Failure> {
    let entries = list.split(',').map(str::trim).filter(|one| !one.is_empty());
    let parse = |entry: &str| {
        let (runtime, path) = entry.split_once('=')?;
        let path = PathBuf::from(path.trim());
        let runtime = Runtime::parse(runtime.trim())?;
        let is_known = path.is_absolute() && !matches!(runtime, Runtime::Provided(_));
        is_known.then_some((runtime, path))
    };
    let wrong = |entry: &str| {
        Failure::usage(format!(
            "`{entry}` in the option `function-interpreters` is no RUNTIME=/PATH, as in \
             `python3.12=/usr/bin/python3`"
        ))
    };
    entries
        .map(|entry| parse(entry).ok_or_else(|| wrong(entry)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interpreters_are_runtimes_and_absolute_paths() {
        let read = parse("python3.12=/usr/bin/python3, nodejs22.x=/opt/node").unwrap();
        let read: Vec<_> = read.iter().map(|(it, at)| (it.identifier(), at)).collect();
        assert_eq!(
            read[0],
            ("python3.12".to_owned(), &PathBuf::from("/usr/bin/python3"))
        );
        assert_eq!(
            read[1],
            ("nodejs22.x".to_owned(), &PathBuf::from("/opt/node"))
        );
        assert!(parse("").unwrap().is_empty());
        for wrong in [
            "python3.12",
            "python3.12=python3",
            "java21=/a",
            "provided.al2023=/a",
            "=/a",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
