//! The server's end of one connection.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio_rustls::TlsAcceptor;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certificate {
    /// For `localhost` and 127.0.0.1, signed by [`super::authority`].
    Localhost,
    /// Signed by the same, for another host.
    Elsewhere,
}

impl Certificate {
    fn pem(self) -> (&'static [u8], &'static [u8]) {
        match self {
            Self::Localhost => {
                let certificate = include_bytes!("certificates/localhost.pem");
                (certificate, include_bytes!("certificates/localhost.key"))
            }
            Self::Elsewhere => {
                let certificate = include_bytes!("certificates/elsewhere.pem");
                (certificate, include_bytes!("certificates/elsewhere.key"))
            }
        }
    }

    fn acceptor(self) -> TlsAcceptor {
        let (certificate, key) = self.pem();
        let config =
            ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth()
                .with_single_cert(
                    vec![CertificateDer::from_pem_slice(certificate).unwrap()],
                    PrivateKeyDer::from_pem_slice(key).unwrap(),
                );
        TlsAcceptor::from(Arc::new(config.unwrap()))
    }
}

pub(super) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

pub(super) struct Wire {
    stream: BufReader<Box<dyn Duplex>>,
    /// Bytes that may still be said.
    left: Option<usize>,
    said: Arc<AtomicUsize>,
    pub(super) encrypted: bool,
}

impl Wire {
    /// `said` counts the bytes of this connection for others to see.
    pub(super) fn new(
        stream: Box<dyn Duplex>,
        cut_after: Option<usize>,
        said: Arc<AtomicUsize>,
    ) -> Self {
        Self { stream: BufReader::new(stream), left: cut_after, said, encrypted: false }
    }

    pub(super) async fn encrypt(self, certificate: Certificate) -> io::Result<Self> {
        let stream = certificate.acceptor().accept(self.stream.into_inner()).await?;
        let stream: Box<dyn Duplex> = Box::new(stream);
        Ok(Self {
            stream: BufReader::new(stream),
            encrypted: true,
            left: self.left,
            said: self.said,
        })
    }

    pub(super) async fn say(&mut self, text: impl AsRef<[u8]>) -> io::Result<()> {
        let text = text.as_ref();
        let allowed = self.left.map_or(text.len(), |it| it.min(text.len()));
        self.stream.write_all(&text[..allowed]).await?;
        self.stream.flush().await?;
        self.said.fetch_add(allowed, Ordering::Relaxed);
        if let Some(left) = &mut self.left {
            *left -= allowed;
            if *left == 0 {
                return self.hang_up().await;
            }
        }
        Ok(())
    }

    /// Ends the connection in order, so that what was said arrives.
    pub(super) async fn hang_up<T>(&mut self) -> io::Result<T> {
        self.stream.shutdown().await?;
        Err(io::ErrorKind::ConnectionAborted.into())
    }

    /// `None` when the client has hung up.
    pub(super) async fn line(&mut self) -> io::Result<Option<String>> {
        let mut line = Vec::new();
        let read = (&mut self.stream).take(1024 * 1024).read_until(b'\n', &mut line).await?;
        let text = String::from_utf8_lossy(&line);
        Ok((read > 0).then(|| text.trim_end_matches(['\r', '\n']).to_owned()))
    }

    /// A mail up to its final dot, undone of doubled dots; `None` when the client has hung up before.
    pub(super) async fn mail(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut mail = Vec::new();
        loop {
            let mut line = Vec::new();
            if self.stream.read_until(b'\n', &mut line).await? == 0 {
                return Ok(None);
            }
            if line == b".\r\n" {
                return Ok(Some(mail));
            }
            mail.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
    }

    /// Says nothing until the client hangs up.
    pub(super) async fn stay_silent(&mut self) -> io::Result<()> {
        while self.line().await?.is_some() {}
        Ok(())
    }
}
