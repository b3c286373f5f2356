//! Carrying out the actions of a rule that matched.

use domain::{
    Timestamp,
    automations::{Action, Done, Effect, Rule},
    conversations::{Conversation, Status},
    events::Event,
    messages::{Direction, Sender, SenderType},
    policy::Caller,
    tags::TagName,
    text,
};
use storage::{Tx, contacts, conversations, events};

use super::{happenings::Happening, plans, replies, scenes::Scene, webhooks};
use crate::{
    DeskError, Result, canned_replies,
    conversations::{assign, record::record, tags},
    messages::{append::append, send},
};

/// What the actions work on.
pub(super) struct Stage<'a> {
    pub tx: &'a Tx<'a>,
    pub rule: &'a Rule,
    pub happening: &'a Happening,
    pub now: Timestamp,
}

impl Stage<'_> {
    fn caller(&self) -> Caller {
        Caller::Rule(self.rule.id)
    }

    /// Carries out all actions in order; each sees what the ones before it changed.
    ///
    /// # Errors
    /// Why one failed; the caller undoes them all.
    pub fn run(&self, mut scene: Scene) -> Result<Vec<Done>> {
        let mut done = Vec::with_capacity(self.rule.actions.len());
        for action in &self.rule.actions {
            let plan = plans::plan(self.tx, &scene, action, self.now)?;
            if plan.effect == Effect::Done {
                self.carry_out(action, &mut scene)?;
            }
            done.push(plan.of(action));
            if *action == Action::Stop {
                break;
            }
        }
        Ok(done)
    }

    fn carry_out(&self, action: &Action, scene: &mut Scene) -> Result<()> {
        match action {
            Action::Stop => return Ok(()),
            Action::AddContactTag(tag) => return self.tag_contact(scene, tag),
            Action::CallWebhook { url } => {
                return webhooks::queue(self.tx, self.rule, self.happening, url, self.now);
            }
            _ => {}
        }
        let (text, html) = self.written(action, scene)?;
        let gone = || DeskError::Internal("an action lost its conversation".to_owned());
        let overview = scene.overview.as_mut().ok_or_else(gone)?;
        let it = &mut overview.conversation;
        let (tx, now) = (self.tx, self.now);
        match action {
            Action::AddTag(tag) => {
                tags::put(tx, &self.caller(), it, tag, now)?;
                overview.tags = storage::tags::of_conversation(tx, it.number)?;
            }
            Action::RemoveTag(tag) => {
                tags::take(tx, &self.caller(), it, tag, now)?;
                overview.tags = storage::tags::of_conversation(tx, it.number)?;
            }
            Action::SetStatus(status) => self.set_status(it, *status, None)?,
            Action::Snooze { minutes } => {
                let until = now.plus_seconds(i64::from(*minutes) * 60);
                self.set_status(it, Status::Snoozed, Some(until))?;
            }
            Action::SetPriority(after) => {
                let event = Event::PriorityChanged { before: it.priority, after: *after };
                it.priority = *after;
                it.updated_at = now;
                conversations::update(tx, it)?;
                record(tx, it, event, self.caller().actor(), now)?;
            }
            Action::AssignAgent(to) => assign::hand_over(tx, &self.caller(), it, *to, now)?,
            Action::AddNote { .. } => self.note(it, text)?,
            Action::SendMessage { .. } => {
                replies::send(tx, self.rule, it, text, None, now)?;
            }
            Action::SendCannedReply(id) => {
                replies::send(tx, self.rule, it, text, html, now)?;
                canned_replies::use_in(tx, &self.caller(), it, *id, now)?;
            }
            Action::AddContactTag(_) | Action::CallWebhook { .. } | Action::Stop => {}
        }
        Ok(())
    }

    /// What a message or note is to say.
    fn written(&self, action: &Action, scene: &Scene) -> Result<(String, Option<String>)> {
        Ok(match action {
            Action::AddNote { text } | Action::SendMessage { text } => {
                (plans::rendered(self.tx, scene, text)?, None)
            }
            Action::SendCannedReply(id) => {
                let canned = replies::canned(self.tx, *id)?;
                let html = canned.html.as_deref();
                let html = html.map(|it| plans::rendered_html(self.tx, scene, it)).transpose()?;
                (plans::rendered(self.tx, scene, &canned.text)?, html)
            }
            _ => (String::new(), None),
        })
    }

    fn set_status(
        &self,
        it: &mut Conversation,
        status: Status,
        until: Option<Timestamp>,
    ) -> Result<()> {
        if let Some(event) = it.set_status(status, until, None, self.now)? {
            conversations::update(self.tx, it)?;
            record(self.tx, it, event, self.caller().actor(), self.now)?;
        }
        Ok(())
    }

    fn note(&self, it: &mut Conversation, text: String) -> Result<()> {
        let mut note = send::blank(Direction::Note, self.now, None);
        note.sender = Sender {
            kind: SenderType::System,
            id: Some(self.rule.id.0),
            name: Some(self.rule.name.clone()),
        };
        note.text = text;
        append(self.tx, it, note, self.caller().actor(), self.now)?;
        Ok(())
    }

    fn tag_contact(&self, scene: &mut Scene, tag: &TagName) -> Result<()> {
        let contact = &mut scene.contact;
        if contact.tags.iter().any(|it| text::fold(it) == tag.key()) {
            return Ok(());
        }
        contact.tags.push(tag.as_str().to_owned());
        contact.updated_at = self.now;
        contacts::update(self.tx, contact)?;
        let event = Event::ContactChanged { contact_id: contact.id, fields: vec!["tags"] };
        events::append(self.tx, None, event, self.caller().actor(), self.now)?;
        Ok(())
    }
}
