//! AWS credentials as AWS's own clients find them: in the environment, then in the profile of the
//! shared credentials file and the configuration file ("Configuration and credential file settings
//! in the AWS CLI").

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crypto::Secret;
use platform::environment::variable;

use super::CallError;

/// An access key.
pub struct Credentials {
    /// The access key id.
    pub access_key_id: String,
    /// The secret access key.
    pub secret_access_key: Secret<String>,
    /// The token of a session.
    pub session_token: Option<Secret<String>>,
}

impl Credentials {
    /// The credentials of the environment, or else of the profile that `AWS_PROFILE` names.
    pub fn find() -> Result<Self, CallError> {
        let (id, secret) = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY");
        match (variable(id), variable(secret)) {
            (Some(id), Some(secret)) => Ok(Self {
                access_key_id: id,
                secret_access_key: Secret::new(secret),
                session_token: variable("AWS_SESSION_TOKEN").map(Secret::new),
            }),
            (None, None) => Self::of_profile(),
            (Some(_), None) => Err(missing(&format!("{secret} is missing"))),
            (None, Some(_)) => Err(missing(&format!("{id} is missing"))),
        }
    }

    fn of_profile() -> Result<Self, CallError> {
        let name = profile_name();
        let mut settings = profile(&config_file(), &section_of_config(&name));
        settings.extend(profile(&credentials_file(), &name));
        let mut take = |key: &str| settings.remove(key);
        let (Some(id), Some(secret)) = (take("aws_access_key_id"), take("aws_secret_access_key"))
        else {
            let text = format!("neither the environment nor the profile `{name}` has them");
            return Err(missing(&text));
        };
        Ok(Self {
            access_key_id: id,
            secret_access_key: Secret::new(secret),
            session_token: take("aws_session_token").map(Secret::new),
        })
    }
}

/// The region of the environment, or else of the profile.
pub fn profile_region() -> Option<String> {
    let given = variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"));
    given.or_else(|| profile(&config_file(), &section_of_config(&profile_name())).remove("region"))
}

fn missing(what: &str) -> CallError {
    CallError::Credentials(format!(
        "there are no AWS credentials: {what}; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or \
         name a profile with AWS_PROFILE"
    ))
}

fn profile_name() -> String {
    variable("AWS_PROFILE").unwrap_or_else(|| "default".to_owned())
}

/// The configuration file calls every profile but the default one `profile NAME`.
fn section_of_config(name: &str) -> String {
    match name {
        "default" => name.to_owned(),
        _ => format!("profile {name}"),
    }
}

fn credentials_file() -> PathBuf {
    file("AWS_SHARED_CREDENTIALS_FILE", "credentials")
}

fn config_file() -> PathBuf {
    file("AWS_CONFIG_FILE", "config")
}

fn file(variable_name: &str, name: &str) -> PathBuf {
    let home = || PathBuf::from(variable("HOME").unwrap_or_default());
    match variable(variable_name) {
        Some(path) => PathBuf::from(path),
        None => home().join(".aws").join(name),
    }
}

/// The settings of a section of a file; none, if there is no such section or file.
fn profile(path: &Path, section: &str) -> BTreeMap<String, String> {
    fs::read_to_string(path).map_or_else(|_| BTreeMap::new(), |text| settings(&text, section))
}

fn settings(text: &str, section: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut here = false;
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        let header = trimmed.strip_prefix('[');
        if let Some(name) = header.and_then(|header| header.split(']').next()) {
            here = name.split_whitespace().eq(section.split_whitespace());
            continue;
        }
        // Indented lines belong to the setting above them, such as `s3 =`.
        let is_nested = line.starts_with([' ', '\t']);
        if let Some((key, value)) = trimmed.split_once('=')
            && here
            && !is_nested
        {
            found.insert(key.trim().to_owned(), value.trim().to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "\
# mine
[default]
region = eu-west-2
s3 =
  aws_access_key_id = nested
[ profile  cluster ]
region=eu-central-1
aws_access_key_id = AKIA
aws_secret_access_key = with=sign
[profile other]
; region = none
";

    #[test]
    fn a_profile_is_its_section_alone() {
        let default = settings(CONFIG, "default");
        assert_eq!(default.get("region").unwrap(), "eu-west-2");
        assert_eq!(default.get("aws_access_key_id"), None);
        let cluster = settings(CONFIG, &section_of_config("cluster"));
        assert_eq!(cluster.get("aws_secret_access_key").unwrap(), "with=sign");
        assert_eq!(cluster.get("region").unwrap(), "eu-central-1");
        assert!(settings(CONFIG, "profile other").is_empty());
        assert!(settings(CONFIG, "cluster").is_empty());
    }
}
