//! The token that programs show.
//!
//! A program that is made to call a URL of somebody else's choosing (server-side request forgery)
//! cannot set headers, and whoever may not read the token cannot call.

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;

use crypto::Secret;
use zeroize::Zeroizing;

/// Longer ones are none, in bytes: no header could hold them.
const MOST: u64 = 16 * 1024;

/// The token that the first of these variables says that is set, by itself or by the file that it
/// names as `file:///run/token`. The error is for people and holds no token.
pub fn find(
    names: &[String],
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Secret<String>, String> {
    let mut set = names
        .iter()
        .filter_map(|name| Some((name, Zeroizing::new(variable(name)?))));
    let (name, said) = set.next().ok_or_else(|| {
        format!(
            "there is no token: set {} to one, or to file:// and the path of a file that holds one",
            names.join(" or ")
        )
    })?;
    let token = match said.strip_prefix("file://") {
        None => said,
        Some(path) => read(path).map_err(|what| format!("{name} names `{path}`: {what}"))?,
    };
    let is_sendable = token
        .bytes()
        .all(|byte| byte == b'\t' || (b' '..=b'~').contains(&byte));
    match token.is_empty() || !is_sendable {
        true => Err(format!(
            "the token of {name} is empty, or cannot stand in a header"
        )),
        false => Ok(Secret::from(token)),
    }
}

/// The token in a file. Who may read it may read all that the agent may, so that nobody but its owner
/// and its group may, and nobody but its owner and root change it.
fn read(path: &str) -> Result<Zeroizing<String>, String> {
    let mut file = fs::File::open(path).map_err(|error| error.to_string())?;
    let metadata = file.metadata().map_err(|error| error.to_string())?;
    let own = rustix::process::geteuid().as_raw();
    if metadata.uid() != own && metadata.uid() != 0 {
        return Err("it belongs to another user".to_owned());
    }
    if metadata.mode() & 0o027 != 0 {
        return Err("others may read or change it; take it from them with chmod 640".to_owned());
    }
    if metadata.len() > MOST {
        return Err(format!("it is longer than {MOST} bytes"));
    }
    let mut text = Zeroizing::new(String::with_capacity(4096));
    let read = file.by_ref().take(MOST).read_to_string(&mut text);
    read.map_err(|error| error.to_string())?;
    Ok(Zeroizing::new(text.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn found(says: &str) -> Result<String, String> {
        let variable = |name: &str| (name == "B").then(|| says.to_owned());
        find(&names(&["A", "B"]), variable).map(|token| token.expose().clone())
    }

    #[test]
    fn the_first_variable_that_is_set_says_the_token() {
        let both = |name: &str| Some(format!("of {name}"));
        let token = find(&names(&["A", "B"]), both).unwrap();
        assert_eq!(token.expose(), "of A");
        assert_eq!(found("t").unwrap(), "t");
        let none = find(&names(&["A", "B"]), |_| None).err().unwrap();
        assert!(none.contains("A or B"), "{none}");
        for wrong in ["", "a\nb", "\u{e9}"] {
            assert!(found(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_file_is_believed_if_nobody_else_may_read_or_change_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        fs::write(&path, "s3cret\n").unwrap();
        let of_mode = |mode: u32| {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            found(&format!("file://{}", path.display()))
        };
        for mode in [0o600, 0o400, 0o640] {
            assert_eq!(of_mode(mode).unwrap(), "s3cret", "{mode:o}");
        }
        for mode in [0o644, 0o604, 0o660, 0o602] {
            let error = of_mode(mode).unwrap_err();
            assert!(!error.contains("s3cret"), "{mode:o}: {error}");
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, " \n").unwrap();
        assert!(of_mode(0o600).is_err());
        assert!(found("file:///no/such/file").is_err());
    }
}
