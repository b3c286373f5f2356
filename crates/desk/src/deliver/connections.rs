//! SMTP connections kept between mails, so that a busy channel signs in once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use connectors::email::{
    accounts::{Auth, SmtpAccount},
    smtp::SmtpSession,
};
use domain::ids::ChannelId;

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Route {
    Channel(ChannelId),
    /// The desk's own mail.
    System,
}

/// The connections that rest. One that sends is its sender's alone.
#[derive(Clone, Default)]
pub(crate) struct Connections(Arc<Mutex<HashMap<Route, Vec<Session>>>>);

pub(crate) struct Session {
    account: SmtpAccount,
    smtp: SmtpSession,
}

impl std::ops::Deref for Session {
    type Target = SmtpSession;

    fn deref(&self) -> &SmtpSession {
        &self.smtp
    }
}

impl std::ops::DerefMut for Session {
    fn deref_mut(&mut self) -> &mut SmtpSession {
        &mut self.smtp
    }
}

impl Connections {
    /// A resting connection that fits the settings as they are now, or one yet to be opened.
    pub(crate) fn take(&self, route: Route, account: SmtpAccount) -> Session {
        let resting = self.lock().get_mut(&route).and_then(Vec::pop);
        match resting.filter(|it| fits(&it.account, &account)) {
            Some(mut session) => {
                session.smtp.set_auth(account.auth.clone());
                session
            }
            None => Session { smtp: SmtpSession::new(account.clone()), account },
        }
    }

    /// Lets a connection rest; unless it is used again, it is closed after the account's `keep`.
    pub(crate) fn put_back(&self, route: Route, session: Session) {
        if !session.smtp.is_connected() {
            return;
        }
        let keep = session.account.timeouts.keep;
        self.lock().entry(route).or_default().push(session);
        let connections = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(keep).await;
            connections.close_idle(route).await;
        });
    }

    async fn close_idle(&self, route: Route) {
        let resting = self.lock().remove(&route).unwrap_or_default();
        for mut session in resting {
            if !session.smtp.close_when_idle().await {
                self.lock().entry(route).or_default().push(session);
            }
        }
    }

    /// Says goodbye on all of them.
    pub(crate) async fn close(&self) {
        let resting: Vec<Session> = self.lock().drain().flat_map(|it| it.1).collect();
        for mut session in resting {
            session.smtp.close().await;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Route, Vec<Session>>> {
        self.0.lock().expect("nothing panics while it is held")
    }
}

/// Whether a connection opened with one account serves the other. An access token is renewed every
/// hour; who signed in with the old one stays signed in.
fn fits(one: &SmtpAccount, other: &SmtpAccount) -> bool {
    let same_user = match (&one.auth, &other.auth) {
        (
            Some(Auth::XOAuth2 { username: one, .. }),
            Some(Auth::XOAuth2 { username: other, .. }),
        ) => one == other,
        (one, other) => one == other,
    };
    same_user && one.server == other.server && one.greet_as == other.greet_as
}
