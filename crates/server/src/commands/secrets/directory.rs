//! A directory with a file for each value, as Kubernetes mounts secrets.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Component, Path, PathBuf};

use crypto::Secret;

use super::super::files;
use super::calls::Content;
use crate::exit::Failure;

/// Writes a value to the file of its name below `directory`, which its owner alone can read.
pub(super) fn write(directory: &Path, name: &str, content: &Content) -> Result<(), Failure> {
    let path = directory.join(relative(name)?);
    if let Some(parent) = path.parent() {
        let mut new = DirBuilder::new();
        let made = new.recursive(true).mode(0o700).create(parent);
        made.map_err(|error| failed("make", parent, &error))?;
    }
    files::write(&path, content.bytes())
}

/// A name as a path that stays below its directory. Names may hold `..`.
fn relative(name: &str) -> Result<PathBuf, Failure> {
    let path = Path::new(name);
    let is_below = path
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    let is_same = name
        .split('/')
        .all(|part| !part.is_empty() && part != "." && part != "..");
    match is_below && is_same {
        true => Ok(path.to_owned()),
        false => Err(Failure::failed(format!(
            "`{name}` cannot be the name of a file: write another format"
        ))),
    }
}

/// The values of a directory by their names, sorted. What is no text in UTF-8 is binary. Names that
/// begin with `..` are left out: Kubernetes keeps older versions behind them.
pub(super) fn read(directory: &Path) -> Result<Vec<(String, Content)>, Failure> {
    let mut found = Vec::new();
    collect(directory, "", &mut found)?;
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(found)
}

fn collect(
    directory: &Path,
    prefix: &str,
    found: &mut Vec<(String, Content)>,
) -> Result<(), Failure> {
    let unreadable = |error| failed("read", directory, &error);
    for entry in fs::read_dir(directory).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let (path, name) = (entry.path(), entry.file_name());
        let Some(name) = name.to_str() else {
            let said = format!("the name of `{}` is not valid Unicode", path.display());
            return Err(Failure::failed(said));
        };
        if name.starts_with("..") {
            continue;
        }
        let name = format!("{prefix}{name}");
        // A link to a file is its file, and one to a directory is not followed: it may lead back.
        if entry.file_type().map_err(unreadable)?.is_dir() {
            collect(&path, &format!("{name}/"), found)?;
            continue;
        }
        let metadata = fs::metadata(&path).map_err(|error| failed("read", &path, &error))?;
        if !metadata.is_file() {
            let said = format!("`{}` is no file", path.display());
            return Err(Failure::failed(said));
        }
        let bytes = fs::read(&path).map_err(|error| failed("read", &path, &error))?;
        found.push((name, content(bytes)));
    }
    Ok(())
}

fn content(bytes: Vec<u8>) -> Content {
    match String::from_utf8(bytes) {
        Ok(text) => Content::Text(Secret::new(text)),
        Err(error) => Content::Binary(Secret::new(error.into_bytes())),
    }
}

fn failed(what: &str, path: &Path, error: &std::io::Error) -> Failure {
    Failure::failed(format!("cannot {what} `{}`: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn text(text: &str) -> Content {
        Content::Text(Secret::new(text.to_owned()))
    }

    #[test]
    fn what_is_written_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("out");
        let binary = Content::Binary(Secret::new(vec![0xff, 0]));
        write(&root, "db/password", &text("it's\n")).unwrap();
        write(&root, "raw", &binary).unwrap();
        let found = read(&root).unwrap();
        let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["db/password", "raw"]);
        let [(_, one), (_, other)] = &found[..] else {
            panic!("two files");
        };
        assert!(one.is_same(&text("it's\n")) && other.is_same(&binary));
        let mode = |path: &str| {
            let metadata = fs::metadata(root.join(path)).unwrap();
            metadata.permissions().mode() & 0o777
        };
        assert_eq!((mode("db"), mode("db/password")), (0o700, 0o600));
    }

    #[test]
    fn no_name_leads_out_of_the_directory() {
        for name in ["../a", "a/../../b", "/etc/a", "a//b", "a/.", "..", "a/"] {
            assert!(relative(name).is_err(), "{name}");
        }
        assert!(relative("a/b.c/..d").is_ok());
    }

    #[test]
    fn mounts_of_kubernetes_are_read_once() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir(root.join("..2026")).unwrap();
        fs::write(root.join("..2026/key"), "v").unwrap();
        symlink("..2026", root.join("..data")).unwrap();
        symlink("..data/key", root.join("key")).unwrap();
        let found = read(root).unwrap();
        assert!(
            matches!(&found[..], [(name, content)] if name == "key" && content.is_same(&text("v")))
        );
        symlink(".", root.join("loop")).unwrap();
        assert!(read(root).is_err());
    }
}
