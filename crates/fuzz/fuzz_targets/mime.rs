//! Any bytes become a readable message or are refused, and what is shown of them is safe.
#![no_main]

use connectors::email::{
    classify::{self, Own},
    clean::{self, Display, RemoteImages},
    marker,
    parse::parse,
    quote, rules,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(mail) = parse(bytes) else { return };
    let has_words = !mail.text.is_empty() || mail.subject.is_some();
    assert!(has_words || !mail.attachments.is_empty() || mail.report.is_some());
    for it in &mail.attachments {
        assert!(!it.name.is_empty() && !it.name.contains(['/', '\\', '\0', '\r', '\n']));
    }
    let split = quote::split(&mail.text);
    let blank = marker::hide(&mail.text).trim().is_empty();
    assert!(blank || !split.text.trim().is_empty());
    let own = Own { addresses: &[], is_our_loop: &|_| false, is_our_message: &|_| false };
    let _ = classify::classify(&mail, &own);
    if let Some(html) = &mail.html {
        let display = Display { inline: &|_| None, remote_images: RemoteImages::Blocked };
        let shown = clean::clean(html, &display).html;
        assert_eq!(rules::forbidden(&shown), None);
    }
});
