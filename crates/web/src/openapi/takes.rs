//! What each parameter of a handler says about a request.

use actix_web::{HttpRequest, web};
use utoipa::{
    IntoParams, ToSchema,
    openapi::{
        KnownFormat, ObjectBuilder, Required, SchemaFormat,
        path::{Parameter, ParameterBuilder, ParameterIn},
        schema::Type,
    },
};

use super::sheet::Sheet;
use crate::{
    body::Body,
    idempotency::IdempotencyKey,
    page::Paging,
    path::Id,
    query::Query,
    session::{Admin, SignedIn},
};

/// A parameter of a handler, or all of them.
pub(crate) trait Takes {
    fn describe(_: &mut Sheet) {}
}

impl Takes for SignedIn {}
impl Takes for Admin {}
impl Takes for HttpRequest {}
impl Takes for web::Payload {}
impl<T> Takes for web::Data<T> {}
// Parameters in a path are read from the path itself.
impl<T> Takes for Id<T> {}

impl<T: ToSchema, const MOST: usize> Takes for Body<T, MOST> {
    fn describe(sheet: &mut Sheet) {
        sheet.takes_json::<T>();
    }
}

impl<T: IntoParams> Takes for Query<T> {
    fn describe(sheet: &mut Sheet) {
        sheet.takes_query::<T>();
    }
}

impl Takes for Paging {
    fn describe(sheet: &mut Sheet) {
        sheet.parameters.extend([
            number("page", "From 1. `page` × `per_page` goes to 10,000; then use `cursor`.", None),
            number("per_page", "Rows of a page; 25 when left out.", Some(100.0)),
            text("cursor", ParameterIn::Query, "The `next_cursor` of the page before.", 1_000),
        ]);
    }
}

impl Takes for IdempotencyKey {
    fn describe(sheet: &mut Sheet) {
        let meaning = "The same key with the same request is done once and answered alike.";
        sheet.parameters.push(text("Idempotency-Key", ParameterIn::Header, meaning, 255));
    }
}

fn number(name: &str, description: &str, most: Option<f64>) -> Parameter {
    let schema = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
        .minimum(Some(1.0))
        .maximum(most)
        .build();
    parameter(name, ParameterIn::Query, description).schema(Some(schema)).build()
}

fn text(name: &str, place: ParameterIn, description: &str, longest: usize) -> Parameter {
    let schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(longest))
        .build();
    parameter(name, place, description).schema(Some(schema)).build()
}

fn parameter(name: &str, place: ParameterIn, description: &str) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(Required::False)
        .description(Some(description))
}

macro_rules! takes_all_of {
    ($($part:ident)*) => {
        impl<$($part: Takes),*> Takes for ($($part,)*) {
            fn describe(_sheet: &mut Sheet) {
                $($part::describe(_sheet);)*
            }
        }
    };
}

takes_all_of!();
takes_all_of!(A);
takes_all_of!(A B);
takes_all_of!(A B C);
takes_all_of!(A B C D);
takes_all_of!(A B C D E);
takes_all_of!(A B C D E F);
takes_all_of!(A B C D E F G);
takes_all_of!(A B C D E F G H);
