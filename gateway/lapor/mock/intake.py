"""Is a posted report complete and valid, and if not, what is wrong with each field?"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

from gateway.lapor.mock.complaint import Attachment
from gateway.lapor.mock.seeds import Seeds

REQUIRED = (
    "classification_id", "title", "content", "date_of_incident", "location_id", "reporter_name", "source",
    "external_id",
)  # fmt: skip
LONGEST = {"title": 255, "content": 3000, "external_id": 64}
CLASSIFICATIONS = {"1": "Pengaduan", "2": "Permintaan Informasi", "3": "Aspirasi"}
CHOICES = {"classification_id": tuple(CLASSIFICATIONS), "is_anonymous": ("0", "1"), "is_secret": ("0", "1")}
COORDINATES = {"latitude": 90.0, "longitude": 180.0}
EXTENSIONS = (".pdf", ".jpg", ".jpeg", ".png")
ATTACHMENT_FIELD = "attachment[]"
LARGEST_ATTACHMENT = 2 * 1024 * 1024

Fields = Mapping[str, str]
Problem = tuple[str, str]


@dataclass(frozen=True)
class Form:
    """A posted form: text fields by name, and the files of `attachment[]`."""

    fields: Fields
    attachments: Sequence[Attachment]

    def get(self, name: str) -> str:
        return self.fields.get(name, "").strip()


class InvalidError(Exception):
    """The form breaks rules; `errors` maps each field to its texts, as the 422 answer shows them."""

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        super().__init__(f"invalid fields: {', '.join(errors)}")
        self.errors = errors


@dataclass(frozen=True)
class Intake:
    """A form beside what it is judged by: the reference data and today's date in WIB."""

    form: Form
    seeds: Seeds
    today: date

    def check(self) -> None:
        """Raise InvalidError with the errors of all fields at once (rules: lapor-contract.md, POST /complaints)."""
        errors: dict[str, list[str]] = {}
        for rule in RULES:
            for field, text in rule(self):
                errors.setdefault(field, []).append(text)
        if errors:
            raise InvalidError(errors)

    def filled(self, names: Mapping[str, object]) -> Iterator[tuple[str, str]]:
        return ((name, self.form.get(name)) for name in names if self.form.get(name))


def _required(intake: Intake) -> Iterator[Problem]:
    return ((name, f"Kolom {name} wajib diisi.") for name in REQUIRED if not intake.form.get(name))


def _lengths(intake: Intake) -> Iterator[Problem]:
    # Counted as sent: blanks at the ends take room in LAPOR's column too.
    for name, longest in LONGEST.items():
        if len(intake.form.fields.get(name, "")) > longest:
            yield name, f"Kolom {name} tidak boleh lebih dari {longest} karakter."


def _choices(intake: Intake) -> Iterator[Problem]:
    for name, value in intake.filled(CHOICES):
        if value not in CHOICES[name]:
            yield name, f"Kolom {name} harus salah satu dari: {', '.join(CHOICES[name])}."


def _references(intake: Intake) -> Iterator[Problem]:
    known = {
        "location_id": intake.seeds.locations,
        "suggestion_institution_id": intake.seeds.institutions,
        "category_id": intake.seeds.categories,
    }
    for name, value in intake.filled(known):
        if value not in known[name]:
            yield name, f"Pilihan {name} tidak dikenal."


def _date(intake: Intake) -> Iterator[Problem]:
    for name, value in intake.filled({"date_of_incident": None}):
        day = _day(value)
        if day is None:
            yield name, f"Kolom {name} harus berformat YYYY-MM-DD."
        elif day > intake.today:
            yield name, f"Kolom {name} tidak boleh setelah hari ini ({intake.today}, WIB)."


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    # fromisoformat also takes 20240131 and 2024-W05-3, which the form does not.
    return day if day.isoformat() == text else None


def _coordinates(intake: Intake) -> Iterator[Problem]:
    for name, value in intake.filled(COORDINATES):
        if not _within(value, COORDINATES[name]):
            yield name, f"Kolom {name} harus angka antara -{COORDINATES[name]:g} dan {COORDINATES[name]:g}."


def _within(text: str, limit: float) -> bool:
    try:
        return -limit <= float(text) <= limit
    except ValueError:
        return False


def _contact(intake: Intake) -> Iterator[Problem]:
    if not (intake.form.get("reporter_email") or intake.form.get("reporter_phone")):
        yield "reporter_email", "Kolom reporter_email wajib diisi bila reporter_phone kosong."
        yield "reporter_phone", "Kolom reporter_phone wajib diisi bila reporter_email kosong."


def _attachments(intake: Intake) -> Iterator[Problem]:
    for number, attachment in enumerate(intake.form.attachments, start=1):
        if PurePosixPath(attachment.name).suffix.lower() not in EXTENSIONS:
            yield ATTACHMENT_FIELD, f"Lampiran {number} harus berjenis {', '.join(EXTENSIONS)}."
        if attachment.size > LARGEST_ATTACHMENT:
            yield ATTACHMENT_FIELD, f"Lampiran {number} tidak boleh lebih dari 2 MB."


RULES: tuple[Callable[[Intake], Iterator[Problem]], ...] = (
    _required,
    _lengths,
    _choices,
    _references,
    _date,
    _coordinates,
    _contact,
    _attachments,
)
