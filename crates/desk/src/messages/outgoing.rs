//! The facts of a mail that leaves: fixed when it is written, so that every attempt sends the same.

use domain::{
    addresses::EmailAddress,
    contacts::Contact,
    conversations::Conversation,
    ids::MessageId,
    mails::MailConfig,
    messages::{Direction, MailFacts, Message},
};
use storage::messages::MailHead;

use crate::{DeskError, Result};

/// More of a thread than this no mail program needs (RFC 5322 §3.6.4 lets the middle go).
const MOST_REFERENCES: usize = 20;
/// Characters. What is added in front of it keeps the header within bounds.
const LONGEST_SUBJECT: usize = 250;

/// What a reply is part of.
pub(crate) struct Thread<'a> {
    pub config: &'a MailConfig,
    pub conversation: &'a Conversation,
    /// Where the contact hears back.
    pub to: &'a str,
    /// What is answered; none for the first mail.
    pub answered: Option<&'a MailFacts>,
}

/// A mail to the contact: the first of a thread, or an answer to what came last.
///
/// # Errors
/// A conflict when the channel's own address is not one.
pub(crate) fn reply(
    id: MessageId,
    thread: &Thread<'_>,
    cc: &[EmailAddress],
    bcc: &[EmailAddress],
) -> Result<MailFacts> {
    let copies = |all: &[EmailAddress]| {
        all.iter().map(|it| it.as_str().to_owned()).filter(|it| it != thread.to).collect()
    };
    Ok(MailFacts {
        message_id: Some(message_id(id, thread.config)?),
        in_reply_to: thread.answered.and_then(|it| it.message_id.clone()),
        references: thread.answered.map(references).unwrap_or_default(),
        subject: Some(subject(thread)),
        from_name: thread.config.from_name.clone(),
        from_address: Some(thread.config.address.clone()),
        to: vec![thread.to.to_owned()],
        cc: copies(cc),
        bcc: copies(bcc),
        ..MailFacts::default()
    })
}

/// Where the contact hears back: where they wrote from last, since somebody with three addresses reads
/// one of them, or where they want answers. The latter only if they said so from the first mail on:
/// in a thread that goes on, whoever writes in their name could lead our answers to himself by it.
/// `earlier` are the conversation's mails, newest first.
///
/// # Errors
/// A conflict when the contact has no address.
pub(crate) fn recipient<'a>(contact: &'a Contact, earlier: &'a [MailHead]) -> Result<&'a str> {
    let own: Vec<&str> = contact.emails.iter().map(EmailAddress::as_str).collect();
    let mut theirs = earlier.iter().filter(|it| {
        let from = it.from_address.as_deref();
        it.direction == Direction::Inbound && from.is_some_and(|it| own.contains(&it))
    });
    let answers_to = theirs.next().and_then(|last| {
        let wanted = last.reply_to.as_deref().filter(|wanted| {
            own.contains(wanted) || theirs.all(|it| it.reply_to.as_deref() == Some(*wanted))
        });
        wanted.or(last.from_address.as_deref())
    });
    answers_to.or(own.first().copied()).ok_or_else(|| {
        DeskError::conflict("this contact has no e-mail address; give them one first")
    })
}

/// The last mail the contact knows, of those whose `facts` can be had by their seq.
pub(crate) fn answered(
    contact: &Contact,
    to: &str,
    earlier: &[MailHead],
    facts: impl Fn(i64) -> Result<Option<MailFacts>>,
) -> Result<Option<MailFacts>> {
    let mut own: Vec<&str> = contact.emails.iter().map(EmailAddress::as_str).collect();
    own.push(to);
    for it in earlier {
        if let Some(facts) = facts(it.seq)?.filter(|mail| is_in_thread(it.direction, mail, &own)) {
            return Ok(Some(facts));
        }
    }
    Ok(None)
}

/// A mail that shows a message to somebody else: no part of the contact's thread.
pub(crate) fn forward(
    id: MessageId,
    config: &MailConfig,
    original: &Message,
    conversation: &Conversation,
    to: &EmailAddress,
) -> Result<MailFacts> {
    let subject = original.mail.as_ref().and_then(|it| it.subject.as_deref());
    let subject = subject.or(conversation.subject.as_deref()).unwrap_or("a message");
    Ok(MailFacts {
        message_id: Some(message_id(id, config)?),
        subject: Some(format!("Fwd: {}", bounded(bare(subject)))),
        from_name: config.from_name.clone(),
        from_address: Some(config.address.clone()),
        to: vec![to.as_str().to_owned()],
        ..MailFacts::default()
    })
}

/// Whether the contact knows this mail: they wrote it, or it went to them.
pub(crate) fn is_in_thread(
    direction: Direction,
    mail: &MailFacts,
    contact_addresses: &[&str],
) -> bool {
    let theirs = |it: &String| contact_addresses.contains(&it.to_lowercase().as_str());
    let went_to_them = || mail.to.iter().chain(&mail.cc).any(theirs);
    let came_from_them =
        || direction == Direction::Inbound && mail.from_address.as_ref().is_some_and(theirs);
    mail.message_id.is_some() && (came_from_them() || went_to_them())
}

/// At the domain of our own address, where nobody else makes ids.
fn message_id(id: MessageId, config: &MailConfig) -> Result<String> {
    let address = EmailAddress::parse(&config.address).map_err(|_| {
        DeskError::conflict("this channel's own address is not one; correct its settings")
    })?;
    Ok(format!("{id}@{}", address.domain()))
}

/// The thread up to and with the mail that is answered.
fn references(mail: &MailFacts) -> Vec<String> {
    let mut all = mail.references.clone();
    if all.is_empty() {
        all.extend(mail.in_reply_to.clone());
    }
    if let Some(id) = &mail.message_id {
        all.retain(|it| it != id);
        all.push(id.clone());
    }
    // The first says what thread it is, the newest where it goes on.
    if all.len() > MOST_REFERENCES {
        all.drain(1..=all.len() - MOST_REFERENCES);
    }
    all
}

fn subject(thread: &Thread<'_>) -> String {
    let known = thread
        .answered
        .and_then(|it| it.subject.as_deref())
        .or(thread.conversation.subject.as_deref())
        .map(bare)
        .filter(|it| !it.is_empty());
    let is_reply = thread.answered.is_some();
    let mut subject = match known {
        Some(it) if is_reply => format!("Re: {}", bounded(it)),
        Some(it) => bounded(it),
        None if is_reply => "Re: your message".to_owned(),
        None => match &thread.config.from_name {
            Some(name) => format!("Message from {name}"),
            None => "Message".to_owned(),
        },
    };
    let number = format!("[#{}]", thread.conversation.number);
    if thread.config.subject_number && !subject.contains(&number) {
        subject = format!("{subject} {number}");
    }
    subject
}

fn bounded(subject: &str) -> String {
    subject.chars().take(LONGEST_SUBJECT).collect()
}

/// The subject without the marks that answers and forwards put before it, in the languages whose
/// programs translate them.
fn bare(subject: &str) -> &str {
    const MARKS: [&str; 12] =
        ["re", "aw", "antw", "sv", "vs", "ref", "odp", "fwd", "fw", "wg", "tr", "rv"];
    let mut rest = subject.trim();
    while let Some((mark, tail)) = rest.split_once(':') {
        let word = mark.trim_end_matches(|it: char| "[]()".contains(it) || it.is_ascii_digit());
        if !MARKS.contains(&word.to_lowercase().as_str()) {
            break;
        }
        rest = tail.trim_start();
    }
    rest
}

#[cfg(test)]
mod tests {
    use domain::{
        Timestamp,
        channels::ChannelType,
        ids::{ChannelId, ContactId, ConversationId},
    };
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp(1_000);

    fn config() -> MailConfig {
        serde_json::from_value(serde_json::json!({
            "address": "desk@shop.example", "from_name": "The Shop",
            "imap": { "host": "localhost", "port": 143, "security": "none", "username": "desk" },
            "folders": ["INBOX"],
            "smtp": { "host": "localhost", "port": 25, "security": "none", "username": "desk" },
            "new_conversation_after_days": null, "quote_history": true,
            "plus_addressing": false, "subject_number": false, "max_mail_bytes": 1000,
            "signature": null,
        }))
        .unwrap()
    }

    fn contact(emails: &[&str]) -> Contact {
        let mut it = Contact::new(ContactId::new(), NOW);
        it.emails = emails.iter().map(|it| EmailAddress::parse(it).unwrap()).collect();
        it
    }

    fn conversation(subject: Option<&str>) -> Conversation {
        let channel = (ChannelId::new(), ChannelType::Email);
        let subject = subject.map(str::to_owned);
        let mut it =
            Conversation::open(ConversationId::new(), channel, ContactId::new(), subject, NOW);
        it.number = 7;
        it
    }

    fn mail(id: &str, from: &str, to: &str, subject: &str) -> MailFacts {
        MailFacts {
            message_id: Some(id.to_owned()),
            references: vec!["first@x".to_owned()],
            subject: Some(subject.to_owned()),
            from_address: Some(from.to_owned()),
            to: vec![to.to_owned()],
            ..MailFacts::default()
        }
    }

    /// As a reply to `contact` after these mails, newest first, is written.
    fn written(
        config: &MailConfig,
        conversation: &Conversation,
        contact: &Contact,
        earlier: &[(Direction, MailFacts)],
        cc: &[EmailAddress],
    ) -> Result<(MessageId, MailFacts)> {
        let head = |(at, (direction, facts)): (usize, &(Direction, MailFacts))| MailHead {
            seq: i64::try_from(at).unwrap(),
            direction: *direction,
            from_address: facts.from_address.clone(),
            reply_to: facts.reply_to.clone(),
        };
        let heads: Vec<_> = earlier.iter().enumerate().map(head).collect();
        let facts = |seq| Ok(earlier.get(usize::try_from(seq).unwrap()).map(|it| it.1.clone()));
        let to = recipient(contact, &heads)?;
        let answered = answered(contact, to, &heads, facts)?;
        let thread = Thread { config, conversation, to, answered: answered.as_ref() };
        let id = MessageId::new();
        Ok((id, reply(id, &thread, cc, &[])?))
    }

    #[test]
    fn an_answer_goes_where_the_customer_wrote_from_and_continues_the_thread() {
        let (config, conversation) = (config(), conversation(Some("Old subject")));
        let contact = contact(&["main@x.example", "other@x.example"]);
        let (ours, theirs) = ("desk@shop.example", "other@x.example");
        let earlier = [
            // Forwarded to somebody else: the customer never saw it.
            (Direction::Outbound, mail("fwd@d", ours, "boss@y.example", "Fwd: Hi")),
            (Direction::Inbound, mail("new@x", theirs, ours, "RE: AW: Hi")),
        ];
        let copy = EmailAddress::parse("boss@y.example").unwrap();
        let cc = std::slice::from_ref(&copy);
        let (id, got) = written(&config, &conversation, &contact, &earlier, cc).unwrap();
        assert_eq!(got.message_id, Some(format!("{id}@shop.example")));
        assert_eq!(got.in_reply_to.as_deref(), Some("new@x"));
        assert_eq!(got.references, ["first@x", "new@x"]);
        assert_eq!(got.subject.as_deref(), Some("Re: Hi"));
        assert_eq!((got.to, got.cc), (vec!["other@x.example".to_owned()], vec![copy.to_string()]));
        assert_eq!(got.from_address.as_deref(), Some("desk@shop.example"));
    }

    #[test]
    fn an_answer_goes_where_they_asked_for_it_from_the_first_mail_on() {
        let (config, conversation) = (config(), conversation(None));
        let contact = contact(&["ann@x.example", "private@x.example"]);
        let from = |reply_to: Option<&str>| {
            let it = mail("1@x", "ann@x.example", "desk@shop.example", "Hi");
            (Direction::Inbound, MailFacts { reply_to: reply_to.map(str::to_owned), ..it })
        };
        let (team, eve) = (from(Some("team@x.example")), from(Some("eve@evil.example")));
        let cases = [
            ("the only mail", vec![team.clone()], "team@x.example"),
            ("all of them", vec![team.clone(), team.clone()], "team@x.example"),
            ("no more", vec![from(None), team.clone()], "ann@x.example"),
            ("all of a sudden", vec![eve, from(None)], "ann@x.example"),
            ("their own", vec![from(Some("private@x.example")), team], "private@x.example"),
        ];
        for (name, earlier, want) in cases {
            let (_, got) = written(&config, &conversation, &contact, &earlier, &[]).unwrap();
            assert_eq!(got.to, [want], "{name}");
            assert!(got.in_reply_to.is_some(), "{name}");
        }
    }

    #[test]
    fn a_first_mail_has_no_thread_and_some_subject() {
        let mut config = config();
        let contact = contact(&["main@x.example"]);
        let cases = [
            (Some("Your order"), false, "Your order"),
            (None, false, "Message from The Shop"),
            (Some("Your order"), true, "Your order [#7]"),
        ];
        for (subject, number, want) in cases {
            config.subject_number = number;
            let conversation = conversation(subject);
            let (_, got) = written(&config, &conversation, &contact, &[], &[]).unwrap();
            assert_eq!(got.subject.as_deref(), Some(want));
            assert_eq!((got.in_reply_to, got.references.len()), (None, 0));
        }
    }

    #[test]
    fn nobody_to_write_to_is_a_conflict() {
        let (config, conversation, contact) = (config(), conversation(None), contact(&[]));
        let got = written(&config, &conversation, &contact, &[], &[]);
        assert!(matches!(got, Err(DeskError::Conflict { .. })));
    }

    #[test]
    fn a_subject_loses_its_marks_and_nothing_else() {
        let cases = [
            ("Re: re:Fwd: Hello", "Hello"),
            ("AW: Re[2]: Hello: world", "Hello: world"),
            ("Report: Re: x", "Report: Re: x"),
            ("  ", ""),
            ("Re:", ""),
        ];
        for (text, want) in cases {
            assert_eq!(bare(text), want, "{text}");
        }
    }

    proptest! {
        #[test]
        fn references_stay_bounded_and_end_in_what_is_answered(
            ids in proptest::collection::vec("[a-z]{1,4}@x", 0..60), id in "[a-z]{1,4}@y",
        ) {
            let mail = MailFacts {
                message_id: Some(id.clone()),
                references: ids.clone(),
                ..MailFacts::default()
            };
            let got = references(&mail);
            prop_assert!(got.len() <= MOST_REFERENCES);
            prop_assert_eq!(got.last(), Some(&id));
            if let Some(first) = ids.first() {
                prop_assert_eq!(got.first(), Some(first));
            }
        }
    }

    #[test]
    fn a_third_partys_mail_is_not_what_the_customer_is_answered_with() {
        let own = ["ann@x.example"];
        let cases = [
            ("theirs", Direction::Inbound, "ann@x.example", "desk@shop.example", true),
            ("ours to them", Direction::Outbound, "desk@shop.example", "Ann@x.example", true),
            ("a supplier's", Direction::Inbound, "sup@plier.example", "desk@shop.example", false),
            (
                "a supplier's, copied",
                Direction::Inbound,
                "sup@plier.example",
                "ann@x.example",
                true,
            ),
            ("a forward", Direction::Outbound, "desk@shop.example", "sup@plier.example", false),
        ];
        for (name, direction, from, to, want) in cases {
            let it = mail("1@x.example", from, to, "Order");
            assert_eq!(is_in_thread(direction, &it, &own), want, "{name}");
        }
    }
}
