//! The pipeline with IAM's own ports over a store in memory, and callers that sign.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops where it cannot go on"
)]

pub(crate) mod device;

use std::sync::Arc;

use api::sts::{GetCallerIdentity, GetCallerIdentityRequest, GetCallerIdentityResponse};
use bytes::Bytes;
use crypto::{Keyring, Secret};
use platform::testing::Harness;
use platform::{
    AuthMode, Ctx, FixedClock, NoOrganizations, Organizations, Pipeline, PipelineParts,
    SeededRandom, Service,
};
use service_iam::{BootstrapError, Bootstrapped, IdentityDirectory, bootstrap};
use store::{Config, Place, Store};
use wire::Timestamp;
use wire::sigv4::{Signer, SigningKey, scope_date};

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_767_225_600);

/// Every operation, with what it needs beside `UserName=alice`.
pub(crate) const OPERATIONS: [(&str, &str); 22] = [
    (
        "AttachUserPolicy",
        "&PolicyArn=arn:aws:iam::aws:policy/IAMReadOnlyAccess",
    ),
    ("CreateAccessKey", ""),
    ("CreateUser", ""),
    ("DeleteAccessKey", "&AccessKeyId=AKIAAAAAAAAAAAAAAAAA"),
    ("DeleteUser", ""),
    ("DeleteUserPermissionsBoundary", ""),
    ("DeleteUserPolicy", "&PolicyName=p"),
    (
        "DetachUserPolicy",
        "&PolicyArn=arn:aws:iam::aws:policy/IAMReadOnlyAccess",
    ),
    ("GetUser", ""),
    ("GetUserPolicy", "&PolicyName=p"),
    ("ListAccessKeys", ""),
    ("ListAttachedUserPolicies", ""),
    ("ListGroupsForUser", ""),
    ("ListUserPolicies", ""),
    ("ListUserTags", ""),
    ("ListUsers", ""),
    (
        "PutUserPermissionsBoundary",
        "&PermissionsBoundary=arn:aws:iam::aws:policy/IAMReadOnlyAccess",
    ),
    ("PutUserPolicy", "&PolicyName=p&PolicyDocument=x"),
    ("TagUser", "&Tags.member.1.Key=a&Tags.member.1.Value=b"),
    ("UntagUser", "&TagKeys.member.1=a"),
    (
        "UpdateAccessKey",
        "&AccessKeyId=AKIAAAAAAAAAAAAAAAAA&Status=Inactive",
    ),
    ("UpdateUser", ""),
];

pub(crate) struct House {
    pub(crate) pipeline: Pipeline,
    pub(crate) store: Store,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) random: Arc<SeededRandom>,
    pub(crate) clock: Arc<FixedClock>,
}

/// An access key with its secret.
#[derive(Clone)]
pub(crate) struct Login {
    pub(crate) id: String,
    pub(crate) secret: String,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) code: Option<&'static str>,
    pub(crate) text: String,
}

impl House {
    /// A house without an account yet.
    pub(crate) async fn empty() -> Self {
        let random = Arc::new(SeededRandom::new(1));
        let keyring = Arc::new(Keyring::generate(&*random).unwrap());
        Self::over(Place::Memory, keyring, random).await
    }

    /// A house over the store at `place`.
    pub(crate) async fn over(
        place: Place,
        keyring: Arc<Keyring>,
        random: Arc<SeededRandom>,
    ) -> Self {
        Self::within(place, keyring, random, Arc::new(NoOrganizations)).await
    }

    /// A house with [`ACCOUNT`], and its root user, in the organizations that there are.
    pub(crate) async fn in_organizations(organizations: Arc<dyn Organizations>) -> (Self, Login) {
        let random = Arc::new(SeededRandom::new(1));
        let keyring = Arc::new(Keyring::generate(&*random).unwrap());
        let house = Self::within(Place::Memory, keyring, random, organizations).await;
        let started = house.start(Some(ACCOUNT), None).await;
        let root = login(&started.unwrap_or_else(|error| panic!("{error}")));
        (house, root)
    }

    async fn within(
        place: Place,
        keyring: Arc<Keyring>,
        random: Arc<SeededRandom>,
        organizations: Arc<dyn Organizations>,
    ) -> Self {
        let clock = Arc::new(FixedClock::at(NOW));
        let config = Config::new(place);
        let store = Store::open(config, Arc::clone(&keyring), Arc::clone(&random) as _).await;
        let store = store.unwrap();
        let identities = Arc::new(IdentityDirectory::new(Arc::clone(&keyring)));
        let pipeline = Pipeline::new(PipelineParts {
            services: vec![service_iam::service(), service_iam::operator(), probe()],
            store: store.clone(),
            keyring: Arc::clone(&keyring),
            clock: Arc::clone(&clock) as _,
            random: Arc::clone(&random) as _,
            directory: identities,
            organizations,
            key_sets: Arc::new(platform::NoKeySets),
            attestation_roots: Arc::default(),
            auth: AuthMode::Enforce,
        });
        Self {
            pipeline,
            store,
            keyring,
            random,
            clock,
        }
    }

    /// A house with [`ACCOUNT`], and its root user.
    pub(crate) async fn new() -> (Self, Login) {
        let house = Self::empty().await;
        let started = house
            .start(Some(ACCOUNT), None)
            .await
            .unwrap_or_else(|e| panic!("{e}"));
        let root = login(&started);
        (house, root)
    }

    /// Starts the server once.
    pub(crate) async fn start(
        &self,
        account: Option<&str>,
        root_key: Option<(&str, &str)>,
    ) -> Result<Bootstrapped, BootstrapError> {
        let root_key = root_key.map(|(id, secret)| (id.to_owned(), Secret::new(secret.to_owned())));
        bootstrap(
            &self.store,
            &self.keyring,
            &*self.random,
            NOW,
            account,
            root_key,
        )
        .await
    }

    /// Starts the server once, which must succeed.
    pub(crate) async fn started(&self, root_key: Option<(&str, &str)>) -> Bootstrapped {
        let started = self.start(None, root_key).await;
        started.unwrap_or_else(|error| panic!("{error}"))
    }

    /// Calls IAM.
    pub(crate) async fn iam(&self, who: &Login, form: &str) -> Answer {
        self.call("iam", Some(who), form).await
    }

    /// Calls IAM and wants success.
    pub(crate) async fn ok(&self, who: &Login, form: &str) -> Answer {
        let answer = self.iam(who, form).await;
        assert_eq!(answer.status, 200, "{form}: {}", answer.text);
        answer
    }

    /// Asks the probe who signed.
    pub(crate) async fn whoami(&self, who: &Login) -> Answer {
        self.call("sts", Some(who), "Action=GetCallerIdentity")
            .await
    }

    /// Makes a user with an access key.
    pub(crate) async fn user(&self, root: &Login, name: &str) -> Login {
        self.ok(root, &format!("Action=CreateUser&UserName={name}"))
            .await;
        self.key(root, name).await
    }

    /// Makes an access key of a user.
    pub(crate) async fn key(&self, root: &Login, name: &str) -> Login {
        let answer = self
            .ok(root, &format!("Action=CreateAccessKey&UserName={name}"))
            .await;
        Login {
            id: answer.xml("AccessKeyId"),
            secret: answer.xml("SecretAccessKey"),
        }
    }

    /// Calls the operator's service.
    pub(crate) async fn operate(&self, who: &Login, name: &str, input: &str) -> Answer {
        let request = http::Request::post("/")
            .header("host", "localhost")
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", format!("Strongroom.{name}"));
        self.send("strongroom", Some(who), request, input.as_bytes().to_vec())
            .await
    }

    pub(crate) async fn call(&self, service: &str, who: Option<&Login>, form: &str) -> Answer {
        let version = if service == "iam" {
            "2010-05-08"
        } else {
            "2011-06-15"
        };
        let body = format!("{form}&Version={version}").into_bytes();
        let request = http::Request::post("/").header("host", "localhost").header(
            "content-type",
            "application/x-www-form-urlencoded; charset=utf-8",
        );
        self.send(service, who, request, body).await
    }

    async fn send(
        &self,
        service: &str,
        who: Option<&Login>,
        request: http::request::Builder,
        body: Vec<u8>,
    ) -> Answer {
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        if let Some(login) = who {
            let now = platform::Clock::now(&*self.clock);
            let region = "us-east-1";
            let key = SigningKey::derive(&login.secret, &scope_date(now), region, service);
            let signer = Signer {
                access_key_id: &login.id,
                key: &key,
                region,
                service,
                now,
            };
            signer.sign("POST", ("/", ""), &mut parts.headers, &body);
        }
        let body = std::future::ready(Ok(Bytes::from(body)));
        let served = self.pipeline.serve(&parts, None, false, body).await;
        let text = String::from_utf8(served.reply.body.to_vec()).unwrap();
        Answer {
            status: served.reply.status,
            code: served.code,
            text,
        }
    }
}

impl Answer {
    /// The text of the first element of this name; empty if there is none.
    pub(crate) fn xml(&self, name: &str) -> String {
        xml(&self.text, name).into_iter().next().unwrap_or_default()
    }

    /// Asserts an error.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str, message: &str) {
        assert_eq!(
            (self.status, self.code),
            (status, Some(code)),
            "{}",
            self.text
        );
        assert_eq!(self.xml("Message"), message);
    }
}

/// A service that says whom the pipeline recognized. Services do not depend on each other, so
/// that the real one is out of reach.
fn probe() -> Service {
    Service::new(&api::sts::SERVICE).op::<GetCallerIdentity>(whoami)
}

async fn whoami(
    ctx: &Ctx,
    _: GetCallerIdentityRequest,
) -> platform::Result<GetCallerIdentityResponse> {
    ctx.needs_no_permission();
    Ok(GetCallerIdentityResponse {
        user_id: Some(ctx.caller.user_id.clone()),
        account: Some(ctx.caller.account.clone()),
        arn: Some(ctx.caller.arn.clone()),
    })
}

/// The texts of all elements of this name.
pub(crate) fn xml(text: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let inner = text
        .split(&open)
        .skip(1)
        .filter_map(|rest| Some(rest.split_once(&close)?.0));
    inner.map(unescape).collect()
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

/// A value in a form.
pub(crate) fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// The form that gives a user an inline policy.
pub(crate) fn put_policy(user: &str, name: &str, document: &str) -> String {
    let document = encoded(document);
    format!("Action=PutUserPolicy&UserName={user}&PolicyName={name}&PolicyDocument={document}")
}

/// A policy of one statement.
pub(crate) fn policy(effect: &str, action: &str, resource: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}","Action":"{action}","Resource":"{resource}"}}]}}"#
    )
}

/// A trust policy of one statement; `principal` is the value of its `Principal`, and whatever
/// members follow.
pub(crate) fn trust(principal: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{principal}}}]}}"#
    )
}

/// The form that makes a role for Lambda.
pub(crate) fn create_role(name: &str) -> String {
    let document = encoded(&trust(r#"{"Service":"lambda.amazonaws.com"}"#));
    format!("Action=CreateRole&RoleName={name}&AssumeRolePolicyDocument={document}")
}

/// The root access key that a start made.
pub(crate) fn login(started: &Bootstrapped) -> Login {
    let secret = started.secret.as_ref().unwrap();
    Login {
        id: started.access_key_id.clone().unwrap(),
        secret: secret.expose().clone(),
    }
}

/// IAM with callers that the tests make up.
pub(crate) async fn harness() -> Harness {
    Harness::new(vec![service_iam::service()]).await
}

/// Calls as root and wants success.
pub(crate) async fn ok(harness: &Harness, form: &str) -> String {
    let answer = harness.query("root", "iam", form).await;
    assert_eq!(answer.status, 200, "{form}: {}", answer.text);
    answer.text
}

/// Calls as root and wants an error.
pub(crate) async fn refused(
    harness: &Harness,
    form: &str,
    (status, code, message): (u16, &str, &str),
) {
    let answer = harness.query("root", "iam", form).await;
    let platform::testing::Answer {
        status: found,
        code: Some(found_code),
        text,
        ..
    } = answer
    else {
        panic!("{form} succeeded");
    };
    assert_eq!(
        (found, found_code.as_str()),
        (status, code),
        "{form}: {text}"
    );
    assert_eq!(one(&text, "Message"), message, "{form}");
}

/// The text of the first element of this name.
pub(crate) fn one(text: &str, name: &str) -> String {
    xml(text, name).into_iter().next().unwrap_or_default()
}
