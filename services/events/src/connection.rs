//! Connections: how API destinations are called. What nobody is shown of them is in a secret that
//! Secrets Manager keeps (`connection_secrets`), and nowhere else.

use std::sync::Arc;

use api::events::{
    ConnectionAuthorizationType, ConnectionBodyParameter, ConnectionHeaderParameter,
    ConnectionHttpParameters, ConnectionQueryStringParameter, ConnectionState,
};
use platform::{Ctx, Result, partition};
use serde::{Deserialize, Serialize};
use store::{Key, Record};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::access;
use crate::refusals;

/// A text that nobody is shown.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Hidden(String);

impl Hidden {
    /// The text, for a request that needs it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl From<Zeroizing<String>> for Hidden {
    fn from(text: Zeroizing<String>) -> Self {
        Self(String::clone(&text))
    }
}

/// What the store keeps of a connection.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ConnectionRecord {
    /// The name.
    pub(crate) name: String,
    /// Distinguishes it from an earlier connection of its name.
    pub(crate) id: String,
    /// The description.
    pub(crate) description: Option<String>,
    /// How its calls are authorized.
    pub(crate) auth: Auth,
    /// What its calls carry beside, without secret values.
    pub(crate) http: Parameters,
    /// The ARN of the secret with the rest; none once it was deauthorized.
    pub(crate) secret_arn: Option<String>,
    /// The KMS key of the secret as a request named it; none for AWS's.
    pub(crate) kms_key: Option<String>,
    /// `AUTHORIZED` and so on.
    pub(crate) state: String,
    /// Why it is in this state, where it did not get there by a request.
    pub(crate) reason: Option<String>,
    /// Changes with everything that tokens depend on.
    pub(crate) revision: u64,
    /// When it was made.
    pub(crate) created_millis: i64,
    /// When it was last changed.
    pub(crate) modified_millis: i64,
    /// When it was last authorized; 0 before.
    pub(crate) authorized_millis: i64,
}

/// How calls are authorized, as everybody may know who may describe the connection.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum Auth {
    Basic {
        username: String,
    },
    ApiKey {
        name: String,
    },
    ClientCredentials {
        client_id: String,
        endpoint: String,
        method: String,
        http: Parameters,
    },
}

/// `ConnectionHttpParameters`, with the names that they have in the secret.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Parameters {
    #[serde(rename = "header_parameters")]
    pub(crate) headers: Vec<Parameter>,
    #[serde(rename = "query_string_parameters")]
    pub(crate) query: Vec<Parameter>,
    #[serde(rename = "body_parameters")]
    pub(crate) body: Vec<Parameter>,
}

/// A name, a value, and whether the value is shown to nobody.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Parameter {
    pub(crate) key: String,
    pub(crate) value: Hidden,
    #[serde(rename = "is_value_secret")]
    pub(crate) is_secret: bool,
}

impl Record for ConnectionRecord {
    const TABLE: &'static str = "events.connections";
    const SERVICE: &'static str = "events";
}

impl ConnectionRecord {
    /// Where the caller's connection of this name is.
    pub(crate) fn key(ctx: &Ctx, name: &str) -> Key {
        Key::new(ctx.account(), &ctx.region, [name])
    }

    /// The caller's connection of this name, or AWS's error.
    pub(crate) async fn existing(ctx: &Ctx, name: &str) -> Result<Arc<Self>> {
        let found = ctx.get::<Self>(&Self::key(ctx, name)).await?;
        Ok(found.ok_or_else(|| refusals::no_connection(name))?)
    }

    /// Decides about the caller's connection of this name, whether or not it exists.
    pub(crate) async fn permit(ctx: &Ctx, action: &'static str, name: &str) -> Result<()> {
        let found = ctx.get::<Self>(&Self::key(ctx, name)).await?;
        let arn = arn(ctx.account(), &ctx.region, name);
        let id = found.as_ref().map(|found| found.id.as_str());
        access::identified(ctx, action, &arn, id).await
    }

    /// The ARN.
    pub(crate) fn arn(&self, account: &str, region: &str) -> String {
        format!("{}/{}", arn(account, region, &self.name), self.id)
    }

    /// The state as AWS shows it.
    pub(crate) fn shown_state(&self) -> Option<ConnectionState> {
        ConnectionState::parse(&self.state)
    }
}

impl Auth {
    /// The kind as AWS names it.
    pub(crate) fn kind(&self) -> ConnectionAuthorizationType {
        match self {
            Self::Basic { .. } => ConnectionAuthorizationType::Basic,
            Self::ApiKey { .. } => ConnectionAuthorizationType::ApiKey,
            Self::ClientCredentials { .. } => ConnectionAuthorizationType::OauthClientCredentials,
        }
    }
}

/// The ARN without the id.
fn arn(account: &str, region: &str, name: &str) -> String {
    let partition = partition(region);
    format!("arn:{partition}:events:{region}:{account}:connection/{name}")
}

/// The name in the ARN of a connection of the caller's.
pub(crate) fn name_in<'a>(ctx: &Ctx, arn: &'a str) -> Option<&'a str> {
    let own = format!(
        "arn:{}:events:{}:{}:connection/",
        partition(&ctx.region),
        ctx.region,
        ctx.account()
    );
    arn.strip_prefix(&own)?.split('/').next()
}

impl Parameters {
    /// What a request gives.
    pub(crate) fn of(given: Option<&ConnectionHttpParameters>) -> Self {
        let Some(given) = given else {
            return Self::default();
        };
        let headers = given.header_parameters.iter().flatten();
        let query = given.query_string_parameters.iter().flatten();
        let body = given.body_parameters.iter().flatten();
        Self {
            headers: headers
                .map(|one| Parameter::of(&one.key, &one.value, one.is_value_secret))
                .collect(),
            query: query
                .map(|one| Parameter::of(&one.key, &one.value, one.is_value_secret))
                .collect(),
            body: body
                .map(|one| Parameter::of(&one.key, &one.value, one.is_value_secret))
                .collect(),
        }
    }

    /// The same, where nobody is told the values that are secret.
    pub(crate) fn without_secrets(&self) -> Self {
        let mut told = self.clone();
        let all = [&mut told.headers, &mut told.query, &mut told.body];
        for one in all.into_iter().flatten().filter(|one| one.is_secret) {
            one.value = Hidden::default();
        }
        told
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.headers.is_empty() && self.query.is_empty() && self.body.is_empty()
    }

    /// The parameters as AWS shows them; none where there are none.
    pub(crate) fn shown(&self) -> Option<ConnectionHttpParameters> {
        if self.is_empty() {
            return None;
        }
        let headers = self.headers.iter().map(|one| ConnectionHeaderParameter {
            key: Some(one.key.clone()),
            value: one.shown(),
            is_value_secret: Some(one.is_secret),
        });
        let query = self.query.iter().map(|one| ConnectionQueryStringParameter {
            key: Some(one.key.clone()),
            value: one.shown(),
            is_value_secret: Some(one.is_secret),
        });
        let body = self.body.iter().map(|one| ConnectionBodyParameter {
            key: Some(one.key.clone()),
            value: one.shown(),
            is_value_secret: Some(one.is_secret),
        });
        Some(ConnectionHttpParameters {
            header_parameters: Some(headers.collect()),
            query_string_parameters: Some(query.collect()),
            body_parameters: Some(body.collect()),
        })
    }
}

impl Parameter {
    fn of(
        key: &Option<String>,
        value: &Option<Zeroizing<String>>,
        is_secret: Option<bool>,
    ) -> Self {
        Self {
            key: key.clone().unwrap_or_default(),
            value: value.clone().map(Hidden::from).unwrap_or_default(),
            is_secret: is_secret.unwrap_or(false),
        }
    }

    fn shown(&self) -> Option<Zeroizing<String>> {
        (!self.is_secret).then(|| Zeroizing::new(self.value.expose().to_owned()))
    }
}
