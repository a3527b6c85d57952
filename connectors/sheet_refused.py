"""Why can a file not be read? Known to the reading process and to nobody else, so it needs nothing of ours."""

from collections.abc import Sequence


class Refused(Exception):
    """The file cannot be read: a reason's code, and a detail for the admin without any of the file's data.

    `sheets` are the names of those that there are, where another one was asked for.
    """

    def __init__(self, code: str, detail: str, sheets: Sequence[str] = ()) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail
        self.sheets = sheets
