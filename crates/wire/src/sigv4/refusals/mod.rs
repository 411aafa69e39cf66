//! One test for each way in which a signed request must be refused, with AWS's text.

mod coverage;
mod reading;
mod signature;
mod time_and_scope;

use super::signer::{ACCESS_KEY, Request, SECRET, SIGNED_AT, sha256};
use super::{
    Algorithm, Form, Presented, SigV4aKey, SignatureError, SigningKey, VerifyingKey, presented,
};
use crate::fault::Common;
use crate::value::Timestamp;

fn claim(request: &Request) -> Result<Presented<'_>, SignatureError> {
    presented(&request.head()).map(|claim| claim.expect("the request has credentials"))
}

/// The whole way: read, check, verify.
fn authenticate_at(request: &Request, now: Timestamp) -> Result<(), SignatureError> {
    let head = request.head();
    let claim = claim(request)?;
    claim.check(&head, "kms", now)?;
    claim.verify(&head, &request.body, &VerifyingKey::V4(&request.key()))
}

fn authenticate(request: &Request) -> Result<(), SignatureError> {
    authenticate_at(request, SIGNED_AT)
}

fn refusal(request: &Request) -> SignatureError {
    authenticate(request).expect_err("the request must be refused")
}

fn text(request: &Request) -> String {
    refusal(request).to_string()
}

fn signed() -> Request {
    let mut request = Request::kms();
    request.sign();
    request
}

fn presigned(expires: &str) -> Request {
    let mut request = Request::kms();
    request.presign(expires);
    request
}

fn with_authorization(value: &str) -> Request {
    let mut request = signed();
    request.set("authorization", value);
    request
}

/// A signed request with one part of its `Authorization` header replaced.
fn edited(from: &str, to: &str) -> Request {
    let mut request = signed();
    let before = request.headers["authorization"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(before.contains(from), "{before}");
    request.set("authorization", &before.replace(from, to));
    request
}

/// A presigned request with one part of its query replaced.
fn edited_query(from: &str, to: &str) -> Request {
    let mut request = presigned("60");
    assert!(request.query.contains(from), "{}", request.query);
    request.query = request.query.replace(from, to);
    request
}

#[test]
fn an_honest_request_is_accepted_and_read_right() {
    let mut request = Request::kms();
    request.set("x-amz-security-token", "token");
    request.sign();
    assert_eq!(authenticate(&request), Ok(()));
    let claim = claim(&request).unwrap();
    assert_eq!(claim.access_key_id, ACCESS_KEY);
    assert_eq!(claim.session_token.as_deref(), Some("token"));
    assert_eq!((&*claim.date, &*claim.region), ("20150830", "us-east-1"));
    assert_eq!((&*claim.service, claim.algorithm), ("kms", Algorithm::V4));
    assert_eq!((claim.signed_at, claim.form), (SIGNED_AT, Form::Header));
}

#[test]
fn an_honest_presigned_url_is_accepted_and_read_right() {
    let mut request = Request::kms();
    request.query = "X-Amz-Security-Token=a%2Fb%2B%3D&z=1".to_owned();
    request.presign("60");
    assert_eq!(authenticate(&request), Ok(()));
    let claim = claim(&request).unwrap();
    assert_eq!(claim.access_key_id, ACCESS_KEY);
    assert_eq!(claim.session_token.as_deref(), Some("a/b+="));
    assert_eq!(claim.signed_at, SIGNED_AT);
    assert_eq!(claim.form, Form::Query { expires_secs: 60 });
}

#[test]
fn no_credentials_are_no_claim() {
    let mut request = Request::kms();
    assert!(presented(&request.head()).unwrap().is_none());
    request.query = "Action=ListUsers&x=1".to_owned();
    assert!(presented(&request.head()).unwrap().is_none());
    assert_eq!(
        SignatureError::MissingToken.to_string(),
        "Missing Authentication Token"
    );
    assert_eq!(
        SignatureError::MissingToken.common(),
        Common::MissingAuthenticationToken
    );
}
