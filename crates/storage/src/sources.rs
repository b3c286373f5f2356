//! Where a write comes from, for the audit trail. It goes with the request's task, so that no use case
//! has to hand it on.

use std::net::IpAddr;

use domain::ids::ApiKeyId;

tokio::task_local! {
    static SOURCE: Source;
}

/// The request behind a write; nothing is known of what the desk does by itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Source {
    pub ip: Option<IpAddr>,
    /// The API key it came with.
    pub key: Option<ApiKeyId>,
}

/// Runs `work`; all it writes comes from `source`.
pub fn from<F: Future>(source: Source, work: F) -> impl Future<Output = F::Output> {
    SOURCE.scope(source, work)
}

/// Whom the current task works for.
pub(crate) fn current() -> Source {
    SOURCE.try_with(|it| *it).unwrap_or_default()
}
