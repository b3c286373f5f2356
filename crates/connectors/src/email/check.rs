//! "Test connection": every step from a host name to an open folder, each with what came of it in words.

use super::{
    accounts::{ImapAccount, Security, Server, SmtpAccount, Timeouts},
    imap::ImapSession,
    problems::MailError,
    smtp::{SmtpSession, Stage},
    streams,
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// E.g. `IMAP: sign in`.
    pub name: String,
    pub ok: bool,
    /// What was found, or what failed and what to change.
    pub detail: String,
}

/// Both servers at the same time; a step that failed is the last of its server.
pub async fn check(imap: &ImapAccount, smtp: &SmtpAccount) -> Vec<Step> {
    let (mut steps, sending) = futures_util::future::join(check_imap(imap), check_smtp(smtp)).await;
    steps.extend(sending);
    steps
}

pub async fn check_imap(account: &ImapAccount) -> Vec<Step> {
    let mut steps = Steps::new("IMAP");
    // Stopping early is what `?` would do, were the list not the answer in both cases.
    let _ = imap_steps(account, &mut steps).await;
    steps.list
}

pub async fn check_smtp(account: &SmtpAccount) -> Vec<Step> {
    let mut steps = Steps::new("SMTP");
    let _ = smtp_steps(account, &mut steps).await;
    steps.list
}

/// Somebody was told why; nothing more can be tried.
struct Stop;

struct Steps {
    protocol: &'static str,
    list: Vec<Step>,
}

impl Steps {
    fn new(protocol: &'static str) -> Self {
        Self { protocol, list: Vec::new() }
    }

    fn good(&mut self, name: &str, detail: impl Into<String>) {
        self.add(name, true, detail.into());
    }

    fn bad(&mut self, name: &str, detail: impl ToString) -> Stop {
        self.add(name, false, detail.to_string());
        Stop
    }

    fn add(&mut self, name: &str, ok: bool, detail: String) {
        self.list.push(Step { name: format!("{}: {name}", self.protocol), ok, detail });
    }
}

async fn imap_steps(account: &ImapAccount, steps: &mut Steps) -> Result<(), Stop> {
    reach(&account.server, &account.timeouts, steps).await?;
    let connected = ImapSession::connect(account).await;
    let mut session = connected.map_err(|error| steps.bad(encryption(&account.server), error))?;
    steps.good(encryption(&account.server), protection(&account.server));
    let signed_in = session.sign_in(account).await;
    signed_in.map_err(|error| steps.bad("sign in", error))?;
    let news = if session.can_idle() {
        "new mail is announced at once"
    } else {
        "new mail is looked for once a minute"
    };
    steps.good("sign in", format!("accepted; {news}"));
    for folder in &account.folders {
        let name = format!("folder {folder}");
        match session.select(folder).await {
            Ok(found) => steps.good(&name, format!("{} mails", found.exists)),
            Err(error) => {
                let detail = with_folders(&mut session, &error).await;
                let stop = steps.bad(&name, detail);
                if !session.is_usable() {
                    return Err(stop);
                }
            }
        }
    }
    session.log_out().await;
    Ok(())
}

/// A wrong folder name is best answered with the right ones.
async fn with_folders(session: &mut ImapSession, error: &MailError) -> String {
    let Ok(folders) = session.folders().await else { return error.to_string() };
    let names: Vec<String> =
        folders.into_iter().filter(|it| it.selectable).map(|it| it.name).take(20).collect();
    format!("{error}. There are: {}", names.join(", "))
}

async fn smtp_steps(account: &SmtpAccount, steps: &mut Steps) -> Result<(), Stop> {
    reach(&account.server, &account.timeouts, steps).await?;
    let encryption = encryption(&account.server);
    let connected = SmtpSession::connect(account).await;
    let mut session = connected.map_err(|failure| {
        if failure.stage == Stage::Auth {
            steps.good(encryption, protection(&account.server));
            steps.bad("sign in", failure)
        } else {
            steps.bad(encryption, failure)
        }
    })?;
    steps.good(encryption, protection(&account.server));
    let detail = if account.auth.is_some() { "accepted" } else { "not asked for" };
    steps.good("sign in", detail);
    session.close().await;
    Ok(())
}

async fn reach(server: &Server, timeouts: &Timeouts, steps: &mut Steps) -> Result<(), Stop> {
    let failed = |problem| MailError::new(server, problem);
    let found = streams::resolve(server, timeouts).await;
    let found = found.map_err(|problem| steps.bad("find the server", failed(problem)))?;
    let list: Vec<String> = found.iter().take(4).map(|it| it.ip().to_string()).collect();
    steps.good("find the server", list.join(", "));
    let connected = streams::connect(server, timeouts).await;
    connected.map_err(|problem| {
        let hint = "check the port, and whether a firewall is in between";
        steps.bad("connect", format!("{}; {hint}", failed(problem)))
    })?;
    steps.good("connect", server.to_string());
    Ok(())
}

fn encryption(server: &Server) -> &'static str {
    match server.security {
        Security::None => "talk",
        Security::Tls | Security::StartTls => "encrypt",
    }
}

fn protection(server: &Server) -> String {
    match server.security {
        Security::Tls => "TLS, certificate verified".to_owned(),
        Security::StartTls => "STARTTLS, certificate verified".to_owned(),
        Security::None => "not encrypted, within this machine".to_owned(),
    }
}
