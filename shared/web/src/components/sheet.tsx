import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { Close } from "./icons";

/** A sheet that rises from the bottom of the screen; it closes by its button, by Escape and by a tap beside it. */
export function Sheet({
  title,
  closeLabel,
  onClose,
  children,
}: {
  title: string;
  closeLabel: string;
  onClose: () => void;
  children: ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => dialog.current?.showModal(), []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tap beside the sheet has its key already, Escape
    <dialog
      ref={dialog}
      class="sheet"
      aria-labelledby={id}
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && dialog.current?.close()}
    >
      <div class="sheet-head">
        <h2 id={id}>{title}</h2>
        <button type="button" class="round" aria-label={closeLabel} onClick={() => dialog.current?.close()}>
          <Close />
        </button>
      </div>
      {children}
    </dialog>
  );
}
