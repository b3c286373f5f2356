/** A list of things to open or act on. */

import { Box, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import classes from "./Page.module.css";

export function Rows({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ul className={classes.rows} aria-label={label}>
      {children}
    </ul>
  );
}

interface RowProps {
  name: ReactNode;
  /** The page the row opens, if it has one. */
  open?: { section: string; item: string };
  icon?: ReactNode;
  about?: ReactNode;
  /** Badges and buttons at the end. */
  children?: ReactNode;
}

export function Row({ name, open, icon, about, children }: RowProps) {
  return (
    <li className={classes.row}>
      {icon}
      <div className={classes.main}>
        {open ? (
          <Link to="/settings/$section/$item" params={open} className={classes.cover}>
            {name}
          </Link>
        ) : (
          <Text component="span" fw={600} inherit>
            {name}
          </Text>
        )}
        {about && (
          <Text component="div" size="sm" c="dimmed">
            {about}
          </Text>
        )}
      </div>
      {children && <Box className={classes.above}>{children}</Box>}
    </li>
  );
}
