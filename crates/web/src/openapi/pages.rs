//! The document and a page that shows it.

use std::sync::{Arc, LazyLock};

use actix_web::{HttpRequest, HttpResponse, http::header, web::Bytes};
use domain::policy::Action;
use utoipa_swagger_ui::Config;

use super::document;
use crate::{
    error::{ApiError, Result},
    routes::{self, Routes},
};

/// Made when it is first asked for: few ever ask.
static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| {
    let document = document(&routes::all());
    serde_json::to_vec(&document).expect("a document is strings and numbers").into()
});
static VIEWER: LazyLock<Arc<Config<'static>>> =
    LazyLock::new(|| Arc::new(Config::new(["/api/openapi.json"])));

/// The page's own files only. It sets styles on what it draws.
const PAGE_POLICY: &str = "default-src 'self'; script-src 'self'; \
    style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'";

pub(crate) fn routes(routes: &mut Routes) {
    routes
        .get("/api/openapi.json", Action::Enter, show_document)
        .about("This document")
        .answers_with("application/json");
    routes
        .get("/api/docs", Action::Enter, enter)
        .about("A page that shows this document")
        .answers_with("text/html");
    routes
        .get("/api/docs/{file}", Action::Enter, show_page)
        .about("A file of that page")
        .answers_with("*/*");
}

async fn show_document() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(DOCUMENT.clone())
}

/// The page's files are named beside it, so it stands below its own folder.
async fn enter() -> HttpResponse {
    let mut response = HttpResponse::Ok();
    // Browsers do not follow the way on from a page in a sandbox.
    response.insert_header((header::CONTENT_SECURITY_POLICY, PAGE_POLICY));
    response.insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8")).body(
        "<!doctype html>\n<meta http-equiv=\"refresh\" content=\"0; url=/api/docs/index.html\">\n\
         <title>Deskbell API</title>\n<a href=\"/api/docs/index.html\">The API</a>\n",
    )
}

async fn show_page(request: HttpRequest) -> Result<HttpResponse> {
    let file = request.match_info().get("file").unwrap_or_default();
    let found = utoipa_swagger_ui::serve(file, VIEWER.clone()).ok().flatten();
    let found = found.ok_or(ApiError::NoSuchPath)?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, found.content_type))
        .insert_header((header::CONTENT_SECURITY_POLICY, PAGE_POLICY))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(found.bytes.into_owned()))
}
