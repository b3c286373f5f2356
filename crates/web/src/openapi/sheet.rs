//! What is known of one operation, filled in by its types.

use utoipa::{
    IntoParams, ToSchema,
    openapi::{
        ContentBuilder, RefOr, Required, Response, ResponseBuilder, Schema,
        path::{Parameter, ParameterIn},
        request_body::{RequestBody, RequestBodyBuilder},
    },
};

/// Schemas by the name they are referred to.
pub(crate) type Schemas = Vec<(String, RefOr<Schema>)>;

/// One operation as its types describe it.
#[derive(Default)]
pub(crate) struct Sheet {
    pub parameters: Vec<Parameter>,
    pub body: Option<RequestBody>,
    pub answers: Vec<(u16, Response)>,
    /// Of what is sent to us.
    pub taken: Schemas,
    /// Of what we send.
    pub answered: Schemas,
}

impl Sheet {
    pub(crate) fn takes_query<T: IntoParams>(&mut self) {
        self.parameters.extend(T::into_params(|| Some(ParameterIn::Query)));
    }

    pub(crate) fn takes_json<T: ToSchema>(&mut self) {
        let schema = refer::<T>(&mut self.taken);
        self.body = Some(body("application/json", schema));
    }

    /// A body that is no JSON, e.g. a form with a file.
    pub(crate) fn takes<T: ToSchema>(&mut self, content_type: &str) {
        let schema = refer::<T>(&mut self.taken);
        self.body = Some(body(content_type, schema));
    }

    pub(crate) fn answers_json<T: ToSchema>(&mut self, status: u16) {
        let mut new = Schemas::new();
        let schema = all_required(refer::<T>(&mut new));
        self.answered.extend(new.into_iter().map(|(name, it)| (name, all_required(it))));
        self.answer(status, "application/json", Some(schema));
    }

    /// An answer that is no JSON, e.g. a download.
    pub(crate) fn answers_with(&mut self, status: u16, content_type: &str) {
        self.answer(status, content_type, None);
    }

    fn answer(&mut self, status: u16, content_type: &str, schema: Option<RefOr<Schema>>) {
        let content = ContentBuilder::new().schema(schema).build();
        let description = if status == 201 { "Made." } else { "Done." };
        // One status may come in more than one form, e.g. JSON and CSV.
        if let Some((_, known)) = self.answers.iter_mut().find(|(it, _)| *it == status) {
            known.content.insert(content_type.to_owned(), content.into());
            return;
        }
        let response = ResponseBuilder::new().description(description);
        self.answers.push((status, response.content(content_type, content).build()));
    }
}

fn body(content_type: &str, schema: RefOr<Schema>) -> RequestBody {
    let content = ContentBuilder::new().schema(Some(schema)).build();
    RequestBodyBuilder::new().content(content_type, content).required(Some(Required::True)).build()
}

/// A reference to the schema of `T`, which is collected with all it refers to.
fn refer<T: ToSchema>(schemas: &mut Schemas) -> RefOr<Schema> {
    T::schemas(schemas);
    // The name of a generic type leaves out of what.
    if std::any::type_name::<T>().contains('<') {
        return T::schema();
    }
    let name = T::name().into_owned();
    schemas.push((name.clone(), T::schema()));
    utoipa::openapi::Ref::from_schema_name(name).into()
}

/// What we answer has all its fields: an absent value is null.
fn all_required(schema: RefOr<Schema>) -> RefOr<Schema> {
    match schema {
        RefOr::T(Schema::Object(mut it)) => {
            it.required = it.properties.keys().cloned().collect();
            RefOr::T(Schema::Object(it))
        }
        RefOr::T(Schema::AllOf(mut it)) => {
            it.items = it.items.into_iter().map(all_required).collect();
            RefOr::T(Schema::AllOf(it))
        }
        other => other,
    }
}
