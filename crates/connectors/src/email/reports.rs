//! Delivery reports (RFC 3464): what became of a mail that we sent.

use super::{headers, lines, parts::Part};

const MAX_RECIPIENTS: usize = 100;
const MAX_VALUE: usize = 500;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryReport {
    pub recipients: Vec<RecipientStatus>,
    /// The Message-ID of the mail reported on, without brackets.
    pub message_id: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecipientStatus {
    pub final_recipient: Option<String>,
    /// `failed`, `delayed`, `delivered`, `relayed` or `expanded`, lower case.
    pub action: String,
    /// RFC 3463, such as `5.1.1`.
    pub status: Option<String>,
    /// What the other server said, for a person.
    pub diagnostic: Option<String>,
}

impl DeliveryReport {
    /// The recipients who will not get the mail.
    pub fn failed(&self) -> impl Iterator<Item = &RecipientStatus> {
        self.recipients.iter().filter(|it| it.action == "failed")
    }
}

/// Reads the machine-readable parts of a `multipart/report`. None where it reports on no delivery.
pub fn read(report: &Part<'_>) -> Option<DeliveryReport> {
    let status = report.children.iter().find(|it| {
        matches!(
            it.mime_type.as_str(),
            "message/delivery-status" | "message/global-delivery-status"
        )
    })?;
    let message_id = report.children.iter().find_map(|it| match it.mime_type.as_str() {
        "message/rfc822"
        | "message/global"
        | "text/rfc822-headers"
        | "message/rfc822-headers"
        | "message/global-headers" => message_id_in(&it.bytes()),
        _ => None,
    });
    Some(DeliveryReport { recipients: recipients(&status.text()), message_id })
}

/// The Message-ID among the headers that these bytes start with.
pub fn message_id_in(bytes: &[u8]) -> Option<String> {
    let mut parsed = Vec::new();
    // Returned headers often lack the empty line that ends them.
    let ended = [&bytes[..bytes.len().min(1 << 20)], b"\r\n\r\n"].concat();
    let mut stream = mail_parser::parsers::MessageStream::new(&ended);
    stream.parse_headers(&mail_parser::MessageParser::new(), &mut parsed);
    headers::message_id(&parsed)
}

/// Groups of fields, parted by empty lines: the first about the message, each other about a recipient.
fn recipients(text: &str) -> Vec<RecipientStatus> {
    let mut out = Vec::new();
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in lines::block(text).lines().chain([""]) {
        if line.trim().is_empty() {
            out.extend(recipient(&std::mem::take(&mut fields)));
        } else if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = fields.last_mut()
                && value.len() < 4 * MAX_VALUE
            {
                value.push(' ');
                value.push_str(lines::cut(line.trim(), MAX_VALUE));
            }
        } else if let Some((name, value)) = line.split_once(':')
            && fields.len() < 50
        {
            let value = lines::cut(value.trim(), 4 * MAX_VALUE).to_owned();
            fields.push((name.trim().to_ascii_lowercase(), value));
        }
        if out.len() >= MAX_RECIPIENTS {
            break;
        }
    }
    out
}

fn recipient(fields: &[(String, String)]) -> Option<RecipientStatus> {
    let get = |name: &str| fields.iter().find(|it| it.0 == name).map(|it| it.1.as_str());
    // `rfc822; ann@example.com`: the type says how to read what follows.
    let untyped = |it: &str| {
        let value = it.split_once(';').map_or(it, |(_, value)| value);
        Some(lines::line(value, MAX_VALUE)).filter(|it| !it.is_empty())
    };
    let action = get("action")?;
    Some(RecipientStatus {
        final_recipient: get("final-recipient").or(get("original-recipient")).and_then(untyped),
        action: lines::line(action, 20).to_ascii_lowercase(),
        status: get("status").and_then(|it| it.split_whitespace().next()).and_then(untyped),
        diagnostic: get("diagnostic-code").and_then(untyped),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_recipient_is_read() {
        let text = "Reporting-MTA: dns; mx.example\r\n\r\n\
            Final-Recipient: rfc822; ann@x.example\r\nAction: Failed\r\nStatus: 5.1.1 (bad)\r\n\
            Diagnostic-Code: smtp; 550 5.1.1 User\r\n unknown\r\n\r\n\
            Original-Recipient: bob@x.example\r\nAction: delayed\r\n";
        let got = recipients(text);
        assert_eq!(got.len(), 2);
        assert_eq!(got[0].final_recipient.as_deref(), Some("ann@x.example"));
        assert_eq!((got[0].action.as_str(), got[0].status.as_deref()), ("failed", Some("5.1.1")));
        assert_eq!(got[0].diagnostic.as_deref(), Some("550 5.1.1 User unknown"));
        assert_eq!(got[1].final_recipient.as_deref(), Some("bob@x.example"));
        assert!(recipients("").is_empty());
        assert_eq!(recipients(&"Action: failed\n\n".repeat(5000)).len(), MAX_RECIPIENTS);
    }

    #[test]
    fn returned_headers_need_no_end() {
        assert_eq!(message_id_in(b"Subject: x\nMessage-ID: <a@b>").as_deref(), Some("a@b"));
        assert_eq!(message_id_in(b""), None);
    }
}
