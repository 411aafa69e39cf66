//! Writes the tables of actions that the policy crate knows, one file per service.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;

use super::model::{Actions, AddedAction};

/// What `actions.py` prints.
#[derive(Deserialize)]
struct Reference {
    /// Prefix -> name, of every service there is.
    names: BTreeMap<String, String>,
    services: Vec<Service>,
}

#[derive(Deserialize)]
struct Service {
    prefix: String,
    actions: Vec<Action>,
    resources: Vec<ResourceType>,
}

#[derive(Deserialize)]
struct Action {
    name: String,
    access_level: String,
    resources: Vec<Target>,
    condition_keys: Vec<String>,
    dependents: Vec<String>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    required: bool,
}

#[derive(Deserialize)]
struct ResourceType {
    name: String,
    arn: String,
    condition_keys: Vec<String>,
}

/// The generated files below `folder` with their texts.
pub(super) fn write(
    actions: &Actions,
    (wheel, dependents): (&Path, &Path),
    folder: &Path,
) -> Result<Vec<(PathBuf, String)>> {
    let mut reference = extract(actions, wheel, dependents)?;
    for added in &actions.added {
        add(&mut reference, added)?;
    }
    let mut files = vec![(folder.join("tables.rs"), index(&reference))];
    for service in &reference.services {
        let name = reference.names.get(&service.prefix);
        let name = name.with_context(|| format!("`{}` has no name", service.prefix))?;
        let path = folder.join(format!("tables/{}.rs", module(&service.prefix)));
        files.push((path, table(service, name)?));
    }
    Ok(files)
}

fn extract(actions: &Actions, wheel: &Path, dependents: &Path) -> Result<Reference> {
    let script = crate::workspace::root().join("xtask/src/codegen/actions.py");
    let output = Command::new("python3")
        .arg(script)
        .args([wheel, dependents])
        .args(&actions.services)
        .output()?;
    let reason = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "no actions could be read: {reason}"
    );
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Fails where the reference knows the action by now.
fn add(reference: &mut Reference, added: &AddedAction) -> Result<()> {
    let mut services = reference.services.iter_mut();
    let service = services.find(|service| service.prefix == added.service);
    let service = service.with_context(|| format!("`{}` is no service", added.service))?;
    let is_known = service.actions.iter().any(|it| it.name == added.name);
    ensure!(
        !is_known,
        "the reference has `{}`; do not add it",
        added.name
    );
    service.actions.push(Action {
        name: added.name.clone(),
        access_level: added.access_level.clone(),
        resources: vec![Target {
            name: added.resource.clone(),
            required: true,
        }],
        condition_keys: added.condition_keys.clone(),
        dependents: added.dependents.clone(),
    });
    Ok(())
}

fn index(reference: &Reference) -> String {
    let mut prefixes: Vec<&str> = reference
        .services
        .iter()
        .map(|service| service.prefix.as_str())
        .collect();
    prefixes.sort_unstable();
    let mut out = header("The services whose actions are known, and the names of all.");
    for prefix in &prefixes {
        let _ = writeln!(out, "mod {};", module(prefix));
    }
    out.push_str("\nuse super::Service;\n\n");
    out.push_str("/// Sorted by prefix.\n#[rustfmt::skip]\n");
    out.push_str("pub(super) static SERVICES: &[&Service] = &[\n");
    for prefix in &prefixes {
        let _ = writeln!(out, "    &{}::SERVICE,", module(prefix));
    }
    out.push_str("];\n\n/// Every prefix that AWS has, sorted, with the service's name.\n");
    out.push_str("#[rustfmt::skip]\npub(super) static NAMES: &[(&str, &str)] = &[\n");
    for (prefix, name) in &reference.names {
        let _ = writeln!(out, "    ({prefix:?}, {name:?}),");
    }
    out.push_str("];\n");
    out
}

fn table(service: &Service, name: &str) -> Result<String> {
    let prefix = &service.prefix;
    let mut out = header(&format!("The actions of `{prefix}`: {name}."));
    out.push_str("use super::super::AccessLevel::*;\n");
    out.push_str("use super::super::{Action, ResourceType, Service, Target};\n");
    let lists = Lists::of(service);
    out.push_str(&lists.definitions());
    let _ = write!(
        out,
        "\n#[rustfmt::skip]\npub(super) static SERVICE: Service = Service {{\n    \
         prefix: {prefix:?},\n    name: {name:?},\n    actions: &[\n",
    );
    let mut actions: Vec<&Action> = service.actions.iter().collect();
    actions.sort_by_key(|action| action.name.to_ascii_lowercase());
    for action in actions {
        let targets: Vec<String> = action.resources.iter().map(target).collect();
        let _ = writeln!(
            out,
            "        Action {{ name: {:?}, access_level: {}, resources: &[{}], \
             condition_keys: {}, dependents: {} }},",
            action.name,
            level(&action.access_level)?,
            targets.join(", "),
            lists.shown(&action.condition_keys),
            lists.shown(&action.dependents),
        );
    }
    out.push_str("    ],\n    resources: &[\n");
    let mut resources: Vec<&ResourceType> = service.resources.iter().collect();
    resources.sort_by_key(|resource| resource.name.to_ascii_lowercase());
    for resource in resources {
        let _ = writeln!(
            out,
            "        ResourceType {{ name: {:?}, arn: {:?}, condition_keys: {} }},",
            resource.name,
            resource.arn,
            lists.shown(&resource.condition_keys),
        );
    }
    out.push_str("    ],\n};\n");
    Ok(out)
}

fn target(target: &Target) -> String {
    format!(
        "Target {{ resource: {:?}, required: {} }}",
        target.name, target.required
    )
}

fn level(text: &str) -> Result<&'static str> {
    // Managing permissions and tagging are also writing.
    Ok(match text.trim_end_matches(", Write") {
        "List" => "List",
        "Read" => "Read",
        "Write" => "Write",
        "Permissions management" => "PermissionsManagement",
        "Tagging" => "Tagging",
        _ => bail!("`{text}` is not an access level"),
    })
}

/// Lists of names that occur more than once, which get a name of their own.
struct Lists<'a>(Vec<&'a [String]>);

impl<'a> Lists<'a> {
    fn of(service: &'a Service) -> Self {
        let actions = service.actions.iter();
        let keys = actions.flat_map(|action| [&action.condition_keys, &action.dependents]);
        let kinds = service.resources.iter().map(|kind| &kind.condition_keys);
        let mut counts: BTreeMap<&[String], usize> = BTreeMap::new();
        for list in keys.chain(kinds).filter(|list| !list.is_empty()) {
            *counts.entry(list.as_slice()).or_default() += 1;
        }
        let repeated = counts.into_iter().filter(|(_, count)| *count > 1);
        Self(repeated.map(|(list, _)| list).collect())
    }

    fn definitions(&self) -> String {
        let mut out = String::new();
        for (number, list) in self.0.iter().enumerate() {
            let _ = write!(
                out,
                "\n#[rustfmt::skip]\nconst LIST_{number}: &[&str] = &{list:?};\n"
            );
        }
        out
    }

    fn shown(&self, list: &[String]) -> String {
        match self.0.iter().position(|known| *known == list) {
            Some(number) => format!("LIST_{number}"),
            None => format!("&{list:?}"),
        }
    }
}

fn header(about: &str) -> String {
    format!("// @generated by `cargo xtask codegen`; do not edit.\n\n//! {about}\n\n")
}

fn module(prefix: &str) -> String {
    prefix.replace('-', "_")
}
