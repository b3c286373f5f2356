//! What can be asked for.

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Open to anyone: signing in, set-up and invitation links, health.
    Enter,
    /// Who am I, and what was I told: a program may know, too.
    ReadOwnAccount,
    UseOwnAccount,
    ReadConversations,
    ChangeConversations,
    SendMessages,
    /// Take back a message that has not left yet.
    CancelMessage,
    UploadAttachments,
    ReadAttachments,
    UseCannedReplies,
    ChangeCannedReplies,
    /// Rename, colour, merge and delete tags. Who works here makes one by using it.
    ManageTags,
    UseViews,
    ChangeViews,
    /// See what became of an operation on many conversations, and undo it.
    UseOperations,
    ReadArticles,
    ChangeArticles,
    ReadContacts,
    ChangeContacts,
    EraseContacts,
    /// All of them at once, out of the house or into it.
    MoveContacts,
    ListAssignees,
    ReadReports,
    ReadSettings,
    ChangeSettings,
    ManageChannels,
    ManageAgents,
    ManageKeys,
    ReadAudit,
    ManageAutomations,
    ReadMetrics,
}

impl Action {
    pub const ALL: &[Self] = &[
        Self::Enter,
        Self::ReadOwnAccount,
        Self::UseOwnAccount,
        Self::ReadConversations,
        Self::ChangeConversations,
        Self::SendMessages,
        Self::CancelMessage,
        Self::UploadAttachments,
        Self::ReadAttachments,
        Self::UseCannedReplies,
        Self::ChangeCannedReplies,
        Self::ManageTags,
        Self::UseViews,
        Self::ChangeViews,
        Self::UseOperations,
        Self::ReadArticles,
        Self::ChangeArticles,
        Self::ReadContacts,
        Self::ChangeContacts,
        Self::EraseContacts,
        Self::MoveContacts,
        Self::ListAssignees,
        Self::ReadReports,
        Self::ReadSettings,
        Self::ChangeSettings,
        Self::ManageChannels,
        Self::ManageAgents,
        Self::ManageKeys,
        Self::ReadAudit,
        Self::ManageAutomations,
        Self::ReadMetrics,
    ];

    /// Whether no key may do it: one that leaked must not live on as another key or a password
    /// after it was revoked.
    pub fn needs_person(self) -> bool {
        matches!(self, Self::UseOwnAccount | Self::ManageKeys)
    }
}
