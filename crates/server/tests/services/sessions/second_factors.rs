//! Second factors that IAM keeps, shown to STS.

use crypto::totp;

use crate::sessions::house::{House, Login};
use crate::sessions::{ALLOW_ALL, user};

/// Gives `login`, the user of this name, a second factor: its serial number and seed.
async fn enable(house: &House, login: &Login, name: &str) -> (String, Vec<u8>) {
    let form = format!("Action=CreateVirtualMFADevice&VirtualMFADeviceName={name}");
    let made = house.ok(login, "iam", &form).await;
    let seed = base32(&base64(&made.element("Base32StringSeed")));
    let serial = made.element("SerialNumber");
    let step = totp::step_at(house.now().millis);
    let form = format!(
        "Action=EnableMFADevice&UserName={name}&SerialNumber={serial}&AuthenticationCode1={}&AuthenticationCode2={}",
        totp::code_at(&seed, step - 1),
        totp::code_at(&seed, step),
    );
    house.ok(login, "iam", &form).await;
    (serial, seed)
}

#[tokio::test]
async fn a_session_with_a_second_factor_reaches_iam_and_a_code_counts_once() {
    let (house, root) = House::new().await;
    let (_, alice) = user(&house, &root, "alice", ALLOW_ALL).await;
    let (serial, seed) = enable(&house, &alice, "alice").await;
    house.clock.advance(60);
    let code = totp::code_at(&seed, totp::step_at(house.now().millis));
    let form = format!("Action=GetSessionToken&SerialNumber={serial}&TokenCode={code}");
    let session = house.ok(&alice, "sts", &form).await.login();
    house.ok(&session, "iam", "Action=ListUsers").await;

    let again = house.query(&alice, "sts", &form).await;
    assert_eq!(
        again.code.as_deref(),
        Some("AccessDenied"),
        "{}",
        again.text
    );
    let why = "MultiFactorAuthentication failed with invalid MFA one time pass code.";
    assert!(again.text.contains(why), "{}", again.text);
    let (_, bob) = user(&house, &root, "bob", ALLOW_ALL).await;
    house.clock.advance(60);
    let code = totp::code_at(&seed, totp::step_at(house.now().millis));
    let form = format!("Action=GetSessionToken&SerialNumber={serial}&TokenCode={code}");
    let other = house.query(&bob, "sts", &form).await;
    assert_eq!(
        other.code.as_deref(),
        Some("AccessDenied"),
        "{}",
        other.text
    );
}

/// The bytes of Base32 or Base64 text, `width` bits a letter.
fn bits(text: &str, alphabet: &[u8], width: u32) -> Vec<u8> {
    let (mut held, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for letter in text.bytes().filter(|byte| *byte != b'=') {
        let value = alphabet.iter().position(|known| *known == letter);
        let value = u32::try_from(value.expect("a letter")).expect("a small number");
        held = (held << width) | value;
        count += width;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((held >> count) & 0xFF).expect("a byte"));
            held &= (1 << count) - 1;
        }
    }
    bytes
}

fn base64(text: &str) -> String {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    String::from_utf8(bits(text, alphabet, 6)).expect("text")
}

fn base32(text: &str) -> Vec<u8> {
    bits(text, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 5)
}
