//! The mail that tells an agent who is away of a notice.

use domain::{
    agents::Agent,
    ids::NoticeId,
    jobs::Job,
    notices::{Notice, NoticeKind},
};
use storage::{Reader, agents, notices, workspace};

use crate::{
    Desk, DeskError, Result,
    system_mail::{self, SystemMessage},
    workers::Outcome,
};

/// Carries out a job of kind `MailNotice`. There is no mail when the notice was read, the agent is
/// here, or nothing is configured to send it with.
pub(crate) async fn send(desk: &Desk, job: &Job) -> Result<Outcome> {
    let Some(public_url) = &desk.options.public_url else { return Ok(Outcome::Done) };
    if desk.options.system_mail.is_none() {
        return Ok(Outcome::Done);
    }
    let id = NoticeId(job.subject);
    let (now, listeners) = (desk.clock.now(), desk.listeners.clone());
    let found = desk
        .store
        .read(move |db| {
            let Some((notice, agent)) = unread(db, id)? else { return Ok(None) };
            let is_here = listeners.is_online(agent.id, agent.last_seen_at, now);
            let workspace = workspace::find(db)?.map_or_else(String::new, |it| it.name);
            Ok::<_, DeskError>((!is_here).then_some((notice, agent, workspace)))
        })
        .await?;
    let Some((notice, agent, workspace)) = found else { return Ok(Outcome::Done) };
    let base = public_url.as_str().trim_end_matches('/');
    system_mail::send_message(desk, job, message(&notice, &agent, &workspace, base)).await
}

fn unread(db: &Reader<'_>, id: NoticeId) -> Result<Option<(Notice, Agent)>> {
    let Some(notice) = notices::find(db, id)?.filter(|it| it.read_at.is_none()) else {
        return Ok(None);
    };
    let agent = agents::find(db, notice.agent_id)?.filter(Agent::can_work);
    Ok(agent.map(|agent| (notice, agent)))
}

fn message(notice: &Notice, agent: &Agent, workspace: &str, base: &str) -> SystemMessage {
    let subject = match notice.kind {
        NoticeKind::Mention => format!("You were mentioned at {workspace}"),
        NoticeKind::RuleDisabled => format!("A rule was switched off at {workspace}"),
    };
    let link = match notice.conversation_id {
        Some(id) => format!("{base}/inbox/{id}"),
        None => base.to_owned(),
    };
    SystemMessage {
        to_name: agent.name.clone(),
        to_address: agent.email.to_string(),
        subject,
        text: format!("Hello {},\n\n{}\n\n{link}\n", agent.name, notice.text),
    }
}
