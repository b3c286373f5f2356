/** The pages and their addresses. Paths of the APIs are never among them. */

import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import type { ReactNode } from "react";

import type { Asked } from "./analytics/queries";
import { readFilter } from "./api/filters";
import { conversations, me, messages } from "./api/queries";
import type { ContactFilter } from "./contacts/queries";
import { type Namespace, words } from "./i18n";
import { InboxPage } from "./inbox/InboxPage";
import { seed } from "./inbox/seed";
import { Failed } from "./shell/Failed";
import { Lost } from "./shell/Lost";
import { Shell } from "./shell/Shell";

interface Context {
  client: QueryClient;
}

const CONTACT_FILTERS = ["search", "tag", "blocked"] as const;
const REPORT_FILTERS = ["days", "from", "to", "channel_id", "agent_id", "tag"] as const;

/** A page loaded when it is entered, with the words of its rooms. */
function page<Name extends string>(load: () => Promise<Record<Name, () => ReactNode>>, name: Name, ...rooms: Namespace[]) {
  return lazyRouteComponent(() => Promise.all([load(), words(...rooms)]).then(([loaded]) => loaded), name);
}

const readContactFilter = (search: Record<string, unknown>): ContactFilter => pick(search, CONTACT_FILTERS);
const readAsked = (search: Record<string, unknown>): Asked => pick(search, REPORT_FILTERS);

/** Takes what can be asked for from an address anybody may have typed. */
function pick<Name extends string>(search: Record<string, unknown>, names: readonly Name[]) {
  const known = names.map((name) => [name, search[name]] as const);
  const given = known.filter(([, value]) => ["string", "number", "boolean"].includes(typeof value));
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)])) as Partial<Record<Name, string>>;
}

const root = createRootRouteWithContext<Context>()({ notFoundComponent: Lost });

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (search): { next?: string } =>
    typeof search["next"] === "string" && isOwnPath(search["next"]) ? { next: search["next"] } : {},
  component: lazyRouteComponent(() => import("./access/SignIn"), "SignIn"),
});

const setUp = createRoute({
  getParentRoute: () => root,
  path: "/setup",
  component: page(() => import("./access/SetUpPage"), "SetUpPage", "access"),
});

const invitation = createRoute({
  getParentRoute: () => root,
  path: "/invitation",
  component: page(() => import("./access/InvitationPage"), "InvitationPage", "access"),
});

const reset = createRoute({
  getParentRoute: () => root,
  path: "/reset",
  component: page(() => import("./access/ResetPage"), "ResetPage", "access"),
});

/** Only our own paths: an address that leads elsewhere is no place to go after signing in. */
export function isOwnPath(path: string): boolean {
  return /^\/(?![/\\])[^\r\n]*$/.test(path);
}

const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  beforeLoad: async ({ context, location }) => {
    const agent = await context.client.ensureQueryData(me);
    if (!agent) throw redirect({ to: "/sign-in", search: { next: location.href } });
    return { agent };
  },
  component: Shell,
});

const home = createRoute({
  getParentRoute: () => inside,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/inbox", search: { status: "open" } });
  },
});

const firstSteps = createRoute({
  getParentRoute: () => inside,
  path: "/first-steps",
  component: page(() => import("./access/FirstStepsPage"), "FirstStepsPage", "access"),
});

const inbox = createRoute({
  getParentRoute: () => inside,
  path: "/inbox",
  validateSearch: readFilter,
  loaderDeps: ({ search }) => search,
  // While its code is on the way.
  loader: ({ context, deps }) => void context.client.prefetchInfiniteQuery(conversations(deps)),
  // Where nearly everybody begins: its code comes with the first.
  component: page(async () => ({ InboxPage }), "InboxPage", "inbox"),
});

const conversation = createRoute({
  getParentRoute: () => inbox,
  path: "$conversationId",
  // Also before it is opened, when somebody points at it. Reading the conversation itself would mark it as read.
  loader: ({ context, params }) => {
    seed(context.client, params.conversationId);
    void context.client.prefetchInfiniteQuery(messages(params.conversationId));
  },
  component: page(() => import("./thread/ThreadPage"), "ThreadPage", "thread"),
});

const contacts = createRoute({
  getParentRoute: () => inside,
  path: "/contacts",
  validateSearch: readContactFilter,
  component: page(() => import("./contacts/ContactsPage"), "ContactsPage", "contacts", "settings"),
});

const nobody = createRoute({
  getParentRoute: () => contacts,
  path: "/",
  component: page(() => import("./contacts/ContactsPage"), "NobodyPage", "contacts"),
});

const importing = createRoute({
  getParentRoute: () => contacts,
  path: "import",
  validateSearch: (search: Record<string, unknown>): { id?: string | undefined } => pick(search, ["id"]),
  component: page(() => import("./contacts/imports/ImportPage"), "ImportPage", "imports", "settings"),
});

const person = createRoute({
  getParentRoute: () => contacts,
  path: "$contactId",
  component: page(() => import("./contacts/ContactPage"), "ContactPage", "contacts", "settings"),
});

const analytics = createRoute({
  getParentRoute: () => inside,
  path: "/analytics",
  validateSearch: readAsked,
  component: page(() => import("./analytics/AnalyticsPage"), "AnalyticsPage", "analytics"),
});

const settings = createRoute({
  getParentRoute: () => inside,
  path: "/settings",
  component: page(() => import("./settings/SettingsPage"), "SettingsPage", "settings"),
});

const section = createRoute({ getParentRoute: () => settings, path: "$section" });
const item = createRoute({
  getParentRoute: () => section,
  path: "$item",
  /** Which part of what is open. */
  validateSearch: (search): { tab?: string } => (typeof search["tab"] === "string" ? { tab: search["tab"] } : {}),
});

const tree = root.addChildren([
  signIn,
  setUp,
  invitation,
  reset,
  inside.addChildren([
    home,
    firstSteps,
    inbox.addChildren([conversation]),
    contacts.addChildren([nobody, importing, person]),
    analytics,
    settings.addChildren([section.addChildren([item])]),
  ]),
]);

export function createAppRouter(client: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { client },
    defaultPreload: "intent",
    defaultErrorComponent: Failed,
    // A filter that says the same stays the same object, and what it narrows is not drawn anew.
    defaultStructuralSharing: true,
    // Flat and plain, as people and scripts write addresses.
    parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
    stringifySearch: (search) => {
      const given = Object.entries(search).filter(([, value]) => value !== undefined && value !== "");
      const text = new URLSearchParams(given as [string, string][]).toString();
      return text ? `?${text}` : "";
    },
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
