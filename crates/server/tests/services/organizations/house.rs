//! All services over a store in memory, with the directories of the program, and callers that sign.

use std::sync::Arc;

use api::sts::{GetCallerIdentity, GetCallerIdentityRequest, GetCallerIdentityResponse};
use bytes::Bytes;
use crypto::{Keyring, Secret};
use organizations::MembershipDirectory;
use platform::{AuthMode, Caller, Ctx, FixedClock, Pipeline, PipelineParts, SeededRandom, Service};
use serde_json::{Value, json};
use store::{Config, Place, Store};
use wire::Timestamp;
use wire::sigv4::{Signer, SigningKey, scope_date};

/// The first management account.
pub(crate) const MANAGEMENT: &str = "111122223333";
/// When the clock starts.
pub(crate) const NOW: i64 = 1_767_225_600;
/// Everything.
pub(crate) const ALLOW_ALL: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

pub(crate) struct House {
    pub(crate) pipeline: Pipeline,
    /// Hands out credentials of root users, which members have none of.
    vault: Pipeline,
    pub(crate) clock: Arc<FixedClock>,
}

/// Credentials.
#[derive(Clone)]
pub(crate) struct Login {
    pub(crate) id: String,
    secret: String,
    token: Option<String>,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) code: Option<&'static str>,
    pub(crate) text: String,
    pub(crate) body: Value,
}

impl House {
    /// The house with an administrator (a user) of [`MANAGEMENT`].
    pub(crate) async fn new() -> (Self, Login) {
        let random = Arc::new(SeededRandom::new(1));
        let keyring = Arc::new(Keyring::generate(&*random).expect("a keyring"));
        let clock = Arc::new(FixedClock::at(Timestamp::from_secs(NOW)));
        let config = Config::new(Place::Memory);
        let store = Store::open(config, Arc::clone(&keyring), Arc::clone(&random) as _).await;
        let store = store.expect("a store");
        let now = Timestamp::from_secs(NOW);
        let key = Some((
            "AKIAROOTROOTROOTROOT".to_owned(),
            Secret::new("x".repeat(40)),
        ));
        iam::bootstrap(&store, &keyring, &*random, now, Some(MANAGEMENT), key)
            .await
            .unwrap_or_else(|error| panic!("{error}"));
        let pipeline = |services| {
            Pipeline::new(PipelineParts {
                services,
                store: store.clone(),
                keyring: Arc::clone(&keyring),
                clock: Arc::clone(&clock) as _,
                random: Arc::clone(&random) as _,
                directory: Arc::new(iam::IdentityDirectory::new(Arc::clone(&keyring))),
                organizations: Arc::new(MembershipDirectory),
                key_sets: Arc::new(platform::NoKeySets),
                attestation_roots: Arc::default(),
                auth: AuthMode::Enforce,
            })
        };
        let vault = Service::new(&api::sts::SERVICE).op::<GetCallerIdentity>(issue);
        let house = Self {
            pipeline: pipeline(server::registry::services()),
            vault: pipeline(vec![vault]),
            clock,
        };
        let root = Login {
            id: "AKIAROOTROOTROOTROOT".to_owned(),
            secret: "x".repeat(40),
            token: None,
        };
        let admin = house.user(&root, "admin", ALLOW_ALL).await;
        (house, admin)
    }

    /// The house with an organization of all features, and its administrator.
    pub(crate) async fn with_organization() -> (Self, Login) {
        let (house, admin) = Self::new().await;
        house.done(&admin, "CreateOrganization", json!({})).await;
        (house, admin)
    }

    /// Makes a user with one policy and an access key, in the account of `who`.
    pub(crate) async fn user(&self, who: &Login, name: &str, policy: &str) -> Login {
        let policy = encoded(policy);
        for form in [
            format!("Action=CreateUser&UserName={name}"),
            format!("Action=PutUserPolicy&UserName={name}&PolicyName=p&PolicyDocument={policy}"),
        ] {
            let answer = self.query("iam", who, &form).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
        }
        let form = format!("Action=CreateAccessKey&UserName={name}");
        let answer = self.query("iam", who, &form).await;
        Login {
            id: answer.xml("AccessKeyId"),
            secret: answer.xml("SecretAccessKey"),
            token: None,
        }
    }

    /// Makes an account of the organization of `admin`, and gives its number.
    pub(crate) async fn account(&self, admin: &Login, name: &str) -> String {
        let input = json!({ "AccountName": name, "Email": format!("{name}@example.com") });
        let made = self.done(admin, "CreateAccount", input).await;
        let status = &made["CreateAccountStatus"];
        assert_eq!(status["State"], "SUCCEEDED", "{made}");
        text(&status["AccountId"])
    }

    /// Makes an account and enters it.
    pub(crate) async fn member(&self, admin: &Login, name: &str) -> (String, Login) {
        let account = self.account(admin, name).await;
        let login = self.enter(admin, &account).await;
        (account, login)
    }

    /// Enters an account through the role that its management account has there.
    pub(crate) async fn enter(&self, admin: &Login, account: &str) -> Login {
        let answer = self.assume(admin, account).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.credentials()
    }

    /// Tries to enter an account.
    pub(crate) async fn assume(&self, admin: &Login, account: &str) -> Answer {
        let role = format!("arn:aws:iam::{account}:role/OrganizationAccountAccessRole");
        let form = format!("Action=AssumeRole&RoleArn={role}&RoleSessionName=test");
        self.query("sts", admin, &form).await
    }

    /// The root user of an account.
    pub(crate) async fn root_of(&self, admin: &Login, account: &str) -> Login {
        let body = b"Action=GetCallerIdentity&Version=2011-06-15";
        let request = form_request().header("user-agent", account);
        let pipeline = &self.vault;
        let issued = self
            .send(pipeline, ("sts", "us-east-1"), admin, request, body)
            .await;
        Login {
            id: issued.xml("UserId"),
            secret: issued.xml("Account"),
            token: Some(issued.xml("Arn")),
        }
    }

    /// A standing organization beside the first one: its administrator, in an account that left.
    pub(crate) async fn other_organization(&self, admin: &Login) -> (String, Login) {
        let (account, login) = self.member(admin, "other-management").await;
        let input = json!({ "AccountId": account });
        self.done(admin, "RemoveAccountFromOrganization", input)
            .await;
        self.done(&login, "CreateOrganization", json!({})).await;
        (account, login)
    }

    /// The id of the root.
    pub(crate) async fn root_id(&self, admin: &Login) -> String {
        let roots = self.done(admin, "ListRoots", json!({})).await;
        text(&roots["Roots"][0]["Id"])
    }

    /// Makes a unit, and gives its id.
    pub(crate) async fn unit(&self, admin: &Login, parent: &str, name: &str) -> String {
        let input = json!({ "ParentId": parent, "Name": name });
        let made = self.done(admin, "CreateOrganizationalUnit", input).await;
        text(&made["OrganizationalUnit"]["Id"])
    }

    /// Makes a policy, and gives its id.
    pub(crate) async fn policy(&self, admin: &Login, kind: &str, content: &str) -> String {
        let name = format!("policy {}", content.len());
        let input = json!({ "Name": name, "Description": "", "Type": kind, "Content": content });
        let made = self.done(admin, "CreatePolicy", input).await;
        text(&made["Policy"]["PolicySummary"]["Id"])
    }

    /// Enables a policy type in the root.
    pub(crate) async fn enable(&self, admin: &Login, kind: &str) {
        let input = json!({ "RootId": self.root_id(admin).await, "PolicyType": kind });
        self.done(admin, "EnablePolicyType", input).await;
    }

    pub(crate) async fn attach(&self, admin: &Login, policy: &str, target: &str) {
        let input = json!({ "PolicyId": policy, "TargetId": target });
        self.done(admin, "AttachPolicy", input).await;
    }

    pub(crate) async fn detach(&self, admin: &Login, policy: &str, target: &str) {
        let input = json!({ "PolicyId": policy, "TargetId": target });
        self.done(admin, "DetachPolicy", input).await;
    }

    /// Calls Organizations.
    pub(crate) async fn call(&self, who: &Login, operation: &str, input: Value) -> Answer {
        let target = format!("AWSOrganizationsV20161128.{operation}");
        self.json(("organizations", "us-east-1"), who, &target, input)
            .await
    }

    /// Calls Organizations and wants success.
    pub(crate) async fn done(&self, who: &Login, operation: &str, input: Value) -> Value {
        let answer = self.call(who, operation, input).await;
        assert_eq!(answer.status, 200, "{operation}: {}", answer.text);
        answer.body
    }

    /// Calls Organizations and wants an error; a code may have its reason behind a space.
    pub(crate) async fn refused(&self, who: &Login, operation: &str, input: Value, code: &str) {
        let answer = self.call(who, operation, input).await;
        assert_eq!(answer.error(), code, "{operation}: {}", answer.text);
    }

    /// Calls KMS.
    pub(crate) async fn kms(&self, who: &Login, operation: &str, input: Value) -> Answer {
        let target = format!("TrentService.{operation}");
        self.json(("kms", "eu-west-2"), who, &target, input).await
    }

    /// Makes a KMS key whose policy is `policy`, and gives its ARN.
    pub(crate) async fn key(&self, who: &Login, policy: Option<String>) -> String {
        let input = match policy {
            Some(policy) => json!({ "Policy": policy }),
            None => json!({}),
        };
        let made = self.kms(who, "CreateKey", input).await;
        assert_eq!(made.status, 200, "{}", made.text);
        text(&made.body["KeyMetadata"]["Arn"])
    }

    pub(crate) async fn query(&self, service: &'static str, who: &Login, form: &str) -> Answer {
        let version = match service {
            "iam" => "2010-05-08",
            _ => "2011-06-15",
        };
        let body = format!("{form}&Version={version}");
        let scope = (service, "us-east-1");
        self.send(&self.pipeline, scope, who, form_request(), body.as_bytes())
            .await
    }

    /// Calls an operation of a service, which is the first part of `scope`.
    pub(crate) async fn json(
        &self,
        scope: (&'static str, &str),
        who: &Login,
        target: &str,
        input: Value,
    ) -> Answer {
        let request = http::Request::post("/")
            .header("host", "localhost")
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", target);
        let body = input.to_string();
        self.send(&self.pipeline, scope, who, request, body.as_bytes())
            .await
    }

    async fn send(
        &self,
        pipeline: &Pipeline,
        (service, region): (&'static str, &str),
        who: &Login,
        request: http::request::Builder,
        body: &[u8],
    ) -> Answer {
        let request = match &who.token {
            Some(token) => request.header("x-amz-security-token", token),
            None => request,
        };
        let (mut parts, ()) = request.body(()).expect("a request").into_parts();
        let now = platform::Clock::now(&*self.clock);
        let key = SigningKey::derive(&who.secret, &scope_date(now), region, service);
        let signer = Signer {
            access_key_id: &who.id,
            key: &key,
            region,
            service,
            now,
        };
        signer.sign("POST", ("/", ""), &mut parts.headers, body);
        let body = std::future::ready(Ok(Bytes::copy_from_slice(body)));
        let served = pipeline.serve(&parts, None, false, body).await;
        let text = String::from_utf8_lossy(&served.reply.body).into_owned();
        Answer {
            status: served.reply.status,
            code: served.code,
            body: serde_json::from_str(&text).unwrap_or(Value::Null),
            text,
        }
    }
}

impl Answer {
    /// The error's code, with its reason behind a space if it has one; empty for success.
    pub(crate) fn error(&self) -> String {
        let code = self.code.unwrap_or_default();
        match self.body["Reason"].as_str() {
            Some(reason) => format!("{code} {reason}"),
            None => code.to_owned(),
        }
    }

    /// The error's text.
    pub(crate) fn message(&self) -> &str {
        let message = [&self.body["Message"], &self.body["message"]];
        let mut texts = message.iter().filter_map(|text| text.as_str());
        texts.next().unwrap_or_default()
    }

    /// The text of the first element of this name.
    pub(crate) fn xml(&self, name: &str) -> String {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        let rest = self.text.split_once(&open).map(|(_, rest)| rest);
        let inner = rest.and_then(|rest| rest.split_once(&close));
        inner.map(|(inner, _)| inner.to_owned()).unwrap_or_default()
    }

    pub(crate) fn credentials(&self) -> Login {
        Login {
            id: self.xml("AccessKeyId"),
            secret: self.xml("SecretAccessKey"),
            token: Some(self.xml("SessionToken")),
        }
    }
}

/// A policy of one statement.
pub(crate) fn statement(effect: &str, action: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"{effect}","Action":"{action}","Resource":"*"}}}}"#
    )
}

/// The text of a JSON string.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// The member `name` of every item of a list.
pub(crate) fn all(list: &Value, name: &str) -> Vec<String> {
    let items = list.as_array().expect("a list").iter();
    items.map(|item| text(&item[name])).collect()
}

/// A value in a form.
pub(crate) fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

fn form_request() -> http::request::Builder {
    http::Request::post("/").header("host", "localhost").header(
        "content-type",
        "application/x-www-form-urlencoded; charset=utf-8",
    )
}

/// Issues credentials of the root user of the account that the user agent names.
async fn issue(
    ctx: &Ctx,
    _: GetCallerIdentityRequest,
) -> platform::Result<GetCallerIdentityResponse> {
    ctx.needs_no_permission();
    let account = ctx.connection.user_agent.as_deref().unwrap_or_default();
    let issued = ctx.issue(root(ctx, account), 0)?;
    Ok(GetCallerIdentityResponse {
        user_id: Some(issued.access_key_id),
        account: Some(issued.secret_access_key.expose().clone()),
        arn: Some(issued.session_token.expose().clone()),
    })
}

fn root(ctx: &Ctx, account: &str) -> Caller {
    let session = platform::Session {
        issued_millis: ctx.now.millis,
        expires_millis: ctx.now.millis + 3_600_000,
        ..platform::Session::default()
    };
    Caller {
        session: Some(Arc::new(session)),
        ..Caller::root(account, "")
    }
}
