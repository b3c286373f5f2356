/** Text written once, used often. */

import type { SectionProps } from "../sections";
import { CannedEditor } from "./CannedEditor";
import { CannedList } from "./CannedList";

export default function CannedPage({ item }: SectionProps) {
  return item === undefined ? <CannedList /> : <CannedEditor id={item} key={item} />;
}
