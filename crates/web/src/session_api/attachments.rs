//! Files on messages: sent here first, fetched from here later.

use actix_multipart::{Field, Multipart};
use actix_web::{
    HttpMessage, HttpRequest, HttpResponse,
    http::{StatusCode, header::HeaderName},
    web::{self, Data},
};
use desk::{
    Desk, DeskError,
    attachments::{self, MAX_BYTES, Upload, links::Link},
};
use domain::{
    Timestamp,
    ids::{AgentId, AttachmentId},
    messages::Attachment,
    policy::Action,
};
use futures_util::StreamExt;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::messages::views::AttachmentView;
use crate::{
    body::{self, BodyDeadlines},
    error::{ApiError, Result},
    files,
    path::Id,
    query,
    routes::Routes,
    server::WebOptions,
    session::SignedIn,
};

/// More parts than this is no form.
const MOST_FIELDS: usize = 50;
/// Bytes of everything that is not the file.
const MOST_BESIDE: u64 = 64 * 1024;

pub(crate) fn routes(routes: &mut Routes) {
    routes.slow(|routes| {
        routes
            .post("/api/attachments", Action::UploadAttachments, upload)
            .about("Upload a file for a message")
            .takes_as::<Form>("multipart/form-data")
            .answers::<AttachmentView>(201);
        routes
            .get("/api/attachments/{id}", Action::ReadAttachments, download)
            .about("Download a file or a part of it (Range), or show a picture")
            .query::<Wanted>()
            .answers_with("application/octet-stream")
            .answers_with("image/*")
            .answers_with("audio/*")
            .answers_with("video/*");
    });
    // The signature in the address is the permission: a sandboxed frame sends no cookie.
    routes
        .get("/api/attachments/{id}/picture", Action::Enter, picture)
        .about("A picture of a mail, by a signed address")
        .query::<Signed>()
        .answers_with("image/*");
}

/// A file as it is sent.
#[derive(ToSchema)]
struct Form {
    #[schema(value_type = String, format = Binary)]
    #[expect(dead_code, reason = "read piece by piece")]
    file: Vec<u8>,
}

async fn upload(
    who: SignedIn,
    request: HttpRequest,
    payload: web::Payload,
    desk: Data<Desk>,
) -> Result<HttpResponse> {
    let caller = who.0.caller();
    let begin = async |name: String| Ok(attachments::begin(&desk, caller, &name).await?);
    let stored = read_upload(&request, payload, &desk, begin).await?;
    Ok(HttpResponse::Created().json(AttachmentView::from(stored)))
}

/// Stores the file of a form. `begin` is asked with its name once it comes.
pub(crate) async fn read_upload(
    request: &HttpRequest,
    payload: web::Payload,
    desk: &Desk,
    begin: impl AsyncFn(String) -> Result<Upload>,
) -> Result<Attachment> {
    body::refuse_encoded(request)?;
    let options = request.app_data::<Data<WebOptions>>();
    let deadlines = options.map_or_else(Default::default, |it| it.body);
    if !request.content_type().eq_ignore_ascii_case("multipart/form-data") {
        let message = "send the file as multipart/form-data";
        return Err(ApiError::Refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
    }
    let mut form = Multipart::new(request.headers(), payload);
    read_form(&mut form, desk, begin, deadlines).await
}

/// Stores the one file of a form. Its other fields are read and left alone.
async fn read_form(
    form: &mut Multipart,
    desk: &Desk,
    begin: impl AsyncFn(String) -> Result<Upload>,
    deadlines: BodyDeadlines,
) -> Result<Attachment> {
    let mut file: Option<Upload> = None;
    let mut beside = 0;
    for count in 0.. {
        let Some(field) = within(deadlines, form.next()).await? else { break };
        let mut field = field.map_err(|_| unreadable())?;
        if count == MOST_FIELDS {
            return Err(ApiError::invalid("file", format!("at most {MOST_FIELDS} fields")));
        }
        let name = field.content_disposition().and_then(|it| it.get_filename());
        let Some(name) = name.map(str::to_owned) else {
            skip(&mut field, &mut beside, deadlines).await?;
            continue;
        };
        if file.is_some() {
            return Err(ApiError::invalid("file", "send one file at a time"));
        }
        let mut upload = begin(name).await?;
        while let Some(piece) = within(deadlines, field.next()).await? {
            let piece = piece.map_err(|_| unreadable())?;
            if upload.size() + piece.len() as u64 > MAX_BYTES {
                return Err(too_large());
            }
            upload.write(piece).await?;
        }
        file = Some(upload);
    }
    let file = file.ok_or_else(|| ApiError::invalid("file", "is missing"))?;
    if file.size() == 0 {
        return Err(ApiError::invalid("file", "is empty"));
    }
    Ok(file.finish(desk).await?)
}

async fn skip(field: &mut Field, beside: &mut u64, deadlines: BodyDeadlines) -> Result<()> {
    while let Some(piece) = within(deadlines, field.next()).await? {
        *beside += piece.map_err(|_| unreadable())?.len() as u64;
        if *beside > MOST_BESIDE {
            return Err(too_large());
        }
    }
    Ok(())
}

/// Waits for the next piece no longer than a working connection needs.
async fn within<T>(deadlines: BodyDeadlines, next: impl Future<Output = T>) -> Result<T> {
    tokio::time::timeout(deadlines.idle, next)
        .await
        .map_err(|_| ApiError::Refused(StatusCode::REQUEST_TIMEOUT, "the body came too slowly"))
}

fn unreadable() -> ApiError {
    ApiError::Refused(StatusCode::BAD_REQUEST, "the form could not be read")
}

fn too_large() -> ApiError {
    ApiError::Refused(StatusCode::PAYLOAD_TOO_LARGE, "a file may have 25 MB at most")
}

#[derive(Deserialize, IntoParams)]
struct Wanted {
    inline: Option<String>,
}

/// A file to be saved, or with `inline=1` a picture to be shown.
async fn download(
    who: SignedIn,
    request: HttpRequest,
    id: Id<AttachmentId>,
    desk: Data<Desk>,
) -> Result<HttpResponse> {
    let wanted: Wanted = query::parse(request.query_string())?;
    let found = attachments::find(&desk, who.0.caller(), id.0).await?;
    Ok(files::attachment(&request, found, wanted.inline.as_deref() == Some("1")))
}

#[derive(Deserialize, IntoParams)]
struct Signed {
    agent: Option<String>,
    expires: Option<String>,
    signature: Option<String>,
}

async fn picture(
    request: HttpRequest,
    id: Id<AttachmentId>,
    desk: Data<Desk>,
) -> Result<HttpResponse> {
    const MISSING: ApiError = ApiError::Desk(DeskError::NotFound("attachment"));
    let signed: Signed = query::parse(request.query_string()).map_err(|_| MISSING)?;
    let link = link(id.0, &signed).ok_or(MISSING)?;
    let found = attachments::find_by_link(&desk, link).await?;
    let mut response = files::attachment(&request, found, true);
    // The frame that shows it has no origin of its own.
    response.headers_mut().insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        actix_web::http::header::HeaderValue::from_static("cross-origin"),
    );
    Ok(response)
}

fn link(attachment: AttachmentId, signed: &Signed) -> Option<Link> {
    Some(Link {
        attachment,
        agent: signed.agent.as_deref()?.parse::<AgentId>().ok()?,
        expires_at: Timestamp(signed.expires.as_deref()?.parse().ok()?),
        signature: Link::parse_signature(signed.signature.as_deref()?)?,
    })
}
