//! The one place routes are registered, so that none misses its policy, its 405 or its test.

use std::{collections::BTreeMap, time::Duration};

use actix_web::{
    FromRequest, Handler, HttpRequest, Responder, guard,
    http::Method,
    middleware::from_fn,
    web::{self, ServiceConfig},
};
use domain::policy::Action;

use crate::{error::ApiError, guard as policy_guard, health, metrics, pages, session_api};

/// How long a request may take with its body; see [`Routes::slow`].
const USUAL_DEADLINE: Duration = Duration::from_secs(35);
const SLOW_DEADLINE: Duration = Duration::from_secs(600);

/// Collects the routes of all modules.
#[derive(Default)]
pub struct Routes {
    entries: Vec<Entry>,
    deadline: Option<Duration>,
}

struct Entry {
    info: RouteInfo,
    route: actix_web::Route,
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
    pub fn get<F, Args>(&mut self, path: &'static str, action: Action, handler: F)
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.add(Method::GET, path, action, handler);
    }

    pub fn post<F, Args>(&mut self, path: &'static str, action: Action, handler: F)
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.add(Method::POST, path, action, handler);
    }

    pub fn patch<F, Args>(&mut self, path: &'static str, action: Action, handler: F)
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.add(Method::PATCH, path, action, handler);
    }

    pub fn delete<F, Args>(&mut self, path: &'static str, action: Action, handler: F)
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.add(Method::DELETE, path, action, handler);
    }

    /// Gives the routes registered inside ten minutes, for uploads and the like.
    pub fn slow(&mut self, register: impl FnOnce(&mut Self)) {
        self.within(SLOW_DEADLINE, register);
    }

    pub(crate) fn within(&mut self, deadline: Duration, register: impl FnOnce(&mut Self)) {
        self.deadline = Some(deadline);
        register(self);
        self.deadline = None;
    }

    /// Registers a route. The policy is asked for `action` before the handler and its extractors
    /// run; `GET` also answers `HEAD`.
    pub fn add<F, Args>(&mut self, method: Method, path: &'static str, action: Action, handler: F)
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
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
        self.entries.push(Entry { info: RouteInfo { method, path, action }, route });
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
    pages::routes(&mut routes);
    health::routes(&mut routes);
    metrics::routes(&mut routes);
    routes
}

/// Every route there is, for tests and documents.
pub fn route_table() -> Vec<RouteInfo> {
    all().entries.into_iter().map(|it| it.info).collect()
}

/// Whatever nobody registered.
pub(crate) async fn unknown(request: HttpRequest) -> Result<&'static str, ApiError> {
    tracing::debug!(path = request.path(), "No such path");
    Err(ApiError::NoSuchPath)
}
