"""C2PA signed manifests (Content Credentials) for formats that c2pa-python can write.

A development key with a self-signed certificate is made on first use. Readers report it as
``signingCredential.untrusted``: it proves that a file was not changed since it was signed, not who signed it.
Source: C2PA specification 2.2, sections 14.5 (certificate profile) and 18.15 (actions).
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from tempfile import mkstemp

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ml_core.encoding.marks import COMPOSITE
from ml_core.errors import ClipInvalid

MEDIA_TYPES = {
    "webp": "image/webp",
    "png": "image/png",
    "apng": "image/png",
    "gif": "image/gif",
    "mp4": "video/mp4",
}
"""Formats with a place for the manifest; WebM has none."""
MANIFEST_BYTES = 4_000
"""Room to leave: a manifest without thumbnails takes 3.3 KB in every format (measured)."""
_FILE = "development-credentials.pem"
_DAYS = 3650
DEVELOPMENT_NAME = "emotoon development certificate (self-signed, untrusted)"


@dataclass(frozen=True)
class Credentials:
    """PEM texts of an ES256 signing key and its certificate chain, the end certificate first."""

    certificate: bytes
    key: bytes


def development_credentials(folder: Path) -> Credentials:
    """Read the development key and certificate of ``folder``; make them on first use.

    The key is readable by its owner only. Raises OSError when the folder cannot be written.
    """
    path = folder / _FILE
    if not path.exists():
        made = _self_signed()
        folder.mkdir(parents=True, exist_ok=True)
        handle, fresh = mkstemp(dir=folder)  # readable by its owner only
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(made.key + made.certificate)
            # A link is made whole or not at all; who comes second uses what the first one wrote.
            with suppress(FileExistsError):
                path.hardlink_to(fresh)
        finally:
            Path(fresh).unlink()
    key, begin, chain = path.read_bytes().partition(b"-----BEGIN CERTIFICATE-----")
    return Credentials(certificate=begin + chain, key=key)


def signed(data: bytes, format: str, credentials: Credentials, source_type: str = COMPOSITE) -> bytes:
    """``data`` with a signed manifest that says how it was made; pixels and frames stay as they are.

    Raises ClipInvalid (format_unsigned) for a format without a place for it, (signing_failed) otherwise.
    """
    media_type = MEDIA_TYPES.get(format)
    if media_type is None:
        raise ClipInvalid("format_unsigned", f"{format} files cannot carry a C2PA manifest")
    kind = f"http://cv.iptc.org/newscodes/digitalsourcetype/{source_type}"
    created = {"action": "c2pa.created", "digitalSourceType": kind}
    manifest = {
        "claim_generator_info": [{"name": "emotoon", "version": "0.1"}],
        "format": media_type,
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [created]}}],
    }
    settings = {
        "builder": {"thumbnail": {"enabled": False}},
        "verify": {"verify_after_sign": False, "verify_trust": False},
    }
    out = BytesIO()
    try:
        info = c2pa.C2paSignerInfo(b"es256", credentials.certificate, credentials.key, None)
        with (
            c2pa.Context.from_dict(settings, signer=c2pa.Signer.from_info(info)) as context,
            c2pa.Builder(json.dumps(manifest), context=context) as builder,
        ):
            builder.sign(media_type, BytesIO(data), out)
    except c2pa.C2paError as error:
        raise ClipInvalid(
            "signing_failed", f"the file could not be signed: {error}", format=format
        ) from error
    return out.getvalue()


def _self_signed() -> Credentials:
    """An end certificate and the throw-away authority that issued it: C2PA refuses a lone self-signed one."""
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _name(f"{DEVELOPMENT_NAME} authority")
    root = (
        _certificate(authority, authority, authority_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    leaf = (
        _certificate(_name(DEVELOPMENT_NAME), authority, key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False
        )
        .sign(authority_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Credentials(leaf.public_bytes(pem) + root.public_bytes(pem), private)


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "emotoon"),
            x509.NameAttribute(NameOID.COMMON_NAME, common[:64]),
        ]
    )


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=_DAYS))
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
