//! Authorization switched off, for development: everybody is root of the account they name.

use std::sync::Arc;

use api::{kms, sts};
use crypto::Keyring;
use platform::{
    Accounts, AuthMode, Caller, Credential, Credentials, Ctx, FixedClock, Held, Identities,
    NoOrganizations, Pipeline, PipelineParts, Policies, PortFuture, Result, SeededRandom, Service,
};
use store::{Config, Place, Store, Txn};

use crate::house::{Request, START, count, events, increment, json, may};

const WHOAMI: &str = "Action=GetCallerIdentity&Version=2011-06-15";

/// Knows nobody and nothing.
struct Nobody;

impl Credentials for Nobody {
    fn find<'a>(&'a self, _: &'a mut Txn, _: &'a str) -> PortFuture<'a, Option<Arc<Credential>>> {
        Box::pin(std::future::ready(Ok(None)))
    }
}

impl Policies for Nobody {
    fn held<'a>(&'a self, _: &'a mut Txn, _: &'a Caller) -> PortFuture<'a, Held> {
        Box::pin(std::future::ready(Ok(Held::default())))
    }

    fn unique_id<'a>(&'a self, _: &'a mut Txn, _: &'a str) -> PortFuture<'a, Option<String>> {
        Box::pin(std::future::ready(Ok(None)))
    }
}

impl Identities for Nobody {}

impl Accounts for Nobody {}

async fn write(ctx: &Ctx, request: kms::EnableKeyRequest) -> Result<wire::Empty> {
    may(ctx, "kms:EnableKey").await?;
    increment(ctx, &request.key_id).await?;
    Ok(wire::Empty)
}

async fn forgets(ctx: &Ctx, request: kms::DisableKeyRequest) -> Result<wire::Empty> {
    increment(ctx, &request.key_id).await?;
    Ok(wire::Empty)
}

async fn whoami(
    ctx: &Ctx,
    _: sts::GetCallerIdentityRequest,
) -> Result<sts::GetCallerIdentityResponse> {
    ctx.needs_no_permission();
    Ok(sts::GetCallerIdentityResponse {
        arn: Some(ctx.caller.arn.clone()),
        account: Some(ctx.region.clone()),
        ..Default::default()
    })
}

async fn house(auth: AuthMode) -> Pipeline {
    let random = Arc::new(SeededRandom::new(1));
    let keyring = Arc::new(Keyring::generate(&*random).expect("a keyring"));
    let config = Config::new(Place::Memory);
    let store = Store::open(config, Arc::clone(&keyring), Arc::clone(&random) as _).await;
    let kms = Service::new(&kms::SERVICE)
        .op::<kms::EnableKey>(write)
        .op::<kms::DisableKey>(forgets);
    let sts = Service::new(&sts::SERVICE).op::<sts::GetCallerIdentity>(whoami);
    Pipeline::new(PipelineParts {
        services: vec![kms, sts],
        store: store.unwrap_or_else(|error| panic!("{error}")),
        keyring,
        clock: Arc::new(FixedClock::at(START)),
        random,
        directory: Arc::new(Nobody),
        organizations: Arc::new(NoOrganizations),
        key_sets: Arc::new(platform::NoKeySets),
        attestation_roots: Arc::default(),
        auth,
    })
}

fn enable() -> Request {
    Request::kms("EnableKey", &json!({ "KeyId": "x" }))
}

/// A request that claims `access_key` and `region` without knowing any secret.
fn claiming(access_key: &str, region: &str) -> Request {
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={access_key}/20200101/{region}/sts/aws4_request, \
         SignedHeaders=host, Signature=00"
    );
    Request::sts(WHOAMI)
        .by("anonymous")
        .header("x-amz-date", "20200101T000000Z")
        .header("authorization", &authorization)
}

#[tokio::test]
async fn any_credentials_or_none_will_do() {
    let pipeline = house(AuthMode::Off).await;
    enable().send(&pipeline).await.is_ok();
    enable().by("anonymous").send(&pipeline).await.is_ok();
    for nonsense in [
        "Basic cm9vdDpyb290",
        "Bearer x",
        "AWS4-HMAC-SHA256 Credential=x",
    ] {
        let request = enable().by("anonymous").header("authorization", nonsense);
        request.send(&pipeline).await.is_ok();
    }
    assert_eq!(count(&pipeline, "x").await, Some(5));
    let form = || Request::sts(WHOAMI).by("anonymous");
    for unsigned in [form(), form().header("authorization", "Bearer x")] {
        unsigned
            .send(&pipeline)
            .await
            .says(200, "", "arn:aws:iam::000000000000:root");
    }
    let get = Request::new("GET", &format!("/?{WHOAMI}"), "sts", b"").by("anonymous");
    get.send(&pipeline)
        .await
        .says(200, "", "arn:aws:iam::000000000000:root");
    assert_eq!(events(&pipeline).len(), 8);
    let mut unknown = form();
    unknown.body = b"Action=GetCallerIdentity&Version=2000-01-01".to_vec();
    unknown
        .send(&pipeline)
        .await
        .is(403, "MissingAuthenticationToken");
}

#[tokio::test]
async fn an_access_key_of_12_digits_is_the_account() {
    let pipeline = house(AuthMode::Off).await;
    for (access_key, account) in [
        ("123456789012", "123456789012"),
        ("000000000001", "000000000001"),
        (platform::AWS_ACCOUNT, "000000000000"),
        ("12345678901", "000000000000"),
        ("1234567890123", "000000000000"),
        ("12345678901x", "000000000000"),
        ("AKIAIOSFODNN7EXAMPLE", "000000000000"),
    ] {
        let answer = claiming(access_key, "eu-west-2").send(&pipeline).await;
        answer.says(200, "", &format!("arn:aws:iam::{account}:root"));
    }
}

#[tokio::test]
async fn the_region_comes_from_the_scope_or_is_the_default() {
    let pipeline = house(AuthMode::Off).await;
    for (region, shown) in [
        ("eu-west-2", "eu-west-2"),
        ("us-gov-east-1", "us-gov-east-1"),
        ("..", "us-east-1"),
        ("aws-global", "us-east-1"),
    ] {
        let answer = claiming("123456789012", region).send(&pipeline).await;
        answer.says(200, "", &format!("<Account>{shown}</Account>"));
    }
}

/// What is off is who may; a handler that forgets to ask is a mistake all the same.
#[tokio::test]
async fn the_tripwire_and_the_journal_stay_on() {
    let pipeline = house(AuthMode::Off).await;
    let answer = Request::kms("DisableKey", &json!({ "KeyId": "x" }))
        .send(&pipeline)
        .await;
    answer.is(500, "InternalFailure");
    assert_eq!(count(&pipeline, "x").await, None);
    assert_eq!(events(&pipeline).len(), 1);
    pipeline.store().fail();
    enable()
        .send(&pipeline)
        .await
        .is(503, "ServiceUnavailableException");
    assert_eq!(count(&pipeline, "x").await, None);
}

#[tokio::test]
async fn switched_on_none_of_it_gets_in() {
    let pipeline = house(AuthMode::Enforce).await;
    enable()
        .by("anonymous")
        .send(&pipeline)
        .await
        .is(400, "MissingAuthenticationTokenException");
    enable()
        .send(&pipeline)
        .await
        .is(400, "UnrecognizedClientException");
    let answer = claiming("123456789012", "eu-west-2").send(&pipeline).await;
    assert_eq!(answer.status, 403, "{}", answer.text);
    assert_eq!(count(&pipeline, "x").await, None);
}
