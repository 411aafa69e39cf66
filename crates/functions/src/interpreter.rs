//! Which interpreter runs a runtime, and where its files are.

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Runtime;
use crate::settings::Settings;

const PYTHON: &str = "import json,sys; print(json.dumps([sys.executable, sys.prefix, sys.base_prefix, \
                      sys.exec_prefix]))";
const NODE: &str = "console.log(JSON.stringify([process.execPath]))";

/// A program that was found to work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Interpreter {
    /// Absolute, and no script of a version manager.
    pub(crate) program: PathBuf,
    /// Files and directories it reads.
    pub(crate) files: Vec<PathBuf>,
}

/// Finds the interpreter of `runtime`, which is none of the package's own.
///
/// The one that was set, else the first of the search path with the version in its name, else the
/// first without. Each is asked where its files are, as the user that functions run as: one that this
/// user may not execute is passed over.
///
/// # Errors
///
/// What is missing, for operators.
pub(crate) fn find(runtime: &Runtime, settings: &Settings) -> Result<Interpreter, String> {
    let candidates = match settings.interpreters.get(runtime) {
        Some(program) => vec![program.clone()],
        None => names(runtime)
            .iter()
            .flat_map(|name| settings.search.iter().map(move |path| path.join(name)))
            .filter(|program| program.is_file())
            .collect(),
    };
    for program in &candidates {
        if let Some(interpreter) = ask(runtime, program, settings) {
            return reachable(interpreter, settings);
        }
    }
    let tried = names(runtime).join("` or `");
    Err(format!(
        "no interpreter for {}: `{tried}` is not found or does not run",
        runtime.identifier()
    ))
}

fn names(runtime: &Runtime) -> Vec<String> {
    match runtime {
        Runtime::Python(minor) => vec![format!("python3.{minor}"), "python3".to_owned()],
        Runtime::Node(major) => vec![format!("node{major}"), "node".to_owned()],
        Runtime::Provided(_) => Vec::new(),
    }
}

/// Has the program say where it is.
fn ask(runtime: &Runtime, program: &Path, settings: &Settings) -> Option<Interpreter> {
    let mut command = Command::new(program);
    match runtime {
        Runtime::Python(_) => command.args(["-I", "-c", PYTHON]),
        Runtime::Node(_) => command.args(["-e", NODE]),
        Runtime::Provided(_) => return None,
    };
    // Version managers look for themselves in the search path.
    let search = std::env::join_paths(&settings.search).ok()?;
    command
        .env_clear()
        .env("PATH", search)
        .current_dir("/")
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    if let Some(users) = settings.users {
        command.uid(users.first).gid(users.first);
    }
    let output = command.output().ok()?;
    let mut files: Vec<PathBuf> = serde_json::from_slice(&output.stdout).ok()?;
    files.sort();
    files.dedup();
    let said: Vec<PathBuf> = serde_json::from_slice(&output.stdout).ok()?;
    let program = said.first()?.clone();
    program
        .is_absolute()
        .then_some(Interpreter { program, files })
}

/// Refuses an interpreter whose files lie above what must stay unreadable.
fn reachable(interpreter: Interpreter, settings: &Settings) -> Result<Interpreter, String> {
    for protected in &settings.protected {
        let real = fs::canonicalize(protected).unwrap_or_else(|_| protected.clone());
        let above = interpreter.files.iter().find(|file| {
            let file = fs::canonicalize(file).unwrap_or_else(|_| file.to_path_buf());
            real.starts_with(file)
        });
        if let Some(above) = above {
            return Err(format!(
                "the interpreter's files `{}` lie above `{}`, which functions must not read",
                above.display(),
                protected.display()
            ));
        }
    }
    Ok(interpreter)
}
