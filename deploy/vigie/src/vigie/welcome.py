"""What `vigie run` prints once the figures can be read: where, how to sign in, and the calls of a phone."""

import json
import shlex

from rich.panel import Panel
from rich.table import Table

from vigie.demonstration import ADMINISTRATOR, CLIENT, FAMILY, OPERATOR, PHONE_USER, SHORTCUT_CODES, SignIn


def welcome(sign_in: SignIn) -> Panel:
    """Where Vigie answers and who can sign in, French first, English second."""
    table = Table(show_header=False, box=None, padding=(0, 2))
    table.add_row("Adresse · Address", sign_in.address)
    table.add_row("Code client · Client code", CLIENT)
    table.add_row("Code raccourci · Shortcut code", f"{FAMILY} ({', '.join(SHORTCUT_CODES)})")
    table.add_row("Utilisateur · User", f"{PHONE_USER}  (téléphone · phone)")
    table.add_row("", f"{ADMINISTRATOR}  (administration)")
    table.add_row("", f"{OPERATOR}  (plate-forme · platform)")
    table.add_row("Mot de passe · Password", sign_in.password)
    return Panel(table, title="Vigie est prête · Vigie is ready", expand=False)


def calls_of_a_phone(sign_in: SignIn) -> str:
    """What a phone does, as commands that can be pasted as they are."""
    body = json.dumps(
        {
            "client_code": CLIENT,
            "shortcut_code": FAMILY,
            "username": PHONE_USER,
            "password": sign_in.password,
        }
    )
    return f"""
Ce que fait un téléphone · What a phone does:

TOKEN=$(curl -s {sign_in.address}/mobile/v1/sessions -H 'Content-Type: application/json' \\
  -d {shlex.quote(body)} | python3 -c 'import json,sys; print(json.load(sys.stdin)["access_token"])')
curl -s {sign_in.address}/mobile/v1/scopes -H "Authorization: Bearer $TOKEN"; echo
curl -s {sign_in.address}/mobile/v1/snapshots/family/{FAMILY} -H "Authorization: Bearer $TOKEN"; echo
curl -s {sign_in.address}/mobile/v1/snapshots/family/{FAMILY}/explanations/treasury_position \
  -H "Authorization: Bearer $TOKEN"; echo

Ctrl-C pour arrêter · to stop"""
