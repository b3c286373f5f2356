//! Tests of [`super`].

use domain::mails::{Auth, MailConfig, Security};

use super::{Checked, MailPatch, OAuthPatch, ServerPatch, check};
use crate::{DeskError, Problems, options::Secret};

fn server() -> ServerPatch {
    ServerPatch {
        host: Some("Mail.Example.com ".to_owned()),
        username: Some(Some("desk".to_owned())),
        password: secret("hunter2"),
        ..ServerPatch::default()
    }
}

fn secret(text: &str) -> Option<Option<Secret>> {
    Some(Some(Secret::new(text)))
}

fn patch() -> MailPatch {
    MailPatch {
        address: Some("Desk@Example.com".to_owned()),
        imap: Some(server()),
        smtp: Some(server()),
        ..MailPatch::default()
    }
}

/// The result, or the fields that are wrong.
fn checked(
    patch: MailPatch,
    before: Option<&MailConfig>,
    set: &[&str],
) -> Result<Checked, Vec<String>> {
    let mut problems = Problems::default();
    let set: Vec<String> = set.iter().map(|it| (*it).to_owned()).collect();
    let checked = check(patch, before, &set, &mut problems);
    match problems.finish() {
        Ok(()) => Ok(checked.expect("complete without problems")),
        Err(DeskError::Invalid(fields)) => Err(fields.into_iter().map(|it| it.field).collect()),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn what_is_left_out_has_a_sensible_value() {
    let config = checked(patch(), None, &[]).unwrap().config;
    assert_eq!(config.address, "desk@example.com");
    assert_eq!((config.imap.host.as_str(), config.imap.port), ("mail.example.com", 993));
    assert_eq!((config.imap.security, config.smtp.port), (Security::Tls, 465));
    assert_eq!(config.folders, ["INBOX"]);
    assert_eq!(config.max_mail_bytes, 50 * 1024 * 1024);
}

#[test]
fn each_problem_names_its_field() {
    type Change = fn(&mut MailPatch);
    fn imap(it: &mut MailPatch) -> &mut ServerPatch {
        it.imap.get_or_insert_default()
    }
    let cases: [(Change, &[&str]); 16] = [
        (|it| it.address = None, &["config.address"]),
        (|it| it.address = Some("nobody".to_owned()), &["config.address"]),
        (|it| it.imap = None, &["config.imap.host"]),
        (|it| imap(it).host = Some("a b".to_owned()), &["config.imap.host"]),
        (|it| imap(it).host = Some(String::new()), &["config.imap.host"]),
        (|it| imap(it).port = Some(0), &["config.imap.port"]),
        (|it| imap(it).username = None, &["config.imap.username"]),
        (|it| imap(it).password = None, &["config.imap.password"]),
        (|it| imap(it).password = secret("********"), &["config.imap.password"]),
        (|it| imap(it).password = secret("a\r\nb"), &["config.imap.password"]),
        (|it| imap(it).security = Some(Security::None), &["config.imap.security"]),
        (|it| imap(it).auth = Some(Auth::Xoauth2), &["config.oauth"]),
        (|it| it.folders = Some(Vec::new()), &["config.imap.folders"]),
        (|it| it.max_mail_bytes = Some(1), &["config.max_mail_bytes"]),
        (
            |it| it.new_conversation_after_days = Some(Some(0)),
            &["config.new_conversation_after_days"],
        ),
        (
            |it| {
                it.address = None;
                imap(it).port = Some(0);
                it.from_name = Some(Some("a\r\nb".to_owned()));
            },
            &["config.address", "config.imap.port", "config.from_name"],
        ),
    ];
    for (index, (change, want)) in cases.into_iter().enumerate() {
        let mut patch = patch();
        change(&mut patch);
        assert_eq!(checked(patch, None, &[]).unwrap_err(), want, "case {index}");
    }
}

#[test]
fn only_this_machine_is_spoken_to_in_the_clear() {
    for (host, fine) in
        [("127.0.0.1", true), ("::1", true), ("localhost", true), ("10.0.0.1", false)]
    {
        let mut patch = patch();
        let imap = patch.imap.as_mut().unwrap();
        imap.host = Some(host.to_owned());
        imap.security = Some(Security::None);
        assert_eq!(checked(patch, None, &[]).is_ok(), fine, "{host}");
    }
}

#[test]
fn a_password_stays_with_its_server() {
    let before = checked(patch(), None, &[]).unwrap().config;
    let set = ["imap.password", "smtp.password"];
    let change = |imap: ServerPatch| MailPatch { imap: Some(imap), ..MailPatch::default() };
    let moved = || ServerPatch { host: Some("evil.example".to_owned()), ..ServerPatch::default() };
    let kept = checked(change(ServerPatch::default()), Some(&before), &set).unwrap();
    assert!(kept.secrets.is_empty());
    assert_eq!(kept.config, before);
    let refused = checked(change(moved()), Some(&before), &set).unwrap_err();
    assert_eq!(refused, ["config.imap.password"]);
    let port = ServerPatch { port: Some(1993), ..ServerPatch::default() };
    assert!(checked(change(port), Some(&before), &set).is_err());
    let anew = ServerPatch { password: secret("another"), ..moved() };
    let changed = checked(change(anew), Some(&before), &set).unwrap();
    assert_eq!(changed.config.imap.host, "evil.example");
    assert_eq!(changed.secrets[0].name, "imap.password");
}

#[test]
fn a_token_url_is_https_or_of_this_machine_and_holds_no_password() {
    let cases = [
        ("https://login.example.com/token", true),
        (" https://login.example.com/token ", true),
        ("http://127.0.0.1:8080/token", true),
        ("http://login.example.com/token", false),
        ("http://localhost/token", false),
        ("https://user@login.example.com/token", false),
        ("https://user:secret@login.example.com/token", false),
        ("login.example.com/token", false),
        ("", false),
    ];
    for (url, want) in cases {
        assert_eq!(super::token_url(url).is_ok(), want, "{url}");
    }
}

#[test]
fn tokens_stay_with_the_servers_they_were_given_for() {
    let mut first = patch();
    for server in [&mut first.imap, &mut first.smtp] {
        let server = server.as_mut().unwrap();
        server.auth = Some(Auth::Xoauth2);
        server.password = None;
    }
    let oauth = |url: &str| OAuthPatch {
        token_url: Some(url.to_owned()),
        client_id: Some("id".to_owned()),
        ..OAuthPatch::default()
    };
    let with_token =
        OAuthPatch { refresh_token: secret("token"), ..oauth("https://login.example.com/token") };
    first.oauth = Some(Some(oauth("https://login.example.com/token")));
    assert_eq!(checked(first.clone(), None, &[]).unwrap_err()[0], "config.oauth.refresh_token");
    first.oauth = Some(Some(with_token));
    let before = checked(first, None, &[]).unwrap().config;
    let set = ["oauth.refresh_token"];
    let imap = ServerPatch { host: Some("evil.example".to_owned()), ..ServerPatch::default() };
    let cases = [
        MailPatch { imap: Some(imap), ..MailPatch::default() },
        MailPatch { oauth: Some(Some(oauth("https://evil.example/"))), ..MailPatch::default() },
        MailPatch { oauth: Some(Some(oauth("http://evil.example/"))), ..MailPatch::default() },
        MailPatch { oauth: Some(None), ..MailPatch::default() },
    ];
    for (index, case) in cases.into_iter().enumerate() {
        assert!(checked(case, Some(&before), &set).is_err(), "case {index}");
    }
}
