//! Numbers for Prometheus (text format 0.0.4), for this machine or who has the token.

use std::fmt::{Display, Write};

use actix_web::{
    HttpMessage, HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::Data,
};
use desk::{Desk, health::Report};
use domain::policy::Action;
use subtle::ConstantTimeEq;

use crate::{
    error::{ApiError, Result},
    routes::Routes,
    security::Origin,
    server::WebOptions,
};

pub(crate) fn routes(routes: &mut Routes) {
    routes.get("/metrics", Action::Enter, metrics);
}

async fn metrics(
    request: HttpRequest,
    desk: Data<Desk>,
    options: Data<WebOptions>,
) -> Result<HttpResponse> {
    if !is_local(&request) && !has_token(&request, &options) {
        let message = "metrics are for this machine, or for who sends the metrics token";
        return Err(ApiError::Refused(StatusCode::FORBIDDEN, message));
    }
    let report = desk::health::report(&desk).await?;
    let content_type = "text/plain; version=0.0.4; charset=utf-8";
    Ok(HttpResponse::Ok().content_type(content_type).body(text(&report, desk.listeners.count())))
}

/// A proxy on this machine passes on what strangers ask, so whatever came through one is foreign.
fn is_local(request: &HttpRequest) -> bool {
    let headers = request.headers();
    let proxied =
        [header::FORWARDED, header::X_FORWARDED_FOR, header::X_FORWARDED_HOST, header::VIA]
            .iter()
            .any(|it| headers.contains_key(it));
    let host = headers.get(header::HOST).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name).trim_matches(['[', ']']);
    let names_us =
        name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|it| it.is_loopback());
    let from = request.extensions().get::<Origin>().and_then(|it| it.ip);
    !proxied && names_us && from.is_some_and(|it| it.to_canonical().is_loopback())
}

fn has_token(request: &HttpRequest, options: &WebOptions) -> bool {
    let sent = request.headers().get(header::AUTHORIZATION).and_then(|it| it.to_str().ok());
    let sent = sent.and_then(|it| it.strip_prefix("Bearer "));
    match (sent, &options.metrics_token) {
        (Some(sent), Some(token)) => {
            sent.as_bytes().ct_eq(token.reveal().as_bytes()).unwrap_u8() == 1
        }
        _ => false,
    }
}

fn text(report: &Report, live_streams: usize) -> String {
    let store = &report.store;
    let mut page = Page::default();
    page.put(
        "build_info",
        "gauge",
        "The version, as a label.",
        &[(format!("version=\"{}\"", env!("CARGO_PKG_VERSION")), 1)],
    );
    page.one("write_queue_length", "gauge", "Writes that wait.", store.queue_length);
    page.one("write_queue_capacity", "gauge", "Writes that may wait.", store.queue_capacity);
    page.one("commits_total", "counter", "Commits of the database.", store.commits);
    page.one("failed_commits_total", "counter", "Commits that failed.", store.failed_commits);
    page.one("writes_total", "counter", "Writes in all commits.", store.writes);
    page.one("largest_batch", "gauge", "Most writes in one commit.", store.largest_batch);
    page.one("readers", "gauge", "Reading connections.", store.readers);
    page.one("readers_in_use", "gauge", "Reading connections at work.", store.readers_in_use);
    page.one("reads_waiting", "gauge", "Reads that wait for a connection.", store.reads_waiting);
    page.one("database_bytes", "gauge", "Size of the database.", store.database_bytes);
    page.one("wal_bytes", "gauge", "Size of the write-ahead log.", store.wal_bytes);
    page.one("disk_free_bytes", "gauge", "Space left for data.", store.disk_free_bytes);
    let help = "How often a password was hashed or compared.";
    page.one("password_runs_total", "counter", help, report.password_runs);
    page.one("live_streams", "gauge", "Open live streams.", live_streams);
    let jobs: Vec<_> = report
        .jobs
        .iter()
        .map(|(kind, state, n)| (format!("kind=\"{kind}\",state=\"{state}\""), *n))
        .collect();
    page.put("jobs", "gauge", "Background jobs by kind and state.", &jobs);
    page.0
}

#[derive(Default)]
struct Page(String);

impl Page {
    fn one(&mut self, name: &str, kind: &str, help: &str, value: impl Display) {
        self.put(name, kind, help, &[(String::new(), value)]);
    }

    fn put(&mut self, name: &str, kind: &str, help: &str, values: &[(String, impl Display)]) {
        let mut line = |text: std::fmt::Arguments<'_>| {
            self.0.write_fmt(text).expect("a string takes all text");
        };
        line(format_args!("# HELP deskbell_{name} {help}\n# TYPE deskbell_{name} {kind}\n"));
        for (labels, value) in values {
            match labels.as_str() {
                "" => line(format_args!("deskbell_{name} {value}\n")),
                labels => line(format_args!("deskbell_{name}{{{labels}}} {value}\n")),
            }
        }
    }
}
