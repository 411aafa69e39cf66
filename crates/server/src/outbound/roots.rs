//! Whose certificates count for others: those that the system trusts, and those that the operator
//! adds.

use std::path::Path;
use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

use crate::exit::Failure;
use crate::tls::TlsFiles;

/// The certificates that the system trusts, and those of the PEM file `more`. None is no failure:
/// a site may pin all that it trusts.
pub(crate) fn roots(more: Option<&Path>) -> Result<RootCertStore, Failure> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    add(&mut roots, more)?;
    Ok(roots)
}

/// The certificates of the PEM file alone, or else those that the system trusts.
pub(crate) fn roots_of(file: Option<&Path>) -> Result<RootCertStore, Failure> {
    if file.is_none() {
        return roots(None);
    }
    let mut roots = RootCertStore::empty();
    add(&mut roots, file)?;
    Ok(roots)
}

/// A TLS client that believes `roots`, and shows the certificate of `identity` where asked.
pub(crate) fn client(
    roots: RootCertStore,
    identity: Option<&TlsFiles>,
) -> Result<Arc<ClientConfig>, Failure> {
    let failed = |error: rustls::Error| Failure::failed(format!("cannot speak TLS: {error}"));
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let builder = builder.with_safe_default_protocol_versions();
    let builder = builder.map_err(failed)?.with_root_certificates(roots);
    let config = match identity {
        None => builder.with_no_client_auth(),
        Some(TlsFiles { cert, key }) => {
            let chain = certificates(cert)?;
            let key = PrivateKeyDer::from_pem_file(key).map_err(|error| unusable(key, &error))?;
            builder
                .with_client_auth_cert(chain, key)
                .map_err(|error| unusable(cert, &error))?
        }
    };
    Ok(Arc::new(config))
}

fn add(roots: &mut RootCertStore, file: Option<&Path>) -> Result<(), Failure> {
    let Some(file) = file else { return Ok(()) };
    for certificate in certificates(file)? {
        roots
            .add(certificate)
            .map_err(|error| unusable(file, &error))?;
    }
    Ok(())
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let found = CertificateDer::pem_file_iter(file)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| unusable(file, &error))?;
    if found.is_empty() {
        return Err(unusable(file, &"it holds no certificate"));
    }
    Ok(found)
}

fn unusable(file: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::usage(format!(
        "`{}` cannot be used for TLS: {error}",
        file.display()
    ))
}
