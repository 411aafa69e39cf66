//! Known vulnerabilities of this class of software, and the tests that show their absence:
//! `tests/advisories/map.toml` is whole, and every test it names is there.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use super::files::sources;

/// The classes, by letter and number; each stands in the map.
const CLASSES: &[(char, usize)] = &[('S', 24), ('I', 17), ('C', 11), ('W', 2)];

/// `tests/advisories/map.toml`.
#[derive(Deserialize)]
struct Map {
    /// Classes that cannot be shown yet, with the reason.
    later: BTreeMap<String, String>,
    /// Classes with their tests.
    #[serde(flatten)]
    shown: BTreeMap<String, Class>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Class {
    /// What went wrong elsewhere.
    about: String,
    /// `file::function`, or `deny.toml::crate`.
    tests: Vec<String>,
}

/// Everything that is wrong with the map below `root`.
pub(super) fn breaches(root: &Path) -> Result<Vec<String>> {
    let path = root.join("tests/advisories/map.toml");
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let map: Map = toml::from_str(&text).context("tests/advisories/map.toml")?;
    let mut breaches = missing_classes(&map);
    for (id, class) in &map.shown {
        if class.about.is_empty() || class.tests.is_empty() {
            breaches.push(format!("advisory {id} says too little"));
        }
        for test in &class.tests {
            let fault = fault_of(test, |file| fs::read_to_string(root.join(file)).ok());
            breaches.extend(fault.map(|fault| format!("advisory {id}: `{test}` {fault}")));
        }
    }
    for folder in ["crates", "services"] {
        for file in sources(&root.join(folder))? {
            let shown = file
                .strip_prefix(root)
                .unwrap_or(&file)
                .display()
                .to_string();
            breaches.extend(unlisted(&map, &shown, &fs::read_to_string(&file)?));
        }
    }
    Ok(breaches)
}

/// Classes that are nowhere, or both shown and put off, or unknown.
fn missing_classes(map: &Map) -> Vec<String> {
    let known: Vec<String> = CLASSES
        .iter()
        .flat_map(|(letter, count)| (1..=*count).map(move |number| format!("{letter}{number}")))
        .collect();
    let mut breaches = Vec::new();
    for id in &known {
        match (map.shown.contains_key(id), map.later.get(id)) {
            (true, None) => {}
            (false, Some(reason)) if !reason.is_empty() => {}
            (true, Some(_)) => breaches.push(format!("advisory {id} is both shown and for later")),
            (false, _) => breaches.push(format!("advisory {id} has no test and no reason")),
        }
    }
    let named = map.shown.keys().chain(map.later.keys());
    let unknown = named.filter(|id| !known.contains(id));
    breaches.extend(unknown.map(|id| format!("advisory {id} is unknown")));
    breaches
}

/// What is wrong with one entry, if anything is.
fn fault_of(test: &str, read: impl Fn(&str) -> Option<String>) -> Option<&'static str> {
    let Some((file, name)) = test.split_once("::") else {
        return Some("is not `file::function`");
    };
    let Some(text) = read(file) else {
        return Some("names a file that is not there");
    };
    let is_there = match file.rsplit('.').next() {
        Some("rs") => is_rust_test(&text, name),
        Some("py") => name.starts_with("test_") && has_line(&text, &format!("def {name}(")),
        Some("toml") => text.contains(&format!("{{ crate = \"{name}\",")),
        _ => return Some("is in no file that holds tests"),
    };
    (!is_there).then_some("is no test that runs")
}

fn has_line(text: &str, start: &str) -> bool {
    text.lines()
        .any(|line| line.trim_start().starts_with(start))
}

/// Whether `text` has a test of this name that is not ignored.
fn is_rust_test(text: &str, name: &str) -> bool {
    let (plain, asynchronous) = (format!("fn {name}("), format!("async fn {name}("));
    let mut attributes: Vec<&str> = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with(&plain) || line.starts_with(&asynchronous) {
            let is = |start: &str| attributes.iter().any(|line| line.starts_with(start));
            return (is("#[test]") || is("#[tokio::test")) && !is("#[ignore");
        }
        match line.starts_with("#[") {
            true => attributes.push(line),
            false if line.starts_with("//") => {}
            false => attributes.clear(),
        }
    }
    false
}

/// Tests that are named after an advisory and that the map does not know.
fn unlisted(map: &Map, file: &str, text: &str) -> Vec<String> {
    let names = text.lines().filter_map(|line| {
        let line = line.trim_start();
        let line = line.strip_prefix("async ").unwrap_or(line);
        let name = line.strip_prefix("fn ")?.split('(').next()?;
        name.starts_with("sec_").then_some(name)
    });
    let listed = |name: &str| {
        let entry = format!("{file}::{name}");
        map.shown.values().any(|class| class.tests.contains(&entry))
    };
    names
        .filter(|name| !listed(name))
        .map(|name| format!("{file}: `{name}` is not in tests/advisories/map.toml"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUST: &str = "#[test]\n#[should_panic]\nfn shown() {\n}\n\nfn no_test() {\n}\n\n\
        #[test]\n#[ignore]\nfn ignored() {\n}\n\n/// Why.\n#[tokio::test(flavor = \"x\")]\n\
        // Why so.\nasync fn waits() {\n}\n";

    fn fault(test: &str) -> Option<&'static str> {
        fault_of(test, |file| match file {
            "a.rs" => Some(RUST.to_owned()),
            "a.py" => Some("def test_it(server):\n    pass\n\ndef other():\n    pass\n".to_owned()),
            "deny.toml" => Some("  { crate = \"rsa\", reason = \"x\" },".to_owned()),
            _ => None,
        })
    }

    #[test]
    fn tests_that_run_are_found() {
        for good in [
            "a.rs::shown",
            "a.rs::waits",
            "a.py::test_it",
            "deny.toml::rsa",
        ] {
            assert_eq!(fault(good), None, "{good}");
        }
    }

    #[test]
    fn everything_else_is_a_breach() {
        for bad in [
            "a.rs::absent",
            "a.rs::no_test",
            "a.rs::ignored",
            "a.rs::show",
            "a.rs",
            "b.rs::shown",
            "a.py::other",
            "a.py::test_i",
            "deny.toml::rs",
        ] {
            assert!(fault(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn every_class_is_shown_or_put_off_and_every_such_test_listed() {
        let map = "[S1]\nabout = \"x\"\ntests = [\"a.rs::sec_s1_x\"]\n[later]\nS2 = \"why\"\nX1 = \"y\"\nS1 = \"z\"";
        let map: Map = toml::from_str(map).unwrap();
        let missing = missing_classes(&map);
        let all: usize = CLASSES.iter().map(|(_, count)| count).sum();
        // All but S2, since S1 stands twice; and X1, which is none of them.
        assert_eq!(missing.len(), all, "{missing:?}");
        assert_eq!(
            unlisted(&map, "a.rs", "async fn sec_s1_x() {"),
            Vec::<String>::new()
        );
        assert_eq!(unlisted(&map, "a.rs", "    fn sec_s1_y() {").len(), 1);
        assert_eq!(unlisted(&map, "b.rs", "fn sec_s1_x() {").len(), 1);
    }
}
