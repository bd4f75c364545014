"""Certificates of a test's own authority, and the environment in which Dask uses them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def authority(folder: Path, label: str) -> tuple[Path, Path, Path]:
    """An authority of its own with one certificate: paths of the authority, the certificate and its key."""
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)

    def sign(subject: str, public: ec.EllipticCurvePublicKey, *, ca: bool) -> bytes:
        made = (
            x509.CertificateBuilder()
            .subject_name(_name(subject))
            .issuer_name(_name(f"{label} authority"))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .sign(root_key, hashes.SHA256())
        )
        return made.public_bytes(serialization.Encoding.PEM)

    paths = tuple(folder / f"{label}-{part}.pem" for part in ("ca", "cert", "key"))
    paths[0].write_bytes(sign(f"{label} authority", root_key.public_key(), ca=True))
    paths[1].write_bytes(sign(label, key.public_key(), ca=False))
    paths[2].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return paths[0], paths[1], paths[2]


def tls(ca: Path, cert: Path, key: Path) -> dict[str, str]:
    """The environment that docs/operations.md gives for an encrypted cluster."""
    prefix = "DASK_DISTRIBUTED__COMM__"
    roles = {f"{prefix}TLS__{role}__CERT": str(cert) for role in ("SCHEDULER", "WORKER", "CLIENT")}
    roles |= {f"{prefix}TLS__{role}__KEY": str(key) for role in ("SCHEDULER", "WORKER", "CLIENT")}
    return {f"{prefix}REQUIRE_ENCRYPTION": "true", f"{prefix}TLS__CA_FILE": str(ca), **roles}
