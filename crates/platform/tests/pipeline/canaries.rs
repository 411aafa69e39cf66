//! Secrets stay out of everything that is shown: errors, events, logs.

use std::io::Write;
use std::sync::{Arc, Mutex};

use api::{iam, kms};
use platform::{Ctx, Error, Result, Service, validation};
use tracing_subscriber::fmt::MakeWriter;

use crate::house::{
    Answer, FORM, Harness, Request, event_texts, increment, json, key_of, may, secret_of,
};

const CANARY: &str = "CanaryThatNobodyMaySee";
/// The canary in base64, hexadecimal, and base64 behind one and two other bytes.
const SHOWN: [&str; 5] = [
    CANARY,
    "Q2FuYXJ5VGhhdE5vYm9keU1heVNlZQ",
    "43616e6172795468",
    "NhbmFyeVRoYXROb2JvZHlNYXlTZ",
    "DYW5hcnlUaGF0Tm9ib2R5TWF5U2Vl",
];

/// Fails in as many ways as a handler can.
async fn handler(ctx: &Ctx, request: kms::EncryptRequest) -> Result<kms::EncryptResponse> {
    match request.key_id.as_str() {
        "no-decision" => Ok(kms::EncryptResponse {
            ciphertext_blob: Some(request.plaintext),
            ..Default::default()
        }),
        "denied" => {
            may(ctx, "kms:Encrypt").await?;
            Ok(kms::EncryptResponse::default())
        }
        "invalid" => Err(validation("the request is not valid")),
        "broken" => Err(Error::internal("something broke")),
        _ => {
            may(ctx, "kms:Encrypt").await?;
            increment(ctx, "x").await?;
            Ok(kms::EncryptResponse {
                key_id: Some(request.key_id),
                ..Default::default()
            })
        }
    }
}

async fn make_key(
    ctx: &Ctx,
    request: iam::CreateAccessKeyRequest,
) -> Result<iam::CreateAccessKeyResponse> {
    may(ctx, "iam:CreateAccessKey").await?;
    Ok(iam::CreateAccessKeyResponse {
        access_key: Some(iam::AccessKey {
            user_name: request.user_name,
            access_key_id: Some("AKIAIOSFODNN7EXAMPLE".to_owned()),
            secret_access_key: Some(CANARY.to_owned().into()),
            ..Default::default()
        }),
    })
}

/// Collects what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("the log").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("the log")).into_owned()
    }
}

fn assert_shows_nothing(what: &str, text: &str) {
    let secret = secret_of(&key_of("root"));
    for shown in SHOWN.iter().copied().chain([secret.as_str()]) {
        let folded = text.to_lowercase();
        assert!(
            !folded.contains(&shown.to_lowercase()),
            "{what} shows {shown}: {text}"
        );
    }
}

fn encrypt(key: &str, plaintext: &str) -> Request {
    Request::kms("Encrypt", &json!({ "KeyId": key, "Plaintext": plaintext }))
}

/// Every way a call can fail that carries a secret.
fn failing() -> Vec<Request> {
    let secret = SHOWN[1];
    let mut requests: Vec<_> = ["no-decision", "invalid", "broken", ""]
        .map(|key| encrypt(key, &format!("{secret}==")))
        .into();
    requests.push(encrypt("denied", &format!("{secret}==")).by("nobody"));
    requests.push(encrypt("x", &format!("{secret}==")).by("stranger"));
    requests.push(encrypt("x", &format!("{secret}==")).by("anonymous"));
    requests.push(encrypt("x", CANARY));
    requests.push(encrypt("x", &format!("{secret}==").repeat(300)));
    for body in [
        format!(r#"{{"KeyId":"x","Plaintext":"{secret}"#),
        format!(r#"{{"KeyId":"x","Plaintext":{{"{CANARY}":1}}}}"#),
        format!(r#"{{"KeyId":"x","Plaintext":["{CANARY}"]}}"#),
        format!(r#"{{"KeyId":"x","Plaintext":"{CANARY}","Plaintext":"{CANARY}"}}"#),
        format!(r#"{{"KeyId":{{"{CANARY}":"x"}},"Plaintext":"{secret}=="}}"#),
        format!(r#""{CANARY}""#),
        CANARY.to_owned(),
    ] {
        let mut request = encrypt("x", "");
        request.body = body.into_bytes();
        requests.push(request);
    }
    let cbor = [
        &b"\xa2\x65KeyId\x61x\x69Plaintext\x76"[..],
        CANARY.as_bytes(),
    ]
    .concat();
    for body in [&cbor[..], &cbor[..30], CANARY.as_bytes()] {
        let path = "/service/TrentService/operation/Encrypt";
        let request =
            Request::new("POST", path, "kms", body).header("content-type", "application/cbor");
        requests.push(request.header("smithy-protocol", "rpc-v2-cbor"));
    }
    for form in [
        format!("Action=Nothing&Version=2010-05-08&Password={CANARY}"),
        format!("Action=CreateAccessKey&Version=2010-05-08&UserName=%&Password={CANARY}"),
        format!("Action=CreateAccessKey&Version=2010-05-08&a={CANARY}&a={CANARY}"),
    ] {
        let request = Request::new("POST", "/", "iam", form.as_bytes());
        requests.push(request.header("content-type", FORM));
    }
    requests
}

#[tokio::test]
async fn sec_c8_no_error_event_or_log_shows_a_secret() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(log.clone())
        .with_max_level(tracing::Level::TRACE)
        .finish();
    let _logging = tracing::subscriber::set_default(subscriber);
    let kms = Service::new(&kms::SERVICE).op::<kms::Encrypt>(handler);
    let iam = Service::new(&iam::SERVICE).op::<iam::CreateAccessKey>(make_key);
    let harness = Harness::new(vec![kms, iam]).await;
    harness.user("nobody", &[]);
    let pipeline = &harness.pipeline;

    // A call site that another test's thread reaches first, just while this log is set up, may be
    // taken for one that nobody listens to. Once all are known, they are asked again.
    for request in failing() {
        request.send(pipeline).await;
    }
    tracing::callsite::rebuild_interest_cache();

    for request in failing() {
        let sent = String::from_utf8_lossy(&request.body).into_owned();
        let answer = request.send(pipeline).await;
        assert!(answer.status >= 400, "{sent}: {}", answer.text);
        assert_answer_shows_nothing(&answer);
    }
    encrypt("x", &format!("{}==", SHOWN[1]))
        .send(pipeline)
        .await
        .is_ok();
    let form = "Action=CreateAccessKey&Version=2010-05-08";
    let request = Request::new("POST", "/", "iam", form.as_bytes()).header("content-type", FORM);
    // The one who makes a key sees its secret, and the record does not.
    request.send(pipeline).await.says(200, "", CANARY);

    let events = event_texts(pipeline);
    assert!(events.len() > 15, "{} events", events.len());
    events
        .iter()
        .for_each(|event| assert_shows_nothing("an event", event));
    pipeline.store().fail();
    let answer = encrypt("x", &format!("{}==", SHOWN[1]))
        .send(pipeline)
        .await;
    answer.is(503, "ServiceUnavailableException");
    assert_answer_shows_nothing(&answer);
    let logged = log.text();
    assert!(logged.contains("something broke"), "nothing was logged");
    assert_shows_nothing("the log", &logged);
}

fn assert_answer_shows_nothing(answer: &Answer) {
    assert_shows_nothing("an answer", &answer.text);
    for (name, value) in &answer.headers {
        assert_shows_nothing(name, value);
    }
}

/// Compiles only if the type has no `Debug`: with one, both traits would apply.
macro_rules! cannot_be_printed {
    ($($type:ty),* $(,)?) => {$(
        const _: fn() = || {
            trait Ambiguous<Which> {
                fn only_one() {}
            }
            struct Printable;
            impl<T: ?Sized> Ambiguous<()> for T {}
            impl<T: ?Sized + std::fmt::Debug> Ambiguous<Printable> for T {}
            <$type as Ambiguous<_>>::only_one();
        };
    )*};
}

cannot_be_printed!(
    Ctx,
    Error,
    crypto::Keyring,
    crypto::Secret<String>,
    iam::AccessKey,
    iam::CreateAccessKeyResponse,
    kms::DecryptResponse,
    kms::EncryptRequest,
    kms::GenerateDataKeyResponse,
    platform::Credential,
    wire::Fault,
    wire::Value,
    wire::codec::Reply,
    wire::sigv4::Presented,
    wire::sigv4::SigningKey,
);
