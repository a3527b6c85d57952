"""Why can a file not be read? Known to the reading process and to nobody else, so it needs nothing of ours."""


class Refused(Exception):
    """The file cannot be read: a reason's code, and a detail for the admin without any of the file's data."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail
