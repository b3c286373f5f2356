//! `serve --demo`: a desk to look around in, and its chat from a shop's page to the inbox.

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::app::{Server, deskbell, place};

fn start(data: &std::path::Path) -> Server {
    let mut command = deskbell(data);
    command.args(["serve", "--demo"]);
    Server::spawn(command)
}

fn chat_of(server: &Server) -> String {
    let (status, page) = server.ask("GET", "/demo", None);
    assert_eq!(status, 200);
    let page = page.as_str().unwrap().to_owned();
    page.split("data-channel=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

#[test]
fn the_demo_is_a_desk_with_a_login_and_a_chat_that_works() {
    let (_folder, data) = place();
    let mut server = start(&data);
    let printed = server.line_with("sign in as");
    let email = printed.split_whitespace().find(|it| it.contains('@')).unwrap();
    let password = printed.split_whitespace().last().unwrap();
    let login = json!({ "email": email, "password": password });
    let (status, me) = server.ask("POST", "/api/auth/login", Some(&login));
    assert_eq!(status, 200, "{me}");

    let chat = chat_of(&server);
    let (status, config) = server.ask("GET", &format!("/widget/{chat}/config"), None);
    assert_eq!((status, &config["reply_time"]), (200, &json!("minutes")), "{config}");
    let session = server.ask("POST", &format!("/widget/{chat}/session"), Some(&json!({})));
    assert_eq!(session.0, 201, "{}", session.1);
    assert!(session.1["token"].is_string());
    let frame = server.ask("GET", &format!("/widget/{chat}/frame"), None);
    assert!(frame.0 == 200 && matches!(frame.1, Value::String(_)));
    assert_eq!(server.ask("GET", "/widget.js", None).0, 200);

    assert_eq!(server.end(Signal::TERM), Some(0));
    let mut again = start(&data);
    again.line_with("sign in as before");
    assert_eq!(chat_of(&again), chat, "a given folder keeps its chat");
    assert_eq!(again.ask("POST", "/api/auth/login", Some(&login)).0, 200);
}
