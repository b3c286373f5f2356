//! A message's HTML in a document of its own, for a sandboxed frame.

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use desk::{Desk, messages::display};
use domain::ids::MessageId;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    error::{ApiError, Result},
    path::Id,
    query,
    session::SignedIn,
};

/// Nothing in it runs, is sent or leads our page away, and it has no origin. Its links open in a
/// window of their own.
macro_rules! policy {
    ($pictures:literal) => {
        concat!(
            "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; \
             img-src 'self' data:",
            $pictures,
            "; style-src 'unsafe-inline'; frame-ancestors 'self'"
        )
    };
}

const BLOCKED: &str = policy!("");
/// After the reader asked for the pictures.
const WITH_IMAGES: &str = policy!(" https: http:");
/// Only our own: the mail's styles were taken out.
const STYLE: &str = "body{margin:0;font:14px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}\
    img{max-width:100%;height:auto}pre{white-space:pre-wrap}";

#[derive(Deserialize, IntoParams)]
pub(super) struct Wanted {
    images: Option<String>,
}

pub(super) async fn show(
    who: SignedIn,
    request: HttpRequest,
    id: Id<MessageId>,
    desk: web::Data<Desk>,
) -> Result<HttpResponse> {
    let wanted: Wanted = query::parse(request.query_string())?;
    let images = match wanted.images.as_deref() {
        None | Some("0" | "false") => false,
        Some("1" | "true") => true,
        Some(_) => return Err(ApiError::invalid("images", "must be 0 or 1")),
    };
    let shown = display::html(&desk, who.0.caller(), id.0, images).await?;
    let document = format!(
        "<!doctype html>\n<html><head><meta charset=\"utf-8\">\
         <style>{STYLE}</style></head><body dir=\"auto\">{}</body></html>\n",
        shown.html
    );
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((
            header::CONTENT_SECURITY_POLICY,
            if images { WITH_IMAGES } else { BLOCKED },
        ))
        .insert_header(("X-Blocked-Images", shown.blocked_images.to_string()))
        .body(document))
}
