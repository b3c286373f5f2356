//! Cleaned HTML holds nothing forbidden and does not change when it is cleaned again.
#![no_main]

use connectors::email::{
    clean::{self, Display, RemoteImages},
    plain::{self, Links},
    rules,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let html = String::from_utf8_lossy(bytes);
    let display = Display { inline: &|_| None, remote_images: RemoteImages::Blocked };
    let once = clean::clean(&html, &display).html;
    assert_eq!(rules::forbidden(&once), None, "{once}");
    assert_eq!(clean::clean(&once, &display).html, once);
    let _ = plain::from_html(&html, Links::Show);
    let escaped = clean::escape(&html);
    assert_eq!(rules::forbidden(&escaped), None, "{escaped}");
});
