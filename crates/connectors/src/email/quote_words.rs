//! The words by which mail programs announce history, in the languages our users' customers write.

use super::lines::cut;

/// Bytes of a line that are looked at; announcements are short.
const LOOK: usize = 600;

/// How a line such as `On Monday, Ann wrote:` starts, and a word in it.
const ATTRIBUTIONS: [(&str, &str); 16] = [
    ("on ", "wrote"),
    ("am ", "schrieb"),
    ("pada ", "menulis"),
    ("le ", "a écrit"),
    ("el ", "escribió"),
    ("il ", "ha scritto"),
    ("op ", "schreef"),
    ("em ", "escreveu"),
    ("no dia ", "escreveu"),
    ("a ", "escreveu"),
    ("den ", "skrev"),
    ("dne ", "napsal"),
    ("w dniu ", "pisze"),
    ("dnia ", "napisał"),
    ("в ", "написал"),
    ("20", "wrote"),
];

const ORIGINAL: [&str; 12] = [
    "original message",
    "original appointment",
    "ursprüngliche nachricht",
    "originalnachricht",
    "pesan asli",
    "message d'origine",
    "message d’origine",
    "mensaje original",
    "messaggio originale",
    "oorspronkelijk bericht",
    "mensagem original",
    "reply message",
];

const FORWARD: [&str; 11] = [
    "forwarded message",
    "begin forwarded message",
    "weitergeleitete nachricht",
    "anfang der weitergeleiteten",
    "pesan yang diteruskan",
    "pesan terusan",
    "message transféré",
    "mensaje reenviado",
    "messaggio inoltrato",
    "doorgestuurd bericht",
    "mensagem encaminhada",
];

const FROM: [&str; 8] = ["from", "von", "dari", "de", "da", "van", "från", "od"];

const OTHER: [&str; 42] = [
    "sent",
    "date",
    "to",
    "cc",
    "subject",
    "gesendet",
    "datum",
    "an",
    "betreff",
    "dikirim",
    "tanggal",
    "kepada",
    "subjek",
    "perihal",
    "judul",
    "envoyé",
    "à",
    "objet",
    "enviado",
    "enviada",
    "enviado el",
    "enviada em",
    "fecha",
    "para",
    "asunto",
    "assunto",
    "data",
    "inviato",
    "a",
    "oggetto",
    "verzonden",
    "aan",
    "onderwerp",
    "importance",
    "reply-to",
    "antwort an",
    "répondre à",
    "skickat",
    "till",
    "ämne",
    "wysłano",
    "temat",
];

const MOBILE: [&str; 24] = [
    "sent from my ",
    "sent from mail for ",
    "sent from outlook",
    "sent from yahoo mail",
    "sent via ",
    "get outlook for ",
    "von meinem ",
    "gesendet von ",
    "gesendet mit ",
    "outlook für ",
    "dikirim dari ",
    "terkirim dari ",
    "envoyé de mon ",
    "envoyé depuis ",
    "télécharger outlook ",
    "enviado desde mi ",
    "enviado desde ",
    "inviato da ",
    "verstuurd vanaf ",
    "verzonden vanaf ",
    "enviado do meu ",
    "enviado de meu ",
    "skickat från min ",
    "wysłane z ",
];

pub fn may_start_attribution(line: &str) -> bool {
    let line = cut(line, 40).to_lowercase();
    ATTRIBUTIONS.iter().any(|(start, _)| line.starts_with(start))
}

/// A date is part of it: `On my list he wrote:` announces nothing.
pub fn is_attribution(line: &str) -> bool {
    if !line.ends_with(':') || line.len() > 2000 || !line.bytes().any(|it| it.is_ascii_digit()) {
        return false;
    }
    let line = line.to_lowercase();
    ATTRIBUTIONS.iter().any(|(start, word)| line.starts_with(start) && line.contains(word))
}

pub fn is_original_line(line: &str) -> bool {
    announced(line).is_some_and(|it| ORIGINAL.contains(&it.as_str()))
}

pub fn is_forward_line(line: &str) -> bool {
    let bare = || {
        let line = cut(line.trim(), LOOK).to_lowercase();
        line.starts_with("begin forwarded message")
            || line.starts_with("anfang der weitergeleiteten")
    };
    announced(line).is_some_and(|it| FORWARD.iter().any(|word| it.starts_with(word))) || bare()
}

/// The words between dashes, in lower case.
fn announced(line: &str) -> Option<String> {
    let line = line.trim();
    let dash = |it: char| matches!(it, '-' | '_' | '*' | '=' | ' ' | '—');
    if line.len() > LOOK
        || !line.starts_with("--") && !line.starts_with("__") && !line.starts_with("**")
    {
        return None;
    }
    Some(line.trim_matches(dash).to_lowercase())
}

pub fn is_from_label(line: &str) -> bool {
    label(line).is_some_and(|it| FROM.contains(&it.as_str()))
}

pub fn is_other_label(line: &str) -> bool {
    label(line).is_some_and(|it| OTHER.contains(&it.as_str()))
}

/// `subject` of `*Subject:* hello`.
fn label(line: &str) -> Option<String> {
    let head = cut(line.trim_start_matches(['*', ' ', '\t']), 40);
    let (name, _) = head.split_once(':')?;
    Some(name.trim_matches(['*', ' ', '\u{a0}']).to_lowercase())
}

pub fn is_mobile(line: &str) -> bool {
    let line = line.trim();
    if line.len() > 120 {
        return false;
    }
    let line = line.to_lowercase();
    // `Von meinem Konto fehlt Geld` is what a customer writes, too.
    let unsent = line.starts_with("von meinem ") && !line.contains("gesendet");
    !unsent && MOBILE.iter().any(|it| line.starts_with(it)) && line.split_whitespace().count() <= 12
}
