"""The mail server of this installation; read by the settings, so it imports nothing of ours."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Server:
    """Where mail is handed in: ``tls`` is "", "starttls" or "tls" (from the first byte)."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = ""
    tls: str = ""
    seconds: float = 10.0
