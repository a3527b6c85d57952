"""What does a reference to a secret lead to, where an option makes more of it than a text?"""

from __future__ import annotations

from pydantic import SecretStr, TypeAdapter, ValidationError

from connectors.options import Secret, allowing_absent_secrets

_SECRET: TypeAdapter[SecretStr] = TypeAdapter(Secret)


def referred(reference: object) -> str | None:
    """The secret of `env:NAME` or `file:PATH`; None where it is absent and whoever reads the configuration allows that.

    Raises ValueError in the words that every other secret's option has.
    """
    try:
        found = _SECRET.validate_python(reference)
    except ValidationError as error:
        # Inside a validator pydantic would quote the whole report, over several lines.
        said = error.errors(include_url=False, include_input=False)[0]
        raise ValueError(str(said.get("ctx", {}).get("error", said["msg"]))) from None
    with allowing_absent_secrets() as absent:
        _SECRET.validate_python(reference)
    return None if absent else found.get_secret_value()
