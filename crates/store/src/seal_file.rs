//! The sealed keyring of a data directory, which is read before anything else can be.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::Path;

use crate::directory;

/// The file's name.
const NAME: &str = "keyring.sealed";
/// No keyring is larger, in bytes.
const LIMIT: u64 = 1 << 20;

/// The sealed keyring, or `None` where there is no data directory yet.
///
/// A directory that holds a database but no keyring is an error: its data cannot be read, and
/// a new keyring must not cover that up.
pub fn read(data_dir: &Path) -> io::Result<Option<Vec<u8>>> {
    let file = match directory::read(&data_dir.join(NAME)) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return match fs::exists(data_dir.join("store.db"))? {
                true => Err(io::Error::new(
                    ErrorKind::NotFound,
                    format!("`{NAME}` is missing; restore it from your backup"),
                )),
                false => Ok(None),
            };
        }
        Err(error) => return Err(error),
    };
    let mut sealed = Vec::new();
    file.take(LIMIT).read_to_end(&mut sealed)?;
    Ok(Some(sealed))
}

/// Writes the sealed keyring of a new data directory, durably, before anything is sealed with it.
pub fn create(data_dir: &Path, sealed: &[u8]) -> io::Result<()> {
    directory::make(data_dir)?;
    replace(data_dir, sealed)
}

/// Puts another sealed keyring in the place of the old one: all of it or nothing.
pub fn replace(data_dir: &Path, sealed: &[u8]) -> io::Result<()> {
    let fresh = data_dir.join(format!("{NAME}.new"));
    let mut file = directory::create(
        &fresh,
        OpenOptions::new().write(true).create(true).truncate(true),
    )?;
    file.write_all(sealed)?;
    file.sync_all()?;
    fs::rename(&fresh, data_dir.join(NAME))?;
    directory::sync(data_dir)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn what_is_written_is_read_and_is_private() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        assert_eq!(read(&data).unwrap(), None);
        create(&data, b"one").unwrap();
        replace(&data, b"two").unwrap();
        assert_eq!(read(&data).unwrap(), Some(b"two".to_vec()));
        let mode = fs::metadata(data.join(NAME)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_database_without_its_keyring_is_no_new_directory() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("store.db"), b"x").unwrap();
        assert!(read(dir.path()).is_err());
    }
}
