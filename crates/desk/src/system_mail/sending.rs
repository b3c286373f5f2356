//! Sending the desk's own mail over the server of the configuration.

use connectors::email::{
    accounts::{Auth, Secret, Server, SmtpAccount},
    addresses::Mailbox,
    compose::{self, Outgoing},
    smtp::Kind,
};
use domain::{addresses::EmailAddress, jobs::Job};

use super::SystemMessage;
use crate::{
    Desk, DeskError, Result,
    deliver::{self, Route},
    options::SystemMail,
    workers::Outcome,
};

/// Carries out a job of kind `SendSystemMail`.
pub(crate) async fn send(desk: &Desk, job: &Job) -> Result<Outcome> {
    match super::compose(desk, job).await? {
        Some(message) => send_message(desk, job, message).await,
        None => Ok(Outcome::Done),
    }
}

/// Makes one attempt to send the mail of a job.
pub(crate) async fn send_message(
    desk: &Desk,
    job: &Job,
    message: SystemMessage,
) -> Result<Outcome> {
    let Some(settings) = desk.options.system_mail.clone() else {
        return Ok(Outcome::Hopeless("no mail server is configured".to_owned()));
    };
    let account = match account(&settings) {
        Ok(account) => account,
        Err(reason) => return Ok(Outcome::Hopeless(reason)),
    };
    let mail = match outgoing(job, &settings, message) {
        Ok(outgoing) => outgoing,
        Err(reason) => return Ok(Outcome::Hopeless(reason)),
    };
    let composed = compose::compose(&mail).map_err(|it| DeskError::Internal(it.to_string()))?;
    match deliver::transmit(desk, Route::System, account, &composed).await {
        Ok(_) => Ok(Outcome::Done),
        Err(failure) if failure.kind == Kind::Refused => Ok(Outcome::Hopeless(failure.to_string())),
        // Arrived or not: a second copy of such a mail does no harm, none would.
        Err(failure) => Ok(Outcome::Failed(failure.to_string())),
    }
}

fn account(settings: &SystemMail) -> Result<SmtpAccount, String> {
    let security = settings
        .security
        .parse()
        .map_err(|_| format!("smtp.security in the configuration is {:?}", settings.security))?;
    let auth = settings.username.clone().map(|username| Auth::Password {
        username,
        password: Secret::new(settings.password.as_ref().map_or("", |it| it.reveal())),
    });
    Ok(SmtpAccount::new(Server::new(settings.host.clone(), settings.port, security), auth))
}

fn outgoing(job: &Job, settings: &SystemMail, message: SystemMessage) -> Result<Outgoing, String> {
    let parse =
        |it: &str| EmailAddress::parse(it).map_err(|_| format!("{it} is not an e-mail address"));
    let from = parse(&settings.from_address)?;
    Ok(Outgoing {
        // One for all attempts.
        message_id: format!("{}@{}", job.id, from.domain()),
        from: Mailbox::new(from, Some(&settings.from_name)),
        to: vec![Mailbox::new(parse(&message.to_address)?, Some(&message.to_name))],
        cc: Vec::new(),
        bcc: Vec::new(),
        reply_to: None,
        subject: message.subject,
        in_reply_to: None,
        references: Vec::new(),
        text: message.text,
        html: None,
        attachments: Vec::new(),
        quoted: None,
        marker: None,
        loop_header: None,
        auto_submitted: true,
        date: job.created_at.0,
    })
}
