"""A certificate authority for one address of this machine, so that a phone nearby can be served over HTTPS.

Passkeys, push and opening without a network need HTTPS, and nobody signs for an address of a home or an office. The
authority may sign for this one address and nothing else, and its key signs once and is forgotten: whoever takes the
files can pretend to be this address, and nothing more than that.
"""

import ipaddress
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFE = timedelta(days=820)
"""iPhones take no certificate that holds longer than 825 days."""
LEFT = timedelta(days=30)
"""A certificate with less left is made anew, and has to be trusted anew."""


@dataclass(frozen=True)
class LocalCertificate:
    """What proves the address, and the authority that a phone has to trust for it; all as PEM files."""

    authority: Path
    certificate: Path
    key: Path

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the authority, as a phone shows it."""
        digest = x509.load_pem_x509_certificate(self.authority.read_bytes()).fingerprint(hashes.SHA256()).hex().upper()
        return " ".join(digest[at : at + 2] for at in range(0, len(digest), 2))


def certificate_for(host: str, folder: Path, now: datetime) -> LocalCertificate:
    """The certificate of `host`, an address or a name, kept in `folder`; made where there is none that will hold."""
    kept = folder / host.replace(":", "-")
    files = LocalCertificate(kept / "authority.pem", kept / "certificate.pem", kept / "key.pem")
    if not _holds(files, now):
        kept.mkdir(parents=True, exist_ok=True, mode=0o700)
        _make(host, files, now.astimezone(UTC))
    return files


def _holds(files: LocalCertificate, now: datetime) -> bool:
    if not all(path.exists() for path in (files.authority, files.certificate, files.key)):
        return False
    return x509.load_pem_x509_certificate(files.certificate.read_bytes()).not_valid_after_utc - now > LEFT


def _make(host: str, files: LocalCertificate, now: datetime) -> None:
    name = _general_name(host)
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Vigie {host}")])
    authority = (
        _signed_for(authority_name, authority_name, authority_key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.NameConstraints([_constraint(host)], None), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    certificate = (
        _signed_for(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)]), authority_name, key.public_key(), now)
        .add_extension(x509.SubjectAlternativeName([name]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    # The certificate comes last: what was cut short is made again.
    files.certificate.unlink(missing_ok=True)
    _write(files.key, _pem_of_key(key))
    _write(files.authority, authority.public_bytes(serialization.Encoding.PEM))
    _write(files.certificate, certificate.public_bytes(serialization.Encoding.PEM))


def _signed_for(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))  # a phone's clock may be a little behind
        .not_valid_after(now + LIFE)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _constraint(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_network(host))
    except ValueError:
        return x509.DNSName(host)


def _pem_of_key(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
