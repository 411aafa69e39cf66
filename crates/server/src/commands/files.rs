//! Files with secret values, read and written.

use std::fs::{self, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use zeroize::Zeroizing;

use crate::exit::Failure;
use crate::values::{Entry, Format};

/// The entries of a file, `-` being standard input, and its format.
pub(super) fn read(path: &Path, format: Option<Format>) -> Result<(Vec<Entry>, Format), Failure> {
    let name = path.display();
    let format = format.or_else(|| Format::of(path)).ok_or_else(|| {
        Failure::usage(format!(
            "the name `{name}` does not tell the format; add --format dotenv, json or yaml"
        ))
    })?;
    let text = contents(path)?;
    let entries = format
        .read(&text)
        .map_err(|what| Failure::failed(format!("`{name}`, {what}")))?;
    Ok((entries, format))
}

/// The text of a file, `-` being standard input.
pub(super) fn contents(path: &Path) -> Result<Zeroizing<String>, Failure> {
    let mut text = Zeroizing::new(String::new());
    let read = match path.as_os_str() == "-" {
        true => std::io::stdin().read_to_string(&mut text).map(|_| ()),
        false => fs::read_to_string(path).map(|read| *text = read),
    };
    let failed = |error| Failure::failed(format!("cannot read `{}`: {error}", path.display()));
    read.map_err(failed).map(|()| text)
}

/// Writes a file that its owner alone can read, in the place of any that is there: another would keep
/// its permissions.
pub(super) fn write(path: &Path, data: &[u8]) -> Result<(), Failure> {
    replace(path, data)
        .map_err(|error| Failure::failed(format!("cannot write `{}`: {error}", path.display())))
}

fn replace(path: &Path, data: &[u8]) -> std::io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&beside)?;
    let written = file.write_all(data).and_then(|()| file.sync_all());
    let moved = written.and_then(|()| fs::rename(&beside, path));
    if moved.is_err() {
        let _ = fs::remove_file(&beside);
    }
    moved
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_file_is_its_owners_alone_whatever_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("values.env");
        fs::write(&path, "A=old\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        write(&path, b"A=new\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "A=new\n");
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
