//! What may become of a conversation.

use super::*;
use crate::{addresses::EmailAddress, agents::Role};

const NOW: Timestamp = Timestamp(1_000_000);

fn agent(is_active: bool) -> Agent {
    Agent {
        id: AgentId::new(),
        name: "Ann".into(),
        email: EmailAddress::parse("ann@example.com").unwrap(),
        role: Role::Agent,
        is_active,
        has_password: true,
        last_seen_at: None,
        created_at: NOW,
        updated_at: NOW,
        deleted_at: None,
    }
}

fn conversation() -> Conversation {
    let channel = (ChannelId::new(), ChannelType::Email);
    Conversation::open(ConversationId::new(), channel, ContactId::new(), None, NOW)
}

fn last(at: i64) -> LastMessage {
    let direction = Direction::Inbound;
    LastMessage { seq: at, text: "hi".into(), direction, at: Timestamp(at) }
}

#[test]
fn assigning_tells_once_and_refuses_the_disabled() {
    let (ann, gone) = (agent(true), agent(false));
    let mut it = conversation();
    let assigned = Event::Assigned { from: None, to: Some(ann.id) };
    assert_eq!(it.assign(&ann, NOW), Ok(Some(assigned)));
    assert_eq!(it.assign(&ann, NOW), Ok(None));
    assert_eq!(it.assign(&gone, NOW), Err(RuleError::AgentInactive));
    assert_eq!(it.assignee, Some(ann.id));
    assert_eq!(it.unassign(NOW), Some(Event::Assigned { from: Some(ann.id), to: None }));
}

#[test]
fn a_snooze_needs_a_future_time_and_only_a_snooze_has_one() {
    let later = Some(NOW.plus_seconds(60));
    let cases = [
        ("past", Status::Snoozed, Some(NOW), Err(RuleError::SnoozeNotInFuture)),
        ("no time", Status::Snoozed, None, Err(RuleError::SnoozeNotInFuture)),
        ("open with time", Status::Open, later, Err(RuleError::SnoozeWithoutSnoozed)),
        ("no change", Status::Open, None, Ok(false)),
        ("snooze", Status::Snoozed, later, Ok(true)),
        ("resolve", Status::Resolved, None, Ok(true)),
    ];
    for (name, status, until, want) in cases {
        let got = conversation().set_status(status, until, None, NOW);
        assert_eq!(got.map(|it| it.is_some()), want, "{name}");
    }
}

#[test]
fn a_snooze_wakes_at_its_time_and_not_before() {
    let mut it = conversation();
    it.set_status(Status::Snoozed, Some(Timestamp(2_000_000)), None, NOW).unwrap();
    assert_eq!(it.wake(Timestamp(1_999_999)), None);
    assert!(it.wake(Timestamp(2_000_000)).is_some());
    assert_eq!((it.status, it.snoozed_until), (Status::Open, None));
    assert_eq!((it.unread_count, it.active_at), (1, Timestamp(2_000_000)));
    assert_eq!(it.wake(Timestamp(2_000_000)), None);
}

#[test]
fn a_customer_message_reopens_and_the_first_answer_is_remembered() {
    let mut it = conversation();
    it.set_status(Status::Resolved, None, None, NOW).unwrap();
    assert!(it.received(last(1_000_100), NOW).is_some());
    assert!(it.received(last(1_000_200), NOW).is_none());
    assert_eq!(it.status, Status::Open);
    assert_eq!(it.unread_count, 2);
    assert_eq!(it.waiting_since, Some(Timestamp(1_000_100)));

    let ann = AgentId::new();
    it.replied(last(1_000_300), Some(ann), NOW);
    assert_eq!(it.waiting_since, None);
    assert_eq!(it.first_response_at, Some(Timestamp(1_000_300)));
    it.received(last(1_000_400), NOW);
    it.replied(last(1_000_500), None, NOW);
    assert_eq!(it.first_response_by, Some(ann));
    assert_eq!(it.message_count, 5);
}

#[test]
fn imported_history_makes_no_work() {
    let mut it = conversation();
    it.set_status(Status::Resolved, None, None, NOW).unwrap();
    it.imported(last(1_000_500), NOW);
    it.imported(last(900_000), NOW);
    assert_eq!((it.status, it.unread_count, it.waiting_since), (Status::Resolved, 0, None));
    assert_eq!(it.message_count, 2);
    assert_eq!(it.first_message_at, Some(Timestamp(900_000)));
    assert_eq!(it.last_message, Some(last(1_000_500)));
    assert_eq!(it.resolved_at, Some(Timestamp(1_000_500)));
}

#[test]
fn a_bounce_brings_a_conversation_back() {
    let mut it = conversation();
    it.set_status(Status::Resolved, None, None, NOW).unwrap();
    assert!(it.bounced(Some(NOW), NOW).is_some());
    assert!(it.bounced(None, NOW).is_none());
    assert_eq!((it.status, it.waiting_since), (Status::Open, Some(NOW)));
}

#[test]
fn a_conversation_is_over_when_resolved_longer_ago_than_the_channel_says() {
    let mut it = conversation();
    assert!(!it.is_over(Some(1), Timestamp(i64::MAX)));
    it.set_status(Status::Resolved, None, None, NOW).unwrap();
    let a_day = NOW.plus_seconds(86_400);
    assert!(!it.is_over(Some(1), a_day));
    assert!(it.is_over(Some(1), a_day.plus_millis(1)));
    assert!(!it.is_over(None, Timestamp(i64::MAX)));
}
