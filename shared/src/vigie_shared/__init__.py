"""What the services of Vigie share: messages, transport, process skeleton. No business rule lives here."""
