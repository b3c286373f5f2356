//! Around every handler: who asks, whether they may, how long it may take, and no panic gets out.

use std::panic::AssertUnwindSafe;

use actix_web::{
    Error, HttpMessage, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web::Data,
};
use desk::{
    Desk,
    audit::{self as sources, Source},
};
use domain::policy::{self, Caller, Object};
use futures_util::FutureExt;

use crate::{error::ApiError, routes::Terms, security::Origin, session};

/// Asks the policy, then runs the handler. All answers are responses, so that the headers every
/// answer carries are added to errors too.
pub(crate) async fn enforce(
    terms: Terms,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if let Err(error) = admit(terms, &request).await {
        return Ok(refuse(request, &error));
    }
    let kept = request.request().clone();
    let source = source(&request);
    let handled = AssertUnwindSafe(sources::from(source, next.call(request))).catch_unwind();
    match tokio::time::timeout(terms.deadline, handled).await {
        Ok(Ok(Ok(response))) => Ok(response.map_into_boxed_body()),
        Ok(Ok(Err(error))) => Ok(ServiceResponse::from_err(error, kept).map_into_boxed_body()),
        Ok(Err(_panic)) => Ok(ServiceResponse::from_err(ApiError::Panicked, kept)),
        Err(_elapsed) => Ok(ServiceResponse::from_err(ApiError::TooSlow, kept)),
    }
}

async fn admit(terms: Terms, request: &ServiceRequest) -> Result<(), ApiError> {
    let open = policy::authorize(&Caller::Nobody, terms.action, Object::Any);
    if open.is_ok() {
        return Ok(());
    }
    let desk = request.app_data::<Data<Desk>>().ok_or(ApiError::Panicked)?;
    let signed_in = session::authenticate(desk, request.request()).await?;
    let caller = signed_in.as_ref().map_or(Caller::Nobody, |it| it.caller());
    // The canonical form of an id alone: the handler takes no other (see `path`).
    let id = request.match_info().get("id").filter(|it| it.len() == 36);
    let object = Object::addressed(terms.action, id.and_then(|it| it.parse().ok()));
    policy::authorize(&caller, terms.action, object)?;
    if let Some(signed_in) = signed_in {
        request.extensions_mut().insert(session::SignedIn(signed_in));
    }
    Ok(())
}

/// What the audit trail says of the request behind a write.
fn source(request: &ServiceRequest) -> Source {
    let extensions = request.extensions();
    let key = extensions.get::<session::SignedIn>().and_then(|it| it.0.key());
    Source { ip: extensions.get::<Origin>().and_then(|it| it.ip), key }
}

fn refuse(request: ServiceRequest, error: &ApiError) -> ServiceResponse<BoxBody> {
    request.into_response(error.error_response())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use actix_web::{App, HttpResponse, http::Method, test};
    use domain::policy::Action;

    use crate::routes::Routes;

    async fn panics() -> HttpResponse {
        panic!("a secret in a panic")
    }

    async fn hangs() -> HttpResponse {
        std::future::pending().await
    }

    #[tokio::test]
    async fn a_panic_and_a_hang_are_answered_and_tell_nothing() {
        let mut routes = Routes::default();
        routes.get("/panics", Action::Enter, panics);
        routes.within(Duration::from_millis(20), |it| {
            it.get("/hangs", Action::Enter, hangs);
        });
        let app = App::new().configure(|config| routes.configure(config));
        let app = test::init_service(app).await;
        for (path, status, error) in [
            ("/panics", 500, "internal error"),
            ("/hangs", 503, "too busy just now; try again in a moment"),
        ] {
            let request = test::TestRequest::with_uri(path).method(Method::GET).to_request();
            let response = test::call_service(&app, request).await;
            assert_eq!(response.status(), status, "{path}");
            let body: serde_json::Value = test::read_body_json(response).await;
            assert_eq!(body, serde_json::json!({ "error": error }));
        }
    }
}
