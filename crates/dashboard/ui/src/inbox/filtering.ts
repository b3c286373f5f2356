/** What the parts that narrow a list share. */

import type { Filter } from "../api/filters";

export interface FilterProps {
  filter: Filter;
  onChange: (changed: Filter) => void;
}
