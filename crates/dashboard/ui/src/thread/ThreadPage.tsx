/** One conversation: what was said, what can be done with it, who it is with. */

import { Button, Center, Drawer, Loader, Stack, Text } from "@mantine/core";
import { useDisclosure, useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useDeferredValue, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

import { ApiError } from "../api/client";
import { conversation } from "../api/queries";
import { Others } from "../inbox/Others";
import { ContactPanel } from "../people/ContactPanel";
import { isTyped } from "../people/kept";
import { Composer } from "../composer/Composer";
import { Messages } from "./Messages";
import { ThreadHeader } from "./ThreadHeader";
import classes from "./ThreadPage.module.css";
import { VisitorTyping } from "./VisitorTyping";

export function ThreadPage() {
  const { t } = useTranslation();
  const { conversationId: id } = useParams({ from: "/inside/inbox/$conversationId" });
  const query = useQuery(conversation(id));
  // What was said comes first, the rest with the next frame. It gives way to whoever goes on at once.
  const late = useDeferredValue(query.data) ?? query.data;
  // As wide as the style sheet has room for the panel.
  const isWide = useMediaQuery("(min-width: 75em)", true, { getInitialValueInEffect: false });
  const [panel, { toggle }] = useDisclosure(true);
  const [drawer, { toggle: turn, open, close }] = useDisclosure(false);
  // What is being typed in the panel goes along where there is no room beside.
  const contact = query.data?.contact_id;
  const wasWide = useRef(isWide);
  useEffect(() => {
    if (wasWide.current && !isWide && contact && isTyped(contact)) open();
    wasWide.current = isWide;
  }, [isWide, contact, open]);
  const gone = query.error instanceof ApiError && query.error.status === 404;
  // Read again in vain, what is here stays: somebody may be writing.
  if (query.isLoadingError || gone) {
    return (
      <Center h="100%" p="xl">
        <Stack align="center">
          <Text role="alert">{gone ? t("thread.gone") : t("error.thread")}</Text>
          {!gone && (
            <Button variant="default" onClick={() => void query.refetch()}>
              {t("error.again")}
            </Button>
          )}
        </Stack>
      </Center>
    );
  }
  if (query.isPending || !late) {
    return (
      <Center h="100%">
        <Loader />
      </Center>
    );
  }
  const it = query.data;
  return (
    <div className={classes.page} data-panel={panel ? "" : undefined}>
      <div className={classes.column}>
        <ThreadHeader conversation={it} panel={isWide ? panel : drawer} onPanel={isWide ? toggle : turn} />
        <Others id={it.id} />
        <Messages key={it.id} conversation={it} />
        <VisitorTyping conversation={it} />
        {/* Nobody writes to whom they do not see any more. */}
        <div inert={late.id !== it.id}>
          <Composer key={late.id} conversation={late.id === it.id ? it : late} />
        </div>
      </div>
      {panel && isWide && (
        <aside className={classes.panel} aria-label={t("people.contact")}>
          <ContactPanel conversation={late} />
        </aside>
      )}
      {!isWide && (
        <Drawer
          opened={drawer}
          onClose={close}
          position="right"
          size={320}
          title={t("people.contact")}
          closeButtonProps={{ "aria-label": t("thread.close") }}
        >
          <ContactPanel conversation={late} />
        </Drawer>
      )}
    </div>
  );
}
