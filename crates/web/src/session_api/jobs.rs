//! Work that waits for an admin's word.

use actix_web::{HttpResponse, web::Data};
use desk::{Desk, backups};
use domain::policy::Action;
use serde_json::json;

use crate::{error::Result, routes::Routes, session::Admin};

pub(crate) fn routes(routes: &mut Routes) {
    routes.post("/api/jobs/release", Action::ManageChannels, release);
}

/// After a restore: lets out what waits to be sent.
async fn release(admin: Admin, desk: Data<Desk>) -> Result<HttpResponse> {
    let released = backups::release_held_jobs(&desk, admin.0.actor()).await?;
    Ok(HttpResponse::Ok().json(json!({ "released": released })))
}
