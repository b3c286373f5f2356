//! The files of web chat: the loader for other sites, the page it frames, and the demo's shop.

use std::sync::LazyLock;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderName, HeaderValue},
    web::Data,
};
use dashboard::app::{self, Asset};
use desk::{Desk, visitors};
use domain::{policy::Action, visitors::WebOrigin};

use super::{
    channel,
    limits::{self, Deed},
};
use crate::{
    error::{ApiError, Result},
    pages::{PAGE_POLICY, matches, takes},
    routes::Routes,
    server::WebOptions,
};

/// The panel has nothing inline and talks to nobody but us.
const PANEL_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'self'";
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

pub(super) fn routes(routes: &mut Routes) {
    routes.get("/widget.js", Action::Enter, loader);
    routes.get("/widget/{channel_id}/frame", Action::Enter, panel);
    routes.get("/demo", Action::Enter, demo);
}

/// The loader and its tag, the hash of its bytes.
static LOADER: LazyLock<Option<(Asset, String)>> = LazyLock::new(|| {
    let asset = app::widget_loader()?;
    let hash = desk::tokens::digest(&[&asset.plain]);
    let hex: String = hash[..12].iter().map(|it| format!("{it:02x}")).collect();
    Some((asset, format!("\"{hex}\"")))
});

/// Its name never changes, since it stands in the pages of others: it is asked about each time.
async fn loader(request: HttpRequest) -> Result<HttpResponse> {
    let Some((asset, tag)) = &*LOADER else { return Err(ApiError::NoSuchPath) };
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::ETAG, tag.as_str()))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((header::VARY, "Accept-Encoding"))
        // Any page may load it; what it may do is decided by the chat.
        .insert_header((RESOURCE_POLICY, "cross-origin"))
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"));
    if matches(request.headers().get(header::IF_NONE_MATCH), tag) {
        return Ok(response.status(actix_web::http::StatusCode::NOT_MODIFIED).finish());
    }
    response.content_type(asset.content_type);
    let (encoding, bytes) = match (&asset.brotli, &asset.gzip) {
        (Some(it), _) if takes(&request, "br") => (Some("br"), it),
        (_, Some(it)) if takes(&request, "gzip") => (Some("gzip"), it),
        _ => (None, &asset.plain),
    };
    if let Some(encoding) = encoding {
        response.insert_header((header::CONTENT_ENCODING, encoding));
    }
    Ok(response.body(bytes.clone()))
}

/// What the loader opens, in a frame that only the chat's sites may have.
async fn panel(request: HttpRequest, desk: Data<Desk>) -> Result<HttpResponse> {
    let channel = channel(&request)?;
    limits::count(&request, channel, None, Deed::Look)?;
    let site = visitors::site(&desk, channel).await?;
    let origins: Vec<&str> = site.config.allowed_origins.iter().map(WebOrigin::as_str).collect();
    let policy = match origins.as_slice() {
        [] => PANEL_POLICY.to_owned(),
        some => format!("{PANEL_POLICY} {}", some.join(" ")),
    };
    let mut response = page(app::widget_page(), &policy)?;
    response.headers_mut().insert(RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
    Ok(response)
}

async fn demo(options: Data<WebOptions>) -> Result<HttpResponse> {
    let channel = options.widget.demo.ok_or(ApiError::NoSuchPath)?;
    let policy = format!("{PAGE_POLICY}; frame-src 'self'");
    page(app::demo_page(&channel.to_string()), &policy)
}

fn page(html: String, policy: &str) -> Result<HttpResponse> {
    if html.is_empty() {
        return Err(ApiError::NoSuchPath);
    }
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .content_type("text/html; charset=utf-8")
        .body(html))
}
