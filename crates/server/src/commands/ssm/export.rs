//! `strongroom ssm export`.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use super::super::{print, say};
use super::parameters::{self, Scope};
use crate::cli::ExportOptions;
use crate::client::SSM;
use crate::exit::Failure;
use crate::settings;
use crate::values::Format;

/// Writes the parameters below a path.
pub(super) async fn run(options: &ExportOptions) -> Result<(), Failure> {
    let scope = Scope::new(&options.path, options.paths)?;
    let named = options.output.as_deref().and_then(Format::of);
    let format = options.format.or(named).unwrap_or(Format::Dotenv);
    let client = settings::client(&options.server, SSM)?;
    let entries = parameters::entries(&client, &scope).await?;
    let text = format
        .write(&entries, options.types)
        .map_err(Failure::failed)?;
    match &options.output {
        None => print(text.as_bytes())?,
        Some(path) => write(path, text.as_bytes()).map_err(|error| {
            Failure::failed(format!("cannot write `{}`: {error}", path.display()))
        })?,
    }
    say(&format!("{} parameters", entries.len()));
    Ok(())
}

/// Writes a file that its owner alone can read, in the place of any that is there: another would keep
/// its permissions.
pub(super) fn write(path: &Path, data: &[u8]) -> std::io::Result<()> {
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
