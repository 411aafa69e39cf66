//! Whose word about enclaves and instances counts: the root certificates of attestation documents.

use std::fs;
use std::path::Path;

use crypto::attestation::Roots;
use wire::pem;

use crate::exit::Failure;

/// The roots in the PEM file `path`, or AWS's where there is none.
pub(crate) fn roots(path: Option<&Path>) -> Result<Roots, Failure> {
    let Some(path) = path else {
        return Roots::aws().map_err(|error| Failure::failed(format!("AWS's root: {error}")));
    };
    let shown = path.display();
    let text = fs::read_to_string(path).map_err(|error| {
        Failure::usage(format!(
            "cannot read the attestation root `{shown}`: {error}"
        ))
    })?;
    let blocks = pem::blocks(&text)
        .ok()
        .filter(|blocks| blocks.iter().all(|block| block.label == "CERTIFICATE"));
    let Some(blocks) = blocks else {
        return Err(Failure::usage(format!(
            "the attestation root `{shown}` is no PEM file of certificates"
        )));
    };
    let certificates = blocks.iter().map(|block| block.der.to_vec());
    Roots::new(certificates.collect()).map_err(|error| {
        Failure::usage(format!(
            "a certificate of the attestation root `{shown}` cannot be a root: {error}"
        ))
    })
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair, PKCS_ECDSA_P384_SHA384};

    use super::*;

    fn certificate(is_ca: IsCa) -> String {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = is_ca;
        params.key_usages = vec![rcgen::KeyUsagePurpose::KeyCertSign];
        pem::encoded("CERTIFICATE", params.self_signed(&key).unwrap().der())
    }

    #[test]
    fn a_file_of_roots_is_read_and_another_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("root.pem");
        let read = |text: &str| {
            fs::write(&path, text).unwrap();
            roots(Some(&path)).is_ok()
        };
        let root = certificate(IsCa::Ca(BasicConstraints::Unconstrained));
        assert!(read(&root));
        assert!(read(&format!("{root}\n{root}")));
        assert!(!read(&certificate(IsCa::NoCa)));
        assert!(!read(&format!("{root}\n{}", certificate(IsCa::NoCa))));
        assert!(!read(&root.replace("CERTIFICATE", "PUBLIC KEY")));
        assert!(!read(""));
        assert!(roots(Some(&folder.path().join("none.pem"))).is_err());
        assert!(roots(None).is_ok());
    }
}
