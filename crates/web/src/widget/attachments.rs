//! Files in a chat.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{self, Data},
};
use desk::{
    Desk, DeskError,
    visitors::files::{self as chat_files, Link},
};
use domain::{
    Timestamp,
    ids::{AttachmentId, VisitorId},
    policy::Action,
};
use serde::Deserialize;
use serde_json::json;

use super::{
    bearer, channel,
    limits::{self, Deed},
    told,
};
use crate::{
    error::{ApiError, Result},
    files, path, query,
    routes::Routes,
    session_api::attachments::read_upload,
};

pub(super) fn routes(routes: &mut Routes) {
    routes.slow(|routes| {
        routes
            .post("/widget/{channel_id}/attachments", Action::Enter, upload)
            .about("Upload a file for a message");
        // The signature in the address is the permission: an image cannot send a token.
        routes
            .get("/widget/{channel_id}/attachments/{id}", Action::Enter, download)
            .about("Download a file, or show a picture");
    });
}

async fn upload(
    request: HttpRequest,
    payload: web::Payload,
    desk: Data<Desk>,
) -> Result<HttpResponse> {
    let channel = channel(&request)?;
    let token = bearer(&request)?;
    limits::count(&request, channel, Some(&token), Deed::Upload)?;
    let begin = async |name: String| {
        chat_files::begin(&desk, channel, token.clone(), &name).await.map_err(told)
    };
    let it = read_upload(&request, payload, &desk, begin).await?;
    let view = json!({ "id": it.id, "name": it.name, "type": it.mime, "size": it.size });
    Ok(HttpResponse::Created().json(view))
}

#[derive(Deserialize)]
struct Signed {
    visitor: Option<String>,
    expires: Option<String>,
    signature: Option<String>,
    inline: Option<String>,
}

async fn download(request: HttpRequest, desk: Data<Desk>) -> Result<HttpResponse> {
    const MISSING: ApiError = ApiError::Desk(DeskError::NotFound("attachment"));
    let channel = channel(&request)?;
    let id: AttachmentId = path::id(&request, "id").map_err(|_| MISSING)?;
    limits::count(&request, channel, None, Deed::Look)?;
    let signed: Signed = query::parse(request.query_string()).map_err(|_| MISSING)?;
    let link = link(id, &signed).ok_or(MISSING)?;
    let found = chat_files::find(&desk, channel, link).await?;
    Ok(files::attachment(&request, found, signed.inline.as_deref() == Some("1")))
}

fn link(attachment: AttachmentId, signed: &Signed) -> Option<Link> {
    Some(Link {
        attachment,
        visitor: signed.visitor.as_deref()?.parse::<VisitorId>().ok()?,
        expires_at: Timestamp(signed.expires.as_deref()?.parse().ok()?),
        signature: desk::attachments::links::Link::parse_signature(signed.signature.as_deref()?)?,
    })
}
