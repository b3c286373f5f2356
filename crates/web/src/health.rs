//! For supervisors and load balancers: does the process live, and can it work.

use actix_web::{HttpResponse, web::Data};
use desk::Desk;
use domain::policy::Action;
use serde_json::json;

use crate::{error::Result, routes::Routes};

pub(crate) fn routes(routes: &mut Routes) {
    routes.get("/healthz", Action::Enter, healthz);
    routes.get("/readyz", Action::Enter, readyz);
}

/// Answers as long as the process does: a full disk is no reason to kill it.
async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "ok" }))
}

async fn readyz(desk: Data<Desk>) -> Result<HttpResponse> {
    desk::health::ready(&desk).await?;
    Ok(HttpResponse::Ok().json(json!({ "status": "ok" })))
}
