//! The signature itself, the key and the algorithm.

use super::*;

// S4: every bit of the signature counts, in both forms.
#[test]
fn sec_s4_each_flipped_bit_of_the_signature_is_refused() {
    for request in [signed(), presigned("60")] {
        let head = request.head();
        let mut claim = claim(&request).unwrap();
        let key = request.key();
        let verify =
            |claim: &Presented| claim.verify(&head, &request.body, &VerifyingKey::V4(&key));
        assert_eq!(verify(&claim), Ok(()));
        let honest = claim.signature.clone();
        let mut refused = 0;
        for bit in 0..256 {
            let mut bytes = crate::sigv4::encoding::from_hex(&honest).unwrap();
            bytes[bit / 8] ^= 1 << (bit % 8);
            claim.signature = crate::sigv4::encoding::hex(&bytes).into();
            refused += usize::from(matches!(verify(&claim), Err(SignatureError::Mismatch(_))));
        }
        assert_eq!(refused, 256);
        for spelling in [
            "",
            "0",
            &honest[..62],
            &honest.to_uppercase(),
            &format!("{honest}00"),
        ] {
            claim.signature = spelling.into();
            assert!(verify(&claim).is_err(), "{spelling}");
        }
    }
}

#[test]
fn a_mismatch_shows_what_was_computed() {
    let mut request = signed();
    request.body.push(b' ');
    let expected = format!(
        "The request signature we calculated does not match the signature you provided. Check \
         your AWS Secret Access Key and signing method. Consult the service documentation for \
         details.\n\nThe Canonical String for this request should have been\n'POST\n/\n\n\
         content-type:application/x-amz-json-1.1\nhost:kms.us-east-1.amazonaws.com\n\
         x-amz-date:20150830T123600Z\nx-amz-target:TrentService.Decrypt\n\n\
         content-type;host;x-amz-date;x-amz-target\n{}'\n\nThe String-to-Sign should have been\n\
         'AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/kms/aws4_request\n",
        sha256(&request.body)
    );
    let refusal = refusal(&request);
    assert!(refusal.to_string().starts_with(&expected), "{refusal}");
    assert!(refusal.to_string().ends_with("'\n"));
    assert_eq!(refusal.common(), Common::InvalidSignature);
}

#[test]
fn a_key_for_anything_else_is_refused() {
    let request = signed();
    let claim = claim(&request).unwrap();
    let refused = |key: &VerifyingKey<'_>| {
        matches!(
            claim.verify(&request.head(), &request.body, key),
            Err(SignatureError::Mismatch(_))
        )
    };
    for (secret, date, region, service) in [
        ("other", "20150830", "us-east-1", "kms"),
        (SECRET, "20150831", "us-east-1", "kms"),
        (SECRET, "20150830", "us-east-2", "kms"),
        (SECRET, "20150830", "us-east-1", "iam"),
    ] {
        assert!(refused(&VerifyingKey::V4(&SigningKey::derive(
            secret, date, region, service
        ))));
    }
    let asymmetric = SigV4aKey::derive(ACCESS_KEY, SECRET).unwrap();
    assert!(refused(&VerifyingKey::V4a(&asymmetric)));
}

// S18: an algorithm cannot be chosen by whoever sends the request.
#[test]
fn sec_s18_other_algorithms_are_refused() {
    for algorithm in [
        "AWS4-HMAC-SHA1",
        "AWS4-HMAC-SHA512",
        "aws4-hmac-sha256",
        "AWS3",
        "Basic",
    ] {
        let request = edited("AWS4-HMAC-SHA256", algorithm);
        assert_eq!(
            text(&request),
            format!("Unsupported AWS 'algorithm': '{algorithm}'.")
        );
        assert_eq!(refusal(&request).common(), Common::IncompleteSignature);
        let request = edited_query("AWS4-HMAC-SHA256", algorithm);
        assert_eq!(
            text(&request),
            format!("Unsupported AWS 'algorithm': '{algorithm}'.")
        );
    }
}

#[test]
fn sec_s18_the_two_algorithms_cannot_stand_for_each_other() {
    let request = edited("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256");
    assert!(matches!(
        refusal(&request),
        SignatureError::MalformedCredential { .. }
    ));
    let mut request = edited("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256");
    let before = request.headers["authorization"]
        .to_str()
        .unwrap()
        .to_owned();
    request.set("authorization", &before.replace("us-east-1/", ""));
    assert_eq!(
        text(&request),
        "'x-amz-region-set' is named as a SignedHeader, but it does not exist in the HTTP request."
    );
    request.set("x-amz-region-set", "*");
    let claim = claim(&request).unwrap();
    let verified = claim.verify(
        &request.head(),
        &request.body,
        &VerifyingKey::V4(&request.key()),
    );
    assert!(matches!(verified, Err(SignatureError::Mismatch(_))));
}
