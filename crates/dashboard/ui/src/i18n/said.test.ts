import { expect, test } from "vitest";

import german from "./de/server.json";
import english from "./en/server.json";
import { saidIn, sentences } from "./said";

const all = sentences(english, german);

test.each([
  ["wrong e-mail address or password", "Falsche E-Mail-Adresse oder falsches Passwort."],
  ["IMAP: find the server", "IMAP: Server finden"],
  [
    "the server at imap.x.example:993 cannot be found: check the spelling of its name",
    "Der Server imap.x.example:993 ist nicht zu finden: Prüfen Sie die Schreibweise seines Namens",
  ],
  [
    "the server at x:1 cannot be reached: Connection refused; check the port, and whether a firewall is in between",
    "Der Server x:1 ist nicht erreichbar: Connection refused; prüfen Sie den Port und ob eine Firewall dazwischen ist",
  ],
  ["Ann mentioned you in #7: wrong\n$& (is empty)", "Ann hat Sie in #7 erwähnt: wrong\n$& (is empty)"],
  ["accepted; new mail is announced at once", "angenommen; neue Mail wird sofort gemeldet"],
  ["what nobody knows", "what nobody knows"],
])("%s", (text, wanted) => {
  expect(saidIn(all, text)).toBe(wanted);
});
