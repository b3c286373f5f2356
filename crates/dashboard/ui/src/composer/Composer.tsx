/** Writing a reply or a note. What is typed is kept until it is sent. */

import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { memo, useState } from "react";

import { type Conversation, drafts } from "../api/queries";
import { load } from "../lib/drafts";
import classes from "./Composer.module.css";
import { draft, noDraft } from "./useDraft";
import { Writing } from "./Writing";

/** Drawn anew for each conversation: what is typed for one can never stand in another. */
export const Composer = memo(function Composer({ conversation: { id }, conversation }: { conversation: Conversation }) {
  // Asked anew each time: another browser may have written.
  const query = useQuery({ ...draft(id), staleTime: Infinity, retry: 1 });
  const { data: begun } = useQuery(drafts);
  const [nothing] = useState(() => noDraft(id));
  const [isKept] = useState(() => load(id) !== undefined);
  // Most have none. Whoever begins before the answer is asked, should there be one after all.
  const isNone = begun && !begun.pagination.has_more && !begun.data.some((it) => it.conversation_id === id);
  if (query.isPending && (isKept || !isNone)) {
    return (
      <div className={classes.composer} aria-busy>
        <Skeleton h={112} />
      </div>
    );
  }
  return <Writing conversation={conversation} first={query.data?.version ? query.data : nothing} />;
});
