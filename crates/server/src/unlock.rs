//! From a data directory and a seal to the keyring.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use crypto::seal::{self, SealError};
use crypto::{Cost, Keyring, Random, Secret, keyfile};

use crate::exit::Failure;
use crate::settings::{Seal, Unlock};

/// Opens the keyring of the data directory; makes it, and the key file, on first start.
pub fn open_or_create(unlock: &Unlock, random: &dyn Random) -> Result<Keyring, Failure> {
    match store::seal_file::read(&unlock.data_dir) {
        Ok(Some(sealed)) => open(unlock, &sealed),
        Ok(None) => create(unlock, random),
        Err(error) => Err(unreadable(&unlock.data_dir, &error)),
    }
}

/// Opens the keyring of a data directory that exists.
pub fn open_existing(unlock: &Unlock) -> Result<Keyring, Failure> {
    let shown = unlock.data_dir.display();
    match store::seal_file::read(&unlock.data_dir) {
        Ok(Some(sealed)) => open(unlock, &sealed),
        Ok(None) => Err(Failure::not_found(format!(
            "`{shown}` is no data directory of Strongroom; name one with --data-dir"
        ))),
        Err(error) => Err(unreadable(&unlock.data_dir, &error)),
    }
}

fn open(unlock: &Unlock, sealed: &[u8]) -> Result<Keyring, Failure> {
    match &unlock.seal {
        Seal::KeyFile(path) => {
            let key = read_key_file(path)?;
            seal::open(sealed, seal::Unlock::KeyFile(key.expose()))
                .map_err(|error| sealed_shut(&error, &format!("the key file `{}`", path.display())))
        }
        Seal::Passphrase(passphrase) => {
            seal::open(sealed, seal::Unlock::Passphrase(passphrase.expose()))
                .map_err(|error| sealed_shut(&error, "the passphrase"))
        }
    }
}

fn create(unlock: &Unlock, random: &dyn Random) -> Result<Keyring, Failure> {
    let made = match &unlock.seal {
        Seal::KeyFile(path) => {
            let key = create_key_file(path, &unlock.data_dir, random)?;
            seal::create(seal::Unlock::KeyFile(key.expose()), Cost::default(), random)
        }
        Seal::Passphrase(passphrase) => {
            if passphrase.expose().chars().count() < 12 {
                return Err(Failure::usage(
                    "the passphrase is shorter than 12 characters",
                ));
            }
            seal::create(
                seal::Unlock::Passphrase(passphrase.expose()),
                Cost::default(),
                random,
            )
        }
    };
    let (keyring, sealed) =
        made.map_err(|error| Failure::failed(format!("cannot make the keyring: {error}")))?;
    store::seal_file::create(&unlock.data_dir, &sealed)
        .map_err(|error| unreadable(&unlock.data_dir, &error))?;
    Ok(keyring)
}

fn read_key_file(path: &Path) -> Result<Secret<[u8; 32]>, Failure> {
    let shown = path.display();
    let text = fs::read_to_string(path).map(Secret::new).map_err(|error| match error.kind() {
        ErrorKind::NotFound => Failure::unavailable(format!(
            "the key file `{shown}` does not exist; without it the data cannot be read; name it with \
             --key-file or restore it from your backup"
        )),
        _ => Failure::unavailable(format!("the key file `{shown}` cannot be read: {error}")),
    })?;
    keyfile::parse(text.expose().as_bytes())
        .map_err(|error| Failure::unavailable(format!("`{shown}` is no usable key file: {error}")))
}

/// Makes the key file, readable by its owner alone. One that is there already is used: it may
/// have been put there on purpose.
fn create_key_file(
    path: &Path,
    data_dir: &Path,
    random: &dyn Random,
) -> Result<Secret<[u8; 32]>, Failure> {
    if path.exists() {
        return read_key_file(path);
    }
    if is_inside(path, data_dir) {
        return Err(Failure::usage(format!(
            "the key file `{}` would lie inside the data directory, where a copy of the data takes it \
             along; name a place outside with --key-file",
            path.display()
        )));
    }
    let cannot = |error: &dyn std::fmt::Display| {
        Failure::failed(format!(
            "cannot make the key file `{}`: {error}",
            path.display()
        ))
    };
    let text = keyfile::generate(random).map_err(|error| cannot(&error))?;
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        });
    written.map_err(|error| cannot(&error))?;
    keyfile::parse(text.as_bytes()).map_err(|error| cannot(&error))
}

fn is_inside(path: &Path, data_dir: &Path) -> bool {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    absolute(path).starts_with(absolute(data_dir))
}

fn sealed_shut(error: &SealError, with: &str) -> Failure {
    Failure::unavailable(format!("{with} does not open the data: {error}"))
}

fn unreadable(data_dir: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::unavailable(format!(
        "cannot use the data directory `{}`: {error}",
        data_dir.display()
    ))
}
