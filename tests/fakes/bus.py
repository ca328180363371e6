"""The local bus with the one thing it never does by itself: miss broadcasts."""

from vigie_shared.bus import Gap, Hear
from vigie_shared.database import Pool
from vigie_shared.local_bus import LocalBus
from vigie_shared.topology import Broadcast


class GappyBus(LocalBus):
    """As LocalBus; a test says when listeners may have missed something, as a broker's absence makes them."""

    def __init__(self, pool: Pool) -> None:
        super().__init__(pool)
        self._gaps: list[Gap] = []

    def listen(self, broadcast: Broadcast, hear: Hear, gap: Gap) -> None:
        super().listen(broadcast, hear, gap)
        self._gaps.append(gap)

    async def gap(self) -> None:
        """Tell every listener that it may have missed something."""
        for gap in self._gaps:
            await gap()
