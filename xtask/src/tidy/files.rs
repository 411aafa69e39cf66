//! The habits of source files.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

/// A file longer than this needs to be split.
const FILE_LINES: usize = 600;
/// A function longer than this needs to be split.
const FUNCTION_LINES: usize = 80;
/// Names that say nothing.
const EMPTY_NAMES: &[&str] = &[
    "utils", "util", "common", "misc", "helpers", "manager", "core",
];
/// Words of unfinished work.
const UNFINISHED: &[&str] = &["TODO", "FIXME", "XXX:", "HACK"];
/// What clippy must refuse outside `platform`, so that it stays the only one to ask.
const DISALLOWED: &[&str] = &[
    "std::time::SystemTime::now",
    "std::time::Instant::now",
    "std::thread::sleep",
    "std::env::var",
    "aws_lc_rs::rand::fill",
    "aws_lc_rs::rand::SystemRandom::new",
];

/// Every breach below `root`.
pub(super) fn breaches(root: &Path) -> Result<Vec<String>> {
    let mut breaches = Vec::new();
    let clippy = fs::read_to_string(root.join("clippy.toml"))?;
    for path in DISALLOWED.iter().filter(|path| !clippy.contains(*path)) {
        breaches.push(format!("clippy.toml no longer disallows `{path}`"));
    }
    for folder in ["crates", "services", "xtask"] {
        for file in sources(&root.join(folder))? {
            let text = fs::read_to_string(&file)?;
            let shown = file
                .strip_prefix(root)
                .unwrap_or(&file)
                .display()
                .to_string();
            breaches.extend(of_file(&shown, &text));
        }
    }
    Ok(breaches)
}

/// All Rust files below `folder`.
pub(super) fn sources(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn of_file(path: &str, text: &str) -> Vec<String> {
    if text.starts_with("// @generated") {
        return Vec::new();
    }
    let mut breaches = Vec::new();
    let lines = text.lines().count();
    if lines > FILE_LINES {
        breaches.push(format!(
            "{path} has {lines} lines; split what is over {FILE_LINES}"
        ));
    }
    let stem = Path::new(path)
        .file_stem()
        .and_then(|stem| stem.to_str())
        .unwrap_or_default();
    if EMPTY_NAMES.contains(&stem) {
        breaches.push(format!("{path}: `{stem}` does not say what is in it"));
    }
    let is_test = path.contains("/tests/") || path.ends_with("tests.rs");
    if !text.starts_with("//!") && !is_test {
        breaches.push(format!("{path} does not begin by saying what it is"));
    }
    if !path.starts_with("xtask/src/tidy") {
        for (number, line) in (1..).zip(text.lines()) {
            if UNFINISHED.iter().any(|word| line.contains(word)) {
                breaches.push(format!("{path}:{number} is unfinished: {}", line.trim()));
            }
        }
    }
    if !is_test {
        breaches.extend(long_functions(path, text));
    }
    breaches
}

/// Functions are measured from `fn` to the closing brace at the same indentation.
fn long_functions(path: &str, text: &str) -> Vec<String> {
    let mut breaches = Vec::new();
    let mut open: Option<(usize, usize, &str)> = None;
    for (number, line) in (1..).zip(text.lines()) {
        let indent = line.len() - line.trim_start().len();
        match open {
            Some((start, at, name)) if indent == at && line.trim_end().ends_with('}') => {
                let length = number - start + 1;
                if length > FUNCTION_LINES {
                    breaches.push(format!(
                        "{path}:{start} `{name}` has {length} lines; split it"
                    ));
                }
                open = None;
            }
            Some(_) => {}
            None => open = function_name(line).map(|name| (number, indent, name)),
        }
    }
    breaches
}

/// The name of the function that begins in `line` and does not end there.
fn function_name(line: &str) -> Option<&str> {
    let (before, after) = line.split_once("fn ")?;
    let is_item = before
        .trim()
        .split(' ')
        .all(|word| matches!(word, "" | "pub" | "async" | "const") || word.starts_with("pub("));
    let ends = line.trim_end().ends_with('}') || line.trim_end().ends_with(';');
    (is_item && !ends).then(|| after.split(['(', '<']).next().unwrap_or(after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clean_file_has_no_breach() {
        assert_eq!(
            of_file("crates/x/src/parse.rs", "//! Parses.\nfn a() {\n}\n"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn each_habit_is_checked() {
        let long_file = format!("//! Long.\n{}", "//\n".repeat(600));
        let long_function = format!(
            "//! Long.\npub async fn a(\n) {{\n{}}}\n",
            "    b();\n".repeat(80)
        );
        let unfinished = "//! A.\n// TODO: the rest\n";
        for (path, text) in [
            ("crates/x/src/parse.rs", long_file.as_str()),
            ("crates/x/src/parse.rs", long_function.as_str()),
            ("crates/x/src/parse.rs", unfinished),
            ("crates/x/src/utils.rs", "//! Things.\n"),
            ("crates/x/src/parse.rs", "fn a() {}\n"),
        ] {
            assert_eq!(of_file(path, text).len(), 1, "{path}: {text:.40}");
        }
    }
}
