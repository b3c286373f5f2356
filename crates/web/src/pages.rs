//! Our own pages: files from the binary.

use std::sync::LazyLock;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method, StatusCode,
        header::{self, HeaderValue},
    },
};
use dashboard::{
    ICON,
    app::{self, Asset},
};
use domain::policy::Action;

use crate::{
    error::{ApiError, Result},
    routes::Routes,
    session,
};

/// For our own pages: our own files, nobody else's.
pub(crate) const PAGE_POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self'; \
     img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; \
     frame-ancestors 'none'";

/// The hash of the icon's bytes: it changes exactly when they do.
static ICON_TAG: LazyLock<String> = LazyLock::new(|| {
    let hash = desk::tokens::digest(&[ICON]);
    let hex: String = hash[..12].iter().map(|it| format!("{it:02x}")).collect();
    format!("\"{hex}\"")
});

pub(crate) fn routes(routes: &mut Routes) {
    routes.get("/favicon.ico", Action::Enter, icon);
    for address in app::ADDRESSES {
        routes.get(address, Action::Enter, dashboard);
    }
    routes.get("/assets/app/{name}", Action::Enter, built);
}

async fn dashboard(request: HttpRequest) -> HttpResponse {
    dashboard_page(StatusCode::OK, &request)
}

/// Whether a person went to an address that is none of ours, rather than a script. What the API's
/// clients read stays JSON whatever they say they accept.
pub(crate) fn is_visited(request: &HttpRequest) -> bool {
    let first = request.path().split('/').nth(1).unwrap_or_default();
    let for_programs = ["api", "assets", "metrics", "sse", "v1", "webhooks", "widget"];
    let accepts = request.headers().get(header::ACCEPT).and_then(|it| it.to_str().ok());
    matches!(*request.method(), Method::GET | Method::HEAD)
        && !for_programs.contains(&first)
        && accepts.is_some_and(|it| it.contains("text/html"))
}

/// The dashboard: whatever the address, the page is the same but for its nonce, and for whether a
/// session came along. Whether that one is good, it has to ask.
pub(crate) fn dashboard_page(status: StatusCode, request: &HttpRequest) -> HttpResponse {
    let nonce = desk::tokens::Token::random().reveal().to_owned();
    let policy =
        PAGE_POLICY.replace("style-src 'self'", &format!("style-src 'self' 'nonce-{nonce}'"));
    HttpResponse::build(status)
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .content_type("text/html; charset=utf-8")
        .body(app::page(&nonce, session::token(request).is_some()))
}

/// A file the dashboard loads. Its name changes with its bytes, so it is kept for ever.
async fn built(request: HttpRequest) -> Result<HttpResponse> {
    let name = request.match_info().query("name");
    let Asset { content_type, plain, brotli, gzip } =
        app::asset(name).ok_or(ApiError::NoSuchPath)?;
    let (encoding, bytes) = match (brotli, gzip) {
        (Some(it), _) if takes(&request, "br") => (Some("br"), it),
        (_, Some(it)) if takes(&request, "gzip") => (Some("gzip"), it),
        _ => (None, plain),
    };
    let mut response = HttpResponse::Ok();
    response
        .content_type(content_type)
        .insert_header((header::VARY, "Accept-Encoding"))
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"));
    if let Some(encoding) = encoding {
        response.insert_header((header::CONTENT_ENCODING, encoding));
    }
    Ok(response.body(bytes))
}

/// RFC 9110 §12.5.3, as far as browsers use it: named, and not with a weight of zero.
pub(crate) fn takes(request: &HttpRequest, encoding: &str) -> bool {
    let sent = request.headers().get(header::ACCEPT_ENCODING).and_then(|it| it.to_str().ok());
    sent.unwrap_or_default().split(',').any(|it| {
        let (name, weight) = it.split_once(';').unwrap_or((it, "q=1"));
        let refused = matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000");
        name.trim().eq_ignore_ascii_case(encoding) && !refused
    })
}

async fn icon(request: HttpRequest) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    // Kept, but asked about each time: its name says nothing about its bytes.
    response.insert_header((header::ETAG, ICON_TAG.as_str()));
    response.insert_header((header::CACHE_CONTROL, "no-cache"));
    if matches(request.headers().get(header::IF_NONE_MATCH), &ICON_TAG) {
        return response.status(actix_web::http::StatusCode::NOT_MODIFIED).finish();
    }
    response.insert_header((header::CONTENT_TYPE, "image/svg+xml"));
    response.body(ICON)
}

/// RFC 9110 §13.1.2, with weak comparison.
pub(crate) fn matches(sent: Option<&HeaderValue>, tag: &str) -> bool {
    let Some(sent) = sent.and_then(|it| it.to_str().ok()) else { return false };
    sent.split(',').map(str::trim).any(|it| it == "*" || it.trim_start_matches("W/") == tag)
}
