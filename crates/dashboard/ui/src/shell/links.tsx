/** Mantine's components as links of the router: they know our addresses and what each takes. */

import {
  ActionIcon,
  type ActionIconProps,
  Anchor,
  type AnchorProps,
  Button,
  type ButtonProps,
  NavLink,
  type NavLinkProps,
} from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import type { AnchorHTMLAttributes, Ref } from "react";

type Plain<Props> = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof Props> & { ref?: Ref<HTMLAnchorElement> };

export const LinkAnchor = createLink((props: AnchorProps & Plain<AnchorProps>) => <Anchor {...props} />);

export const LinkNav = createLink((props: NavLinkProps & Plain<NavLinkProps>) => <NavLink {...props} />);

export const LinkButton = createLink((props: ButtonProps & Plain<ButtonProps>) => (
  <Button component="a" {...props} />
));

export const LinkIcon = createLink((props: ActionIconProps & Plain<ActionIconProps>) => (
  <ActionIcon component="a" {...props} />
));

export const LinkBar = createLink((props: AnchorHTMLAttributes<HTMLAnchorElement> & { ref?: Ref<HTMLAnchorElement> }) => (
  <a {...props} />
));
