//! TLS for every connection we open: the system's roots, and what a failed handshake means in words.

use std::{
    path::Path,
    sync::{Arc, OnceLock},
};

use rustls::{
    CertificateError, ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

/// Verifies against the system's roots and, where given, the certificates in one more PEM file. The error is a
/// sentence for the operator.
pub(crate) fn client_config(extra_ca: Option<&Path>) -> Result<Arc<ClientConfig>, String> {
    static SYSTEM: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    match extra_ca {
        None => {
            if let Some(config) = SYSTEM.get() {
                return Ok(config.clone());
            }
            let config = with_roots(system_roots())?;
            Ok(SYSTEM.get_or_init(|| config).clone())
        }
        Some(path) => {
            let mut roots = system_roots();
            let unreadable = |error| format!("cannot read certificates from {path:?}: {error}");
            for certificate in CertificateDer::pem_file_iter(path).map_err(unreadable)? {
                let certificate = certificate.map_err(unreadable)?;
                roots.add(certificate).map_err(|error| format!("{path:?}: {error}"))?;
            }
            with_roots(roots)
        }
    }
}

fn system_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    // Systems carry the odd certificate that cannot be read; the others still serve.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

fn with_roots(roots: RootCertStore) -> Result<Arc<ClientConfig>, String> {
    if roots.is_empty() {
        tracing::warn!("No trusted certificates on this system: install ca-certificates");
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// Why a handshake failed.
pub(crate) enum Failure {
    /// The server's certificate is the reason; the words say which.
    Certificate(String),
    /// Anything else, e.g. a server that does not speak TLS on this port.
    Handshake(String),
}

pub(crate) fn failure(error: &std::io::Error) -> Failure {
    let inner = error.get_ref().and_then(|it| it.downcast_ref::<rustls::Error>());
    match inner {
        Some(rustls::Error::InvalidCertificate(reason)) => Failure::Certificate(why(reason)),
        Some(rustls::Error::InvalidMessage(_)) => {
            Failure::Handshake("the answer was not TLS".to_owned())
        }
        Some(other) => Failure::Handshake(other.to_string()),
        None => Failure::Handshake(error.to_string()),
    }
}

fn why(reason: &CertificateError) -> String {
    match reason {
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "it is for another host name".to_owned()
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "it has expired".to_owned()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "it is not valid yet; check this machine's clock".to_owned()
        }
        CertificateError::UnknownIssuer => "its issuer is not known here".to_owned(),
        other => other.to_string(),
    }
}
