/** What the parts that narrow a list share. */

import type { Filter } from "../api/filters";

export const STATUSES = ["open", "pending", "snoozed", "resolved"] as const;

export interface FilterProps {
  filter: Filter;
  onChange: (changed: Filter) => void;
}
