/** The session API, typed by its OpenAPI document; errors are thrown as {@link ApiError}. */

import createClient, { type Middleware } from "openapi-fetch";

import { said } from "../i18n/said";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

/** What the server said when it did not do what it was asked. */
export class ApiError extends Error {
  readonly body: Schemas["Error"];

  constructor(
    readonly status: number,
    body: Schemas["Error"],
  ) {
    super(said(body.error));
    const details = body.details?.map((it) => ({ ...it, message: said(it.message) }));
    this.body = { ...body, ...(details && { details }) };
  }

  /** What is wrong with a field of the request. */
  field(name: string): string | undefined {
    return this.body.details?.find((it) => it.field === name)?.message;
  }
}

/** Not reached: offline, or the server is away. */
export class Unreachable extends Error {
  constructor() {
    super("unreachable");
  }
}

/** Why an answer is none. */
async function refusal(response: Response): Promise<ApiError> {
  let body: Schemas["Error"] = { error: response.statusText || String(response.status) };
  try {
    body = (await response.json()) as Schemas["Error"];
  } catch {
    // A proxy answered in its own way; its status has to do.
  }
  return new ApiError(response.status, body);
}

/** Asks for what is no JSON, or sends it; throws as the others do. */
export async function ask(address: string, init: RequestInit): Promise<Response> {
  const response = await fetch(address, init).catch(() => {
    throw new Unreachable();
  });
  if (!response.ok) throw await refusal(response);
  return response;
}

const throwing: Middleware = {
  async onResponse({ response }) {
    if (response.ok) return undefined;
    throw await refusal(response);
  },
  onError() {
    return new Unreachable();
  },
};

export const api = createClient<paths>({ baseUrl: "/", credentials: "same-origin" });
api.use(throwing);

/** The answer of a request; whatever is no success was thrown before. */
export async function answer<T>(request: Promise<{ data?: T }>): Promise<T> {
  return (await request).data as T;
}
