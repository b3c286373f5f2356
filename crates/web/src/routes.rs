//! The one place routes are registered, so that none misses its policy, its 405 or its test.

use std::{collections::BTreeMap, time::Duration};

use actix_web::{
    FromRequest, Handler, HttpRequest, HttpResponse, Responder, guard,
    http::{Method, StatusCode},
    middleware::from_fn,
    web::{self, ServiceConfig},
};
use domain::policy::Action;
use utoipa::{IntoParams, ToSchema};

use crate::{
    error::ApiError,
    guard as policy_guard, health, metrics,
    openapi::{self, Answers, Sheet, Takes},
    pages, session_api, stream, widget,
};

/// How long a request may take with its body; see [`Routes::slow`].
const USUAL_DEADLINE: Duration = Duration::from_secs(35);
const SLOW_DEADLINE: Duration = Duration::from_secs(600);

/// Collects the routes of all modules.
#[derive(Default)]
pub struct Routes {
    entries: Vec<Entry>,
    deadline: Option<Duration>,
}

/// How a type adds to the description of its operation.
pub(crate) type Describe = Box<dyn Fn(&mut Sheet)>;

struct Entry {
    info: RouteInfo,
    terms: Terms,
    route: actix_web::Route,
    summary: &'static str,
    /// The name of the handler's function.
    handler: &'static str,
    /// What its types, and its registration, say about it.
    describe: Vec<Describe>,
}

/// A route that was registered, to say more about it.
pub(crate) struct Registered<'a>(&'a mut Entry);

impl Registered<'_> {
    /// What it does, in a few words: the first line of its description.
    pub(crate) fn about(self, summary: &'static str) -> Self {
        self.0.summary = summary;
        self
    }

    /// A query its handler reads by hand.
    pub(crate) fn query<T: IntoParams + 'static>(self) -> Self {
        self.says(Sheet::takes_query::<T>)
    }

    /// A JSON body its handler reads by hand.
    pub(crate) fn takes<T: ToSchema + 'static>(self) -> Self {
        self.says(Sheet::takes_json::<T>)
    }

    /// A body that is no JSON.
    pub(crate) fn takes_as<T: ToSchema + 'static>(self, content_type: &'static str) -> Self {
        self.says(move |sheet| sheet.takes::<T>(content_type))
    }

    /// JSON it answers with a header or two more.
    pub(crate) fn answers<T: ToSchema + 'static>(self, status: u16) -> Self {
        self.says(move |sheet| sheet.answers_json::<T>(status))
    }

    /// 200 with something that is no JSON.
    pub(crate) fn answers_with(self, content_type: &'static str) -> Self {
        self.says(move |sheet| sheet.answers_with(200, content_type))
    }

    fn says(self, describe: impl Fn(&mut Sheet) + 'static) -> Self {
        self.0.describe.push(Box::new(describe));
        self
    }
}

/// A route as the API's description sees it.
pub(crate) struct DescribedRoute<'a> {
    pub method: &'a Method,
    pub path: &'static str,
    pub terms: Terms,
    pub summary: &'static str,
    pub handler: &'static str,
    pub describe: &'a [Describe],
}

/// A route as tests and documents see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteInfo {
    pub method: Method,
    /// With parameters in braces: `/api/agents/{id}`.
    pub path: &'static str,
    pub action: Action,
}

/// What the policy is asked before a handler runs, and how long that may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms {
    pub action: Action,
    pub deadline: Duration,
}

impl Routes {
    pub(crate) fn get<F, Args>(
        &mut self,
        path: &'static str,
        action: Action,
        handler: F,
    ) -> Registered<'_>
    where
        F: Handler<Args>,
        Args: FromRequest + Takes + 'static,
        F::Output: Responder + Answers + 'static,
    {
        self.add(Method::GET, path, action, handler)
    }

    pub(crate) fn post<F, Args>(
        &mut self,
        path: &'static str,
        action: Action,
        handler: F,
    ) -> Registered<'_>
    where
        F: Handler<Args>,
        Args: FromRequest + Takes + 'static,
        F::Output: Responder + Answers + 'static,
    {
        self.add(Method::POST, path, action, handler)
    }

    pub(crate) fn patch<F, Args>(
        &mut self,
        path: &'static str,
        action: Action,
        handler: F,
    ) -> Registered<'_>
    where
        F: Handler<Args>,
        Args: FromRequest + Takes + 'static,
        F::Output: Responder + Answers + 'static,
    {
        self.add(Method::PATCH, path, action, handler)
    }

    pub(crate) fn put<F, Args>(
        &mut self,
        path: &'static str,
        action: Action,
        handler: F,
    ) -> Registered<'_>
    where
        F: Handler<Args>,
        Args: FromRequest + Takes + 'static,
        F::Output: Responder + Answers + 'static,
    {
        self.add(Method::PUT, path, action, handler)
    }

    pub(crate) fn delete<F, Args>(
        &mut self,
        path: &'static str,
        action: Action,
        handler: F,
    ) -> Registered<'_>
    where
        F: Handler<Args>,
        Args: FromRequest + Takes + 'static,
        F::Output: Responder + Answers + 'static,
    {
        self.add(Method::DELETE, path, action, handler)
    }

    /// Gives the routes registered inside ten minutes, for uploads and the like.
    pub(crate) fn slow(&mut self, register: impl FnOnce(&mut Self)) {
        self.within(SLOW_DEADLINE, register);
    }

    pub(crate) fn within(&mut self, deadline: Duration, register: impl FnOnce(&mut Self)) {
        self.deadline = Some(deadline);
        register(self);
        self.deadline = None;
    }

    /// Registers a route. The policy is asked for `action` before the handler and its extractors
    /// run; `GET` also answers `HEAD`.
    pub(crate) fn add<F, Args>(
        &mut self,
        method: Method,
        path: &'static str,
        action: Action,
        handler: F,
    ) -> Registered<'_>
    where
        F: Handler<Args>,
        Args: FromRequest + Takes + 'static,
        F::Output: Responder + Answers + 'static,
    {
        let terms = Terms { action, deadline: self.deadline.unwrap_or(USUAL_DEADLINE) };
        let route = web::route()
            .to(handler)
            .wrap(from_fn(move |request, next| policy_guard::enforce(terms, request, next)));
        let route = if method == Method::GET {
            route.guard(guard::Any(guard::Get()).or(guard::Head()))
        } else {
            route.method(method.clone())
        };
        let entry = Entry {
            info: RouteInfo { method, path, action },
            terms,
            route,
            summary: "",
            handler: std::any::type_name::<F>(),
            describe: vec![Box::new(Args::describe), Box::new(F::Output::describe)],
        };
        Registered(self.entries.push_mut(entry))
    }

    /// What the API's description is made of: all but pages and what operators watch.
    pub(crate) fn described(&self) -> impl Iterator<Item = DescribedRoute<'_>> {
        let part = self
            .entries
            .iter()
            .filter(|it| it.info.path.starts_with("/api/") || it.info.path == "/sse");
        part.map(|it| DescribedRoute {
            method: &it.info.method,
            path: it.info.path,
            terms: it.terms,
            summary: it.summary,
            handler: it.handler,
            describe: &it.describe,
        })
    }

    /// One resource for each path, fixed paths before those with parameters.
    pub(crate) fn configure(self, config: &mut ServiceConfig) {
        let mut paths: BTreeMap<Vec<(bool, &'static str)>, Vec<Entry>> = BTreeMap::new();
        for entry in self.entries {
            let key = entry.info.path.split('/').map(|it| (it.starts_with('{'), it)).collect();
            paths.entry(key).or_default().push(entry);
        }
        for entries in paths.into_values() {
            let Some(first) = entries.first() else { continue };
            let mut resource = web::resource(first.info.path);
            let mut allow: Vec<String> =
                entries.iter().map(|it| it.info.method.to_string()).collect();
            if allow.iter().any(|it| it == "GET") {
                allow.push("HEAD".to_owned());
            }
            for entry in entries {
                resource = resource.route(entry.route);
            }
            let allow = allow.join(", ");
            config.service(resource.default_service(web::to(move || {
                let error = ApiError::MethodNotAllowed { allow: allow.clone() };
                async move { Err::<&str, _>(error) }
            })));
        }
    }
}

pub(crate) fn all() -> Routes {
    let mut routes = Routes::default();
    session_api::routes(&mut routes);
    stream::routes(&mut routes);
    widget::routes(&mut routes);
    openapi::routes(&mut routes);
    pages::routes(&mut routes);
    health::routes(&mut routes);
    metrics::routes(&mut routes);
    routes
}

/// Every route there is, for tests and documents.
pub fn route_table() -> Vec<RouteInfo> {
    all().entries.into_iter().map(|it| it.info).collect()
}

/// Whatever nobody registered. A browser gets the dashboard, which says so in its own words.
pub(crate) async fn unknown(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    tracing::debug!(path = request.path(), "No such path");
    if pages::is_visited(&request) {
        return Ok(pages::dashboard_page(StatusCode::NOT_FOUND, &request));
    }
    Err(ApiError::NoSuchPath)
}
