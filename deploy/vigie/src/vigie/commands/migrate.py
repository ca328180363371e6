"""`vigie migrate`: bring a database up to date, as its owner."""


def migrate() -> None:
    """Create or update the schemas and roles of all services in VIGIE_DATABASE_URL, signed in as its owner."""
    from vigie.running import run_to_the_end
    from vigie.services import NAMES
    from vigie.serving import required_database
    from vigie_shared import migrate as migrations
    from vigie_shared.settings import Settings, load

    async def work() -> None:
        url = required_database(load(Settings))
        await migrations.migrate(url, [migrations.migrations_of(name) for name in NAMES])

    run_to_the_end(work())
