//! The vectors of Project Wycheproof through KMS: a key is imported as it stands in the vector (or
//! given, where AWS imports none of its kind), and the operation is called.
//!
//! Each test of a set is counted once, and the counts are those of the table in `docs/vectors.md`.
//! Sets that have public keys alone are run where they can be, at the cryptography's own functions.

mod agreement;
mod encodings;
mod key_wrap;
mod macs;
mod oaep;
mod post_quantum;

use crate::house::{Answer, Kms, REGION, Value, json, note, text};
use crate::import::{Parameters, import_input};

const TABLE: &str = include_str!("../../../../docs/vectors.md");

/// How to wrap private keys: in China, under SM2 keys, which are made a hundred times faster.
const CHINA: (&str, &str, &str) = ("cn-north-1", "SM2PKE", "SM2");
/// How to wrap what is no private key.
const HERE: (&str, &str, &str) = (REGION, "RSAES_OAEP_SHA_256", "RSA_2048");

/// What became of the tests of one set.
#[derive(Default)]
struct Tally {
    /// It is as the vector says.
    held: usize,
    /// The vector says "valid", and KMS has to refuse it: it has no such thing.
    refused: usize,
    /// The vector lets it be ("acceptable").
    either: usize,
    /// KMS has no way to say it.
    unsaid: usize,
}

impl Tally {
    /// The table says so.
    fn report(&self, set: &str, operation: &str, all: usize) {
        let Self {
            held,
            refused,
            either,
            unsaid,
        } = self;
        let row = format!("| {set} | {operation} | {held} | {refused} | {either} | {unsaid} |");
        note(&row);
        assert_eq!(held + refused + either + unsaid, all, "{row}");
        assert!(TABLE.contains(&row), "not in docs/vectors.md: {row}");
    }
}

/// Makes a key without material; its ARN.
async fn external(kms: &Kms, region: &str, spec: &str, usage: &str) -> String {
    let input = json!({ "Origin": "EXTERNAL", "KeySpec": spec, "KeyUsage": usage });
    let answer = kms.call_in(region, "root", "CreateKey", input).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    text(&answer.body["KeyMetadata"]["Arn"])
}

/// The public key and token for a key, by region, algorithm and kind of wrapping key.
async fn parameters(kms: &Kms, key: &str, wrapping: (&str, &str, &str)) -> Parameters {
    let (region, algorithm, spec) = wrapping;
    let input = json!({ "KeyId": key, "WrappingAlgorithm": algorithm, "WrappingKeySpec": spec });
    let operation = "GetParametersForImport";
    let answer = kms.call_in(region, "root", operation, input).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    Parameters::read(algorithm, &answer.body)
}

/// Imports `material`; what KMS says to it.
async fn import(kms: &Kms, key: &str, wrapping: (&str, &str, &str), material: &[u8]) -> Answer {
    let parameters = parameters(kms, key, wrapping).await;
    let input = import_input(key, &parameters, material, &json!({}));
    kms.call_in(wrapping.0, "root", "ImportKeyMaterial", input)
        .await
}

/// Calls an operation with a key in its ARN's region; the answer, or the error's code.
async fn call(kms: &Kms, operation: &str, input: Value) -> Result<Value, String> {
    let arn = text(&input["KeyId"]);
    let region = arn.split(':').nth(3).expect("an ARN");
    let answer = kms.call_in(region, "root", operation, input).await;
    match answer.status {
        200 => Ok(answer.body),
        400 => Err(answer.code.unwrap_or_default()),
        _ => unreachable!("{operation}: {}", answer.text),
    }
}
