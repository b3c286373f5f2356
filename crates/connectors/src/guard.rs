//! Which addresses our own connections may reach.
//!
//! A URL or host name that somebody typed must not turn the server into a way into its own network. HTTP fetches
//! reach public addresses only, decided on the resolved address and not on the name; mail hosts may also stand on the
//! local network, but never at the addresses where clouds hand out credentials.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use ipnet::IpNet;
use reqwest::{
    dns::{Addrs, Name, Resolve, Resolving},
    redirect,
};
use url::{Host, Url};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Forbidden {
    #[error("only http and https addresses can be fetched")]
    Scheme,
    #[error("an address must not carry a user name or password")]
    Credentials,
    #[error("{0} is not a public address")]
    Address(IpAddr),
}

#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    #[error("no answer from the server: {0}")]
    Failed(String),
}

/// True for an address anyone on the internet can have; false for private, local, reserved and test networks, and for
/// IPv6 addresses that only wrap such an IPv4 one.
pub fn is_public(ip: IpAddr) -> bool {
    match unwrapped(ip) {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => {
            let [first, second, ..] = ip.segments();
            let unicast = first & 0xe000 == 0x2000;
            let reserved = first == 0x2001 && (second < 0x0200 || second == 0x0db8);
            let documentation = first == 0x3fff && second < 0x1000;
            unicast && !reserved && !documentation
        }
    }
}

/// True for an address at which a mail server may stand. An admin may name loopback or the local network; link-local,
/// metadata services, multicast and the unspecified address stay refused.
pub fn is_mail_host(ip: IpAddr) -> bool {
    /// Metadata services outside the link-local range: Alibaba, Oracle; then Amazon and Google over IPv6.
    const METADATA_V4: [Ipv4Addr; 2] =
        [Ipv4Addr::new(100, 100, 100, 200), Ipv4Addr::new(192, 0, 0, 192)];
    const METADATA_V6: [Ipv6Addr; 2] = [
        Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
        Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),
    ];
    match unwrapped(ip) {
        IpAddr::V4(ip) => {
            let [first, ..] = ip.octets();
            let refused = first == 0 || first >= 224 || ip.is_link_local();
            !refused && !METADATA_V4.contains(&ip)
        }
        IpAddr::V6(ip) => {
            let refused = ip.is_unspecified() || ip.is_multicast() || ip.is_unicast_link_local();
            !refused && !METADATA_V6.contains(&ip)
        }
    }
}

/// Follows IPv6 forms that carry an IPv4 address to that address: mapped, compatible, NAT64 (RFC 6052), 6to4.
pub(crate) fn unwrapped(ip: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = ip else { return ip };
    let segments = v6.segments();
    let v4_at = |at: usize| {
        let [a, b] = segments[at].to_be_bytes();
        let [c, d] = segments[at + 1].to_be_bytes();
        IpAddr::V4(Ipv4Addr::new(a, b, c, d))
    };
    match segments {
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => ip,
        [0, 0, 0, 0, 0, 0 | 0xffff, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..] => v4_at(6),
        [0x2002, ..] => v4_at(1),
        _ => ip,
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let protocols = a == 192 && b == 0 && (c == 0 || c == 2);
    let relay = a == 192 && b == 88 && c == 99;
    let benchmarks = a == 198 && (b == 18 || b == 19);
    let special = a == 0 || a >= 224 || shared || protocols || relay || benchmarks;
    let local = ip.is_private() || ip.is_loopback() || ip.is_link_local();
    !special && !local && !ip.is_documentation()
}

/// Decides for HTTP fetches. The operator may open networks by CIDR in the configuration; nobody can over the web.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    opened: Arc<[IpNet]>,
}

impl Guard {
    pub fn new(opened: Vec<IpNet>) -> Self {
        Self { opened: opened.into() }
    }

    pub fn permits(&self, ip: IpAddr) -> bool {
        let inner = unwrapped(ip);
        is_public(ip) || self.opened.iter().any(|it| it.contains(&ip) || it.contains(&inner))
    }

    /// Checks what can be seen in the URL itself. Call it for each request: a host written as an address never
    /// reaches the resolver. The parsed form is what counts, so `http://0x7f.1/` is seen as 127.0.0.1.
    pub fn check(&self, url: &Url) -> Result<(), Forbidden> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Forbidden::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Forbidden::Credentials);
        }
        let literal = match url.host() {
            Some(Host::Ipv4(ip)) => IpAddr::V4(ip),
            Some(Host::Ipv6(ip)) => IpAddr::V6(ip),
            _ => return Ok(()),
        };
        if self.permits(literal) { Ok(()) } else { Err(Forbidden::Address(literal)) }
    }

    /// An HTTP client that resolves through this guard, follows no redirect, ignores proxy settings and ends every
    /// request after `deadline`. Every request to it still needs [`Guard::check`].
    pub fn client(&self, deadline: Duration) -> Result<reqwest::Client, FetchError> {
        let tls = crate::tls::client_config(None).map_err(FetchError::Failed)?;
        reqwest::Client::builder()
            .tls_backend_preconfigured(rustls::ClientConfig::clone(&tls))
            .dns_resolver(Arc::new(self.clone()))
            .redirect(redirect::Policy::none())
            .no_proxy()
            .connect_timeout(deadline.min(Duration::from_secs(15)))
            .timeout(deadline)
            .build()
            .map_err(|error| FetchError::Failed(in_words(&error)))
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let refused = found.iter().map(|it| it.ip()).find(|it| !guard.permits(*it));
            let permitted: Vec<SocketAddr> =
                found.into_iter().filter(|it| guard.permits(it.ip())).collect();
            match refused {
                Some(ip) if permitted.is_empty() => Err(Forbidden::Address(ip).into()),
                _ => Ok(Box::new(permitted.into_iter()) as Addrs),
            }
        })
    }
}

/// Reads a body of at most `limit` bytes, whatever its length header claims.
pub async fn read_body(mut answer: reqwest::Response, limit: usize) -> Result<Vec<u8>, FetchError> {
    let mut body = Vec::new();
    while let Some(chunk) =
        answer.chunk().await.map_err(|error| FetchError::Failed(in_words(&error)))?
    {
        if body.len() + chunk.len() > limit {
            return Err(FetchError::TooLarge(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The innermost cause, which is the one that names the reason; without the URL, which may carry a token.
pub(crate) fn in_words(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "it took too long".to_owned();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    if std::ptr::addr_eq(cause, error) {
        "the request failed".to_owned()
    } else {
        cause.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_sorted_by_who_may_reach_them() {
        let cases = [
            // address, public, mail host
            ("8.8.8.8", true, true),
            ("2a00:1450:4001::1", true, true),
            ("10.1.2.3", false, true),
            ("192.168.1.10", false, true),
            ("127.0.0.1", false, true),
            ("::1", false, true),
            ("fd12:3456::1", false, true),
            ("100.64.0.1", false, true),
            ("198.18.0.1", false, true),
            ("203.0.113.9", false, true),
            ("169.254.169.254", false, false),
            ("100.100.100.200", false, false),
            ("192.0.0.192", false, false),
            ("fd00:ec2::254", false, false),
            ("fe80::1", false, false),
            ("224.0.0.1", false, false),
            ("255.255.255.255", false, false),
            ("ff02::1", false, false),
            ("0.0.0.0", false, false),
            ("0.1.2.3", false, false),
            ("::", false, false),
            ("::ffff:169.254.169.254", false, false),
            ("::ffff:127.0.0.1", false, true),
            ("64:ff9b::7f00:1", false, true),
            ("64:ff9b::a9fe:a9fe", false, false),
            ("2002:7f00:1::", false, true),
            ("2002:808:808::", true, true),
            ("2001:db8::1", false, true),
            ("2001::1", false, true),
        ];
        for (text, public, mail) in cases {
            let ip: IpAddr = text.parse().unwrap();
            assert_eq!((is_public(ip), is_mail_host(ip)), (public, mail), "{text}");
        }
    }

    #[test]
    fn urls_are_judged_by_their_parsed_host() {
        let guard = Guard::default();
        let refused = [
            "http://127.1/",
            "http://0x7f000001/",
            "http://[::ffff:10.0.0.1]/",
            "http://2130706433/",
        ];
        for text in refused {
            let url = Url::parse(text).unwrap();
            assert!(matches!(guard.check(&url), Err(Forbidden::Address(_))), "{text}");
        }
        let check = |text: &str| guard.check(&Url::parse(text).unwrap());
        assert_eq!(check("ftp://example.com/"), Err(Forbidden::Scheme));
        assert_eq!(check("https://user:pass@example.com/"), Err(Forbidden::Credentials));
        assert_eq!(check("https://example.com/"), Ok(()));
        assert_eq!(check("https://8.8.8.8/"), Ok(()));
        let opened = Guard::new(vec!["10.0.0.0/8".parse().unwrap()]);
        assert_eq!(opened.check(&Url::parse("http://10.9.8.7/").unwrap()), Ok(()));
        assert!(opened.check(&Url::parse("http://127.0.0.1/").unwrap()).is_err());
    }

    #[tokio::test]
    async fn a_name_that_resolves_to_this_machine_is_refused() {
        let guard = Guard::default();
        let client = guard.client(Duration::from_secs(5)).unwrap();
        let error = client.get("http://localhost:9/").send().await.unwrap_err();
        assert!(in_words(&error).contains("is not a public address"), "{}", in_words(&error));
    }
}
