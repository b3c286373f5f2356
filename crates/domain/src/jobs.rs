//! A durable unit of background work with a lease, attempts and a next time.

use uuid::Uuid;

use crate::{Timestamp, ids::JobId};

crate::words!(JobState, "job state", {
    Ready => "ready",
    Running => "running",
    /// Waits for an admin's release, e.g. after a restore.
    Held => "held",
    /// Failed too often; kept for people to see.
    Dead => "dead",
});

crate::words!(JobKind, "job kind", {
    /// Send one outbound message. Subject: the message.
    SendMessage => "send_message",
    /// Turn one raw inbound item into a message. Subject: the ledger row.
    ProcessInbound => "process_inbound",
    /// Wake a snoozed conversation. Subject: the conversation.
    WakeConversation => "wake_conversation",
    /// Remove what belongs to an erased contact, a slice at a time. Subject: the contact.
    EraseContact => "erase_contact",
    /// Fetch older mail of a date range. Subject: the channel.
    BackfillMail => "backfill_mail",
    /// Run the timed rules a conversation waits for. Subject: the conversation.
    RunTimers => "run_timers",
    /// Find the conversations a timed rule waits for that was switched on. Subject: the rule.
    ArmTimers => "arm_timers",
    /// Run the rules a write had no room for. Subject: this part of the work.
    FollowRules => "follow_rules",
    /// Tell another program what a rule saw. Subject: this telling.
    CallWebhook => "call_webhook",
    /// Send a system mail (password reset, invitation). Subject: the agent.
    SendSystemMail => "send_system_mail",
    /// Go on with an operation on many conversations, or with undoing it. Subject: the operation.
    RunOperation => "run_operation",
    /// Carry a renamed, merged or deleted tag through all that has it. Subject: the tag.
    SettleTag => "settle_tag",
    /// Take in the rows of a file, or tell what would become of them. Subject: the import.
    RunImport => "run_import",
    /// Tell an agent who is away of a notice by mail. Subject: the notice.
    MailNotice => "mail_notice",
    /// Send a visitor who left what they have not seen. Subject: the conversation.
    MailVisitor => "mail_visitor",
});

impl JobKind {
    /// Whether carrying it out can be noticed outside; such jobs are held after a restore.
    pub fn faces_outside(self) -> bool {
        // Timed rules answer customers: of a restored past, nobody should hear by itself.
        matches!(
            self,
            Self::SendMessage
                | Self::SendSystemMail
                | Self::BackfillMail
                | Self::MailNotice
                | Self::MailVisitor
                | Self::RunTimers
                | Self::ArmTimers
                | Self::FollowRules
                | Self::CallWebhook
        )
    }

    /// Whether it spends its time waiting for somebody else's server.
    pub fn waits_for_others(self) -> bool {
        matches!(
            self,
            Self::SendMessage
                | Self::SendSystemMail
                | Self::BackfillMail
                | Self::MailNotice
                | Self::MailVisitor
                | Self::CallWebhook
        )
    }

    /// Whether it is tried for ever. Nobody would miss the job itself, but what it was to do: a
    /// conversation asleep without end, a person or a tag forgotten halfway, rules whose time never comes.
    pub fn is_never_given_up(self) -> bool {
        matches!(
            self,
            Self::WakeConversation | Self::EraseContact | Self::RunTimers | Self::SettleTag
        )
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    pub id: JobId,
    pub kind: JobKind,
    /// What the job is about; there is at most one job of a kind about one thing.
    pub subject: Uuid,
    pub payload: serde_json::Value,
    /// Jobs of one lane run one after another and never delay another lane.
    pub lane: String,
    pub state: JobState,
    pub run_at: Timestamp,
    /// Including the one that runs.
    pub attempts: u32,
    /// Attempts that ended in a panic or with the whole server.
    pub crashes: u32,
    pub last_error: Option<String>,
    pub created_at: Timestamp,
}

/// The pause before attempt `attempts + 1`: 5 s, 30 s, 2 min, 10 min, 30 min, 1 h, 2 h, 4 h, then 8 h,
/// each lengthened by up to a fifth (`jitter` in 0..1) so that many failures do not return at once.
pub fn pause_after(attempts: u32, jitter: f64) -> std::time::Duration {
    const SECONDS: [f64; 9] = [5.0, 30.0, 120.0, 600.0, 1800.0, 3600.0, 7200.0, 14_400.0, 28_800.0];
    let step = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX);
    let base = SECONDS.get(step).copied().unwrap_or(28_800.0);
    std::time::Duration::from_secs_f64(base * (1.0 + 0.2 * jitter.clamp(0.0, 1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stay_bounded() {
        let pauses: Vec<_> = (0..40).map(|it| pause_after(it, 0.0)).collect();
        assert!(pauses.is_sorted());
        assert_eq!(pauses[1].as_secs(), 5);
        assert_eq!(pauses[39].as_secs(), 28_800);
        assert!(pause_after(1, 7.0).as_secs_f64() <= 6.0);
    }
}
