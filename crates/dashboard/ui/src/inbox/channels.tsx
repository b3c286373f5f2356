/** How a conversation came in, as a picture. */

import {
  IconBrandInstagram,
  IconBrandMessenger,
  IconBrandTelegram,
  IconBrandWhatsapp,
  IconMail,
  IconMessage2,
  IconMessageCircle,
  IconPhone,
  type IconProps,
} from "@tabler/icons-react";
import type { ComponentType } from "react";

import type { Conversation } from "../api/queries";

const ICONS: Partial<Record<Conversation["channel_type"], ComponentType<IconProps>>> = {
  email: IconMail,
  whatsapp: IconBrandWhatsapp,
  facebook: IconBrandMessenger,
  instagram: IconBrandInstagram,
  telegram: IconBrandTelegram,
  viber: IconPhone,
  sms: IconMessage2,
};

export function ChannelIcon({ type, ...props }: { type: Conversation["channel_type"] } & IconProps) {
  const Icon = ICONS[type] ?? IconMessageCircle;
  return <Icon size={16} aria-hidden {...props} />;
}
