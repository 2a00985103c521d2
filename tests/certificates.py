"""An authority of one's own and a server's certificate, as docs/operations.md makes them, with quicker keys."""

import ssl
import subprocess
from pathlib import Path

QUICK = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"


def make_certificates(folder: Path, name: str = "localhost") -> None:
    """`ca.crt`, `server.crt` and `server.key` in the folder."""
    _openssl(folder, f"req -x509 {QUICK} -days 2 -subj /CN=authority -keyout ca.key -out ca.crt")
    _openssl(folder, f"req {QUICK} -subj /CN={name} -keyout server.key -out server.csr")
    (folder / "server.ext").write_text(f"subjectAltName=DNS:{name}\n")
    signed = "-CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile server.ext"
    _openssl(folder, f"x509 -req -in server.csr {signed} -out server.crt")


def server_context(folder: Path) -> ssl.SSLContext:
    """A server's side of TLS with the certificate of the folder."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.crt", folder / "server.key")
    return context


def _openssl(folder: Path, command: str) -> None:
    subprocess.run(["openssl", *command.split()], cwd=folder, check=True, capture_output=True)
