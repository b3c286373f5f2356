//! Origins of web pages (RFC 6454): scheme, host and port, nothing more.

use serde::{Deserialize, Serialize};

/// As browsers write it in `Origin`: lower case, without the usual port of its scheme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WebOrigin(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be scheme, host and port of a site, such as https://www.example.com, and no more")]
pub struct NotAnOrigin;

const LONGEST: usize = 300;

impl WebOrigin {
    pub fn parse(text: &str) -> Result<Self, NotAnOrigin> {
        let text = text.trim().trim_end_matches('/').to_ascii_lowercase();
        let (scheme, rest) = text.split_once("://").ok_or(NotAnOrigin)?;
        let usual = match scheme {
            "https" => "443",
            "http" => "80",
            _ => return Err(NotAnOrigin),
        };
        let (host, port) = match rest.rsplit_once(':') {
            // The colons inside of [::1] are none before a port.
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (rest, None),
        };
        let port_ok = |it: &str| {
            it.bytes().all(|it| it.is_ascii_digit()) && it.parse::<u16>().is_ok_and(|it| it > 0)
        };
        if text.len() > LONGEST || !is_host(host) || !port.is_none_or(port_ok) {
            return Err(NotAnOrigin);
        }
        Ok(Self(match port.filter(|it| *it != usual) {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        }))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// It goes into a policy header as it stands, so nothing there may mean more than a name.
fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
        return address.parse::<std::net::Ipv6Addr>().is_ok();
    }
    let label = |it: &str| {
        !it.is_empty()
            && it.len() <= 63
            && it.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-' || it == b'_')
    };
    host.len() <= 253 && host.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_written_as_browsers_write_it() {
        let cases = [
            ("https://Shop.Example", "https://shop.example"),
            ("https://shop.example:443/", "https://shop.example"),
            ("http://localhost:8080", "http://localhost:8080"),
            ("http://[::1]:3000", "http://[::1]:3000"),
            ("http://[::1]", "http://[::1]"),
        ];
        for (text, want) in cases {
            assert_eq!(WebOrigin::parse(text).unwrap().as_str(), want, "{text}");
        }
        let bad = [
            "",
            "null",
            "*",
            "shop.example",
            "https://*.example",
            "https://shop.example/path",
            "https://shop.example; script-src *",
            "https://user@shop.example",
            "https://shop.example:0",
            "https://shop.example:99999",
            "https://shop.example:+80",
            "ftp://shop.example",
            "javascript:alert(1)",
            "https://",
            "https://a..b",
            "https://[::g]",
            "https://münchen.example",
        ];
        for text in bad {
            assert_eq!(WebOrigin::parse(text), Err(NotAnOrigin), "{text}");
        }
    }
}
