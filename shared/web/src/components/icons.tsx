/** The drawings beside words. They say nothing by themselves, so they are hidden from VoiceOver. */

import type { ComponentChildren } from "preact";

function Drawing({ children, size = 20 }: { children: ComponentChildren; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      stroke-width="1.8"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {children}
    </svg>
  );
}

export const Close = () => (
  <Drawing>
    <path d="M5 5l10 10M15 5L5 15" />
  </Drawing>
);

export const Back = () => (
  <Drawing>
    <path d="M12.5 4L6.5 10l6 6" />
  </Drawing>
);

export const Forward = () => (
  <Drawing size={14}>
    <path d="M7.5 4l6 6-6 6" />
  </Drawing>
);

export const Down = () => (
  <Drawing size={16}>
    <path d="M4 7.5l6 6 6-6" />
  </Drawing>
);

export const Check = () => (
  <Drawing>
    <path d="M4 10.5l4 4 8-9" />
  </Drawing>
);

export const Person = () => (
  <Drawing size={22}>
    <circle cx="10" cy="7" r="3.2" />
    <path d="M3.5 17c.8-3.4 3.3-5 6.5-5s5.700 1.600 6.500 5" />
  </Drawing>
);

export const Warning = () => (
  <Drawing>
    <path d="M10 3l7.500 13.500h-15zM10 8v4M10 14.300v.1" />
  </Drawing>
);

export const NoNetwork = () => (
  <Drawing>
    <path d="M3 3l14 14M2.500 8a11 11 0 0 1 4-2.400M17.500 8a11 11 0 0 0-7-3M6 11.500a6 6 0 0 1 2.500-1.500M10 15.500v.1" />
  </Drawing>
);
