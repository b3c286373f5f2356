//! The session API: for the dashboard and for scripts that sign in as a person.

mod agents;
mod api_keys;
mod articles;
pub(crate) mod attachments;
mod audit;
mod auth;
mod automations;
mod canned_replies;
mod channels;
mod contacts;
pub(crate) mod conversations;
pub(crate) mod drafts;
mod jobs;
pub(crate) mod messages;
pub(crate) mod notices;
pub(crate) mod operations;
mod reports;
mod settings;
mod setup;
mod suggestions;
mod tags;
pub(crate) mod views;

use crate::routes::Routes;

pub(crate) fn routes(routes: &mut Routes) {
    setup::routes(routes);
    auth::routes(routes);
    channels::routes(routes);
    agents::routes(routes);
    api_keys::routes(routes);
    audit::routes(routes);
    jobs::routes(routes);
    contacts::routes(routes);
    operations::bulk_routes(routes);
    conversations::routes(routes);
    operations::routes(routes);
    messages::routes(routes);
    drafts::routes(routes);
    attachments::routes(routes);
    canned_replies::routes(routes);
    tags::routes(routes);
    views::routes(routes);
    automations::routes(routes);
    notices::routes(routes);
    articles::routes(routes);
    suggestions::routes(routes);
    reports::routes(routes);
    settings::routes(routes);
}
