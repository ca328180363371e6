/** The mark of Vigie: the one drawing of the app that is only there to be recognised. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 64 64" width="64" height="64" aria-hidden="true" focusable="false">
      <rect class="mark-ground" width="64" height="64" rx="15" />
      <path class="mark-line" d="M15.500 20.500L29.500 46L48.500 17" />
      <circle class="mark-light" cx="48.500" cy="17" r="5.250" />
    </svg>
  );
}
