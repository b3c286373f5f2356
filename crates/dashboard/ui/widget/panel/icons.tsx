/** @jsxImportSource preact */
/** The few signs of the panel, drawn with one pen. */

const PATHS = {
  close: "M6 6l12 12M18 6L6 18",
  clip: "M20 11.500l-8.200 8.200a5 5 0 01-7.100-7.100l8.500-8.500a3.400 3.400 0 014.800 4.800l-8.400 8.400a1.700 1.700 0 01-2.400-2.400l7.700-7.700",
  send: "M4 12l16-7.500-5 16-3.500-6.500zM11.500 14L20 4.500",
  file: "M13 3H6.500A1.500 1.500 0 005 4.500v15A1.500 1.500 0 006.500 21h11a1.500 1.500 0 001.500-1.500V9zM13 3v6h6",
  bell: "M6 17v-6a6 6 0 0112 0v6l1.500 1.500h-15zM10 21h4",
  mute: "M6 17v-6a6 6 0 011-3.300M10 5.400A6 6 0 0118 11v4M17.500 18.500h-13L6 17M10 21h4M4 4l16 16",
  down: "M12 5v14M6 13l6 6 6-6",
  star: "M12 3.500l2.600 5.300 5.900.9-4.300 4.100 1 5.900-5.200-2.800-5.200 2.800 1-5.900-4.300-4.100 5.900-.9z",
} as const;

export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
