//! The session API: for the dashboard and for scripts that sign in as a person.

mod agents;
mod auth;
mod channels;
mod contacts;
mod jobs;
mod settings;
mod setup;

use crate::routes::Routes;

pub(crate) fn routes(routes: &mut Routes) {
    setup::routes(routes);
    auth::routes(routes);
    channels::routes(routes);
    agents::routes(routes);
    jobs::routes(routes);
    contacts::routes(routes);
    settings::routes(routes);
}
