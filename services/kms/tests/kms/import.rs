//! Imported key material: from the public key that is handed out to the key that is used.

use aws_lc_rs::key_wrap::{AES_256, AesKek, KeyWrapPadded as _};
use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey,
};

use crate::house::{Kms, Value, arn, base64, bytes, json, text};

pub(crate) const OAEP: &str = "RSAES_OAEP_SHA_256";

/// What a call of GetParametersForImport gave.
#[derive(Clone)]
pub(crate) struct Parameters {
    algorithm: String,
    public_key: Vec<u8>,
    pub(crate) token: Value,
}

impl Parameters {
    /// What an answer gave.
    pub(crate) fn of_answer(algorithm: &str, answer: &Value) -> Self {
        Self {
            algorithm: algorithm.to_owned(),
            public_key: bytes(&answer["PublicKey"]),
            token: answer["ImportToken"].clone(),
        }
    }

    /// The same key and token, to wrap with another algorithm than was asked for.
    pub(crate) fn wrapping_with(self, algorithm: &str) -> Self {
        let algorithm = algorithm.to_owned();
        Self { algorithm, ..self }
    }

    /// Wraps material as the parameters say.
    pub(crate) fn wrap(&self, material: &[u8]) -> String {
        if self.algorithm.starts_with("RSAES") {
            return base64(&self.oaep(material));
        }
        let aes = [9; 32];
        let kek = AesKek::new(&AES_256, &aes).expect("a key");
        let mut wrapped = vec![0; material.len() + 16];
        let wrapped = kek.wrap_with_padding(material, &mut wrapped);
        let wrapped = wrapped.expect("room for it").to_vec();
        base64(&[self.oaep(&aes), wrapped].concat())
    }

    fn oaep(&self, plaintext: &[u8]) -> Vec<u8> {
        let algorithm = match self.algorithm.ends_with("SHA_1") {
            true => &OAEP_SHA1_MGF1SHA1,
            false => &OAEP_SHA256_MGF1SHA256,
        };
        let key = PublicEncryptingKey::from_der(&self.public_key).expect("a public key");
        let key = OaepPublicEncryptingKey::new(key).expect("a key for OAEP");
        let mut ciphertext = vec![0; key.ciphertext_size()];
        let encrypted = key.encrypt(algorithm, plaintext, &mut ciphertext, None);
        encrypted.expect("a plaintext that fits").to_vec()
    }
}

impl Kms {
    /// Makes a key without material as root; its id.
    pub(crate) async fn external_key(&self, spec: &str, usage: &str) -> String {
        let input = json!({ "Origin": "EXTERNAL", "KeySpec": spec, "KeyUsage": usage });
        text(&self.ok("root", "CreateKey", input).await["KeyMetadata"]["KeyId"])
    }

    /// Makes a symmetric encryption key without material as root; its id.
    pub(crate) async fn empty_key(&self) -> String {
        self.external_key("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
            .await
    }

    pub(crate) async fn parameters(&self, key: &str) -> Parameters {
        self.parameters_of(key, OAEP, "RSA_2048").await
    }

    pub(crate) async fn parameters_of(&self, key: &str, algorithm: &str, spec: &str) -> Parameters {
        let input = json!({
            "KeyId": key,
            "WrappingAlgorithm": algorithm,
            "WrappingKeySpec": spec,
        });
        let answer = self.ok("root", "GetParametersForImport", input).await;
        assert_eq!(answer["KeyId"], json!(arn(key)));
        Parameters::of_answer(algorithm, &answer)
    }

    /// Imports material that does not expire; its id.
    pub(crate) async fn import(&self, key: &str, material: &[u8]) -> String {
        self.import_with(key, material, &json!({})).await
    }

    pub(crate) async fn import_with(&self, key: &str, material: &[u8], more: &Value) -> String {
        let parameters = self.parameters(key).await;
        let input = import_input(key, &parameters, material, more);
        let answer = self.ok("root", "ImportKeyMaterial", input).await;
        assert_eq!(answer["KeyId"], json!(arn(key)));
        text(&answer["KeyMaterialId"])
    }

    pub(crate) async fn described(&self, key: &str) -> Value {
        let described = self.ok("root", "DescribeKey", json!({ "KeyId": key }));
        described.await["KeyMetadata"].clone()
    }

    pub(crate) async fn state(&self, key: &str) -> String {
        text(&self.described(key).await["KeyState"])
    }
}

/// The input of an import of material that does not expire, if `more` does not say otherwise.
pub(crate) fn import_input(
    key: &str,
    parameters: &Parameters,
    material: &[u8],
    more: &Value,
) -> Value {
    let mut input = json!({
        "KeyId": key,
        "ImportToken": parameters.token,
        "EncryptedKeyMaterial": parameters.wrap(material),
        "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
    });
    for (name, value) in more.as_object().expect("members") {
        input[name] = value.clone();
    }
    input
}

#[tokio::test]
async fn kms_25_a_key_waits_for_its_material_and_is_used_with_it() {
    let kms = Kms::new().await;
    let input = json!({ "Origin": "EXTERNAL" });
    let made = kms.ok("root", "CreateKey", input).await["KeyMetadata"].clone();
    let key = text(&made["KeyId"]);
    for metadata in [made, kms.described(&key).await] {
        assert_eq!(metadata["KeyState"], "PendingImport");
        assert_eq!(metadata["Enabled"], json!(false));
        assert_eq!(metadata["Origin"], "EXTERNAL");
        for absent in ["CurrentKeyMaterialId", "ExpirationModel", "ValidTo"] {
            assert_eq!(metadata.get(absent), None, "{absent}");
        }
    }
    let id = kms.import(&key, &[7; 32]).await;
    let metadata = kms.described(&key).await;
    assert_eq!(metadata["KeyState"], "Enabled");
    assert_eq!(metadata["Enabled"], json!(true));
    assert_eq!(metadata["ExpirationModel"], "KEY_MATERIAL_DOES_NOT_EXPIRE");
    assert_eq!(metadata["CurrentKeyMaterialId"], json!(id));
    assert_eq!(metadata.get("ValidTo"), None);

    let blob = kms.encrypt(&key, b"x", json!({})).await;
    let opened = kms.ok("root", "Decrypt", json!({ "CiphertextBlob": blob }));
    let opened = opened.await;
    assert_eq!(opened["Plaintext"], json!(base64(b"x")));
    assert_eq!(opened["KeyMaterialId"], json!(id));

    let deleted = kms.ok("root", "DeleteImportedKeyMaterial", json!({ "KeyId": key }));
    let expected = json!({ "KeyId": arn(&key), "KeyMaterialId": id });
    assert_eq!(deleted.await, expected);
    assert_eq!(kms.state(&key).await, "PendingImport");
    let (code, message) = kms
        .fails("root", "Decrypt", json!({ "CiphertextBlob": blob }))
        .await;
    assert_eq!(code, "KMSInvalidStateException");
    assert_eq!(message, format!("{} is pending import.", arn(&key)));

    assert_eq!(kms.import(&key, &[7; 32]).await, id);
    let opened = kms.ok("root", "Decrypt", json!({ "CiphertextBlob": blob }));
    assert_eq!(opened.await["Plaintext"], json!(base64(b"x")));
}
