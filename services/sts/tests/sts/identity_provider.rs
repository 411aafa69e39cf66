//! A SAML 2.0 identity provider of tests, with a key and a certificate of its own. What it writes is
//! in canonical form already, so it needs no more than to sign it.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use wire::shape::TimestampFormat;
use wire::{Timestamp, pem};

/// The issuer.
pub(crate) const ISSUER: &str = "https://idp.example/saml";
/// Where AWS takes responses.
pub(crate) const ENDPOINT: &str = "https://signin.aws.amazon.com/saml";
const OWN: &str = "https://aws.amazon.com/SAML/Attributes/";
const SIGNATURES: &str = " xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"";

/// What a signature is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Over {
    Assertion,
    Response,
    Both,
}

/// An identity provider.
pub(crate) struct IdentityProvider {
    key: KeyPair,
    certificate: Vec<u8>,
}

impl IdentityProvider {
    /// A provider with a new key.
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate(KeySize::Rsa2048).expect("a key");
        let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&key).expect("a private key");
        let own = rcgen::KeyPair::try_from(der.as_ref()).expect("a key");
        let named = rcgen::CertificateParams::new(vec!["idp.example".to_owned()]);
        let certificate = named.expect("a name").self_signed(&own);
        let certificate = certificate.expect("a certificate").der().to_vec();
        Self { key, certificate }
    }

    /// Its metadata.
    pub(crate) fn metadata(&self) -> String {
        format!(
            r#"<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{ISSUER}"><md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:KeyDescriptor use="signing">{}</md:KeyDescriptor><md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>"#,
            self.key_info()
        )
    }

    /// Its certificate, as a signature brings it along.
    pub(crate) fn key_info(&self) -> String {
        let certificate = pem::base64(&self.certificate);
        format!(
            "<ds:KeyInfo{SIGNATURES}><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
        )
    }

    /// A response of [`response`], signed.
    pub(crate) fn sign(&self, response: &str, over: Over) -> String {
        let mut text = response.to_owned();
        if over != Over::Response {
            let begin = text.find("<saml:Assertion").expect("an assertion");
            let end = text.find("</saml:Assertion>").expect("its end");
            let content = text[begin..end].replace("{ASSERTION}", "") + "</saml:Assertion>";
            text = text.replace("{ASSERTION}", &self.signature("#_assertion", &content));
        }
        text = text.replace("{ASSERTION}", "");
        if over != Over::Assertion {
            let content = text.replace("{RESPONSE}", "");
            text = text.replace("{RESPONSE}", &self.signature("#_response", &content));
        }
        text.replace("{RESPONSE}", "")
    }

    /// The signature of an element in canonical form.
    pub(crate) fn signature(&self, uri: &str, content: &str) -> String {
        let digest = pem::base64(digest(&SHA256, content.as_bytes()).as_ref());
        let method = |name: &str, algorithm: &str| {
            format!("<ds:{name} Algorithm=\"{algorithm}\"></ds:{name}>")
        };
        let exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
        let enveloped = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
        let rsa = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
        let sha = "http://www.w3.org/2001/04/xmlenc#sha256";
        let info = [
            format!("<ds:SignedInfo{SIGNATURES}>"),
            method("CanonicalizationMethod", exclusive),
            method("SignatureMethod", rsa),
            format!("<ds:Reference URI=\"{uri}\"><ds:Transforms>"),
            method("Transform", enveloped),
            method("Transform", exclusive),
            "</ds:Transforms>".to_owned(),
            method("DigestMethod", sha),
            format!("<ds:DigestValue>{digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>"),
        ]
        .concat();
        let mut value = vec![0; self.key.public_modulus_len()];
        let random = random();
        let signed = self
            .key
            .sign(&RSA_PKCS1_SHA256, &random, info.as_bytes(), &mut value);
        signed.expect("a signature");
        let (info, value) = (info.replace(SIGNATURES, ""), pem::base64(&value));
        format!(
            "<ds:Signature{SIGNATURES}>{info}<ds:SignatureValue>{value}</ds:SignatureValue></ds:Signature>"
        )
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the library takes the argument and draws from its own source all the same"
)]
fn random() -> SystemRandom {
    SystemRandom::new()
}

/// A response about `alice`, with the places of its signatures as `{RESPONSE}` and `{ASSERTION}`.
/// `more` are attributes beyond the role and the session's name.
pub(crate) fn response(now: Timestamp, [role, provider]: [&str; 2], more: &str) -> String {
    let at =
        |seconds: i64| Timestamp::from_secs(now.secs() + seconds).format(TimestampFormat::Iso8601);
    let (issued, end) = (at(-1), at(120));
    let attributes = [
        attribute(&format!("{OWN}Role"), &[&format!("{role},{provider}")]),
        attribute(&format!("{OWN}RoleSessionName"), &["alice@example.com"]),
        more.to_owned(),
    ]
    .concat();
    format!(
        r#"<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_response" IssueInstant="{issued}" Version="2.0">{{RESPONSE}}<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"></samlp:StatusCode></samlp:Status><saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_assertion" IssueInstant="{issued}" Version="2.0"><saml:Issuer>{ISSUER}</saml:Issuer>{{ASSERTION}}<saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">alice</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData NotOnOrAfter="{end}" Recipient="{ENDPOINT}"></saml:SubjectConfirmationData></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="{issued}" NotOnOrAfter="{end}"><saml:AudienceRestriction><saml:Audience>urn:amazon:webservices</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="{issued}"></saml:AuthnStatement><saml:AttributeStatement>{attributes}</saml:AttributeStatement></saml:Assertion></samlp:Response>"#
    )
}

/// An attribute.
pub(crate) fn attribute(name: &str, values: &[&str]) -> String {
    let value = |value: &&str| format!("<saml:AttributeValue>{value}</saml:AttributeValue>");
    let values: String = values.iter().map(value).collect();
    format!("<saml:Attribute Name=\"{name}\">{values}</saml:Attribute>")
}

/// The form of the operation, of bytes that need not be text.
pub(crate) fn form([role, provider]: [&str; 2], response: impl AsRef<[u8]>) -> String {
    let assertion = pem::base64(response.as_ref());
    let assertion = assertion.replace('+', "%2B").replace('/', "%2F");
    let assertion = assertion.replace('=', "%3D");
    format!(
        "Action=AssumeRoleWithSAML&RoleArn={role}&PrincipalArn={provider}&SAMLAssertion={assertion}"
    )
}
