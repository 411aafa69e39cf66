//! The whole pipeline without sockets, for the tests of services: a memory store, a clock that
//! stands still, seeded randomness, and identities that a test makes up.

mod databases;
mod functions;
mod identities;
mod outbound;
mod rest;
mod tokens;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use crypto::attestation::Roots;
use crypto::{Keyring, Random};
use http::request::Parts;
use store::{Config, Place, Store};
use wire::sigv4::{Signer, SigningKey, scope_date};
use wire::{Protocol, Timestamp};

use crate::answer::Served;
use crate::caller::{Caller, CallerKind};
use crate::clock::FixedClock;
use crate::deliveries::Waiting;
use crate::pipeline::{AuthMode, Pipeline, PipelineParts};
use crate::randomness::SeededRandom;
use crate::service::Service;

pub use databases::ScriptedDatabases;
pub use functions::{Scripted, ScriptedFunctions};
pub use identities::{Device, Identities};
pub use outbound::ScriptedOutbound;
pub use rest::rest_request;
pub use tokens::Tokens;

pub use crate::workers::Occupied;

/// The account that a harness starts with.
pub const ACCOUNT: &str = "111122223333";
/// The region that requests are signed for unless a test says otherwise.
pub const REGION: &str = "eu-west-2";
/// When a harness's clock starts: 2026-01-01T00:00:00Z.
pub const START: Timestamp = Timestamp::from_secs(1_767_225_600);

/// A pipeline without sockets.
pub struct Harness {
    /// The pipeline.
    pub pipeline: Pipeline,
    /// Its clock.
    pub clock: Arc<FixedClock>,
    /// The identities that tests made up.
    pub identities: Arc<Identities>,
    /// Those whom jobs send to.
    pub outbound: Arc<ScriptedOutbound>,
    /// The functions that services run.
    pub functions: Arc<ScriptedFunctions>,
    /// Databases: whom they know, and what was done to them.
    pub databases: Arc<ScriptedDatabases>,
    sessions: Mutex<BTreeMap<String, Temporary>>,
}

/// Temporary credentials that an answer carried.
#[derive(Clone)]
struct Temporary {
    id: String,
    secret: String,
    token: String,
}

/// An answer as a test sees it.
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The error's code, none for success.
    pub code: Option<String>,
    /// The body; JSON for JSON services.
    pub body: serde_json::Value,
    /// The body as text.
    pub text: String,
}

impl Answer {
    /// The text of the first XML element of this name; empty where there is none.
    pub fn element(&self, name: &str) -> String {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        let after = self.text.split_once(&open).map(|(_, after)| after);
        let inner = after.and_then(|after| after.split_once(&close));
        inner.map(|(inner, _)| inner.to_owned()).unwrap_or_default()
    }

    /// The error's text.
    pub fn message(&self) -> &str {
        let message = self
            .body
            .get("message")
            .or_else(|| self.body.get("Message"));
        message
            .and_then(serde_json::Value::as_str)
            .unwrap_or_default()
    }
}

/// What a harness is made of beside its services.
struct Makings {
    place: Place,
    keyring: Arc<Keyring>,
    random: Arc<dyn Random>,
    roots: Roots,
    auth: AuthMode,
}

impl Default for Makings {
    fn default() -> Self {
        let random: Arc<dyn Random> = Arc::new(SeededRandom::new(1));
        let keyring = Keyring::generate(&*random).unwrap_or_else(|_| unreachable!("seeded"));
        Self {
            place: Place::Memory,
            keyring: Arc::new(keyring),
            random,
            roots: Roots::default(),
            auth: AuthMode::Enforce,
        }
    }
}

impl Harness {
    /// A harness that serves `services`, with authorization on and the root user of [`ACCOUNT`].
    pub async fn new(services: Vec<Service>) -> Self {
        Self::assemble(services, Makings::default()).await
    }

    /// A harness that serves `services` with authorization off.
    pub async fn without_authorization(services: Vec<Service>) -> Self {
        let auth = AuthMode::Off;
        Self::assemble(
            services,
            Makings {
                auth,
                ..Makings::default()
            },
        )
        .await
    }

    /// A harness over a store in the directory `path`. Every harness over one directory has the
    /// keyring of the first one; `life` is another number for each of them, so that no two draw
    /// the same randomness.
    pub async fn on_disk(services: Vec<Service>, path: &Path, life: u64) -> Self {
        let keyring = Keyring::generate(&SeededRandom::new(1));
        let keyring = keyring.unwrap_or_else(|_| unreachable!("seeded"));
        let random = Arc::new(SeededRandom::new(1000 + life));
        let place = Place::Directory(path.to_owned());
        let makings = Makings {
            place,
            keyring: Arc::new(keyring),
            random,
            ..Makings::default()
        };
        Self::assemble(services, makings).await
    }

    /// A harness that believes attestation documents under `roots`.
    pub async fn believing(services: Vec<Service>, roots: Roots) -> Self {
        Self::assemble(
            services,
            Makings {
                roots,
                ..Makings::default()
            },
        )
        .await
    }

    async fn assemble(services: Vec<Service>, makings: Makings) -> Self {
        let Makings {
            place,
            keyring,
            random,
            roots,
            auth,
        } = makings;
        let clock = Arc::new(FixedClock::at(START));
        let identities = Arc::new(Identities::default());
        identities.add(Caller::root(ACCOUNT, &key_of("root")), &[]);
        let store = Store::open(
            Config::new(place),
            Arc::clone(&keyring),
            Arc::clone(&random),
        );
        let Ok(store) = store.await else {
            unreachable!("the store of a test opens")
        };
        let pipeline = Pipeline::new(PipelineParts {
            services,
            store,
            keyring,
            clock: Arc::clone(&clock) as _,
            random,
            directory: Arc::clone(&identities) as _,
            organizations: Arc::clone(&identities) as _,
            key_sets: Arc::clone(&identities) as _,
            attestation_roots: Arc::new(roots),
            auth,
        });
        let outbound = Arc::<ScriptedOutbound>::default();
        pipeline.send_through(Arc::clone(&outbound) as _);
        let functions = Arc::<ScriptedFunctions>::default();
        pipeline.run_functions(Arc::clone(&functions) as _);
        let databases = Arc::<ScriptedDatabases>::default();
        pipeline.change_passwords_through(Arc::clone(&databases) as _);
        Self {
            pipeline,
            clock,
            identities,
            outbound,
            functions,
            databases,
            sessions: Mutex::default(),
        }
    }

    /// Makes the deliveries that are due, one after the other, until none is; those first that wait
    /// in the store. Returns how many attempts that took.
    pub async fn run_deliveries(&self) -> usize {
        let runner = self.pipeline.deliveries();
        let made = match runner.load().await {
            Ok(()) => runner.run_due().await,
            Err(error) => Err(error),
        };
        made.unwrap_or_else(|_| unreachable!("a test's deliveries can be read"))
    }

    /// Keeps all work waiting that calls do not do themselves, until what this returns is dropped.
    pub fn occupy_workers(&self) -> Occupied {
        let occupied = self.pipeline.workers().occupy();
        occupied.unwrap_or_else(|_| unreachable!("a test can have threads"))
    }

    /// Lets no more than so many deliveries of an account wait, of so many bytes.
    pub fn limit_deliveries(&self, count: u64, bytes: u64) {
        self.pipeline.limit_deliveries(Waiting { count, bytes });
    }

    /// Keeps the credentials of an answer of STS: further calls name them by `name`.
    pub fn session(&self, name: &str, answer: &Answer) {
        let known = Temporary {
            id: answer.element("AccessKeyId"),
            secret: answer.element("SecretAccessKey"),
            token: answer.element("SessionToken"),
        };
        self.forge(name, [&known.id, &known.secret, &known.token]);
    }

    /// Keeps an access key id, a secret and a session token, however they came together.
    pub fn forge(&self, name: &str, [id, secret, token]: [&str; 3]) {
        let known = Temporary {
            id: id.to_owned(),
            secret: secret.to_owned(),
            token: token.to_owned(),
        };
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.insert(name.to_owned(), known);
    }

    /// Makes a user of [`ACCOUNT`] with identity-based policies (JSON texts); further calls name
    /// it by `name`.
    pub fn user(&self, name: &str, policies: &[&str]) {
        self.user_of(ACCOUNT, name, policies);
    }

    /// Makes a user of `account`.
    pub fn user_of(&self, account: &str, name: &str, policies: &[&str]) {
        let caller = Caller {
            account: account.to_owned(),
            arn: format!("arn:aws:iam::{account}:user/{name}"),
            user_id: format!("AIDA{}", &key_of(name)[4..]),
            kind: CallerKind::User {
                name: name.to_owned(),
            },
            access_key_id: key_of(name),
            session: None,
        };
        self.identities.add(caller, policies);
    }

    /// Deletes a user of [`ACCOUNT`] and makes another one of the same name, access key and
    /// policies: somebody else, as the unique id tells.
    pub fn replace_user(&self, name: &str, policies: &[&str]) {
        self.user(name, policies);
        if let Some(credential) = self.identities.credential(&key_of(name)) {
            let mut caller = Caller::clone(&credential.caller);
            caller.user_id = caller.user_id.replace("AIDA", "AIDA2");
            self.identities.add(caller, policies);
        }
    }

    /// Makes the root user of another account, under `name`.
    pub fn root_of(&self, account: &str, name: &str) {
        self.identities
            .add(Caller::root(account, &key_of(name)), &[]);
    }

    /// Calls a JSON operation in [`REGION`] as `who` (`"root"` or a user's name).
    pub async fn json(&self, who: &str, target: &str, input: serde_json::Value) -> Answer {
        self.json_in(REGION, who, target, input).await
    }

    /// Calls a JSON operation in `region`. `target` is `X-Amz-Target`.
    pub async fn json_in(
        &self,
        region: &str,
        who: &str,
        target: &str,
        input: serde_json::Value,
    ) -> Answer {
        let request = http::Request::post("/")
            .header("host", "localhost")
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", target);
        self.send(region, who, request, input.to_string().into_bytes())
            .await
    }

    /// Calls a query operation; `form` is the form without `Version`.
    pub async fn query(&self, who: &str, service: &str, form: &str) -> Answer {
        let table = self
            .pipeline
            .services()
            .iter()
            .find(|known| known.table.name == service);
        let version = table.map_or("", |known| known.table.api_version);
        let request = http::Request::post("/").header("host", "localhost").header(
            "content-type",
            "application/x-www-form-urlencoded; charset=utf-8",
        );
        let body = format!("{form}&Version={version}").into_bytes();
        self.send("us-east-1", who, request, body).await
    }

    /// Signs and sends any request; `who` is `"anonymous"` for none.
    pub async fn send(
        &self,
        region: &str,
        who: &str,
        request: http::request::Builder,
        body: Vec<u8>,
    ) -> Answer {
        let Ok(request) = request.body(()) else {
            unreachable!("a test's request is well formed")
        };
        let (mut parts, ()) = request.into_parts();
        if who != "anonymous" {
            self.sign(region, who, &mut parts, &body);
        }
        let body = std::future::ready(Ok(Bytes::from(body)));
        read(&self.pipeline.serve(&parts, None, false, body).await)
    }

    fn sign(&self, region: &str, who: &str, parts: &mut Parts, body: &[u8]) {
        let now = crate::clock::Clock::now(&*self.clock);
        let service = self.service_of(parts, body);
        let date = scope_date(now);
        let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let temporary = sessions.get(who).cloned().unwrap_or_else(|| Temporary {
            id: key_of(who),
            secret: secret_of(&key_of(who)),
            token: String::new(),
        });
        if let (false, Ok(token)) = (temporary.token.is_empty(), temporary.token.parse()) {
            parts.headers.insert("x-amz-security-token", token);
        }
        let key = SigningKey::derive(&temporary.secret, &date, region, service);
        let signer = Signer {
            access_key_id: &temporary.id,
            key: &key,
            region,
            service,
            now,
        };
        let target = (parts.uri.path(), parts.uri.query().unwrap_or_default());
        signer.sign(parts.method.as_str(), target, &mut parts.headers, body);
    }

    /// The signing name of the service that a request is for.
    fn service_of(&self, parts: &Parts, body: &[u8]) -> &'static str {
        let target = parts
            .headers
            .get("x-amz-target")
            .and_then(|value| value.to_str().ok());
        let path = parts.uri.path();
        let version = wire::query::find(body, "Version");
        let found = self.pipeline.services().iter().find(|service| {
            let table = service.table;
            let prefix = table.target_prefix.unwrap_or("\0");
            target.is_some_and(|target| target.starts_with(prefix))
                || path.contains(prefix)
                || has_path(table, parts)
                || version.as_deref() == Some(table.api_version)
        });
        found.map_or("unknown", |service| service.table.signing_name)
    }
}

/// Whether a REST operation of the service has the method and path of a request.
fn has_path(table: &wire::ServiceTable, parts: &Parts) -> bool {
    let query = parts.uri.query().unwrap_or_default();
    let asked = (parts.method.as_str(), parts.uri.path(), query);
    wire::rest::operation(table.operations, asked).is_some()
}

/// A request with a form, for [`Harness::send`].
pub fn form_request() -> http::request::Builder {
    http::Request::post("/").header("host", "localhost").header(
        "content-type",
        "application/x-www-form-urlencoded; charset=utf-8",
    )
}

/// The protocols that a test may want to speak to a service.
pub fn protocols(service: &Service) -> &'static [Protocol] {
    service.table.protocols
}

fn read(served: &Served) -> Answer {
    let text = String::from_utf8_lossy(&served.reply.body).into_owned();
    Answer {
        status: served.reply.status,
        code: served.code.map(str::to_owned),
        body: serde_json::from_str(&text).unwrap_or(serde_json::Value::Null),
        text,
    }
}

/// The access key id of a test identity: 20 characters that only depend on its name.
pub fn key_of(name: &str) -> String {
    let tail: String = name
        .bytes()
        .map(|byte| char::from(b'A' + byte % 26))
        .take(16)
        .collect();
    format!("AKIA{tail:Z<16}")
}

/// The secret of a test identity's access key, for tests that sign by themselves.
pub fn secret_of(access_key_id: &str) -> String {
    format!("{access_key_id:x<40}")
}
