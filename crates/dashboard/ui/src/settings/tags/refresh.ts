import type { QueryClient } from "@tanstack/react-query";

/** Everything that shows a tag by its name. */
export function refreshTags(client: QueryClient): void {
  for (const key of ["tags", "counts", "conversations", "conversation", "contacts", "contact", "views"]) {
    void client.invalidateQueries({ queryKey: [key] });
  }
}
