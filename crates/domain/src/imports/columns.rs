//! What the columns of a file hold, by the names spreadsheets and other programs give them.

use std::{fmt, str::FromStr};

/// A column of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// As the file calls it; one without a name is called by its place.
    pub name: String,
    /// None: it is passed over.
    pub field: Option<Field>,
}

/// What a column can hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    Name,
    FirstName,
    LastName,
    Emails,
    Phones,
    Tags,
    Notes,
    Blocked,
    /// All of them in one cell: `shop:17; crm:4`.
    ExternalIds,
    /// Those of one kind.
    ExternalId(String),
    /// All of them in one cell, as a JSON object.
    Attributes,
    /// One of them.
    Attribute(String),
}

const PLAIN: [(&str, Field); 10] = [
    ("name", Field::Name),
    ("first_name", Field::FirstName),
    ("last_name", Field::LastName),
    ("emails", Field::Emails),
    ("phones", Field::Phones),
    ("tags", Field::Tags),
    ("notes", Field::Notes),
    ("blocked", Field::Blocked),
    ("external_ids", Field::ExternalIds),
    ("attributes", Field::Attributes),
];

impl Field {
    /// Whether a contact is known again by it.
    pub fn identifies(&self) -> bool {
        matches!(self, Self::Emails | Self::Phones | Self::ExternalIds | Self::ExternalId(_))
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ExternalId(kind) => write!(f, "external_ids.{kind}"),
            Self::Attribute(name) => write!(f, "attributes.{name}"),
            other => {
                let found = PLAIN.iter().find(|(_, it)| it == other);
                f.write_str(found.map_or("", |(word, _)| word))
            }
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be null or one of {}, external_ids.<kind>, attributes.<name>",
    PLAIN.map(|(word, _)| word).join(", ")
)]
pub struct UnknownField;

impl FromStr for Field {
    type Err = UnknownField;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let part = |prefix: &str| {
            let rest = text.strip_prefix(prefix)?.trim();
            (1..=60).contains(&rest.chars().count()).then(|| rest.to_owned())
        };
        if let Some((_, field)) = PLAIN.iter().find(|(word, _)| *word == text) {
            return Ok(field.clone());
        }
        part("external_ids.")
            .map(Self::ExternalId)
            .or_else(|| part("attributes.").map(Self::Attribute))
            .ok_or(UnknownField)
    }
}

/// What a column of this name holds: as our own files call it, or as people write it in English,
/// German and Indonesian.
pub fn detect(name: &str) -> Option<Field> {
    if let Ok(field) = name.trim().to_lowercase().parse() {
        return Some(field);
    }
    // "E-mail 2 Address" and "Phone 1 - Value" are what address books write.
    let plain: String = name.to_lowercase().chars().filter(|it| it.is_alphabetic()).collect();
    let known = [
        (Field::Name, &NAMES[..]),
        (Field::FirstName, &FIRST_NAMES),
        (Field::LastName, &LAST_NAMES),
        (Field::Emails, &EMAILS),
        (Field::Phones, &PHONES),
        (Field::Tags, &TAGS),
        (Field::Notes, &NOTES),
        (Field::Blocked, &BLOCKED),
        (Field::ExternalIds, &["externalid", "externalids"]),
    ];
    known.into_iter().find(|(_, words)| words.contains(&plain.as_str())).map(|(field, _)| field)
}

const NAMES: [&str; 18] = [
    "name",
    "fullname",
    "displayname",
    "contact",
    "contactname",
    "customer",
    "customername",
    "kontakt",
    "kontaktname",
    "kunde",
    "kundenname",
    "ansprechpartner",
    "vollständigername",
    "nama",
    "namalengkap",
    "namakontak",
    "namapelanggan",
    "pelanggan",
];
const FIRST_NAMES: [&str; 5] = ["firstname", "givenname", "forename", "vorname", "namadepan"];
const LAST_NAMES: [&str; 8] = [
    "lastname",
    "surname",
    "familyname",
    "nachname",
    "familienname",
    "zuname",
    "namabelakang",
    "namakeluarga",
];
const EMAILS: [&str; 16] = [
    "email",
    "emails",
    "mail",
    "emailaddress",
    "emailaddresses",
    "emailvalue",
    "mailaddress",
    "workemail",
    "privateemail",
    "emailadresse",
    "emailadressen",
    "mailadresse",
    "alamatemail",
    "surel",
    "alamatsurel",
    "posel",
];
const PHONES: [&str; 44] = [
    "phone",
    "phones",
    "phonenumber",
    "phonenumbers",
    "phonevalue",
    "mobile",
    "mobilephone",
    "mobilenumber",
    "cell",
    "cellphone",
    "cellnumber",
    "telephone",
    "telephonenumber",
    "tel",
    "homephone",
    "workphone",
    "businessphone",
    "primaryphone",
    "whatsapp",
    "whatsappnumber",
    "telefon",
    "telefonnummer",
    "telefonnr",
    "telefonmobil",
    "handy",
    "handynummer",
    "handynr",
    "mobil",
    "mobilnummer",
    "mobiltelefon",
    "festnetz",
    "rufnummer",
    "telepon",
    "nomortelepon",
    "notelepon",
    "telp",
    "notelp",
    "hp",
    "nohp",
    "nomorhp",
    "ponsel",
    "nomorponsel",
    "nowa",
    "nomorwhatsapp",
];
const TAGS: [&str; 9] = [
    "tag",
    "tags",
    "label",
    "labels",
    "schlagwort",
    "schlagworte",
    "schlagwörter",
    "stichwörter",
    "tanda",
];
const NOTES: [&str; 15] = [
    "note",
    "notes",
    "comment",
    "comments",
    "remark",
    "remarks",
    "notiz",
    "notizen",
    "bemerkung",
    "bemerkungen",
    "anmerkung",
    "kommentar",
    "catatan",
    "keterangan",
    "komentar",
];
const BLOCKED: [&str; 6] =
    ["blocked", "isblocked", "gesperrt", "blockiert", "diblokir", "terblokir"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_known_by_the_names_people_give_them() {
        let cases = [
            ("Name", Some(Field::Name)),
            ("Nama Lengkap", Some(Field::Name)),
            ("Vorname", Some(Field::FirstName)),
            ("Surname", Some(Field::LastName)),
            ("E-Mail-Adresse", Some(Field::Emails)),
            ("E-mail 2 Address", Some(Field::Emails)),
            ("Alamat email", Some(Field::Emails)),
            ("Phone 1 - Value", Some(Field::Phones)),
            ("No. HP", Some(Field::Phones)),
            ("Telefon (mobil)", Some(Field::Phones)),
            ("Schlagwörter", Some(Field::Tags)),
            ("Catatan", Some(Field::Notes)),
            ("Gesperrt", Some(Field::Blocked)),
            ("external_ids", Some(Field::ExternalIds)),
            ("External_IDs.shop", Some(Field::ExternalId("shop".to_owned()))),
            ("attributes.plan", Some(Field::Attribute("plan".to_owned()))),
            ("attributes", Some(Field::Attributes)),
            ("Shoe size", None),
            ("id", None),
            ("", None),
        ];
        for (name, want) in cases {
            assert_eq!(detect(name), want, "{name}");
        }
    }

    #[test]
    fn a_field_is_read_back_as_it_is_written() {
        let parts = [Field::ExternalId("shop".to_owned()), Field::Attribute("Ort".to_owned())];
        for field in PLAIN.map(|(_, it)| it).into_iter().chain(parts) {
            assert_eq!(field.to_string().parse(), Ok(field));
        }
        for text in ["", "nonsense", "attributes.", "external_ids. "] {
            assert_eq!(text.parse::<Field>(), Err(UnknownField), "{text:?}");
        }
    }
}
