//! Our own pages: static files from the binary.

use std::sync::LazyLock;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderValue},
};
use dashboard::{FILES, File};
use domain::policy::Action;

use crate::routes::Routes;

/// For our own pages: our own files, nobody else's.
const PAGE_POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self'; \
     img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; \
     frame-ancestors 'none'";

/// A file's tag is the hash of its bytes: it changes exactly when they do.
static TAGS: LazyLock<Vec<(&'static str, String)>> = LazyLock::new(|| {
    let tag = |it: &File| {
        let hash = desk::tokens::digest(&[it.bytes]);
        let hex: String = hash[..12].iter().map(|it| format!("{it:02x}")).collect();
        format!("\"{hex}\"")
    };
    FILES.iter().map(|it| (it.path, tag(it))).collect()
});

pub(crate) fn routes(routes: &mut Routes) {
    for file in FILES {
        routes.get(file.path, Action::Enter, move |request| serve(file, request));
    }
}

async fn serve(file: File, request: HttpRequest) -> HttpResponse {
    let tag = TAGS.iter().find(|(path, _)| *path == file.path).map_or("", |(_, tag)| tag);
    let mut response = HttpResponse::Ok();
    response.insert_header((header::ETAG, tag));
    if file.is_page() {
        response.insert_header((header::CONTENT_SECURITY_POLICY, PAGE_POLICY));
        response.insert_header((header::CACHE_CONTROL, "no-store"));
    } else {
        // Kept, but asked about each time: a new version must not meet an old script.
        response.insert_header((header::CACHE_CONTROL, "no-cache"));
    }
    if matches(request.headers().get(header::IF_NONE_MATCH), tag) {
        return response.status(actix_web::http::StatusCode::NOT_MODIFIED).finish();
    }
    response.insert_header((header::CONTENT_TYPE, file.content_type));
    response.body(file.bytes)
}

/// RFC 9110 §13.1.2, with weak comparison.
fn matches(sent: Option<&HeaderValue>, tag: &str) -> bool {
    let Some(sent) = sent.and_then(|it| it.to_str().ok()) else { return false };
    sent.split(',').map(str::trim).any(|it| it == "*" || it.trim_start_matches("W/") == tag)
}
