//! The mail a message came from, as it came.

use actix_web::{HttpResponse, web};
use desk::{Desk, attachments, messages};
use domain::ids::MessageId;

use crate::{error::Result, files, path::Id, session::SignedIn};

pub(super) async fn download(
    who: SignedIn,
    id: Id<MessageId>,
    desk: web::Data<Desk>,
) -> Result<HttpResponse> {
    let hash = messages::raw(&desk, who.0.caller(), id.0).await?;
    let (file, size) = attachments::read::open_mail(&desk, hash).await?;
    Ok(files::download(file, size, "message.eml", files::UNKNOWN))
}
