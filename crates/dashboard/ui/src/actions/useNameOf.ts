import { useQuery } from "@tanstack/react-query";

import { assignees, counts } from "../api/queries";
import type { NameOf } from "./trace";

/** Who and where the ids are in what automations noted. */
export function useNameOf(): NameOf {
  const { data: people } = useQuery(assignees);
  const { data: known } = useQuery(counts);
  return (id) => [...(people?.data ?? []), ...(known?.channels ?? [])].find((it) => it.id === id)?.name;
}
