/** Tables of contacts on their way in. */

import { queryOptions } from "@tanstack/react-query";

import { answer, api, ask, type Schemas } from "../../api/client";

export type Import = Schemas["ContactImport"];
export type Row = Schemas["ImportRow"];
export type Duplicates = Import["duplicates"];

/** As much as the server takes. */
export const LARGEST = 50_000_000;

export const isOver = (it: Import): boolean => it.status !== "queued" && it.status !== "running";

export const anImport = (id: string) =>
  queryOptions({
    queryKey: ["import", id],
    queryFn: () => answer(api.GET("/api/contacts/imports/{id}", { params: { path: { id } } })),
    refetchInterval: ({ state }) => (state.data && isOver(state.data) ? false : 700),
  });

export const imports = queryOptions({
  queryKey: ["imports"],
  queryFn: () => answer(api.GET("/api/contacts/imports", { params: { query: { per_page: 10 } } })),
});

/** What became of the rows, those that failed first looked at. */
export const rows = (id: string, result: string) =>
  queryOptions({
    queryKey: ["import", id, "rows", result],
    queryFn: async () => {
      const query = { per_page: 100, ...(result ? { result } : {}) };
      const read = await answer(api.GET("/api/contacts/imports/{id}/rows", { params: { path: { id }, query } }));
      // Asked for without `Accept: text/csv`, it is never that.
      return read as { data: Row[]; pagination: Schemas["Pagination"] };
    },
  });

/** Sends the file for a try; nothing is taken in by it. */
export async function tryOut(file: File, duplicates: Duplicates): Promise<Import> {
  const query = new URLSearchParams({ dry_run: "true", duplicates, name: file.name });
  const headers = { "Content-Type": "text/csv" };
  const response = await ask(`/api/contacts/import?${query.toString()}`, { method: "POST", headers, body: file });
  return (await response.json()) as Import;
}

export function again(id: string, body: Schemas["StartImport"]): Promise<Import> {
  return answer(api.POST("/api/contacts/imports/{id}/start", { params: { path: { id } }, body }));
}

/** What a column's name becomes as the name of an attribute. */
export const slug = (name: string): string =>
  name
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "_")
    .replace(/^_+|_+$/g, "");
