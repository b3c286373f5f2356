//! What the people of the demo workspace say: whole sentences, put together at random.

/// What a conversation is about.
pub(super) struct Topic {
    pub subject: &'static str,
    pub tag: &'static str,
    pub opening: &'static [&'static str],
    pub answer: &'static [&'static str],
    pub closing: &'static [&'static str],
}

/// `{product}`, `{order}` and `{city}` are filled in.
pub(super) const TOPICS: &[Topic] = &[
    Topic {
        subject: "Where is my order {order}?",
        tag: "shipping",
        opening: &[
            "I ordered the {product} last week and it has not arrived yet.",
            "The tracking page has shown the same city, {city}, for four days now.",
            "Could you tell me when order {order} will be delivered?",
            "The courier says nobody was at home, but I was here all day.",
        ],
        answer: &[
            "I have asked the carrier in {city} and will write again as soon as they answer.",
            "Order {order} left our warehouse yesterday; it should reach you within two days.",
            "I am sorry for the wait. We sent a replacement for the {product} by express today.",
        ],
        closing: &[
            "It arrived this morning, thank you for the quick help!",
            "Thanks, the parcel is here and everything is fine.",
        ],
    },
    Topic {
        subject: "{product} stopped working",
        tag: "defect",
        opening: &[
            "My {product} does not switch on any more.",
            "After two months the {product} makes a loud noise and gets very hot.",
            "I already tried another socket and the reset described in the manual.",
            "Is this covered by the warranty? The order number is {order}.",
        ],
        answer: &[
            "Please hold the button for ten seconds while it is plugged in; that clears the lock.",
            "This is covered by the warranty. I have attached the return label for the {product}.",
            "Could you send us a photo of the label underneath, so that I can look up the series?",
        ],
        closing: &[
            "The reset did it, wonderful.",
            "I have sent it back today. Thank you for the label.",
        ],
    },
    Topic {
        subject: "Question about invoice {order}",
        tag: "billing",
        opening: &[
            "The invoice for order {order} shows our old address in {city}.",
            "We were charged twice for the {product}.",
            "Our accounting needs the tax number on the invoice.",
            "Could you please send the invoice again as a PDF?",
        ],
        answer: &[
            "I have corrected the address; the new invoice is attached.",
            "You are right, there were two charges. The second one was refunded just now.",
            "Refunds take three to five working days to appear on the statement.",
        ],
        closing: &["The refund is there. Thanks!", "Perfect, that is what we needed."],
    },
    Topic {
        subject: "Return of {product}",
        tag: "return",
        opening: &[
            "The {product} is smaller than I expected and I would like to send it back.",
            "Can I exchange the {product} for another colour?",
            "I received the wrong item with order {order}.",
        ],
        answer: &[
            "Of course. You have thirty days; the label is in the attachment.",
            "I have reserved the other colour for you and will ship it once yours is on its way.",
            "I am sorry about the mix-up. Please keep the item, the right one leaves today.",
        ],
        closing: &["That is very kind, thank you.", "Sent it back from {city} today."],
    },
    Topic {
        subject: "Kapan pesanan {order} dikirim?",
        tag: "shipping",
        opening: &[
            "Saya sudah membayar {product} tiga hari yang lalu, tetapi belum ada nomor resi.",
            "Apakah pesanan {order} bisa dikirim ke {city} minggu ini?",
            "Mohon bantuannya, status pesanan saya tidak berubah.",
        ],
        answer: &[
            "Terima kasih sudah menghubungi kami. Pesanan {order} dikirim besok pagi.",
            "Mohon maaf atas keterlambatannya, nomor resi akan kami kirim hari ini.",
        ],
        closing: &["Barangnya sudah sampai, terima kasih banyak!", "Baik, saya tunggu kabarnya."],
    },
    Topic {
        subject: "Frage zu {product}",
        tag: "question",
        opening: &[
            "Ist die {product} auch mit dem älteren Zubehör verwendbar?",
            "Ich finde in der Anleitung nicht, wie man die {product} entkalkt.",
            "Liefern Sie die Bestellung {order} auch nach {city}?",
        ],
        answer: &[
            "Ja, das ältere Zubehör passt. Die Anleitung hängt an.",
            "Wir liefern gern dorthin; der Versand dauert vier bis sechs Werktage.",
        ],
        closing: &["Vielen Dank für die schnelle Antwort!", "Danke, das hat geholfen."],
    },
];

pub(super) const NOTES: &[&str] = &[
    "Called the warehouse, they are looking for the parcel.",
    "Third time this month with the same carrier.",
    "Regular customer, please be generous.",
    "Waiting for the supplier's answer before I promise anything.",
];

pub(super) const PRODUCTS: &[&str] = &[
    "espresso machine",
    "desk lamp",
    "hiking backpack",
    "rain jacket",
    "bread maker",
    "noise-cancelling headphones",
    "standing desk",
    "electric kettle",
    "bike trailer",
    "cast-iron pan",
    "camping stove",
    "air purifier",
    "office chair",
    "garden hose",
    "baby monitor",
    "robot vacuum",
    "water filter",
    "travel pillow",
    "yoga mat",
    "tool box",
];

pub(super) const CITIES: &[&str] = &[
    "Jakarta", "Bandung", "Surabaya", "Berlin", "Hamburg", "Lyon", "Leeds", "Porto", "Utrecht",
    "Malmö", "Zürich", "Gdańsk", "Cork", "Turin", "Seville", "Denpasar",
];

pub(super) const FIRST_NAMES: &[&str] = &[
    "Ayu", "Budi", "Citra", "Dewi", "Eko", "Fitri", "Ann", "Ben", "Clara", "David", "Emma",
    "Felix", "Greta", "Hugo", "Ines", "Jonas", "Karin", "Liam", "Mia", "Noah", "Olga", "Paul",
    "Rosa", "Sam", "Tina", "Umar", "Vera", "Wira", "Yusuf", "Zoe",
];

pub(super) const LAST_NAMES: &[&str] = &[
    "Santoso", "Wijaya", "Pratama", "Lestari", "Schmidt", "Fischer", "Weber", "Wagner", "Smith",
    "Jones", "Taylor", "Brown", "Martin", "Bernard", "Silva", "Costa", "de Vries", "Jansen",
    "Nowak", "Kowalski", "Murphy", "Kelly", "Rossi", "Garcia", "Nguyen", "Kim", "Okafor", "Larsen",
];
