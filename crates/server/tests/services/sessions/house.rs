//! The services over one store in memory, and callers with whatever credentials they got.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use crypto::{Keyring, Random};
use platform::{
    AuthMode, FixedClock, KeySetError, KeySetFuture, KeySets, NoOrganizations, OidcProvider,
    Pipeline, PipelineParts, SeededRandom,
};
use serde_json::Value;
use store::{Config, Place, Store};
use wire::Timestamp;
use wire::sigv4::{Signer, SigningKey, scope_date};

const START: Timestamp = Timestamp::from_secs(1_767_225_600);
/// An OpenID Connect issuer.
pub(crate) const ISSUER: &str = "https://issuer.example";
const REGION: &str = "us-east-1";

/// All services.
pub(crate) struct House {
    pub(crate) clock: Arc<FixedClock>,
    /// What the only issuer that answers, [`ISSUER`], publishes.
    pub(crate) published: Arc<Published>,
    pipeline: Pipeline,
}

/// A key set.
#[derive(Default)]
pub(crate) struct Published(Mutex<String>);

impl Published {
    /// Publishes a key set.
    pub(crate) fn set(&self, keys: String) {
        *self.0.lock().expect("keys") = keys;
    }
}

impl KeySets for Published {
    fn key_set<'a>(&'a self, provider: &'a OidcProvider, _: bool) -> KeySetFuture<'a> {
        let keys = self.0.lock().expect("keys").clone();
        let known = provider.url == ISSUER && provider.thumbprints.len() == 1;
        let keys = known.then(|| Arc::from(keys));
        Box::pin(std::future::ready(keys.ok_or(KeySetError::Unreachable)))
    }
}

/// Credentials.
pub(crate) struct Login {
    pub(crate) id: String,
    secret: String,
    token: String,
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) code: Option<String>,
    pub(crate) text: String,
}

impl Answer {
    /// The text of the first XML element of this name; empty where there is none.
    pub(crate) fn element(&self, name: &str) -> String {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        let after = self.text.split_once(&open).map(|(_, after)| after);
        let inner = after.and_then(|after| after.split_once(&close));
        inner.map(|(inner, _)| inner.to_owned()).unwrap_or_default()
    }

    /// The body of a JSON service.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).expect("JSON")
    }

    /// The credentials in the answer.
    pub(crate) fn login(&self) -> Login {
        Login {
            id: self.element("AccessKeyId"),
            secret: self.element("SecretAccessKey"),
            token: self.element("SessionToken"),
        }
    }
}

impl Login {
    /// No credentials at all.
    pub(crate) fn nobody() -> Self {
        Self {
            id: String::new(),
            secret: String::new(),
            token: String::new(),
        }
    }
}

impl House {
    /// A house with an account and its root user.
    pub(crate) async fn new() -> (Self, Login) {
        let random: Arc<dyn Random> = Arc::new(SeededRandom::new(1));
        let keyring = Arc::new(Keyring::generate(&*random).expect("a keyring"));
        let clock = Arc::new(FixedClock::at(START));
        let config = Config::new(Place::Memory);
        let opened = Store::open(config, Arc::clone(&keyring), Arc::clone(&random)).await;
        let store = opened.expect("a store in memory");
        let founded = iam::bootstrap(
            &store,
            &keyring,
            &*random,
            START,
            Some("111122223333"),
            None,
        )
        .await
        .unwrap_or_else(|error| panic!("{error}"));
        let root = Login {
            id: founded.access_key_id.expect("a root key"),
            secret: founded.secret.expect("a secret").expose().clone(),
            token: String::new(),
        };
        let published = Arc::new(Published::default());
        let pipeline = Pipeline::new(PipelineParts {
            services: server::registry::services(),
            store,
            keyring: Arc::clone(&keyring),
            clock: Arc::clone(&clock) as _,
            random,
            directory: Arc::new(iam::IdentityDirectory::new(keyring)),
            organizations: Arc::new(NoOrganizations),
            key_sets: Arc::clone(&published) as _,
            attestation_roots: Arc::default(),
            auth: AuthMode::Enforce,
        });
        let house = Self {
            clock,
            published,
            pipeline,
        };
        (house, root)
    }

    /// The time.
    pub(crate) fn now(&self) -> Timestamp {
        platform::Clock::now(&*self.clock)
    }

    /// Calls a query service.
    pub(crate) async fn query(&self, login: &Login, service: &str, form: &str) -> Answer {
        let services = self.pipeline.services().iter();
        let mut tables = services.map(|known| known.table);
        let table = tables
            .find(|table| table.name == service)
            .expect("a service");
        let request = http::Request::post("/").header(
            "content-type",
            "application/x-www-form-urlencoded; charset=utf-8",
        );
        let body = format!("{form}&Version={}", table.api_version);
        self.send(login, service, request, body).await
    }

    /// Calls a query service, which succeeds.
    pub(crate) async fn ok(&self, login: &Login, service: &str, form: &str) -> Answer {
        let answer = self.query(login, service, form).await;
        assert_eq!(answer.status, 200, "{form}: {}", answer.text);
        answer
    }

    /// Calls KMS.
    pub(crate) async fn kms(&self, login: &Login, operation: &str, input: Value) -> Answer {
        let request = http::Request::post("/")
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", format!("TrentService.{operation}"));
        self.send(login, "kms", request, input.to_string()).await
    }

    /// Asks why a call would be decided as it would be.
    pub(crate) async fn explain(&self, login: &Login, input: Value) -> Value {
        let request = http::Request::post("/")
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", "Strongroom.ExplainDecision");
        let body = input.to_string();
        let answer = self.send(login, "strongroom", request, body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    async fn send(
        &self,
        login: &Login,
        service: &str,
        request: http::request::Builder,
        body: String,
    ) -> Answer {
        let request = request
            .header("host", "localhost")
            .body(())
            .expect("a request");
        let (mut parts, ()) = request.into_parts();
        if !login.token.is_empty() {
            let token = login.token.parse().expect("a header");
            parts.headers.insert("x-amz-security-token", token);
        }
        if login.id.is_empty() {
            return self.serve(&parts, body).await;
        }
        let now = platform::Clock::now(&*self.clock);
        let key = SigningKey::derive(&login.secret, &scope_date(now), REGION, service);
        let signer = Signer {
            access_key_id: &login.id,
            key: &key,
            region: REGION,
            service,
            now,
        };
        signer.sign("POST", ("/", ""), &mut parts.headers, body.as_bytes());
        self.serve(&parts, body).await
    }

    async fn serve(&self, parts: &http::request::Parts, body: String) -> Answer {
        let body = std::future::ready(Ok(Bytes::from(body)));
        let served = self.pipeline.serve(parts, None, false, body).await;
        Answer {
            status: served.reply.status,
            code: served.code.map(str::to_owned),
            text: String::from_utf8_lossy(&served.reply.body).into_owned(),
        }
    }
}

/// A text as a form writes it.
pub(crate) fn encode(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}
