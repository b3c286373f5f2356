//! The document, put together from the routes.

use std::collections::BTreeMap;

use actix_web::http::Method;
use domain::policy::Action;
use serde::Serialize;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Components, ContentBuilder, HttpMethod, Info, KnownFormat, ObjectBuilder, OpenApi,
        PathItem, Paths, Ref, RefOr, Required, Response, ResponseBuilder, Schema, SchemaFormat,
        SecurityRequirement,
        path::{Operation, OperationBuilder, ParameterBuilder, ParameterIn},
        schema::Type,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use super::sheet::Sheet;
use crate::{
    routes::{Routes, Terms},
    session::{PLAIN_NAME, SECURE_NAME},
};

const SESSION: &str = "session";
const KEY: &str = "key";
const ABOUT: &str = "The API of the dashboard, and of scripts. Sign in with `POST /api/auth/login` and \
    send the cookie it sets, or send an API key as `Authorization: Bearer dbk_…`; beside a key a \
    cookie is not looked at. Lists come as `data` and `pagination`; an \
    error says in `error` what went wrong. Times are RFC 3339 in UTC, ids are UUIDs.";

/// Describes every operation below `/api` and the live stream.
pub(crate) fn document(routes: &Routes) -> OpenApi {
    let mut paths = Paths::new();
    let (mut taken, mut answered) = (BTreeMap::new(), BTreeMap::new());
    for route in routes.described() {
        let mut sheet = Sheet::default();
        for describe in route.describe {
            describe(&mut sheet);
        }
        collect(&mut taken, std::mem::take(&mut sheet.taken));
        collect(&mut answered, std::mem::take(&mut sheet.answered));
        let operation = operation(route.path, route.terms, route.summary, route.handler, sheet);
        let item = paths.paths.entry(route.path.to_owned()).or_default();
        item.merge_operations(PathItem::new(method(route.method), operation));
    }
    let mut components = Components::new();
    // What goes both ways is described as it may be sent to us.
    components.schemas = answered;
    components.schemas.extend(taken);
    collect(&mut components.schemas, [("Error".to_owned(), Error::schema())]);
    collect(&mut components.schemas, [("FieldError".to_owned(), FieldError::schema())]);
    let cookie = ApiKeyValue::with_description(PLAIN_NAME, &format!("`{SECURE_NAME}` over https"));
    components.add_security_scheme(SESSION, SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    let key = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("An API key, as `POST /api/keys` tells it once"));
    components.add_security_scheme(KEY, SecurityScheme::Http(key.build()));
    let mut info = Info::new("Deskbell session API", env!("CARGO_PKG_VERSION"));
    info.description = Some(ABOUT.to_owned());
    let mut document = OpenApi::new(info, paths);
    document.components = Some(components);
    document
}

/// A failed request.
#[derive(Serialize, ToSchema)]
struct Error {
    /// What went wrong, for a person.
    error: String,
    /// What is wrong with which field.
    details: Option<Vec<FieldError>>,
    /// The object that is in the way.
    #[schema(value_type = Option<Uuid>)]
    existing_id: Option<String>,
    /// What was written meanwhile, when a reply was stopped for it.
    #[schema(value_type = Option<Vec<Object>>)]
    messages: Option<Vec<serde_json::Value>>,
}

#[derive(Serialize, ToSchema)]
struct FieldError {
    field: String,
    message: String,
}

fn collect(
    known: &mut BTreeMap<String, RefOr<Schema>>,
    new: impl IntoIterator<Item = (String, RefOr<Schema>)>,
) {
    for (name, schema) in new {
        if let Some(other) = known.get(&name) {
            debug_assert!(
                *other == schema,
                "two schemas are called {name}: give one #[schema(as = …)]"
            );
        }
        known.insert(name, schema);
    }
}

fn operation(path: &str, terms: Terms, summary: &str, handler: &str, sheet: Sheet) -> Operation {
    let name = handler.trim_start_matches("web::").trim_start_matches("session_api::");
    let tag = name.split("::").next().unwrap_or(name);
    let mut operation = OperationBuilder::new()
        .operation_id(Some(name.replace("::", "_")))
        .tag(tag)
        .summary(Some(summary))
        .parameters(Some(in_path(path).chain(sheet.parameters)))
        .request_body(sheet.body);
    for (status, response) in sheet.answers {
        operation = operation.response(status.to_string(), response);
    }
    operation = operation.response("default", failed());
    for scheme in [SESSION, KEY].into_iter().filter(|it| opens(it, terms.action)) {
        operation = operation.security(SecurityRequirement::new::<_, [&str; 0], _>(scheme, []));
    }
    operation.build()
}

/// Whether an operation asks for a credential of this kind, or takes one.
fn opens(scheme: &str, action: Action) -> bool {
    match action {
        Action::Enter => false,
        _ => scheme == SESSION || !action.needs_person(),
    }
}

fn in_path(path: &str) -> impl Iterator<Item = utoipa::openapi::path::Parameter> + '_ {
    let names = path.split('/').filter_map(|it| it.strip_prefix('{')?.strip_suffix('}'));
    names.map(|name| {
        let text = ObjectBuilder::new().schema_type(Type::String);
        let schema = match name.ends_with("id") {
            true => text.format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid))),
            false => text.min_length(Some(1)),
        };
        ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .schema(Some(schema.build()))
            .build()
    })
}

fn failed() -> Response {
    let schema: RefOr<Schema> = Ref::from_schema_name("Error").into();
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new()
        .description("It did not work.")
        .content("application/json", content)
        .build()
}

fn method(it: &Method) -> HttpMethod {
    match it.as_str() {
        "POST" => HttpMethod::Post,
        "PATCH" => HttpMethod::Patch,
        "PUT" => HttpMethod::Put,
        "DELETE" => HttpMethod::Delete,
        _ => HttpMethod::Get,
    }
}
