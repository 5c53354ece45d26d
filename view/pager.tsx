type Props = {
  /** What the pages are of, for who hears the page: `batches`. */
  readonly of: string;
  readonly back?: string;
  readonly on?: string;
  /** Absent where there is no page that way. */
  readonly goBack: (() => void) | undefined;
  readonly goOn: (() => void) | undefined;
};

/** From page to page. A button that leads nowhere any more keeps the keyboard. */
export function Pager({ of, back = "Previous", on = "Next", goBack, goOn }: Props) {
  return (
    <nav class="pages" aria-label={`Pages of ${of}`}>
      <button type="button" aria-disabled={!goBack} onClick={goBack}>
        {back}
      </button>
      <button type="button" aria-disabled={!goOn} onClick={goOn}>
        {on}
      </button>
    </nav>
  );
}
