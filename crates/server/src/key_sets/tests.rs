//! Issuers on the loopback interface, with certificates of their own.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ::http::{Response, StatusCode};
use bytes::Bytes;
use http_body_util::Full;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use platform::{KeySetError, KeySets as _, OidcProvider};
use rustls::pki_types::PrivateKeyDer;
use rustls::{RootCertStore, ServerConfig};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::{Issuers, parse_files};
use crate::outbound::Reach;

const KEYS: &str = r#"{"keys":[]}"#;

/// A running issuer.
struct Issuer {
    url: String,
    thumbprint: String,
    asked: Arc<AtomicUsize>,
}

impl Issuer {
    /// An issuer for `names`, whose configuration is `configuration` with `URL` replaced by its own
    /// URL; `/keys` has the keys, `/moved` moves there, `/large` is larger than is read.
    async fn start(names: &[&str], configuration: &'static str) -> Self {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let made = rcgen::generate_simple_self_signed(names).expect("a certificate");
        let certificate = made.cert.der().clone();
        let thumbprint = crypto::sha1_thumbprint(&certificate);
        let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .expect("a configuration");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let url = format!("https://localhost:{}", address.port());
        let asked = Arc::new(AtomicUsize::new(0));
        let acceptor = TlsAcceptor::from(Arc::new(config));
        tokio::spawn(serve(
            listener,
            acceptor,
            (url.clone(), configuration),
            Arc::clone(&asked),
        ));
        Self {
            url,
            thumbprint,
            asked,
        }
    }

    fn provider(&self, thumbprints: &[&str]) -> OidcProvider {
        OidcProvider {
            arn: "arn:aws:iam::111122223333:oidc-provider/localhost".to_owned(),
            url: self.url.clone(),
            client_ids: Vec::new(),
            thumbprints: thumbprints.iter().map(|one| (*one).to_owned()).collect(),
        }
    }

    fn pinned(&self) -> OidcProvider {
        self.provider(&[&self.thumbprint])
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

async fn serve(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    (url, configuration): (String, &'static str),
    asked: Arc<AtomicUsize>,
) {
    while let Ok((connection, _)) = listener.accept().await {
        let (acceptor, url, asked) = (acceptor.clone(), url.clone(), Arc::clone(&asked));
        tokio::spawn(async move {
            let Ok(connection) = acceptor.accept(connection).await else {
                return;
            };
            let answer = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
                asked.fetch_add(1, Ordering::SeqCst);
                let answer = answer(request.uri().path(), &url, configuration);
                async move { Ok::<_, Infallible>(answer) }
            });
            let builder = hyper::server::conn::http1::Builder::new();
            let _ = builder
                .serve_connection(TokioIo::new(connection), answer)
                .await;
        });
    }
}

fn answer(path: &str, url: &str, configuration: &str) -> Response<Full<Bytes>> {
    let (status, body) = match path {
        "/.well-known/openid-configuration" => (200, configuration.replace("URL", url)),
        "/keys" => (200, KEYS.to_owned()),
        "/large" => (200, "x".repeat(300 * 1024)),
        "/moved" => (302, String::new()),
        _ => (404, String::new()),
    };
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = StatusCode::from_u16(status).expect("a status");
    let location = format!("{url}/keys").parse().expect("a header");
    response.headers_mut().insert("location", location);
    response
}

/// Fetches from the loopback interface too.
fn issuers() -> Issuers {
    let loopback = ["127.0.0.0/8", "::1"].map(|range| range.parse().expect("a range"));
    Issuers::new(
        BTreeMap::new(),
        Reach::new(loopback.into()),
        RootCertStore::empty(),
    )
}

const GOOD: &str = r#"{"issuer":"URL","jwks_uri":"URL/keys"}"#;

#[tokio::test]
async fn fetches_from_an_issuer_whose_certificate_is_pinned_and_keeps_what_it_got() {
    let issuer = Issuer::start(&["localhost"], GOOD).await;
    let issuers = issuers();
    for again in [false, false, true] {
        let set = issuers.key_set(&issuer.pinned(), again).await;
        assert_eq!(set.as_deref(), Ok(KEYS));
    }
    assert_eq!(issuer.asked(), 2, "one configuration, one key set");
}

#[tokio::test]
async fn refuses_certificates_that_are_neither_trusted_nor_pinned() {
    let issuer = Issuer::start(&["localhost"], GOOD).await;
    let other = Issuer::start(&["localhost"], GOOD).await;
    let issuers = issuers();
    for thumbprints in [&[][..], &[other.thumbprint.as_str()], &["x"]] {
        let set = issuers.key_set(&issuer.provider(thumbprints), false).await;
        assert_eq!(set, Err(KeySetError::Certificate), "{thumbprints:?}");
    }
    assert!(issuers.key_set(&issuer.pinned(), false).await.is_ok());
    // What one account pinned does not vouch for another account.
    let set = issuers.key_set(&issuer.provider(&[]), false).await;
    assert_eq!(set, Err(KeySetError::Certificate));
    let elsewhere = Issuer::start(&["issuer.example"], GOOD).await;
    let set = issuers.key_set(&elsewhere.pinned(), false).await;
    assert_eq!(set, Err(KeySetError::Certificate), "another name");
}

#[tokio::test]
async fn believes_only_what_an_issuer_says_of_itself() {
    for configuration in [
        "",
        "{}",
        r#"{"issuer":"URL"}"#,
        r#"{"issuer":"https://evil.example","jwks_uri":"URL/keys"}"#,
        r#"{"issuer":"URL","jwks_uri":"http://localhost/keys"}"#,
        r#"{"issuer":"URL","jwks_uri":"URL/moved"}"#,
        r#"{"issuer":"URL","jwks_uri":"URL/absent"}"#,
        r#"{"issuer":"URL","jwks_uri":"URL/large"}"#,
        r#"{"issuer":"URL","jwks_uri":"file:///etc/passwd"}"#,
    ] {
        let issuer = Issuer::start(&["localhost"], configuration).await;
        let issuers = issuers();
        let set = issuers.key_set(&issuer.pinned(), false).await;
        assert_eq!(set, Err(KeySetError::Unreachable), "{configuration}");
    }
}

#[tokio::test]
async fn reads_files_for_the_issuers_that_have_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("keys.json");
    std::fs::write(&path, KEYS).expect("a file");
    let option = format!("https://one.example={}", path.display());
    let issuers = Issuers::new(
        parse_files(&option).unwrap_or_else(|_| panic!("an option")),
        Reach::new(Vec::new()),
        RootCertStore::empty(),
    );
    let provider = |url: &str| OidcProvider {
        arn: String::new(),
        url: url.to_owned(),
        client_ids: Vec::new(),
        thumbprints: Vec::new(),
    };
    let set = issuers
        .key_set(&provider("https://one.example"), false)
        .await;
    assert_eq!(set.as_deref(), Ok(KEYS));
    std::fs::remove_file(&path).expect("removed");
    let set = issuers
        .key_set(&provider("https://one.example"), false)
        .await;
    assert_eq!(set, Err(KeySetError::Unreachable));
}

#[test]
fn options_name_an_issuer_and_a_file() {
    for wrong in [
        "one.example=x",
        "https://one.example",
        "https://one.example=",
        "x",
    ] {
        assert!(parse_files(wrong).is_err(), "{wrong}");
    }
    let two = parse_files("https://a.example=x, https://b.example=y");
    assert_eq!(two.map(|files| files.len()).ok(), Some(2));
}

#[tokio::test]
async fn sec_w1_nobody_makes_this_server_flood_an_issuer() {
    let issuer = Issuer::start(&["localhost"], "{}").await;
    let issuers = issuers();
    for again in [false, true, false] {
        let set = issuers.key_set(&issuer.pinned(), again).await;
        assert_eq!(set, Err(KeySetError::Unreachable));
    }
    assert_eq!(issuer.asked(), 1, "that there is no answer is kept too");
    let good = Issuer::start(&["localhost"], GOOD).await;
    let provider = good.pinned();
    let ask = || issuers.key_set(&provider, false);
    let sets = tokio::join!(ask(), ask(), ask(), ask());
    assert!(sets.0.is_ok() && sets.1.is_ok() && sets.2.is_ok() && sets.3.is_ok());
    assert_eq!(good.asked(), 2, "one asks for all that ask at once");
}

#[tokio::test]
async fn sec_w1_an_issuer_on_this_machine_is_not_reached() {
    let issuer = Issuer::start(&["localhost"], GOOD).await;
    let closed = Reach::new(Vec::new());
    let issuers = Issuers::new(BTreeMap::new(), closed, RootCertStore::empty());
    let set = issuers.key_set(&issuer.pinned(), false).await;
    assert_eq!(set, Err(KeySetError::Unreachable));
    assert_eq!(issuer.asked(), 0);
}
