//! Whose call it is: what signatures prove, and what they do not.

use api::sts;
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
use aws_lc_rs::{digest, hmac};
use platform::{Ctx, Result, Service};

use crate::house::{Harness, Request, events, json, key_of, secret_of};

const WHOAMI: &str = "Action=GetCallerIdentity&Version=2011-06-15";
const INVALID_TOKEN: &str = "The security token included in the request is invalid.";
const WRONG_SIGNATURE: &str = "The request signature we calculated does not match";

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

async fn house() -> Harness {
    let kms = Service::new(&api::kms::SERVICE);
    let sts = Service::new(&sts::SERVICE).op::<sts::GetCallerIdentity>(whoami);
    Harness::new(vec![kms, sts]).await
}

fn request() -> Request {
    Request::sts(WHOAMI)
}

#[tokio::test]
async fn sec_s8_a_long_lived_key_comes_without_a_session_token() {
    let pipeline = house().await.pipeline;
    request().send(&pipeline).await.is_ok();
    for token in ["", "x", "FwoGZXIvYXdzE", "null"] {
        let answer = request()
            .header("x-amz-security-token", token)
            .send(&pipeline)
            .await;
        answer.says(403, "InvalidClientTokenId", INVALID_TOKEN);
        let answer = Request::kms("ListKeys", &json!({}))
            .header("x-amz-security-token", token)
            .send(&pipeline)
            .await;
        answer.says(400, "UnrecognizedClientException", INVALID_TOKEN);
    }
}

#[tokio::test]
async fn sec_s4_a_known_key_is_not_enough() {
    let pipeline = house().await.pipeline;
    request()
        .by("stranger")
        .send(&pipeline)
        .await
        .says(403, "InvalidClientTokenId", INVALID_TOKEN);
    request()
        .by("anonymous")
        .send(&pipeline)
        .await
        .is(403, "MissingAuthenticationToken");
    let wrong = format!(
        "AWS4-HMAC-SHA256 Credential={}/20260101/eu-west-2/sts/aws4_request, \
         SignedHeaders=content-type;host;x-amz-date, Signature={}",
        key_of("root"),
        "0".repeat(64),
    );
    let claim = || {
        request()
            .header("x-amz-date", "20260101T000000Z")
            .by("anonymous")
    };
    let answer = claim()
        .header("authorization", &wrong)
        .send(&pipeline)
        .await;
    answer.says(403, "SignatureDoesNotMatch", WRONG_SIGNATURE);
    for broken in [
        "",
        "Basic cm9vdDpyb290",
        "Bearer x",
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA1 a=b",
    ] {
        let answer = claim()
            .header("authorization", broken)
            .send(&pipeline)
            .await;
        assert_eq!(answer.status, 403, "{broken}: {}", answer.text);
    }
    assert_eq!(events(&pipeline).len(), 0);
}

/// Clients that sign for no region in particular must not end in one that policies do not know.
#[tokio::test]
async fn sec_s18_the_region_of_a_signature_has_the_form_of_a_region() {
    let pipeline = house().await.pipeline;
    for region in [
        "us-east",
        "aws-global",
        "us_east_1",
        "US-EAST-1",
        "..",
        "a-b-c",
        "*",
        "x",
    ] {
        let answer = request().signed_for(region, "sts").send(&pipeline).await;
        answer.says(
            403,
            "SignatureDoesNotMatch",
            "Credential should be scoped to a valid region.",
        );
    }
    let answer = request()
        .signed_for("us-gov-east-1", "sts")
        .send(&pipeline)
        .await;
    answer.says(200, "", "<Account>us-gov-east-1</Account>");
}

#[tokio::test]
async fn sec_s17_credentials_stand_in_one_place() {
    let pipeline = house().await.pipeline;
    for parameter in [
        "X-Amz-Signature=00",
        "X-Amz-Credential=x",
        "X-Amz-Security-Token=x",
        "X-Amz-Algorithm=AWS4-HMAC-SHA256",
        "X%2DAmz-Date=20260101T000000Z",
    ] {
        let mut both = request();
        both.uri = format!("/?{parameter}");
        let answer = both.send(&pipeline).await;
        // Two claims name no service at all.
        assert!(
            answer.status == 403 || answer.status == 400,
            "{}",
            answer.text
        );
        let mut both = Request::kms("ListKeys", &json!({}));
        both.uri = format!("/?{parameter}");
        both.send(&pipeline)
            .await
            .says(400, "InvalidSignatureException", "Found both");
    }
    assert_eq!(events(&pipeline).len(), 0);
}

#[tokio::test]
async fn sec_s1_headers_added_after_signing_are_refused() {
    let pipeline = house().await.pipeline;
    let mut signed = request();
    signed.headers.insert(
        "x-amz-date",
        http::HeaderValue::from_static("20260101T000000Z"),
    );
    let authorization = "AWS4-HMAC-SHA256 Credential=AKIA/20260101/eu-west-2/sts/aws4_request, \
        SignedHeaders=host;x-amz-date, Signature=00";
    let slipped = signed
        .header(
            "authorization",
            &authorization.replace("AKIA", &key_of("root")),
        )
        .header("x-amz-grant", "x")
        .by("anonymous");
    let answer = slipped.send(&pipeline).await;
    answer.says(403, "AccessDenied", "which were not signed: x-amz-grant");
}

#[tokio::test]
async fn asymmetric_signatures_are_accepted() {
    let pipeline = house().await.pipeline;
    for (regions, shown) in [
        ("eu-west-3", "eu-west-3"),
        ("*", "us-east-1"),
        ("us-*", "us-east-1"),
        ("eu-*, eu-west-2,us-east-1", "eu-west-2"),
    ] {
        let answer = asymmetric(regions, &secret_of(&key_of("root")))
            .send(&pipeline)
            .await;
        answer.says(200, "", &format!("<Account>{shown}</Account>"));
    }
    // Made for other regions alone, it must not work in the default one.
    for regions in ["eu-*", "*-east-2"] {
        let request = asymmetric(regions, &secret_of(&key_of("root")));
        let answer = request.send(&pipeline).await;
        answer.says(403, "SignatureDoesNotMatch", "scoped to a valid region.");
    }
    let answer = asymmetric("*", "another secret").send(&pipeline).await;
    answer.says(403, "SignatureDoesNotMatch", WRONG_SIGNATURE);
}

/// A request that is signed with the key pair of root's access key id and `secret`.
fn asymmetric(regions: &str, secret: &str) -> Request {
    const ALGORITHM: &str = "AWS4-ECDSA-P256-SHA256";
    let (time, scope) = ("20260101T000000Z", "20260101/sts/aws4_request");
    let names = "content-type;host;x-amz-date;x-amz-region-set";
    let request = request()
        .by("anonymous")
        .header("x-amz-date", time)
        .header("x-amz-region-set", regions);
    let canonical = format!(
        "POST\n/\n\ncontent-type:{}\nhost:localhost\nx-amz-date:{time}\nx-amz-region-set:{regions}\
         \n\n{names}\n{}",
        crate::house::FORM,
        sha256(WHOAMI.as_bytes()),
    );
    let to_sign = format!(
        "{ALGORITHM}\n{time}\n{scope}\n{}",
        sha256(canonical.as_bytes())
    );
    let random = random();
    let signature = key_pair(secret)
        .sign(&random, to_sign.as_bytes())
        .expect("a signature");
    let authorization = format!(
        "{ALGORITHM} Credential={}/{scope}, SignedHeaders={names}, Signature={}",
        key_of("root"),
        hex(signature.as_ref()),
    );
    request.header("authorization", &authorization)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a client of its own draws its own randomness"
)]
fn random() -> aws_lc_rs::rand::SystemRandom {
    aws_lc_rs::rand::SystemRandom::new()
}

/// The first candidate of the derivation, which fails for one secret in 2^32.
fn key_pair(secret: &str) -> EcdsaKeyPair {
    let key = hmac::Key::new(hmac::HMAC_SHA256, format!("AWS4A{secret}").as_bytes());
    let mut message = vec![0, 0, 0, 1];
    message.extend_from_slice(b"AWS4-ECDSA-P256-SHA256\0");
    message.extend_from_slice(key_of("root").as_bytes());
    message.extend_from_slice(&[1, 0, 0, 1, 0]);
    let tag = hmac::sign(&key, &message);
    let mut scalar = tag.as_ref().to_vec();
    for byte in scalar.iter_mut().rev() {
        *byte = byte.wrapping_add(1);
        if *byte != 0 {
            break;
        }
    }
    let private = PrivateKey::from_private_key(&ECDH_P256, &scalar).expect("a scalar");
    let public = private.compute_public_key().expect("a point");
    let pair = EcdsaKeyPair::from_private_key_and_public_key(
        &ECDSA_P256_SHA256_ASN1_SIGNING,
        &scalar,
        public.as_ref(),
    );
    pair.expect("a key pair")
}

fn sha256(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
