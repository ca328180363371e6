"""The command `vigie`: registers its commands and nothing else."""

import typer

from vigie.commands.auth import auth
from vigie.commands.backup import backup, restore
from vigie.commands.check import check
from vigie.commands.demo import demo
from vigie.commands.doctor import doctor
from vigie.commands.extract import extract
from vigie.commands.migrate import migrate
from vigie.commands.operator import operator
from vigie.commands.parked import parked
from vigie.commands.run import run
from vigie.commands.serve import serve
from vigie.commands.settings import settings

app = typer.Typer(
    name="vigie",
    help="Vigie: a firm's figures, from its books to the phone.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

for command in (run, extract, check, demo, serve, doctor, settings, migrate, backup, restore):
    app.command()(command)
app.add_typer(operator, name="operator")
app.add_typer(parked, name="parked")
app.add_typer(auth, name="auth")
