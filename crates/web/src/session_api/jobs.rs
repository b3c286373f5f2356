//! Work that waits for an admin's word.

use actix_web::web::{Data, Json};
use desk::{Desk, backups};
use domain::policy::Action;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{error::Result, routes::Routes, session::Admin};

pub(crate) fn routes(routes: &mut Routes) {
    routes
        .post("/api/jobs/release", Action::ManageChannels, release)
        .about("After a restore: let out what waits to be sent");
}

#[derive(Serialize, ToSchema)]
struct Released {
    /// Jobs that run now.
    released: u64,
}

/// After a restore: lets out what waits to be sent.
async fn release(admin: Admin, desk: Data<Desk>) -> Result<Json<Released>> {
    let released = backups::release_held_jobs(&desk, admin.0.actor()).await?;
    Ok(Json(Released { released }))
}
