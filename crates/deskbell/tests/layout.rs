//! The shape of the workspace: which crate may use which, what each may pull in, what stands at the top.

#![expect(clippy::unwrap_used, reason = "helpers of tests, too, fail by panicking")]

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use serde_json::Value;

/// Crate, and what it may use of ours (design: "what may know what").
const ARROWS: [(&str, &[&str]); 7] = [
    ("domain", &[]),
    ("dashboard", &[]),
    ("storage", &["domain"]),
    ("connectors", &["domain"]),
    ("desk", &["connectors", "domain", "storage"]),
    ("web", &["dashboard", "desk", "domain"]),
    ("deskbell", &["connectors", "dashboard", "desk", "domain", "storage", "web"]),
];

/// A package of the outside world, and the only crates that may name it.
const KEPT_INSIDE: [(&str, &[&str]); 9] = [
    ("rusqlite", &["storage"]),
    ("r2d2", &["storage"]),
    ("r2d2_sqlite", &["storage"]),
    ("refinery", &["storage"]),
    ("actix-web", &["web"]),
    ("actix-multipart", &["web"]),
    ("async-imap", &["connectors"]),
    ("lettre", &["connectors"]),
    ("reqwest", &["connectors"]),
];

/// Everything the top level may hold, besides dot files and what `.gitignore` names.
const TOP_LEVEL: [&str; 14] = [
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "Dockerfile",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "config",
    "crates",
    "deny.toml",
    "migrations",
    "scripts",
    "target",
];

/// Needed by tools that look for them beside the manifest.
const TOOL_FILES: [&str; 3] = ["clippy.toml", "rustfmt.toml", "rust-toolchain.toml"];

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn cargo(command: &[&str], arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(command)
        .args(["--offline", "--locked"])
        .args(arguments)
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn read_table(name: &str) -> toml::Table {
    fs::read_to_string(root().join(name)).unwrap().parse().unwrap()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

#[test]
fn no_crate_gains_an_arrow() {
    let output = cargo(&["metadata"], &["--format-version", "1", "--no-deps"]);
    let metadata: Value = serde_json::from_str(&output).unwrap();
    let ours: BTreeSet<&str> = ARROWS.iter().map(|(name, _)| *name).collect();
    let packages = metadata["packages"].as_array().unwrap();
    let found: BTreeSet<&str> = packages.iter().map(|it| text(it, "name")).collect();
    assert_eq!(found, ours, "a new crate needs its place in ARROWS and in ARCHITECTURE.md");

    for package in packages {
        let name = text(package, "name");
        let (_, may_use) = ARROWS.iter().find(|(it, _)| *it == name).unwrap();
        // Tests may reach further: they set the stage with crates the code itself must not see.
        let real = package["dependencies"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|it| it["kind"].as_str() != Some("dev"))
            .map(|it| text(it, "name"));
        for used in real {
            if ours.contains(used) {
                assert!(may_use.contains(&used), "{name} must not use {used}");
            }
            if let Some((_, keepers)) = KEPT_INSIDE.iter().find(|(it, _)| *it == used) {
                assert!(keepers.contains(&name), "{name} must not name {used}");
            }
        }
    }
}

#[test]
fn the_top_level_stays_short() {
    for entry in root().read_dir().unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        // What a person makes by running the server here, kept out of the repository by .gitignore.
        let is_local =
            ["data", "demo", "cookies", "deskbell.toml", "bench-data"].contains(&name.as_str());
        let known = TOP_LEVEL.contains(&name.as_str()) || TOOL_FILES.contains(&name.as_str());
        assert!(known || is_local || name.starts_with('.'), "{name} has no place at the top level");
    }
}

/// A small stand-in for `cargo deny`, so that the main rules hold on machines without it.
#[test]
fn every_dependency_has_a_licence_we_accept_and_a_source_we_know() {
    let deny = read_table("deny.toml");
    let list = |section: &str, key: &str| deny[section][key].as_array().unwrap().clone();
    let words = |list: Vec<toml::Value>| -> Vec<String> {
        list.iter().map(|it| it.as_str().unwrap().to_owned()).collect()
    };
    let allowed = words(list("licenses", "allow"));
    let registries = words(list("sources", "allow-registry"));

    for package in read_table("Cargo.lock")["package"].as_array().unwrap() {
        let Some(source) = package.get("source").and_then(toml::Value::as_str) else {
            continue;
        };
        let known = registries.iter().any(|it| source == format!("registry+{it}"));
        assert!(known, "{package:?} comes from elsewhere");
    }

    let tree = cargo(
        &["tree", "--workspace", "--edges", "normal,build", "--prefix", "none"],
        &["--format", "{p}|{l}"],
    );
    let banned = list("bans", "deny");
    for line in tree.lines().filter(|it| !it.is_empty()) {
        let (package, licence) = line.split_once('|').unwrap();
        let name = package.split(' ').next().unwrap();
        assert!(
            accepts(&allowed, licence.trim_end_matches(" (*)")),
            "{package} is under {licence:?}"
        );
        // An entry with wrappers lets some crate bring it all the same: left to cargo-deny.
        let is_banned = banned
            .iter()
            .any(|it| it["crate"].as_str() == Some(name) && it.get("wrappers").is_none());
        assert!(!is_banned, "{package} is banned by deny.toml");
    }
}

/// Whether an SPDX expression can be met: one side of each OR, both sides of each AND.
fn accepts(allowed: &[String], expression: &str) -> bool {
    let plain = expression.replace(['(', ')'], "").replace('/', " OR ");
    // `(A OR B) AND C` reads the same without brackets once AND is split first.
    plain.split(" AND ").all(|side| {
        side.split(" OR ").any(|it| {
            let name = it.trim().split(" WITH ").next().unwrap_or_default();
            allowed.iter().any(|known| known == name)
        })
    })
}

#[test]
fn licence_expressions_are_read_right() {
    let allowed = ["MIT".to_owned(), "Unicode-3.0".to_owned()];
    let cases = [
        ("MIT", true),
        ("MIT OR Apache-2.0", true),
        ("GPL-3.0-only", false),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
        ("MIT AND GPL-2.0-only", false),
        ("Apache-2.0/MIT", true),
        ("", false),
    ];
    for (expression, want) in cases {
        assert_eq!(accepts(&allowed, expression), want, "{expression}");
    }
}
