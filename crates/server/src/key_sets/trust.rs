//! Whose certificates count for an issuer: those that the system trusts, and those whose top
//! certificate the provider pins by its thumbprint ("Obtain the thumbprint for an OpenID Connect
//! identity provider", IAM user guide).

use std::sync::Arc;

use platform::KeySetError;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};

/// A TLS client for an issuer whose provider pins `thumbprints`.
pub(super) fn client(
    roots: &Arc<RootCertStore>,
    thumbprints: &[String],
) -> Result<Arc<ClientConfig>, KeySetError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = Arc::new(Pinning {
        trusted: verifier(roots, &provider).ok(),
        provider: Arc::clone(&provider),
        thumbprints: thumbprints.to_vec(),
    });
    let builder = ClientConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions();
    let builder = builder.map_err(|_| KeySetError::Unreachable)?;
    let config = builder
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    Ok(Arc::new(config.with_no_client_auth()))
}

fn verifier(
    roots: &Arc<RootCertStore>,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, Error> {
    WebPkiServerVerifier::builder_with_provider(Arc::clone(roots), Arc::clone(provider))
        .build()
        .map_err(|_| Error::InvalidCertificate(CertificateError::UnknownIssuer))
}

#[derive(Debug)]
struct Pinning {
    trusted: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
    thumbprints: Vec<String>,
}

impl Pinning {
    /// Whether the chain ends in a pinned certificate and holds up to it.
    fn verify_pinned(
        &self,
        end: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let unknown = || Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let top = chain.last().unwrap_or(end);
        let thumbprint = crypto::sha1_thumbprint(top);
        if !self.thumbprints.contains(&thumbprint) {
            return Err(unknown());
        }
        if chain.is_empty() {
            // The issuer's own certificate is pinned: nobody else has to vouch for it.
            verify_server_name(&ParsedCertificate::try_from(end)?, name)?;
            return Ok(ServerCertVerified::assertion());
        }
        let mut roots = RootCertStore::empty();
        roots.add(top.clone().into_owned()).map_err(|_| unknown())?;
        let verifier = verifier(&Arc::new(roots), &self.provider)?;
        verifier.verify_server_cert(end, chain, name, &[], now)
    }
}

impl ServerCertVerifier for Pinning {
    fn verify_server_cert(
        &self,
        end: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let trusted = self.trusted.as_ref();
        let trusted = trusted.map(|it| it.verify_server_cert(end, chain, name, ocsp, now));
        match trusted {
            Some(Ok(verified)) => Ok(verified),
            Some(Err(_)) | None => self.verify_pinned(end, chain, name, now),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let algorithms = &self.provider.signature_verification_algorithms;
        algorithms.supported_schemes()
    }
}
