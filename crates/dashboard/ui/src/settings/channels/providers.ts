/** Where the mail of well-known providers is, so that an address and a password suffice. */

export interface Provider {
  name: string;
  imap: string;
  smtp: string;
  /** Where the SMTP server speaks STARTTLS on 587 only. */
  starttls?: boolean;
  /** They let no program in with the ordinary password. */
  appPassword?: boolean;
  /** Where to renew access where passwords are refused, and what to ask for. */
  oauth?: { tokenUrl: string; scope: string };
}

const GOOGLE: Provider = {
  name: "Gmail",
  imap: "imap.gmail.com",
  smtp: "smtp.gmail.com",
  appPassword: true,
  oauth: { tokenUrl: "https://oauth2.googleapis.com/token", scope: "https://mail.google.com/" },
};

const MICROSOFT: Provider = {
  name: "Outlook",
  imap: "outlook.office365.com",
  smtp: "smtp.office365.com",
  starttls: true,
  oauth: {
    tokenUrl: "https://login.microsoftonline.com/common/oauth2/v2.0/token",
    scope: "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access",
  },
};

const plain = (name: string, imap: string, smtp: string, more: Partial<Provider> = {}): Provider => ({
  name,
  imap,
  smtp,
  ...more,
});

const APPLE = plain("iCloud", "imap.mail.me.com", "smtp.mail.me.com", { starttls: true, appPassword: true });
const YAHOO = plain("Yahoo", "imap.mail.yahoo.com", "smtp.mail.yahoo.com", { appPassword: true });
const FASTMAIL = plain("Fastmail", "imap.fastmail.com", "smtp.fastmail.com", { appPassword: true });
const ZOHO = plain("Zoho", "imap.zoho.com", "smtp.zoho.com");
const GMX = plain("GMX", "imap.gmx.net", "mail.gmx.net");
const GMX_COM = plain("GMX", "imap.gmx.com", "mail.gmx.com");
const WEB_DE = plain("WEB.DE", "imap.web.de", "smtp.web.de");
const MAILBOX = plain("mailbox.org", "imap.mailbox.org", "smtp.mailbox.org");
const POSTEO = plain("Posteo", "posteo.de", "posteo.de");
const T_ONLINE = plain("T-Online", "secureimap.t-online.de", "securesmtp.t-online.de");
const IONOS = plain("IONOS", "imap.ionos.de", "smtp.ionos.de");
const AOL = plain("AOL", "imap.aol.com", "smtp.aol.com", { appPassword: true });
const YANDEX = plain("Yandex", "imap.yandex.com", "smtp.yandex.com", { appPassword: true });
const MIGADU = plain("Migadu", "imap.migadu.com", "smtp.migadu.com");

const BY_DOMAIN: Record<string, Provider> = {
  "gmail.com": GOOGLE,
  "googlemail.com": GOOGLE,
  "outlook.com": MICROSOFT,
  "hotmail.com": MICROSOFT,
  "live.com": MICROSOFT,
  "msn.com": MICROSOFT,
  "icloud.com": APPLE,
  "me.com": APPLE,
  "mac.com": APPLE,
  "yahoo.com": YAHOO,
  "yahoo.de": YAHOO,
  "yahoo.co.uk": YAHOO,
  "yahoo.co.id": YAHOO,
  "ymail.com": YAHOO,
  "aol.com": AOL,
  "fastmail.com": FASTMAIL,
  "fastmail.fm": FASTMAIL,
  "zoho.com": ZOHO,
  "gmx.de": GMX,
  "gmx.net": GMX,
  "gmx.at": GMX,
  "gmx.ch": GMX,
  "gmx.com": GMX_COM,
  "web.de": WEB_DE,
  "mailbox.org": MAILBOX,
  "posteo.de": POSTEO,
  "posteo.net": POSTEO,
  "t-online.de": T_ONLINE,
  "yandex.com": YANDEX,
};

/** Those who keep mail under the domains of their customers. */
export const HOSTING: readonly Provider[] = [
  { ...GOOGLE, name: "Google Workspace" },
  { ...MICROSOFT, name: "Microsoft 365" },
  FASTMAIL,
  MAILBOX,
  ZOHO,
  IONOS,
  MIGADU,
];

const domainOf = (address: string): string => address.slice(address.lastIndexOf("@") + 1).trim().toLowerCase();

export function providerOf(address: string): Provider | undefined {
  const domain = domainOf(address);
  return Object.hasOwn(BY_DOMAIN, domain) ? BY_DOMAIN[domain] : undefined;
}

/** The servers of an address: known ones, else those its domain would usually have. */
export function guess(address: string): { imap: string; smtp: string; starttls: boolean } | undefined {
  const domain = domainOf(address);
  if (!address.includes("@") || !/^[^\s.]+(\.[^\s.]+)+$/.test(domain)) return undefined;
  const known = providerOf(address);
  if (known) return { imap: known.imap, smtp: known.smtp, starttls: known.starttls ?? false };
  return { imap: `imap.${domain}`, smtp: `smtp.${domain}`, starttls: false };
}
