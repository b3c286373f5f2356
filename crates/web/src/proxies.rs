//! What to believe about a request that came through a reverse proxy.

use std::net::{IpAddr, SocketAddr};

use actix_web::http::header::{self, HeaderMap};
use ipnet::IpNet;

/// The networks whose `Forwarded` and `X-Forwarded-*` headers are believed.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(pub Vec<IpNet>);

/// The far end of the last hop we trust.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Far {
    pub ip: Option<IpAddr>,
    /// The Host the client asked for, as a trusted proxy tells it.
    pub host: Option<String>,
}

impl TrustedProxies {
    fn trust(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        self.0.iter().any(|it| it.contains(&ip))
    }

    /// Walks the chain from the right, the only end a stranger cannot write, while the hops are
    /// trusted. `Forwarded` (RFC 7239) and `X-Forwarded-*` count alike.
    pub(crate) fn far_end(&self, peer: Option<SocketAddr>, headers: &HeaderMap) -> Far {
        let Some(peer) = peer.map(|it| it.ip()) else { return Far::default() };
        let mut far = Far { ip: Some(peer), host: None };
        if !self.trust(peer) {
            return far;
        }
        for hop in hops(headers).into_iter().rev() {
            if hop.host.is_some() {
                far.host = hop.host;
            }
            // "unknown" or nonsense: nothing beyond it can be known.
            let Some(ip) = hop.ip else { break };
            far.ip = Some(ip);
            if !self.trust(ip) {
                break;
            }
        }
        far
    }
}

struct Hop {
    ip: Option<IpAddr>,
    host: Option<String>,
}

/// The hops of the headers, the nearest last.
fn hops(headers: &HeaderMap) -> Vec<Hop> {
    let list = |name: header::HeaderName| {
        let values = headers.get_all(name).filter_map(|it| it.to_str().ok());
        values.flat_map(|it| it.split(',')).map(|it| it.trim().to_owned()).collect::<Vec<_>>()
    };
    let standard: Vec<Hop> = list(header::FORWARDED).iter().map(|it| forwarded(it)).collect();
    let mut usual: Vec<Hop> = list(header::X_FORWARDED_FOR)
        .iter()
        .map(|it| Hop { ip: address(it), host: None })
        .collect();
    if let (Some(nearest), Some(host)) = (usual.last_mut(), list(header::X_FORWARDED_HOST).pop()) {
        nearest.host = Some(host);
    }
    if standard.is_empty() {
        return usual;
    }
    // A proxy writes one of the two and lets the other pass as it came: a stranger may have written
    // that. Where they tell different ways, neither is believed.
    let same_way = usual.iter().map(|it| it.ip).eq(standard.iter().map(|it| it.ip));
    if usual.is_empty() || same_way { standard } else { Vec::new() }
}

/// One element: `for="[2001:db8::1]:4711";host=desk.example.com;proto=https`.
fn forwarded(element: &str) -> Hop {
    let mut hop = Hop { ip: None, host: None };
    for pair in element.split(';') {
        let Some((name, value)) = pair.split_once('=') else { continue };
        let value = value.trim().trim_matches('"');
        match name.trim().to_ascii_lowercase().as_str() {
            "for" => hop.ip = address(value),
            "host" => hop.host = Some(value.to_owned()),
            _ => {}
        }
    }
    hop
}

/// An address with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|it| it.ip()))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn forwarded_headers_count_only_from_trusted_hops() {
        let trusted = TrustedProxies(vec!["10.0.0.0/8".parse().unwrap()]);
        type Sent = &'static [(&'static str, &'static str)];
        let cases: [(&str, Sent, &str, Option<&str>); 12] = [
            ("203.0.113.9", &[("x-forwarded-for", "6.6.6.6")], "203.0.113.9", None),
            ("203.0.113.9", &[("forwarded", "for=6.6.6.6;host=evil")], "203.0.113.9", None),
            ("10.0.0.1", &[("x-forwarded-for", "198.51.100.7")], "198.51.100.7", None),
            ("10.0.0.1", &[("x-forwarded-for", "6.6.6.6, 198.51.100.7")], "198.51.100.7", None),
            (
                "10.0.0.1",
                &[("x-forwarded-for", "6.6.6.6, 198.51.100.7, 10.0.0.2")],
                "198.51.100.7",
                None,
            ),
            ("10.0.0.1", &[("x-forwarded-for", "6.6.6.6, junk")], "10.0.0.1", None),
            (
                "10.0.0.1",
                &[(
                    "forwarded",
                    "for=6.6.6.6;host=evil, for=\"[2001:db8::1]:47\";host=desk.example",
                )],
                "2001:db8::1",
                Some("desk.example"),
            ),
            (
                "10.0.0.1",
                &[("x-forwarded-for", "198.51.100.7"), ("x-forwarded-host", "evil, desk.example")],
                "198.51.100.7",
                Some("desk.example"),
            ),
            // One of the two is a stranger's, and which one nobody can tell.
            (
                "10.0.0.1",
                &[("forwarded", "for=6.6.6.6;host=evil"), ("x-forwarded-for", "198.51.100.7")],
                "10.0.0.1",
                None,
            ),
            (
                "10.0.0.1",
                &[
                    ("forwarded", "for=6.6.6.6, for=10.0.0.2"),
                    ("x-forwarded-for", "198.51.100.7, 10.0.0.2"),
                ],
                "10.0.0.1",
                None,
            ),
            (
                "10.0.0.1",
                &[
                    ("forwarded", "for=198.51.100.7;host=desk.example"),
                    ("x-forwarded-for", "198.51.100.7"),
                ],
                "198.51.100.7",
                Some("desk.example"),
            ),
            ("10.0.0.1", &[], "10.0.0.1", None),
        ];
        for (peer, sent, ip, host) in cases {
            let mut headers = HeaderMap::new();
            for (name, value) in sent {
                headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
            }
            let peer = SocketAddr::new(peer.parse().unwrap(), 1234);
            let got = trusted.far_end(Some(peer), &headers);
            assert_eq!(got.ip.unwrap().to_string(), ip, "{sent:?}");
            assert_eq!(got.host.as_deref(), host, "{sent:?}");
        }
    }
}
