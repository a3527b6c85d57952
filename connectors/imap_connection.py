"""How is a mail server reached, and what do its failures mean? Foreign errors become the contract's here."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError

from connectors.contract import Misconfigured, Unreachable
from connectors.imap_options import ImapOptions
from connectors.tls import trusting


class Lost(Unreachable):
    """A connection that stood is gone, or makes no sense any more: a new one may do better at once."""


class Connection:
    """One login to the mail server, made at the first need and made anew after an error."""

    def __init__(self, options: ImapOptions) -> None:
        self._options = options
        self._client: IMAPClient | None = None

    def client(self) -> IMAPClient:
        """The client, logged in. Its errors are for `translated`."""
        if self._client is None:
            self._client = self._login()
        return self._client

    def select(self, folder: str) -> int:
        """Open a folder for reading only; its UIDVALIDITY. Raises Misconfigured where there is no such folder."""
        return int(self.examine(folder)[b"UIDVALIDITY"])

    def examine(self, folder: str) -> dict[bytes, int]:
        """Open a folder for reading only; what the server says of it (RFC 3501, 6.3.2)."""
        client = self.client()
        try:
            answer: dict[bytes, int] = client.select_folder(folder, readonly=True)
        except IMAPClientError as error:
            if isinstance(error, IMAPClient.AbortError):
                raise
            names = ", ".join(sorted(str(name) for _, _, name in client.list_folders())[:20])
            raise Misconfigured(f"there is no folder {folder!r}; the mailbox has: {names}") from None
        return answer

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Turn foreign errors into the contract's; after any of them the connection is not used again."""
        try:
            yield
        except LoginError as error:
            self._drop()
            if _is_for_a_while(error):
                raise Unreachable(f"{self._where()} does not let anybody log in now") from None
            raise Misconfigured(f"{self._where()} refuses the user name or password") from None
        except ssl.SSLCertVerificationError as error:
            self._drop()
            raise Misconfigured(f"{self._where()}: its certificate is not trusted ({error.verify_message})") from None
        except (OSError, IMAPClientError, ValueError) as error:
            # The library raises ValueError over an answer that it cannot read.
            kind = Lost if self._client is not None else Unreachable
            self._drop()
            raise kind(f"{self._where()} does not answer ({_plain(error)})") from None

    def close(self) -> None:
        """Log out where there is a login. The server may be gone: that is no error."""
        client, self._client = self._client, None
        if client is None:
            return
        try:
            client.logout()
        except (OSError, IMAPClientError):
            _shut(client)

    def _login(self) -> IMAPClient:
        options = self._options
        context = trusting(options.ca_file)
        port = options.port or (993 if options.tls == "implicit" else 143)
        client = IMAPClient(
            options.host, port, ssl=options.tls == "implicit", ssl_context=context, timeout=options.timeout
        )
        client.normalise_times = False
        with ExitStack() as failing:
            failing.callback(_shut, client)
            if options.tls == "starttls":
                client.starttls(context)
            client.login(options.username, options.password.get_secret_value())
            failing.pop_all()
        return client

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            _shut(client)

    def _where(self) -> str:
        return f"IMAP server {self._options.host}"


def _shut(client: IMAPClient) -> None:
    try:
        client.shutdown()
    except OSError:
        return


def _is_for_a_while(error: LoginError) -> bool:
    """Whether the login failed for no fault of the password: a lost connection, or RFC 5530's UNAVAILABLE."""
    return isinstance(error.__context__, IMAPClient.AbortError) or "[UNAVAILABLE]" in str(error).upper()


def _plain(error: Exception) -> str:
    """The kind of an error and the system's own words; a server's words could quote a mail."""
    return (
        f"{type(error).__name__}: {error.strerror}"
        if isinstance(error, OSError) and error.strerror
        else type(error).__name__
    )
