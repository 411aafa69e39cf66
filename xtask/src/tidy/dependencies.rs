//! Who may depend on whom, over `cargo metadata`.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

/// One package of the workspace with what it depends on.
#[derive(Deserialize)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
pub(super) struct Dependency {
    pub(super) name: String,
    /// `dev` or `build`; none for a normal dependency.
    pub(super) kind: Option<String>,
}

/// The four floors. A crate may use those named here, and no other of the workspace.
const MAY_USE: &[(&str, &[&str])] = &[
    ("wire", &[]),
    ("api", &["wire"]),
    ("crypto", &[]),
    ("functions", &[]),
    ("insights", &[]),
    ("patterns", &[]),
    ("schedules", &[]),
    ("policy", &[]),
    ("store", &["crypto"]),
    ("databases", &["crypto"]),
    (
        "platform",
        &["wire", "api", "crypto", "databases", "policy", "store"],
    ),
    ("xtask", &["wire"]),
];

/// What a service may use; never another service.
const SERVICE_MAY_USE: &[&str] = &[
    "wire",
    "api",
    "crypto",
    "functions",
    "insights",
    "patterns",
    "policy",
    "schedules",
    "store",
    "platform",
];

/// Libraries that stand for a kind of bytes or for I/O, and the only crates that may know them.
const ONLY: &[(&str, &[&str])] = &[
    // Databases: proofs that a password is known, which are made of passwords and not of keys.
    (
        "aws-lc-rs",
        &["wire", "crypto", "databases", "store", "platform"],
    ),
    ("argon2", &["crypto"]),
    // Session tokens and encoded refusals are texts of the platform's own.
    ("base64", &["wire", "crypto", "databases", "platform"]),
    // The Runtime API, which workers call.
    ("hyper", &["functions", "server"]),
    ("hyper-util", &["functions", "server"]),
    ("minicbor", &["wire"]),
    ("postcard", &["store", "platform"]),
    ("quick-xml", &["wire"]),
    ("rusqlite", &["store"]),
    // Databases: over connections that they are given.
    (
        "tokio",
        &["databases", "functions", "store", "platform", "server"],
    ),
];

/// Reads the workspace's packages.
pub(super) fn packages() -> Result<Vec<Package>> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
    }
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--no-deps", "--locked"])
        .current_dir(crate::workspace::root())
        .output()?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Metadata = serde_json::from_slice(&output.stdout).context("cargo metadata")?;
    Ok(metadata.packages)
}

/// Every dependency that runs against the plan.
pub(super) fn breaches(packages: &[Package]) -> Vec<String> {
    let ours: Vec<&str> = packages
        .iter()
        .map(|package| package.name.as_str())
        .collect();
    let mut breaches = Vec::new();
    for package in packages {
        for dependency in &package.dependencies {
            if ours.contains(&dependency.name.as_str()) {
                breaches.extend(inside(&package.name, &dependency.name));
            } else if dependency.kind.as_deref() != Some("dev") {
                breaches.extend(outside(&package.name, &dependency.name));
            }
        }
    }
    breaches
}

fn inside(user: &str, used: &str) -> Option<String> {
    let allowed = match MAY_USE.iter().find(|(name, _)| *name == user) {
        Some((_, allowed)) => allowed.contains(&used),
        None if user.starts_with("service-") => SERVICE_MAY_USE.contains(&used),
        None => user == "server",
    };
    (!allowed)
        .then(|| format!("`{user}` must not depend on `{used}` (ARCHITECTURE.md, the floors)"))
}

fn outside(user: &str, library: &str) -> Option<String> {
    let (_, allowed) = ONLY.iter().find(|(name, _)| *name == library)?;
    let refused = !allowed.contains(&user) && user != "xtask";
    refused.then(|| {
        format!(
            "`{user}` must not know `{library}`; only {} may",
            allowed.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, uses: &[&str]) -> Package {
        let dependencies = uses
            .iter()
            .map(|name| Dependency {
                name: (*name).to_owned(),
                kind: None,
            })
            .collect();
        Package {
            name: name.to_owned(),
            dependencies,
        }
    }

    #[test]
    fn the_plan_itself_is_no_breach() {
        let packages = [
            package("wire", &[]),
            package("store", &["rusqlite"]),
            package("platform", &["wire", "store"]),
            package("service-kms", &["platform", "wire"]),
            package("server", &["service-kms", "hyper"]),
        ];
        assert_eq!(breaches(&packages), Vec::<String>::new());
    }

    #[test]
    fn each_wall_holds() {
        for (user, used) in [
            ("wire", "store"),
            ("policy", "platform"),
            ("service-iam", "service-kms"),
            ("platform", "service-kms"),
            ("service-kms", "server"),
            ("service-kms", "rusqlite"),
            ("server", "aws-lc-rs"),
            ("policy", "tokio"),
        ] {
            let packages = [
                package(user, &[used]),
                package("store", &[]),
                package("platform", &[]),
                package("service-kms", &[]),
                package("server", &[]),
            ];
            assert_eq!(breaches(&packages).len(), 1, "{user} -> {used}");
        }
    }

    #[test]
    fn tests_must_not_tie_services_together_either() {
        let mut user = package("service-iam", &["service-kms"]);
        user.dependencies
            .iter_mut()
            .for_each(|used| used.kind = Some("dev".to_owned()));
        assert_eq!(breaches(&[user, package("service-kms", &[])]).len(), 1);
    }
}
