/** Writing a reply or a note. What is typed is kept until it is sent. */

import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import type { Conversation } from "../api/queries";
import classes from "./Composer.module.css";
import { draft, noDraft } from "./useDraft";
import { Writing } from "./Writing";

export function Composer({ conversation }: { conversation: Conversation }) {
  // Asked anew each time: another browser may have written.
  const query = useQuery({ ...draft(conversation.id), gcTime: 0, staleTime: Infinity, retry: 1 });
  if (query.isPending) {
    return (
      <div className={classes.composer} aria-busy>
        <Skeleton h={112} />
      </div>
    );
  }
  return <Writing conversation={conversation} first={query.data ?? noDraft(conversation.id)} />;
}
