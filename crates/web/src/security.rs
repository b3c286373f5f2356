//! Around every request: is it meant for us, does it come from our own pages, and the headers every
//! answer carries.

use std::net::IpAddr;

use actix_web::{
    Error, HttpMessage, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
    web::Data,
};
use desk::Desk;
use url::{Host, Url};

use crate::{
    error::{ApiError, Result},
    keys,
    server::WebOptions,
    widget::cors,
};

/// Where a request comes from, once proxies are looked through.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    pub ip: Option<IpAddr>,
    /// The host the request names.
    pub host: String,
}

const LONGEST_URL: usize = 8 * 1024;
const LARGEST_HEAD: usize = 16 * 1024;

/// For answers that are data: nothing in them may run, load or be framed.
const DATA_POLICY: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";
/// Checked by programs that know an address, not our name.
const FOR_MACHINES: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

pub(crate) async fn around(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let secure = request.app_data::<Data<Desk>>().is_some_and(|it| is_https(it));
    let for_visitors = cors::is_for_visitors(request.path());
    let mut site = None;
    let judged = match check(&request) {
        Ok(origin) => {
            let host = origin.host.clone();
            // Before anything is counted by where it comes from.
            request.extensions_mut().insert(origin);
            cors::judge(&request, &host).await
        }
        Err(error) => Err(error),
    };
    let mut response = match judged {
        Ok(judged) => match cors::preflight(&request).filter(|_| judged.is_some()) {
            Some(answer) => {
                site = judged;
                request.into_response(answer)
            }
            None => {
                site = judged;
                next.call(request).await?.map_into_boxed_body()
            }
        },
        Err(error) => request.into_response(error.error_response()),
    };
    if for_visitors {
        cors::allow(site.as_ref(), response.headers_mut());
    }
    add_headers(response.headers_mut(), secure);
    Ok(response)
}

fn check(request: &ServiceRequest) -> Result<Origin> {
    let options = request.app_data::<Data<WebOptions>>().ok_or(ApiError::Panicked)?;
    let desk = request.app_data::<Data<Desk>>().ok_or(ApiError::Panicked)?;
    let headers = request.headers();
    if request.uri().to_string().len() > LONGEST_URL {
        return Err(ApiError::Refused(StatusCode::URI_TOO_LONG, "the address is too long"));
    }
    let head: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if head > LARGEST_HEAD {
        let status = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
        return Err(ApiError::Refused(status, "the headers are too large"));
    }
    let far = options.trusted_proxies.far_end(request.peer_addr(), headers);
    let public_url = desk.options.public_url.as_ref();
    let said = headers.get(header::HOST).and_then(|it| it.to_str().ok());
    let host = far.host.as_deref().or(said).unwrap_or_default().to_owned();
    if !FOR_MACHINES.contains(&request.path()) {
        check_host(&host, public_url)?;
        // The absolute form of a request line names a host too.
        if let Some(authority) = request.uri().authority() {
            check_host(authority.as_str(), public_url)?;
        }
    }
    // Another site's page can make a browser send its cookie along, but no key.
    let by_key = keys::presented(headers).is_some();
    // Visitors have no cookie: which sites may ask is for their chat to say.
    let for_visitors = cors::is_for_visitors(request.path());
    if !by_key
        && !for_visitors
        && !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS)
    {
        check_same_origin(headers, &host, public_url)?;
    }
    Ok(Origin { ip: far.ip, host })
}

/// With a public URL only its host is ours; without one, addresses and `localhost`, which no
/// stranger's name can be pointed at (DNS rebinding).
fn check_host(said: &str, public_url: Option<&Url>) -> Result<()> {
    let Some((host, port)) = parse_host(said) else {
        return Err(ApiError::Refused(StatusCode::BAD_REQUEST, "the Host header is not valid"));
    };
    let ours = match public_url {
        Some(url) => {
            url.host().is_some_and(|it| it.to_owned() == host)
                && port.or_else(|| default_port(url)) == url.port_or_known_default()
        }
        None => match host {
            Host::Domain(name) => name == "localhost",
            Host::Ipv4(_) | Host::Ipv6(_) => true,
        },
    };
    if ours {
        return Ok(());
    }
    let status = StatusCode::MISDIRECTED_REQUEST;
    Err(ApiError::Refused(status, "this server does not answer to that name; see public_url"))
}

/// A port may be left out when it is the usual one of the scheme.
fn default_port(url: &Url) -> Option<u16> {
    match url.scheme() {
        "https" => Some(443),
        _ => Some(80),
    }
}

fn parse_host(said: &str) -> Option<(Host<String>, Option<u16>)> {
    let plain = said.bytes().all(|it| it.is_ascii_alphanumeric() || b".-:[]_".contains(&it));
    if said.is_empty() || !plain {
        return None;
    }
    // Not http: its usual port would be dropped.
    let url = Url::parse(&format!("deskbell://{said}/")).ok()?;
    let host = Host::parse(url.host_str()?).ok()?;
    Some((host, url.port()))
}

/// Browsers always say where an unsafe request comes from; scripts say nothing and pass.
fn check_same_origin(headers: &HeaderMap, host: &str, public_url: Option<&Url>) -> Result<()> {
    const CROSS_SITE: ApiError =
        ApiError::Refused(StatusCode::FORBIDDEN, "requests from other sites are refused");
    if headers.get_all("Sec-Fetch-Site").any(|it| it != "same-origin") {
        return Err(CROSS_SITE);
    }
    let mut origins = headers.get_all(header::ORIGIN);
    if !origins.all(|it| it.to_str().is_ok_and(|it| is_ours(it, host, public_url))) {
        return Err(CROSS_SITE);
    }
    Ok(())
}

/// Whether an `Origin` is that of our own pages.
pub(crate) fn is_ours(origin: &str, host: &str, public_url: Option<&Url>) -> bool {
    // `null` and other opaque origins are nobody's, so not ours.
    let Some(origin) = Url::parse(origin).ok().filter(|it| it.origin().is_tuple()) else {
        return false;
    };
    match public_url {
        Some(ours) => origin.origin() == ours.origin(),
        None => is_host(&origin, host),
    }
}

fn is_host(origin: &Url, host: &str) -> bool {
    parse_host(host).is_some_and(|(name, port)| {
        origin.host().is_some_and(|it| it.to_owned() == name)
            && origin.port_or_known_default() == port.or_else(|| default_port(origin))
    })
}

fn add_headers(headers: &mut HeaderMap, secure: bool) {
    // A handler that knows better (a page, an image for a sandboxed frame) has set its own.
    let mut usual = |name: HeaderName, value: &'static str| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    usual(header::CONTENT_SECURITY_POLICY, DATA_POLICY);
    usual(header::CACHE_CONTROL, "no-store");
    usual(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    usual(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    usual(header::REFERRER_POLICY, "no-referrer");
    usual(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    usual(
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    );
    if secure {
        usual(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
}

fn is_https(desk: &Desk) -> bool {
    desk.options.public_url.as_ref().is_some_and(|it| it.scheme() == "https")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_names_are_ours() {
        let public = Url::parse("https://desk.example.com").unwrap();
        let cases = [
            ("localhost", None, true),
            ("localhost:8080", None, true),
            ("127.0.0.1:9", None, true),
            ("[::1]:8080", None, true),
            ("evil.example", None, false),
            ("localhost.evil.example", None, false),
            ("", None, false),
            ("desk.example.com", Some(&public), true),
            ("DESK.example.com:443", Some(&public), true),
            ("desk.example.com:8080", Some(&public), false),
            ("127.0.0.1", Some(&public), false),
            ("desk.example.com@evil", Some(&public), false),
            ("desk.example.com/evil", Some(&public), false),
        ];
        for (host, public_url, want) in cases {
            assert_eq!(check_host(host, public_url).is_ok(), want, "{host:?} {public_url:?}");
        }
    }

    #[test]
    fn an_origin_without_a_public_url_must_be_the_host() {
        let cases = [
            ("http://localhost:8080", "localhost:8080", true),
            ("http://localhost", "localhost:80", true),
            ("http://localhost:8081", "localhost:8080", false),
            ("http://127.0.0.1:8080", "localhost:8080", false),
            ("http://evil.example", "localhost:8080", false),
        ];
        for (origin, host, want) in cases {
            assert_eq!(is_host(&Url::parse(origin).unwrap(), host), want, "{origin} {host}");
        }
    }
}
