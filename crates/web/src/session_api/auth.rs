//! Signing in and out, and one's own account.

use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use desk::{
    Desk,
    identity::{self, SignIn},
    options::Secret,
    sessions::NewSession,
};
use domain::policy::Action;
use serde::Deserialize;
use serde_json::json;

use super::agents::AgentView;
use crate::{body::Body, error::Result, limits, routes::Routes, session};

pub(crate) fn routes(routes: &mut Routes) {
    routes.post("/api/auth/login", Action::Enter, sign_in);
    routes.post("/api/auth/logout", Action::Enter, sign_out);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Credentials {
    email: String,
    password: String,
}

async fn sign_in(
    request: HttpRequest,
    body: Body<Credentials>,
    desk: web::Data<Desk>,
) -> Result<HttpResponse> {
    limits::knock(&request)?;
    let sign_in = SignIn {
        email: body.value.email,
        password: Secret::new(body.value.password),
        previous: session::token(&request),
        device: session::device(&request),
    };
    let made = identity::sign_in(&desk, sign_in, session::client(&request)).await?;
    Ok(answer_with_session(HttpResponse::Ok(), &request, &desk, &made))
}

async fn sign_out(request: HttpRequest, desk: web::Data<Desk>) -> Result<HttpResponse> {
    identity::sign_out(&desk, session::token(&request)).await?;
    let mut response = HttpResponse::Ok();
    session::clear(&mut response, &request);
    Ok(response.json(json!({ "result": "signed out" })))
}

/// The agent who is signed in now, with the cookie that says so.
pub(super) fn answer_with_session(
    mut response: HttpResponseBuilder,
    request: &HttpRequest,
    desk: &Desk,
    made: &NewSession,
) -> HttpResponse {
    session::set(&mut response, request, &made.token);
    session::set_device(&mut response, request, identity::device_mark(desk, &made.agent.email));
    response.json(AgentView::from(made.agent.clone()))
}
