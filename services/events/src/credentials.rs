//! What calls through a connection are authorized with, as the secret of the connection says it in
//! JSON ("Connections for endpoint targets", EventBridge user guide).

use platform::{Error, Result};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::connection::{Auth, Hidden, Parameters};

/// Everything that a connection keeps from others, for as long as a call or a delivery lasts.
#[derive(Clone)]
pub(crate) struct Credentials {
    /// How calls are authorized.
    pub(crate) login: Login,
    /// What calls carry beside.
    pub(crate) http: Parameters,
}

/// How calls are authorized.
#[derive(Clone)]
pub(crate) enum Login {
    Basic {
        username: String,
        password: Hidden,
    },
    ApiKey {
        name: String,
        value: Hidden,
    },
    ClientCredentials {
        client_id: String,
        client_secret: Hidden,
        endpoint: String,
        method: String,
        http: Parameters,
    },
}

impl Login {
    /// What of it is no secret.
    pub(crate) fn shown(&self) -> Auth {
        match self {
            Self::Basic { username, .. } => Auth::Basic {
                username: username.clone(),
            },
            Self::ApiKey { name, .. } => Auth::ApiKey { name: name.clone() },
            Self::ClientCredentials {
                client_id,
                endpoint,
                method,
                http,
                ..
            } => Auth::ClientCredentials {
                client_id: client_id.clone(),
                endpoint: endpoint.clone(),
                method: method.clone(),
                http: http.without_secrets(),
            },
        }
    }
}

impl Credentials {
    /// The text of the secret.
    pub(crate) fn to_json(&self) -> Result<Zeroizing<String>> {
        let mut form = Form::default();
        match self.login.clone() {
            Login::Basic { username, password } => {
                (form.username, form.password) = (Some(username), Some(password));
            }
            Login::ApiKey { name, value } => {
                (form.api_key_name, form.api_key_value) = (Some(name), Some(value));
            }
            Login::ClientCredentials {
                client_id,
                client_secret,
                endpoint,
                method,
                http,
            } => {
                (form.client_id, form.client_secret) = (Some(client_id), Some(client_secret));
                form.authorization_endpoint = Some(endpoint);
                form.http_method = Some(method);
                form.oauth_http_parameters = Some(http).filter(|http| !http.is_empty());
            }
        }
        let http = Some(self.http.clone());
        form.invocation_http_parameters = http.filter(|http| !http.is_empty());
        let text = serde_json::to_string(&form).map_err(Error::internal)?;
        Ok(Zeroizing::new(text))
    }

    /// What the text of a secret says; none if it is no connection's.
    pub(crate) fn from_json(text: &str) -> Option<Self> {
        let form: Form = serde_json::from_str(text).ok()?;
        let login = if let Some(username) = form.username {
            Login::Basic {
                username,
                password: form.password?,
            }
        } else if let Some(name) = form.api_key_name {
            Login::ApiKey {
                name,
                value: form.api_key_value?,
            }
        } else {
            Login::ClientCredentials {
                client_id: form.client_id?,
                client_secret: form.client_secret?,
                endpoint: form.authorization_endpoint?,
                method: form.http_method?,
                http: form.oauth_http_parameters.unwrap_or_default(),
            }
        };
        Some(Self {
            login,
            http: form.invocation_http_parameters.unwrap_or_default(),
        })
    }
}

/// The members of the secret, of all kinds of authorization.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Form {
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<Hidden>,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key_value: Option<Hidden>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<Hidden>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorization_endpoint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    http_method: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    oauth_http_parameters: Option<Parameters>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invocation_http_parameters: Option<Parameters>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) {
        let read = Credentials::from_json(text).expect("a connection's secret");
        assert_eq!(*read.to_json().ok().expect("JSON"), text);
    }

    #[test]
    fn secrets_of_all_kinds_are_read_as_they_are_written() {
        check(r#"{"username":"u","password":"p"}"#);
        check(r#"{"api_key_name":"x-key","api_key_value":"v\"\\"}"#);
        let client = r#"{"client_id":"i","client_secret":"s","authorization_endpoint":"https://a.example/t","http_method":"POST""#;
        check(&format!("{client}}}"));
        let parameters = r#"{"header_parameters":[{"key":"h","value":"a","is_value_secret":true}],"query_string_parameters":[],"body_parameters":[{"key":"b","value":"c","is_value_secret":false}]}"#;
        check(&format!(
            r#"{client},"oauth_http_parameters":{parameters},"invocation_http_parameters":{parameters}}}"#
        ));
    }

    #[test]
    fn other_secrets_are_no_connections() {
        for text in ["", "p", "{}", r#"{"username":"u"}"#, r#"{"client_id":"i"}"#] {
            assert!(Credentials::from_json(text).is_none(), "{text}");
        }
    }
}
