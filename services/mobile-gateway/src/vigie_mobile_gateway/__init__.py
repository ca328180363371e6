"""All that a phone talks to: sign-in, scopes, snapshots, live updates."""
