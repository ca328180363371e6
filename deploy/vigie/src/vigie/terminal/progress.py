"""Progress of a long command, on standard error, so that standard output holds data alone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

from vigie.terminal.words import Locale
from vigie_extractor.outcome import Step


@contextmanager
def show_steps(locale: Locale) -> Iterator[Callable[[Step], None]]:
    """While it lasts a spinner turns, on a terminal only; each step that ends leaves one line."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return

    def on_step(step: Step) -> None:
        rows = f"{locale.count(step.rows)} {locale.word('rows')}, {step.seconds:.2f} s"
        console.print(f"[green]✓[/] {locale.word('step_' + step.name)} [dim]{rows}[/]")

    with console.status(f"{locale.word('working')}…"):
        yield on_step
