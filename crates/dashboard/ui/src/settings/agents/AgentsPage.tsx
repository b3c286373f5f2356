/** The people who answer. */

import type { SectionProps } from "../sections";
import { AgentList } from "./AgentList";
import { AgentPage } from "./AgentPage";

export default function AgentsPage({ item }: SectionProps) {
  return item === undefined ? <AgentList /> : <AgentPage id={item} key={item} />;
}
