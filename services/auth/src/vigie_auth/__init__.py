"""Clients, publication credentials, the directory (companies, families, users, rights) and sign-in."""
