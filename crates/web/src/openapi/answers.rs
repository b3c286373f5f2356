//! What each type a handler returns says about its answer.

use actix_web::{HttpRequest, HttpResponse, Responder, body::EitherBody, web::Json};
use serde::Serialize;
use utoipa::ToSchema;

use super::sheet::Sheet;
use crate::error::ApiError;

/// What a handler returns.
pub(crate) trait Answers {
    fn describe(_: &mut Sheet) {}
}

/// 201 with the object that was made.
#[derive(Debug)]
pub(crate) struct Created<T>(pub T);

impl<T: Serialize> Responder for Created<T> {
    type Body = EitherBody<String>;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse<Self::Body> {
        let mut response = Json(self.0).respond_to(request);
        if response.status().is_success() {
            *response.status_mut() = actix_web::http::StatusCode::CREATED;
        }
        response
    }
}

// Its registration says what is in it.
impl Answers for HttpResponse {}

impl<T: Answers> Answers for Result<T, ApiError> {
    fn describe(sheet: &mut Sheet) {
        T::describe(sheet);
    }
}

impl<T: ToSchema> Answers for Json<T> {
    fn describe(sheet: &mut Sheet) {
        sheet.answers_json::<T>(200);
    }
}

impl<T: ToSchema> Answers for Created<T> {
    fn describe(sheet: &mut Sheet) {
        sheet.answers_json::<T>(201);
    }
}
