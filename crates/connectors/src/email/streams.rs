//! Opening a connection to a mail server: addresses checked, encryption as configured and never less.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, BufReader, ReadBuf},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{
    accounts::{Security, Server, Timeouts},
    problems::Problem,
};
use crate::{guard, tls};

#[derive(Debug)]
pub(crate) enum MailStream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// Runs one step under its own time limit.
pub(crate) async fn within<T>(
    limit: Duration,
    step: &'static str,
    future: impl Future<Output = io::Result<T>>,
) -> Result<T, Problem> {
    match timeout(limit, future).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(broken(&error)),
        Err(_) => Err(Problem::Timeout(step)),
    }
}

fn broken(error: &io::Error) -> Problem {
    match error.kind() {
        io::ErrorKind::UnexpectedEof
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => Problem::Closed(String::new()),
        _ => Problem::Unreachable(error.to_string()),
    }
}

/// The addresses of a server at which it may be spoken to.
pub(crate) async fn resolve(
    server: &Server,
    timeouts: &Timeouts,
) -> Result<Vec<SocketAddr>, Problem> {
    let host = server.host.trim_matches(['[', ']']);
    let lookup = timeout(timeouts.resolve, tokio::net::lookup_host((host, server.port))).await;
    let found: Vec<SocketAddr> = match lookup {
        Ok(Ok(found)) => found.collect(),
        Ok(Err(_)) => return Err(Problem::UnknownHost),
        Err(_) => return Err(Problem::Timeout("looking up its name")),
    };
    let first = found.first().ok_or(Problem::UnknownHost)?.ip();
    let usable: Vec<SocketAddr> =
        found.into_iter().filter(|it| guard::is_mail_host(it.ip())).collect();
    if usable.is_empty() {
        return Err(Problem::ForbiddenAddress(first));
    }
    if server.security != Security::None {
        return Ok(usable);
    }
    let local: Vec<SocketAddr> = usable.into_iter().filter(|it| is_loopback(it.ip())).collect();
    if local.is_empty() { Err(Problem::MustEncrypt) } else { Ok(local) }
}

fn is_loopback(ip: IpAddr) -> bool {
    guard::unwrapped(ip).is_loopback()
}

/// Opens the bare connection. Addresses are tried in turn, at most four of them.
pub(crate) async fn connect(server: &Server, timeouts: &Timeouts) -> Result<TcpStream, Problem> {
    let mut last = Problem::UnknownHost;
    for address in resolve(server, timeouts).await?.into_iter().take(4) {
        match timeout(timeouts.connect, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // Commands are short and wait for their answers. Failing to say so costs only speed.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Ok(Err(error)) => last = Problem::Unreachable(error.to_string()),
            Err(_) => last = Problem::Timeout("connecting"),
        }
    }
    Err(last)
}

/// The TLS handshake, verifying the certificate for the configured host name.
pub(crate) async fn encrypt(
    stream: TcpStream,
    server: &Server,
    timeouts: &Timeouts,
) -> Result<MailStream, Problem> {
    let config = tls::client_config(server.extra_ca.as_deref()).map_err(Problem::Trust)?;
    let host = server.host.trim_matches(['[', ']']).to_owned();
    let name = ServerName::try_from(host).map_err(|_| Problem::UnknownHost)?;
    let handshake = TlsConnector::from(config).connect(name, stream);
    match timeout(timeouts.tls, handshake).await {
        Ok(Ok(stream)) => Ok(MailStream::Tls(Box::new(stream))),
        Ok(Err(error)) => Err(match tls::failure(&error) {
            tls::Failure::Certificate(why) => Problem::Certificate(why),
            tls::Failure::Handshake(why) => Problem::Tls(why),
        }),
        Err(_) => Err(Problem::Timeout("TLS handshake")),
    }
}

/// Reads one line of at most `limit` bytes, without its end. No line end within the limit is [`Problem::TooMuch`].
pub(crate) async fn read_line<S: AsyncRead + Unpin>(
    reader: &mut BufReader<S>,
    limit: usize,
    time: Duration,
    step: &'static str,
) -> Result<String, Problem> {
    let mut line = Vec::new();
    let mut bounded = reader.take(limit as u64);
    within(time, step, bounded.read_until(b'\n', &mut line)).await?;
    if line.last() != Some(&b'\n') {
        let cut = line.len() >= limit;
        return Err(if cut {
            Problem::TooMuch("an endless line")
        } else {
            Problem::Closed(String::new())
        });
    }
    let text = String::from_utf8_lossy(&line);
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// Turns a connection on which STARTTLS was just agreed to TLS. Whatever the server, or somebody in between, sent
/// ahead of the handshake would otherwise be taken for encrypted text, so it ends the connection.
pub(crate) async fn upgrade(
    reader: BufReader<TcpStream>,
    server: &Server,
    timeouts: &Timeouts,
) -> Result<MailStream, Problem> {
    if !reader.buffer().is_empty() {
        return Err(Problem::Nonsense("text before the agreed encryption began"));
    }
    encrypt(reader.into_inner(), server, timeouts).await
}

impl AsyncRead for MailStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(it) => Pin::new(it).poll_read(cx, buf),
            Self::Tls(it) => Pin::new(it).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for MailStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(it) => Pin::new(it).poll_write(cx, buf),
            Self::Tls(it) => Pin::new(it).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(it) => Pin::new(it).poll_flush(cx),
            Self::Tls(it) => Pin::new(it).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(it) => Pin::new(it).poll_shutdown(cx),
            Self::Tls(it) => Pin::new(it).poll_shutdown(cx),
        }
    }
}
